// What stories over HTTP cannot tell of lists: ids that were merged, and files that are none.
#include "api/lists.h"

#include <gtest/gtest.h>

#include "host/test_folder.h"

namespace winback::api {
namespace {

class ListsTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open(options());
        load(*host_);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        for (int i = 0; i < 20; ++i) {
            const std::string user = "user" + std::to_string(i);
            event::Event visit = event("", "Product Viewed");
            visit.anonymous_id = "device" + std::to_string(i);
            submit(*host_, visit);
            submit(*host_, identify(user, visit.anonymous_id));
        }
        create_list(*desk_, who_, "Fair").value();
    }
    void TearDown() override {
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }
    Result<ValueMap> change(ListMode mode, const std::string& file, bool sure = true) {
        WINBACK_TRY(const std::vector<ListLine> lines, read_list_file(file));
        return change_members(*desk_, who_, "fair", {.mode = mode, .sure = sure}, lines);
    }
    std::vector<std::string> members() { return members_of_list(*desk_, "fair"); }

    host::Key who_{.id = "k", .scopes = {"read", "write", "personal", "send", "admin"}};
    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
};

std::int64_t number(const Result<ValueMap>& outcome, std::string_view key) {
    return *outcome->find(key)->as_int();
}

TEST_F(ListsTest, AMergedIdNamesTheCustomerWhoTookItOver) {
    // Both ids of one person are one; the shards of the two differ for some.
    std::string devices;
    for (int i = 0; i < 20; ++i) {
        devices += "device" + std::to_string(i) + "\n";
    }
    const auto added = change(ListMode::Add, devices + "user3\n");
    EXPECT_EQ(number(added, "added"), 20);
    EXPECT_EQ(number(added, "matched"), 21);
    EXPECT_EQ(members().size(), 20U);
    EXPECT_TRUE(std::find(members().begin(), members().end(), "user3") != members().end());
    // The same people once more, by their other ids: nobody moves.
    const auto again = change(ListMode::Replace, devices);
    EXPECT_EQ(number(again, "added"), 0);
    EXPECT_EQ(number(again, "removed"), 0);
    EXPECT_EQ(number(again, "unchanged"), 20);
    const auto gone = change(ListMode::Remove, "device3\ndevice4\n");
    EXPECT_EQ(number(gone, "removed"), 2);
    EXPECT_EQ(members().size(), 18U);
}

TEST_F(ListsTest, AReplacementThatNamesNobodyChangesNothing) {
    EXPECT_EQ(number(change(ListMode::Add, "user1\nuser2\n"), "added"), 2);
    const auto refused = change(ListMode::Replace, "nobody\nnowhere@example.test\n");
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_EQ(members().size(), 2U);
    EXPECT_EQ(number(change(ListMode::Replace, "user2\nnobody\n"), "removed"), 1);
}

TEST_F(ListsTest, WhoIsNotSureIsAskedBackAboutMostOfAList) {
    std::string everybody;
    for (int i = 0; i < 20; ++i) {
        everybody += "user" + std::to_string(i) + "\n";
    }
    ASSERT_EQ(number(change(ListMode::Add, everybody), "added"), 20);
    constexpr bool not_sure = false;
    const auto refused = change(ListMode::Replace, "user1\n", not_sure);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_EQ(members().size(), 20U);
    std::string half;
    for (int i = 0; i < 10; ++i) {
        half += "user" + std::to_string(i) + "\n";
    }
    EXPECT_EQ(number(change(ListMode::Replace, half, not_sure), "removed"), 10);
    EXPECT_EQ(number(change(ListMode::Replace, "user1\n", not_sure), "removed"), 9);  // Few.
    ASSERT_TRUE(change(ListMode::Add, everybody).has_value());
    EXPECT_EQ(number(change(ListMode::Replace, "user1\n"), "removed"), 19);
}

TEST_F(ListsTest, WhatIsNoTextIsRefusedAtItsLine) {
    const auto refused = read_list_file(std::string_view("user1\nuser\0two\n", 15));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("line 2 "), std::string::npos)
        << refused.error().message;
}

TEST_F(ListsTest, LinesThatCannotBeReadSayWhy) {
    const auto outcome =
        change(ListMode::Add, "customer_id,name\nuser1,\"A\"b\nuser2,C\nuser\xff,D\n");
    EXPECT_EQ(number(outcome, "added"), 1);
    const ValueList& lines = *outcome->find("unmatched_lines")->as_list();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_FALSE(lines[0].as_map()->find("why")->is_null());
    EXPECT_EQ(*lines[0].as_map()->find("line"), Value(2));
    EXPECT_NE(lines[1].as_map()->find("why")->as_string()->find("UTF-8"), std::string::npos);
    EXPECT_TRUE(change(ListMode::Add, "nobody\n")
                    ->find("unmatched_lines")
                    ->as_list()
                    ->front()
                    .as_map()
                    ->find("why")
                    ->is_null());
}

}  // namespace
}  // namespace winback::api

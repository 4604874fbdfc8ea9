#include "host/audit.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "host/test_folder.h"

namespace winback::host {
namespace {

class AuditTest : public HostTest {
protected:
    void SetUp() override {
        HostTest::SetUp();
        host_ = open();
    }
    void TearDown() override {
        host_.reset();
        HostTest::TearDown();
    }
    void record(const std::string& what, const std::string& who = "Ada", Value after = "b") {
        now_ = now_ + seconds(1);
        const auto done = host_->audit().record({.at = now_,
                                                 .who = {ActorKind::User, "id-" + who, who},
                                                 .what = what,
                                                 .target = "t",
                                                 .before = "a",
                                                 .after = std::move(after)});
        ASSERT_TRUE(done.has_value());
    }
    AuditCheck verified() const { return verify_audit(host_->store()).value(); }
    static std::string key_of(std::uint64_t sequence) {
        std::string key = "audit/";
        append_big_endian(key, ~sequence, 8);
        return key;
    }
    void change_row(std::uint64_t sequence, const std::function<void(std::string&)>& change) {
        std::string row =
            host_->store().get(store::Family::Control, key_of(sequence)).value().value();
        change(row);
        store::Batch batch(host_->store());
        batch.put(store::Family::Control, key_of(sequence), row);
        ASSERT_TRUE(host_->store().write(batch, false).has_value());
    }
    void erase_row(std::uint64_t sequence) {
        store::Batch batch(host_->store());
        batch.erase(store::Family::Control, key_of(sequence));
        ASSERT_TRUE(host_->store().write(batch, false).has_value());
    }

    std::unique_ptr<Host> host_;
    Timestamp now_ = test_start;
};

TEST_F(AuditTest, GivesTheNewestFirstAndGoesOnWhereThePageEnded) {
    for (int i = 0; i < 5; ++i) {
        record("template.save", "Ada", i);
    }
    const AuditPage first = host_->audit().list({.limit = 2}).value();
    ASSERT_EQ(first.entries.size(), 2U);
    EXPECT_EQ(first.entries[0].sequence, 5U);
    EXPECT_EQ(first.entries[0].after, Value(4));
    const AuditPage second = host_->audit().list({.below = first.next, .limit = 10}).value();
    ASSERT_EQ(second.entries.size(), 3U);
    EXPECT_EQ(second.entries[0].sequence, 3U);
    EXPECT_EQ(second.next, 0U);
}

TEST_F(AuditTest, FiltersByWhoWhatTargetAndTime) {
    record("template.save");
    record("template.test", "Bob");
    record("user.create", "Bob");
    const auto count = [&](const AuditFilter& filter) {
        return host_->audit().list(filter).value().entries.size();
    };
    EXPECT_EQ(count({.what = "template"}), 2U);
    EXPECT_EQ(count({.what = "templ"}), 0U);
    EXPECT_EQ(count({.what = "user.create"}), 1U);
    EXPECT_EQ(count({.who = "id-Bob"}), 2U);
    EXPECT_EQ(count({.who = "bo"}), 2U);
    EXPECT_EQ(count({.target = "x"}), 0U);
    EXPECT_EQ(count({.from = test_start + seconds(2), .to = test_start + seconds(3)}), 1U);
}

TEST_F(AuditTest, GoesOnWithTheSameChainAfterAStart) {
    record("a.b");
    record("a.b");
    const std::string head = verified().head;
    host_.reset();
    host_ = open();
    record("a.b");
    EXPECT_EQ(verified().entries, 3U);
    EXPECT_EQ(verified().first_broken, 0U);
    EXPECT_EQ(host_->audit().list({.below = 3}).value().entries[0].hash, head);
    EXPECT_EQ(verified().since, test_start + seconds(1));
}

TEST_F(AuditTest, NamesTheFirstRowThatWasChanged) {
    for (int i = 0; i < 6; ++i) {
        record("a.b");
    }
    change_row(5, [](std::string& row) { row[row.size() - 40] ^= 1; });
    EXPECT_EQ(verified().first_broken, 5U);
    change_row(2, [](std::string& row) { row[3] ^= 1; });
    EXPECT_EQ(verified().first_broken, 2U);
    change_row(1, [](std::string& row) { row[row.size() - 40] ^= 1; });
    EXPECT_EQ(verified().first_broken, 1U);
}

TEST_F(AuditTest, FindsRowsThatAreMissingAtEitherEndAndBetween) {
    for (int i = 0; i < 6; ++i) {
        record("a.b");
    }
    erase_row(6);
    EXPECT_EQ(verified().first_broken, 6U);
    EXPECT_NE(verified().problem.find("missing"), std::string::npos);
    erase_row(3);
    EXPECT_EQ(verified().first_broken, 3U);
    erase_row(1);
    EXPECT_EQ(verified().first_broken, 1U);
}

TEST_F(AuditTest, FindsARowWithAHashOfItsOwn) {
    for (int i = 0; i < 3; ++i) {
        record("a.b");
    }
    // The row and its hash fit together again; the next one tells.
    change_row(3, [](std::string& row) { row.back() ^= 1; });
    EXPECT_EQ(verified().first_broken, 3U);
}

TEST_F(AuditTest, AnEmptyTrailIsWhole) {
    EXPECT_EQ(verified().entries, 0U);
    EXPECT_EQ(verified().first_broken, 0U);
}

TEST_F(AuditTest, HoldsNothingThatIsTooLong) {
    record("a.b", "Ada", std::string(audit_value_bytes_max, 'x'));
    const Value after = host_->audit().list({}).value().entries[0].after;
    EXPECT_NE(after.as_map()->find("omitted_bytes"), nullptr);
    EXPECT_FALSE(host_->audit().record({.what = ""}).has_value());
    EXPECT_FALSE(host_->audit().record({.what = std::string(100, 'x')}).has_value());
}

TEST_F(AuditTest, NamesCustomersByAHashOfThisFolderAlone) {
    const std::string target = host_->audit().customer_target("ada");
    EXPECT_EQ(target.size(), std::string("customer:").size() + 32);
    EXPECT_NE(target, host_->audit().customer_target("bob"));
    host_.reset();
    host_ = open();
    EXPECT_EQ(target, host_->audit().customer_target("ada"));
    host_.reset();
    folder_ += "-other";
    host_ = open();
    EXPECT_NE(target, host_->audit().customer_target("ada"));
}

}  // namespace
}  // namespace winback::host

#include <gtest/gtest.h>

#include "host/host.h"
#include "host/test_folder.h"

namespace winback::host {
namespace {

class ErasureTest : public HostTest {
protected:
    // By two ids that became one; somebody to whom a message went.
    void know_zebedee(Host& host) {
        event::Event visit = event("", "Product Viewed");
        visit.anonymous_id = "anon-of-zebedee";
        ASSERT_TRUE(submit(host, visit));
        ASSERT_TRUE(submit(host, identify("zebedee", "anon-of-zebedee")));
        ASSERT_TRUE(consent(host, "zebedee"));
        ASSERT_TRUE(submit(host, order("zebedee")) && submit(host, order("zebedee")));
    }
};

TEST_F(ErasureTest, ErasureLeavesNoTrace) {
    auto host = open();
    load(*host);
    know_zebedee(*host);
    ASSERT_EQ(sender_->handed_over.size(), 1U);
    ASSERT_TRUE(command(*host, {.kind = engine::Command::Kind::Erase, .customer = "zebedee"}));
    ASSERT_TRUE(command(
        *host,
        {.kind = engine::Command::Kind::Note, .customer = "zebedee", .text = "zebedee called"}));
    ASSERT_TRUE(host->flush().has_value());
    for (int f = 0; f < store::family_count; ++f) {
        const auto family = static_cast<store::Family>(f);
        for (auto rows = host->store().scan(family, "", ""); rows.valid(); rows.next()) {
            const std::string row = std::string(rows.key()).append(rows.value());
            if (row.find("anon-of-zebedee") == std::string::npos) {
                EXPECT_EQ(row.find("zebedee"), std::string::npos) << store::family_name(family);
            }
        }
    }
    const auto before = fingerprint(*host);
    crash(host);
    host = open();
    EXPECT_EQ(difference(before, fingerprint(*host)), "");
}

TEST_F(ErasureTest, ErasureUnderAMergedIdErasesWhoeverStandsForIt) {
    auto host = open();
    load(*host);
    know_zebedee(*host);
    ASSERT_TRUE(
        command(*host, {.kind = engine::Command::Kind::Erase, .customer = "anon-of-zebedee"}));
    ASSERT_TRUE(host->flush().has_value());
    for (const store::Family family :
         {store::Family::History, store::Family::Message, store::Family::Handover}) {
        EXPECT_FALSE(host->store().scan(family, "", "").valid()) << store::family_name(family);
    }
    host->query([](ShardView view) {
        const auto zebedee = view.shard.customers().find("zebedee");
        EXPECT_TRUE(!zebedee.has_value() || view.shard.customers().erased(*zebedee));
    });
    const auto before = fingerprint(*host);
    crash(host);
    host = open();
    EXPECT_EQ(difference(before, fingerprint(*host)), "");
}

}  // namespace
}  // namespace winback::host

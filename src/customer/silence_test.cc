#include "customer/silence.h"

#include <gtest/gtest.h>

#include "base/zone.h"

namespace winback::customer {
namespace {

const Timestamp start = *parse_iso8601("2026-01-10T12:00:00Z");

class SilenceTest : public ::testing::Test {
protected:
    CustomerIndex add(const std::string& id,
                      const std::string& name,
                      Timestamp at,
                      bool active = true) {
        event::Event event;
        event.message_id = "m" + std::to_string(++count_);
        event.user_id = id;
        event.name = name;
        event.time = at;
        if (!active) {
            event.context.set("active", false);
        }
        const CustomerIndex customer = customers_.find_or_add(id);
        customers_.apply(customer, event, at);
        return customer;
    }
    bool silent(CustomerIndex customer, Timestamp since) const {
        return Silence(customers_).holds(customer, since);
    }

    Customers customers_;
    int count_ = 0;
};

TEST_F(SilenceTest, HoldsFromTheMillisecondAfterTheLastEvent) {
    const CustomerIndex ada = add("ada", "Product Viewed", start);
    EXPECT_FALSE(silent(ada, start));
    EXPECT_TRUE(silent(ada, start + milliseconds(1)));
    add("ada", "Product Viewed", start - days(900));  // Learned later, and older.
    EXPECT_FALSE(silent(ada, start));
}

TEST_F(SilenceTest, GoesByTheCalendarOfTheZone) {
    const CustomerIndex ada = add("ada", "Product Viewed", start);
    const Zone& zone = **find_zone("Europe/Istanbul");
    const CalendarStep years{.months = 36};
    // 36 months later to the millisecond they are still kept.
    const Timestamp edge = *parse_iso8601("2029-01-10T12:00:00Z");
    EXPECT_FALSE(silent(ada, subtract(zone, edge, years)));
    EXPECT_TRUE(silent(ada, subtract(zone, edge + milliseconds(1), years)));
}

TEST_F(SilenceTest, DoesNotCountReportsOnMessagesOfOurs) {
    const CustomerIndex ada = add("ada", "Product Viewed", start);
    add("ada", "Email Delivered", start + days(100));
    add("ada", "Email Bounced", start + days(101));
    EXPECT_TRUE(silent(ada, start + days(50)));
    add("ada", "Email Link Clicked", start + days(102));
    EXPECT_FALSE(silent(ada, start + days(50)));
}

TEST_F(SilenceTest, CountsWhatACustomerAllowsOrRefuses) {
    const CustomerIndex ada = add("ada", "Product Viewed", start);
    customers_.set_consent(ada, Channel::Email,
                           {.state = expr::ConsentState::Denied,
                            .time = start + days(100),
                            .source = "unsubscribe link"});
    EXPECT_FALSE(silent(ada, start + days(100)));
    EXPECT_TRUE(silent(ada, start + days(100) + milliseconds(1)));
}

TEST_F(SilenceTest, CountsTheLatestEventAboutWhoWasNeverSeen) {
    const CustomerIndex listed = add("listed", "Imported", start, false);
    EXPECT_FALSE(silent(listed, start));
    EXPECT_TRUE(silent(listed, start + days(1)));
    add("listed", "Email Delivered", start + days(5), false);
    EXPECT_TRUE(silent(listed, start + days(1)));
    add("listed", "Imported", start + days(5), false);
    EXPECT_FALSE(silent(listed, start + days(1)));
}

TEST_F(SilenceTest, LeavesWhoIsOnlyNamedMergedOrErased) {
    const CustomerIndex named = customers_.find_or_add("named");
    EXPECT_FALSE(silent(named, timestamp_max));
    const CustomerIndex merged = add("merged", "Product Viewed", start);
    customers_.take_out(merged, "ada");
    EXPECT_FALSE(silent(merged, timestamp_max));
    const CustomerIndex erased = add("erased", "Product Viewed", start);
    customers_.erase(erased);
    EXPECT_FALSE(silent(erased, timestamp_max));
}

}  // namespace
}  // namespace winback::customer

// For how long a customer was subscribed, breaks left out.
#include <gtest/gtest.h>

#include "customer/customers.h"
#include "event/names.h"

namespace winback::customer {
namespace {

class SubscribedTime : public ::testing::Test {
protected:
    SubscribedTime() { customers_.find_or_add("ada"); }

    void tell(std::string_view name, int day) {
        event::Event event;
        event.name = name;
        event.user_id = "ada";
        event.message_id = std::to_string(++told_);
        event.time = start + days(day);
        customers_.apply(0, event, event.time);
    }

    Value since() const { return customers_.trait(0, "subscription.since"); }
    Value before() const { return customers_.trait(0, "subscription.before"); }

    const Timestamp start = *parse_iso8601("2025-01-01T00:00:00Z");

private:
    Customers customers_;
    int told_ = 0;
};

TEST_F(SubscribedTime, IsUnknownOfWhoNeverSubscribed) {
    tell(event::page_viewed, 0);
    EXPECT_TRUE(since().is_null());
    EXPECT_TRUE(before().is_null());
}

TEST_F(SubscribedTime, RunsOnThroughRenewals) {
    tell(event::subscription_started, 0);
    tell(event::subscription_renewed, 30);
    EXPECT_EQ(since(), Value(start));
    EXPECT_EQ(before(), Value(days(0)));
}

TEST_F(SubscribedTime, LeavesOutBreaksInWhateverOrderTheyAreTold) {
    tell(event::subscription_reactivated, 100);
    tell(event::subscription_started, 0);
    tell(event::subscription_resumed, 40);
    tell(event::subscription_cancelled, 60);
    tell(event::subscription_paused, 30);
    EXPECT_EQ(since(), Value(start + days(100)));
    EXPECT_EQ(before(), Value(days(30 + 20)));
    tell(event::subscription_paused, 110);
    EXPECT_TRUE(since().is_null());
    EXPECT_EQ(before(), Value(days(30 + 20 + 10)));
}

TEST_F(SubscribedTime, EndsWithACancellationOfTheSameMoment) {
    tell(event::subscription_started, 0);
    tell(event::subscription_cancelled, 10);
    tell(event::subscription_renewed, 10);
    EXPECT_TRUE(since().is_null());
    EXPECT_EQ(before(), Value(days(10)));
}

}  // namespace
}  // namespace winback::customer

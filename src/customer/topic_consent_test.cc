// What customers say of single topics of a channel.
#include <gtest/gtest.h>

#include "customer/customers.h"
#include "customer/limits.h"
#include "event/names.h"

namespace winback::customer {
namespace {

event::Event identify_ada(Timestamp time) {
    event::Event identify;
    identify.kind = event::EventKind::Identify;
    identify.name = "Identified";
    identify.message_id = "i";
    identify.user_id = "ada";
    identify.time = time;
    return identify;
}

TEST(TopicConsent, ATopicIsRefusedWithinItsChannel) {
    Customers customers;
    customers.find_or_add("ada");
    const Consent denied{expr::ConsentState::Denied, {1}, "page"};
    const Consent granted{expr::ConsentState::Granted, {2}, "page"};
    EXPECT_FALSE(customers.topic_denied(0, Channel::Email, "offers"));
    EXPECT_TRUE(customers.set_topic_consent(0, Channel::Email, "offers", denied));
    EXPECT_FALSE(customers.set_topic_consent(0, Channel::Email, "offers", denied));
    EXPECT_TRUE(customers.topic_denied(0, Channel::Email, "offers"));
    EXPECT_FALSE(customers.topic_denied(0, Channel::Email, "news"));
    EXPECT_FALSE(customers.topic_denied(0, Channel::Sms, "offers"));
    EXPECT_FALSE(customers.topic_denied(0, Channel::Email, ""));
    EXPECT_EQ(customers.consent(0, Channel::Email).state, expr::ConsentState::Unset);
    EXPECT_EQ(customers.trait(0, "consent_email_offers"), Value("denied"));
    EXPECT_TRUE(customers.set_topic_consent(0, Channel::Email, "offers", granted));
    EXPECT_FALSE(customers.topic_denied(0, Channel::Email, "offers"));
}

TEST(TopicConsent, ARefusedTopicThatCannotBeKeptClosesTheChannel) {
    Customers customers;
    customers.find_or_add("ada");
    event::Event identify = identify_ada({1});
    for (std::size_t i = 0; i < attributes_max; ++i) {
        identify.properties.set("a" + std::to_string(i), 3);
    }
    customers.apply(0, identify, {1});
    const Consent denied{expr::ConsentState::Denied, {2}, "page"};
    EXPECT_TRUE(customers.set_topic_consent(0, Channel::Email, "offers", denied));
    EXPECT_EQ(customers.consent(0, Channel::Email).state, expr::ConsentState::Denied);
}

TEST(TopicConsent, ATraitDoesNotUndoARefusal) {
    Customers customers;
    customers.find_or_add("ada");
    event::Event identify = identify_ada({3});
    const Consent denied{expr::ConsentState::Denied, {2}, "page"};
    EXPECT_TRUE(customers.set_topic_consent(0, Channel::Email, "offers", denied));
    for (const Value& said : {Value("granted"), Value(3), Value()}) {
        identify.properties.set("consent_email_offers", said);
        customers.apply(0, identify, {3});
        EXPECT_TRUE(customers.topic_denied(0, Channel::Email, "offers"));
    }
}

TEST(TopicConsent, ATopicThatOneOfTwoRefusedStaysRefused) {
    Customers customers;
    const CustomerIndex ada = customers.find_or_add("ada");
    const CustomerIndex guest = customers.find_or_add("guest");
    const Consent denied{expr::ConsentState::Denied, {1}, "page"};
    const Consent granted{expr::ConsentState::Granted, {2}, "page"};
    customers.set_topic_consent(ada, Channel::Email, "offers", granted);
    customers.set_topic_consent(guest, Channel::Email, "offers", denied);
    const std::string facts = customers.take_out(guest, "ada");
    ASSERT_TRUE(customers.absorb(ada, facts));
    EXPECT_TRUE(customers.topic_denied(ada, Channel::Email, "offers"));
}

event::Event consent_changed(const char* state, std::int64_t at, const char* id) {
    event::Event event;
    event.name = event::consent_changed;
    event.message_id = id;
    event.user_id = "ada";
    event.time = {at};
    event.properties.set("channel", "email");
    event.properties.set("topic", "offers");
    event.properties.set("state", state);
    return event;
}

TEST(TopicConsent, ALateGrantDoesNotUndoARefusal) {
    Customers customers;
    customers.find_or_add("ada");
    customers.apply(0, consent_changed("granted", 10, "a"), {10});
    customers.apply(0, consent_changed("denied", 20, "b"), {20});
    customers.apply(0, consent_changed("granted", 15, "c"), {30});
    EXPECT_TRUE(customers.topic_denied(0, Channel::Email, "offers"));
    EXPECT_EQ(customers.consent(0, Channel::Email).state, expr::ConsentState::Unset);
    customers.apply(0, consent_changed("granted", 40, "d"), {40});
    EXPECT_FALSE(customers.topic_denied(0, Channel::Email, "offers"));
    // A refusal counts however late it comes.
    customers.apply(0, consent_changed("denied", 30, "e"), {50});
    EXPECT_TRUE(customers.topic_denied(0, Channel::Email, "offers"));
}

}  // namespace
}  // namespace winback::customer

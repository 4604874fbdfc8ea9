#include "api/event_problems.h"

#include <gtest/gtest.h>

#include "api/json_spans.h"
#include "event/names.h"

namespace winback::api {
namespace {

constexpr Timestamp now{1'800'000'000'000};

event::Event track(std::string name, ValueMap properties = {}) {
    static int number = 0;
    event::Event event;
    event.kind = event::EventKind::Track;
    event.name = std::move(name);
    event.message_id = "m" + std::to_string(++number);
    event.user_id = "ada";
    event.time = now;
    event.properties = std::move(properties);
    return event;
}

std::string codes(EventProblems& problems, const event::Event& event, std::string_view time = "") {
    std::string text;
    for (const EventProblem& problem : problems.look(event, time, now)) {
        text +=
            (text.empty() ? "" : " ") + problem.code +
            (problem.subject.empty() || problem.code == "duplicate" ? "" : ":" + problem.subject);
        EXPECT_FALSE(problem.message.empty());
    }
    return text;
}

ValueMap with(std::string name, Value value) {
    ValueMap map;
    map.set(std::move(name), std::move(value));
    return map;
}

TEST(EventProblems, FindsNothingWrongWithAGoodEvent) {
    EventProblems problems;
    ValueMap order = with("order_id", "1");
    order.set("total", 10);
    EXPECT_EQ(codes(problems, track("Order Completed", order)), "");
    EXPECT_EQ(codes(problems, track("Newsletter Opened")), "");
}

TEST(EventProblems, NamesAmountsThatAreNoNumbers) {
    EventProblems problems;
    const auto order = [](const char* name, Value amount) {
        ValueMap map = with("order_id", "1");
        map.set("total", 10);
        map.set(name, std::move(amount));
        return map;
    };
    EXPECT_EQ(codes(problems, track("Order Completed", order("revenue", "12,50"))),
              "not_a_number:revenue");
    // Neither the next number nor a text that is one is to blame.
    EXPECT_EQ(codes(problems, track("Order Completed", order("revenue", 12.5))), "");
    EXPECT_EQ(codes(problems, track("Order Completed", order("revenue", "12.50"))), "");
    EXPECT_EQ(codes(problems, track("Order Completed", order("tax", "none"))), "not_a_number:tax");
    EXPECT_EQ(codes(problems, track("Order Refunded", order("total", "all"))),
              "not_a_number:total");
    EXPECT_EQ(codes(problems, track("Order Completed", order("revenue", Value()))), "");
    // Only where numbers are needed.
    EXPECT_EQ(codes(problems, track("Offer Seen", with("revenue", "much"))), "");
}

TEST(EventProblems, NamesAddressesThatNoMailCanBeSentTo) {
    EventProblems problems;
    const auto known_by = [](Value email) {
        event::Event event = track("Identified", with("email", std::move(email)));
        event.kind = event::EventKind::Identify;
        return event;
    };
    EXPECT_EQ(codes(problems, known_by("not-an-email")), "unusable_email:not-an-email");
    EXPECT_EQ(codes(problems, known_by("ada@example.com")), "");
    EXPECT_EQ(codes(problems, known_by("")), "");
    EXPECT_EQ(codes(problems, known_by(Value())), "");
    event::Event number = known_by(12);
    EXPECT_EQ(codes(problems, number), "unusable_email:12 type_conflict:email");
}

TEST(EventProblems, NoticesWhatCameBefore) {
    EventProblems problems;
    const event::Event event = track("A");
    EXPECT_EQ(codes(problems, event), "");
    EXPECT_EQ(codes(problems, event), "duplicate");
}

TEST(EventProblems, ReadsTheTimeThatWasSent) {
    EventProblems problems;
    event::Event late = track("A");
    late.time = now - days(2);
    EXPECT_EQ(codes(problems, late, R"("2027-01-13T08:00:00Z")"), "late");
    EXPECT_EQ(codes(problems, track("A"), R"("2031-01-01T00:00:00Z")"), "in_the_future");
    EXPECT_EQ(codes(problems, track("A"), R"("1970-01-20T00:00:00Z")"), "long_ago");
    EXPECT_EQ(codes(problems, track("A"), R"("yesterday")"), "unreadable_time");
    EXPECT_EQ(codes(problems, track("A"), "null"), "");
}

TEST(EventProblems, RemarksAreNothingToMend) {
    EventProblems problems;
    ValueMap order = with("order_id", "1");
    order.set("total", 10);
    order.set("currency", "EUR");
    event::Event event = track("Order Completed", order);
    event.time = now - days(400);
    const std::vector<EventProblem> found = problems.look(event, "", now, "GBP");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].code, "late");
    EXPECT_TRUE(found[0].is_remark);
    EXPECT_EQ(found[1].code, "other_currency");
    EXPECT_EQ(found[1].subject, "EUR");
    EXPECT_TRUE(found[1].is_remark);
    event.message_id = "m-own";
    event.time = now;
    EXPECT_TRUE(problems.look(event, "", now, "eur").empty());
}

TEST(EventProblems, GuessesTheNameThatWasMeant) {
    EventProblems problems;
    for (const char* name : {"order_completed", "Order Complete", "OrderCompleted",
                             "Orders Completed", "ORDER COMPLETED"}) {
        EXPECT_EQ(codes(problems, track(name)), "unknown_name:Order Completed") << name;
    }
    EXPECT_EQ(codes(problems, track("Unsubscribe")), "unknown_name:Unsubscribed");
    EXPECT_EQ(codes(problems, track("Order Viewed")), "");
}

TEST(EventProblems, NoticesAPropertyOfAnotherType) {
    EventProblems problems;
    EXPECT_EQ(codes(problems, track("A", with("price", 5))), "");
    EXPECT_EQ(codes(problems, track("A", with("price", 5.5))), "");
    EXPECT_EQ(codes(problems, track("A", with("price", "5.5"))), "type_conflict:price");
    EXPECT_EQ(codes(problems, track("B", with("price", "5.5"))), "");
}

TEST(EventProblems, NoticesConsentThatCannotBeRead) {
    EventProblems problems;
    event::Event identify = track("Identified");
    identify.kind = event::EventKind::Identify;
    identify.properties = with("consent", with("email", "granted"));
    EXPECT_EQ(codes(problems, identify), "");
    identify.message_id = "i2";
    identify.properties = with("consent", with("email", "yes"));
    EXPECT_EQ(codes(problems, identify), "unreadable_consent:email");
    identify.message_id = "i3";
    identify.properties = with("consent", with("fax", true));
    EXPECT_EQ(codes(problems, identify), "unreadable_consent:fax");
    ValueMap changed = with("channel", "email");
    EXPECT_EQ(codes(problems, track(std::string(event::consent_changed), changed)),
              "unreadable_consent:state");
}

TEST(EventProblems, NoticesAnOrderThatCannotCount) {
    EventProblems problems;
    EXPECT_EQ(codes(problems, track("Order Completed")), "incomplete_order:order_id");
    EXPECT_EQ(codes(problems, track("Order Completed", with("order_id", "1"))),
              "incomplete_order:total");
}

TEST(JsonSpans, FindsTheEventsOfABatch) {
    const auto items = list_items(
        R"( {"sentAt":"x]}","context":{"batch":[9]},
             "batch" : [ {"a":"}\"]"}, [1,[2]] ,3, "s" ]} )",
        "batch");
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0], R"({"a":"}\"]"})");
    EXPECT_EQ(items[1], "[1,[2]]");
    EXPECT_EQ(items[2], "3");
    EXPECT_EQ(items[3], "\"s\"");
    EXPECT_TRUE(list_items(R"({"batch":[]})", "batch").empty());
    EXPECT_TRUE(list_items("[]", "batch").empty());
    EXPECT_TRUE(list_items(R"({"batch":7})", "batch").empty());
}

TEST(JsonSpans, EndsWhateverItReads) {
    for (const std::string_view text :
         {"", "{", "{\"batch\"", "{\"batch\":", "{\"batch\":[", "{\"batch\":[{", "{\"batch\":[\"\\",
          "{\"batch\":[1,", "{\"batch\":[,,]}", "{\"batch\":[}]", "{\"a\":,\"batch\":[1]}"}) {
        EXPECT_LE(list_items(text, "batch").size(), 1U) << text;
    }
    const std::string deep(1'000'000, '[');
    EXPECT_LE(list_items("{\"batch\":" + deep, "batch").size(), 1U);
}

}  // namespace
}  // namespace winback::api

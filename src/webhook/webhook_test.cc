// Signatures, endpoints, deliveries: the parts without a network.
#include <gtest/gtest.h>

#include "webhook/delivery.h"
#include "webhook/endpoint.h"
#include "webhook/event.h"
#include "webhook/signature.h"

namespace winback::webhook {
namespace {

TEST(Signature, IsThatOfTheSpecification) {
    EXPECT_EQ(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                   Timestamp{1'614'265'330'000}, R"({"test": 2432232314})")
                  .value(),
              "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, ChangesWithEachOfItsParts) {
    const std::string secret = new_secret();
    EXPECT_EQ(secret.size(), secret_prefix.size() + 44);
    EXPECT_NE(secret, new_secret());
    const Timestamp at{1'000'000};
    const std::string first = sign(secret, "a", at, "b").value();
    EXPECT_EQ(first, sign(secret, "a", at, "b").value());
    EXPECT_NE(first, sign(secret, "ab", at, "").value());
    EXPECT_NE(first, sign(secret, "a", at + seconds(1), "b").value());
    EXPECT_NE(first, sign(new_secret(), "a", at, "b").value());
    EXPECT_FALSE(sign("nothing", "a", at, "b"));
    EXPECT_FALSE(sign("whsec_!!", "a", at, "b"));
}

TEST(Endpoint, TakesWhatIsRightAndNothingOfWhatIsNot) {
    Endpoint endpoint;
    const EndpointDraft good{
        .url = "https://example.com/hook",
        .description = " Shop ",
        .events = std::vector<std::string>{"segment.left", "message.sent", "message.sent"}};
    ASSERT_TRUE(apply(good, sender::Reach::Public, endpoint));
    EXPECT_EQ(endpoint.description, "Shop");
    EXPECT_EQ(endpoint.events, (std::vector<std::string>{"message.sent", "segment.left"}));
    EXPECT_TRUE(endpoint.wants("segment.left"));
    EXPECT_FALSE(endpoint.wants("segment.entered"));
    const Endpoint before = endpoint;
    for (const EndpointDraft& bad :
         {EndpointDraft{.url = "http://example.com/"}, EndpointDraft{.url = "https://10.0.0.1/"},
          EndpointDraft{.url = "https://example.com/new", .events = std::vector<std::string>{}},
          EndpointDraft{.description = std::string(201, 'x')}}) {
        EXPECT_FALSE(apply(bad, sender::Reach::Public, endpoint));
        EXPECT_EQ(encode(endpoint), encode(before));
    }
    const Status unknown =
        apply({.events = std::vector<std::string>{"mesage.sent"}}, sender::Reach::Public, endpoint);
    EXPECT_NE(unknown.error().message.find("did you mean 'message.sent'"), std::string::npos);
    ASSERT_TRUE(apply({.enabled = false}, sender::Reach::Public, endpoint));
    EXPECT_FALSE(endpoint.wants("segment.left"));
    EXPECT_EQ(endpoint.disabled_because, "manual");
    const Endpoint again = decode_endpoint(encode(endpoint)).value();
    EXPECT_EQ(encode(again), encode(endpoint));
    EXPECT_FALSE(decode_endpoint("x"));
}

TEST(Delivery, IsTriedAgainForThreeDaysAndThenFails) {
    const std::vector<Duration> pauses(retry_pauses.begin(), retry_pauses.end());
    Delivery delivery{.id = "msg_1", .type = "message.sent", .body = "{}"};
    Timestamp now{1'000'000'000};
    const Timestamp begun = now;
    int attempts = 0;
    while (delivery.state == DeliveryState::Waiting) {
        record(delivery, {.status = 500, .body = std::string(2000, 'x')}, now, pauses);
        attempts += 1;
        if (delivery.state == DeliveryState::Waiting) {
            EXPECT_GT(delivery.next_at, now);
            now = delivery.next_at;
        }
    }
    EXPECT_EQ(attempts, 10);
    EXPECT_EQ(delivery.state, DeliveryState::Failed);
    EXPECT_GE(now - begun, days(2));
    EXPECT_LE(now - begun, days(4));
    EXPECT_EQ(delivery.attempts.back().answer.size(), answer_bytes_kept);
    const Delivery again = decode_delivery(encode(delivery)).value();
    EXPECT_EQ(encode(again), encode(delivery));
    EXPECT_FALSE(decode_delivery(""));
}

TEST(Delivery, WaitsAsLongAsItIsAskedTo) {
    const std::vector<Duration> pauses{seconds(5), seconds(5)};
    Delivery delivery{.id = "msg_1"};
    const Timestamp now{1'000'000'000};
    record(delivery, {.status = 503, .retry_after = hours(1)}, now, pauses);
    EXPECT_EQ(delivery.next_at, now + hours(1));
    record(delivery, {.status = 500, .retry_after = hours(1)}, now, pauses);
    EXPECT_LT(delivery.next_at, now + seconds(10)) << "only 429 and 503 may ask";
    record(delivery, {.status = 204}, now, pauses);
    EXPECT_EQ(delivery.state, DeliveryState::Delivered);
}

TEST(Event, OfWhoWasAbsorbedNamesWhoTookOver) {
    engine::Effects effects;
    engine::Fact& left = effects.facts.emplace_back();
    left = {.customer = "a1", .at = Timestamp{1'780'300'800'000}, .name = "Segment Left"};
    left.details.set("segment", "lapsed");
    left.details.set("merged_into", "ada");
    const std::vector<Event> events =
        events_of({.at = left.at, .body = engine::Tick{}}, effects, engine::Shard(0, 1));
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(event_body(events[0]),
              R"({"type":"segment.left","timestamp":"2026-06-01T08:00:00Z",)"
              R"("data":{"customer":"a1","segment":"lapsed","merged_into":"ada"}})");
}

TEST(Event, HasAFormThatProgramsKnow) {
    Event event{.type = "segment.entered", .customer = "ada", .at = Timestamp{1'780'300'800'000}};
    event.data.set("customer", "ada");
    EXPECT_EQ(event_body(event), R"({"type":"segment.entered","timestamp":"2026-06-01T08:00:00Z",)"
                                 R"("data":{"customer":"ada"}})");
    EXPECT_TRUE(is_event_type("import.finished"));
    EXPECT_FALSE(is_event_type("webhook.test"));
}

}  // namespace
}  // namespace winback::webhook

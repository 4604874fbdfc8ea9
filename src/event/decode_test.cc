#include "event/decode.h"

#include <gtest/gtest.h>

#include "base/value.h"
#include "event/item.h"
#include "event/names.h"

namespace winback::event {
namespace {

Timestamp at(std::string_view text) {
    return *parse_iso8601(text);
}

const Timestamp received = at("2026-11-21T12:00:00Z");
const DecodeOptions live_track{.received = received, .call = {.kind = EventKind::Track}};
const DecodeOptions live_batch{.received = received, .call = {.batch = true}};

Result<Decoded> decode_body(std::string_view body, const DecodeOptions& options) {
    Decoder decoder;
    return decoder.decode(body, options);
}

Event one(std::string_view body, EventKind kind = EventKind::Track) {
    const auto decoded = decode_body(body, {.received = received, .call = {.kind = kind}});
    EXPECT_TRUE(decoded.has_value() && decoded->events.size() == 1) << body;
    return decoded && !decoded->events.empty() ? decoded->events[0] : Event{};
}

// The code of the only rejection, or "ok", or "400".
std::string code(std::string_view body, const DecodeOptions& options = live_track) {
    const auto decoded = decode_body(body, options);
    if (!decoded) {
        return "400";
    }
    return decoded->rejected.empty() ? "ok" : decoded->rejected[0].code;
}

std::string code_as(EventKind kind, std::string_view body) {
    return code(body, {.received = received, .call = {.kind = kind}});
}

TEST(CallFromPath, KnowsLongAndShortPathsOnly) {
    EXPECT_EQ(call_from_path("/v1/batch"), (Call{.batch = true}));
    EXPECT_EQ(call_from_path("/v1/b"), (Call{.batch = true}));
    EXPECT_EQ(call_from_path("/v1/i"), (Call{.kind = EventKind::Identify}));
    EXPECT_EQ(call_from_path("/v1/alias"), (Call{.kind = EventKind::Alias}));
    EXPECT_FALSE(call_from_path("/v1/m"));
    EXPECT_FALSE(call_from_path("/v1/track/"));
}

TEST(Decode, ReadsATrackCall) {
    const Event event = one(R"({"userId":"u1","event":"Order Completed","messageId":"m1",
        "properties":{"revenue":27.5,"n":3,"products":[{"sku":"a"}]},
        "context":{"locale":"de-DE","timezone":"Europe/Berlin","ip":"1.2.3.4",
            "library":{"name":"analytics.js"},"campaign":{"name":"spring"},
            "page":{"path":"/p","referrer":"","search":"?a","title":"T","url":"http://x/p"},
            "app":{"name":"A","version":"1"},"device":{"id":"d","type":"ios"},"active":false,
            "traits":{"email":"a@b.co"}},
        "timestamp":"2026-11-20T10:00:00.000Z","type":"identify"})");
    EXPECT_EQ(event.kind, EventKind::Track);  // The path rules.
    EXPECT_EQ(event.name, order_completed);
    EXPECT_EQ(event.message_id, "m1");
    EXPECT_FALSE(event.content_id);
    EXPECT_EQ(event.surface, Surface::Web);
    EXPECT_EQ(event.time, at("2026-11-20T10:00:00Z"));
    EXPECT_EQ(to_json(event.properties), R"({"revenue":27.5,"n":3,"products":[{"sku":"a"}]})");
    EXPECT_EQ(to_json(event.context),
              R"({"locale":"de-DE","timezone":"Europe/Berlin",)"
              R"("page":{"path":"/p","title":"T","url":"http://x/p"},"device":{"type":"ios"},)"
              R"("active":false,"campaign":{"name":"spring"},"app":{"name":"A","version":"1"},)"
              R"("traits":{"email":"a@b.co"}})");
}

TEST(Decode, GivesEventsOfTheFirstCommerceSpecTheirPresentNames) {
    EXPECT_EQ(one(R"({"userId":"u","event":"Completed Order"})").name, "Order Completed");
    EXPECT_EQ(one(R"({"userId":"u","event":"Viewed Product"})").name, "Product Viewed");
    EXPECT_EQ(one(R"({"userId":"u","event":"Viewed Moon"})").name, "Viewed Moon");
}

TEST(Decode, TakesSnakeCaseNumbersAndNullAsIds) {
    EXPECT_EQ(one(R"({"user_id":42,"event":"E"})").user_id, "42");
    EXPECT_EQ(one(R"({"userId":null,"anonymousId":"a","event":"E"})").anonymous_id, "a");
    EXPECT_EQ(one(R"({"anonymous_id":"a","message_id":"m","event":"E"})").message_id, "m");
    EXPECT_EQ(one(R"({"userId":18446744073709551615,"event":"E"})").user_id,
              "18446744073709551615");
    EXPECT_EQ(one(R"({"userId":1.5,"event":"E"})").user_id, "1.5");
    // 2^53 and beyond as a fraction: two customers could become one.
    EXPECT_EQ(code(R"({"userId":123456789012345678901234567890,"event":"E"})"), "bad_id");
    EXPECT_EQ(code(R"({"userId":true,"event":"E"})"), "bad_id");
    EXPECT_EQ(code(R"({"userId":{"id":1},"event":"E"})"), "bad_id");
}

TEST(Decode, KeepsTheLastOfEqualKeys) {
    const Event event = one(R"({"userId":"a","userId":"b","event":"E",
        "properties":{"x":1,"y":2,"x":3}})");
    EXPECT_EQ(event.user_id, "b");
    EXPECT_EQ(to_json(event.properties), R"({"x":3,"y":2})");
}

TEST(Decode, ReadsIntegersOfAnySize) {
    const Event event = one(R"({"userId":"u","event":"-12345678901234567890123",
        "properties":{"a":123456789012345678901234567890,"b":-9223372036854775808,
                      "c":9223372036854775808,"d":1e3,"s":"99999999999999999999999"}})");
    EXPECT_EQ(event.properties.find("a")->number_or(0), 123456789012345678901234567890.0);
    EXPECT_EQ(*event.properties.find("b")->as_int(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(event.properties.find("c")->number_or(0), 9223372036854775808.0);
    EXPECT_EQ(*event.properties.find("s")->as_string(), "99999999999999999999999");
    EXPECT_EQ(event.name, "-12345678901234567890123");
}

TEST(Decode, NamesWhatIsNotATrack) {
    EXPECT_EQ(one(R"({"userId":"u","name":"Home","category":"Docs",
                      "properties":{"category":"Own"}})",
                  EventKind::Page),
              ([] {
                  Event event = one(R"({"userId":"u"})", EventKind::Page);
                  event.properties.append("category", "Own");
                  event.properties.append("name", "Home");
                  event.message_id = one(R"({"userId":"u","name":"Home","category":"Docs",
                      "properties":{"category":"Own"}})",
                                         EventKind::Page)
                                         .message_id;
                  return event;
              })());
    EXPECT_EQ(one(R"({"userId":"u"})", EventKind::Page).name, page_viewed);
    EXPECT_EQ(one(R"({"userId":"u"})", EventKind::Screen).name, screen_viewed);
    EXPECT_EQ(one(R"({"userId":"u"})", EventKind::Identify).name, identified);
    const Event group =
        one(R"({"userId":"u","groupId":7,"traits":{"name":"G"}})", EventKind::Group);
    EXPECT_EQ(group.name + group.group_id + to_json(group.properties),
              R"(Group Joined7{"name":"G"})");
    const Event alias = one(R"({"userId":"u","previousId":"a"})", EventKind::Alias);
    EXPECT_EQ(alias.name + alias.previous_id, "Aliaseda");
}

TEST(Decode, SettlesTheTraitsOfAnIdentify) {
    const Event event = one(R"({"userId":"u","traits":{"email":"new@b.co","firstName":"F"},
        "context":{"traits":{"email":"old@b.co","plan":"pro"}}})",
                            EventKind::Identify);
    EXPECT_EQ(to_json(event.properties), R"({"email":"new@b.co","plan":"pro","first_name":"F"})");
    EXPECT_EQ(event.context.find("traits"), nullptr);
}

struct RejectedBody {
    EventKind kind;
    std::string_view body;
    std::string_view code;
};

TEST(Decode, RejectsWithACode) {
    using enum EventKind;
    for (const RejectedBody& each : std::initializer_list<RejectedBody>{
             {Track, R"([])", "not_an_object"},
             {Track, R"(1)", "not_an_object"},
             {Track, R"({})", "no_user_anon_id"},
             {Track, R"({"userId":"","anonymousId":""})", "no_user_anon_id"},
             {Track, R"({"userId":"u"})", "no_event"},
             {Track, R"({"userId":"u","event":""})", "no_event"},
             {Track, R"({"userId":"u","event":7})", "no_event"},
             {Alias, R"({"anonymousId":"a","previousId":"p"})", "no_user_id"},
             {Alias, R"({"userId":"u"})", "no_previous_id"},
             {Group, R"({"userId":"u"})", "no_group_id"},
             {Track, R"({"userId":"u","event":"E","properties":[1]})", "bad_properties"},
             {Identify, R"({"userId":"u","traits":"x"})", "bad_properties"},
             {Track, R"({"userId":"u","event":"E","properties":null})", "ok"},
         }) {
        EXPECT_EQ(code_as(each.kind, each.body), each.code) << each.body;
    }
}

TEST(Decode, HoldsEveryLimit) {
    const auto track = [](const std::string& rest) {
        return R"({"userId":"u","event":"E",)" + rest + "}";
    };
    const auto text = [](std::size_t size, const std::string& letter = "x") {
        std::string out = "\"";
        for (std::size_t i = 0; i < size; ++i) {
            out += letter;
        }
        return out + '"';
    };
    EXPECT_EQ(code(track(R"("messageId":)" + text(100, "é"))), "ok");
    EXPECT_EQ(code(track(R"("messageId":)" + text(101))), "message_id_too_long");
    EXPECT_EQ(code(track(R"("anonymousId":)" + text(256))), "ok");
    EXPECT_EQ(code(track(R"("anonymousId":)" + text(257))), "id_too_long");
    EXPECT_EQ(code(R"({"userId":"u","event":)" + text(257) + "}"), "event_name_too_long");
    const auto nested = [&](std::size_t depth) {
        return track(R"("properties":{"x":)" + std::string(depth, '[') + std::string(depth, ']') +
                     "}");
    };
    EXPECT_EQ(code(nested(15)), "ok");
    EXPECT_EQ(code(nested(16)), "too_deep");
    std::string keys;
    for (int i = 0; i < 513; ++i) {
        keys += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
    }
    EXPECT_EQ(code(track(R"("properties":{)" + keys + "}")), "too_many_fields");
    const std::string head = R"({"userId":"u","event":"E","properties":{"x":)";
    const std::size_t room = event_bytes_max - head.size() - 4;
    EXPECT_EQ(code(head + text(room) + "}}"), "ok");
    EXPECT_EQ(code(head + text(room + 1) + "}}"), "400");
}

TEST(Decode, HoldsTheLimitsOfABatch) {
    const std::string small = R"({"type":"track","userId":"u","event":"E"})";
    const auto batch = [](const std::string& item, std::size_t count) {
        std::string out = R"({"batch":[)";
        for (std::size_t i = 0; i < count; ++i) {
            out += (i == 0 ? "" : ",") + item;
        }
        return out + "]}";
    };
    EXPECT_EQ(decode_body(batch(small, 2500), live_batch)->events.size(), 2500U);
    EXPECT_EQ(code(batch(small, 2501), live_batch), "batch_too_long");
    const std::string head = R"({"type":"track","userId":"u","event":"E","properties":{"x":")";
    const std::string large = head + std::string(event_bytes_max - head.size() - 3, 'x') + "\"}}";
    EXPECT_EQ(large.size(), event_bytes_max);
    EXPECT_EQ(decode_body(batch(large, 15), live_batch)->events.size(), 15U);
    EXPECT_EQ(code(batch(large, 16), live_batch), "400");
    const std::string larger = head + std::string(event_bytes_max - head.size() - 2, 'x') + "\"}}";
    const auto refused = decode_body(batch(larger, 1), live_batch);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::LimitExceeded);
    EXPECT_EQ(refused.error().message,
              "event 0 of the batch is 32769 bytes; at most 32768 are taken");
}

TEST(Decode, KeepsTheNeighboursOfARejectedEvent) {
    const auto decoded = decode_body(R"({"writeKey":"wk","batch":[
        {"type":"track","userId":"u","event":"A"}, 7, {"type":"dance","userId":"u"},
        {"type":"track","userId":"u","event":"B"}]})",
                                     live_batch);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_EQ(decoded->events.size(), 2U);
    EXPECT_EQ(decoded->events[1].name, "B");
    ASSERT_EQ(decoded->rejected.size(), 2U);
    EXPECT_EQ(decoded->rejected[0].index, 1U);
    EXPECT_EQ(decoded->rejected[0].code, "not_an_object");
    EXPECT_EQ(decoded->rejected[1].code, "unknown_type");
    EXPECT_EQ(decoded->write_key, "wk");
    EXPECT_EQ(code(R"({"userId":"u"})", live_batch), "no_batch");
    EXPECT_EQ(code(R"({"batch":{}})", live_batch), "no_batch");
}

TEST(Decode, MergesTheBatchIntoItsEvents) {
    const auto decoded = decode_body(R"({"batch":[
        {"type":"track","userId":"u","event":"A","context":{"locale":"tr-TR"},
         "timestamp":"2026-11-21T11:00:00Z"},
        {"type":"track","userId":"u","event":"B","writeKey":"own",
         "originalTimestamp":"2026-11-21T11:00:00Z","sentAt":"2026-11-21T11:00:10Z"}],
        "context":{"locale":"en-US","timezone":"Asia/Tokyo","library":{"name":"analytics-ios"}},
        "timestamp":"2026-11-21T01:00:00Z","sentAt":"2026-11-21T11:00:05Z"})",
                                     live_batch);
    ASSERT_TRUE(decoded.has_value());
    ASSERT_EQ(decoded->events.size(), 2U);
    EXPECT_EQ(to_json(decoded->events[0].context), R"({"locale":"tr-TR","timezone":"Asia/Tokyo"})");
    EXPECT_EQ(decoded->events[0].surface, Surface::App);
    EXPECT_EQ(decoded->events[0].time, at("2026-11-21T11:59:55Z"));
    EXPECT_EQ(decoded->events[1].time, at("2026-11-21T11:59:50Z"));
    EXPECT_EQ(decoded->write_key, "own");
}

TEST(CorrectedTime, SubtractsWhatPassedAtTheClient) {
    const Timestamp came = at("2015-12-12T04:08:31.909Z");
    EXPECT_EQ(corrected_time(came, at("2015-12-12T04:08:31.581Z"), at("2015-12-12T04:08:31.577Z")),
              at("2015-12-12T04:08:31.905Z"));
    EXPECT_EQ(corrected_time(came, std::nullopt, at("2015-12-11T00:00:00Z")),
              at("2015-12-11T00:00:00Z"));
    EXPECT_EQ(corrected_time(came, at("2015-12-11T00:00:00Z"), std::nullopt), came);
    // A clock of 1970 does no harm; the future does not happen; year 1 has no before.
    EXPECT_EQ(corrected_time(came, at("1970-01-01T00:01:00Z"), at("1970-01-01T00:00:00Z")),
              came - minutes(1));
    EXPECT_EQ(corrected_time(came, std::nullopt, at("2999-01-01T00:00:00Z")), came);
    EXPECT_EQ(corrected_time(came, at("2015-12-12T00:00:00Z"), at("2015-12-13T00:00:00Z")), came);
    EXPECT_EQ(corrected_time(came, at("9999-12-31T00:00:00Z"), at("0001-01-01T00:00:00Z")), came);
}

TEST(Decode, ReadsTimesInManyForms) {
    const auto time_of = [](const std::string& json) {
        return one(R"({"userId":"u","event":"E","timestamp":)" + json + "}").time;
    };
    EXPECT_EQ(time_of(R"("2026-11-20T10:00:00+02:00")"), at("2026-11-20T08:00:00Z"));
    EXPECT_EQ(time_of("1700000000"), Timestamp{1'700'000'000'000});
    EXPECT_EQ(time_of("1700000000123"), Timestamp{1'700'000'000'123});
    EXPECT_EQ(time_of(R"("yesterday")"), received);
    EXPECT_EQ(time_of("1e300"), received);
    EXPECT_EQ(time_of("null"), received);
}

TEST(Decode, MakesMessageIdsThatTellCallsApart) {
    const std::string body = R"({"userId":"u","event":"E"})";
    const Event first = one(body);
    EXPECT_TRUE(first.message_id.starts_with("winback-")) << first.message_id;
    EXPECT_EQ(first.message_id, one(body).message_id);
    DecodeOptions later = live_track;
    later.received = received + seconds(1);
    EXPECT_NE(first.message_id, decode_body(body, later)->events[0].message_id);
    const auto batch = decode_body(R"({"batch":[{"type":"track","userId":"u","event":"E"},
        {"type":"track","userId":"u","event":"E"}]})",
                                   live_batch);
    EXPECT_NE(batch->events[0].message_id, batch->events[1].message_id);
}

TEST(Decode, TakesStoredEventsAtTheirWord) {
    const DecodeOptions stored{.received = {}, .call = {.batch = true}, .stored = true};
    const auto read = [&stored](const std::string& item) {
        return decode_body(R"({"batch":[)" + item + R"(],"sentAt":"2020-01-01T00:00:00Z"})",
                           stored);
    };
    const std::string line =
        R"({"type":"track","userId":"u","event":"E","timestamp":"2011-12-09T12:50:00Z"})";
    const Event event = read(line)->events.at(0);
    EXPECT_EQ(event.time, at("2011-12-09T12:50:00Z"));
    EXPECT_TRUE(event.content_id);
    EXPECT_EQ(event.message_id, read(" " + line)->events.at(0).message_id);
    EXPECT_EQ(read(R"({"type":"track","userId":"u","event":"E"})")->rejected.at(0).code,
              "bad_timestamp");
}

TEST(Decode, RefusesWhatIsNotStrictJson) {
    for (const std::string_view body :
         {"", " ", "{", R"({"userId":"u","event":"E"} x)", R"({"userId":"u",})", "{'a':1}",
          R"({"a":NaN})", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})", "{\"a\":\"\n\"}", "\xEF\xBB\xBF",
          R"({"a":01})"}) {
        const auto decoded = decode_body(body, live_track);
        ASSERT_FALSE(decoded.has_value()) << body;
        EXPECT_EQ(decoded.error().code, ErrorCode::InvalidArgument);
    }
    EXPECT_EQ(code("\xEF\xBB\xBF{\"userId\":\"u\",\"event\":\"E\"}"), "ok");
}

}  // namespace
}  // namespace winback::event

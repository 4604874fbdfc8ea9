#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "base/hash.h"
#include "base/money.h"
#include "base/strings.h"
#include "base/time.h"
#include "base/value.h"
#include "base/words.h"
#include "base/zone.h"

namespace winback {
namespace {

std::string iso(std::string_view text) {
    const auto time = parse_iso8601(text);
    return time ? format_iso8601(*time) : "error";
}

TEST(Time, ReadsTheFormsThatClientsSend) {
    EXPECT_EQ(iso("2011-12-09"), "2011-12-09T00:00:00Z");
    EXPECT_EQ(iso("2011-12-09 12:50"), "2011-12-09T12:50:00Z");
    EXPECT_EQ(iso("2011-12-09T12:50:00.1239+02:00"), "2011-12-09T10:50:00.123Z");
    EXPECT_EQ(iso("2000-02-29T23:59:60Z"), "2000-03-01T00:00:00Z");
    EXPECT_EQ(iso("1999-02-29"), "error");
    EXPECT_EQ(iso("2011-12-09T12:50:00Zx"), "error");
    EXPECT_EQ(iso("yesterday"), "error");
}

TEST(Time, DaysAreCountedBothWays) {
    for (std::int64_t day = -800'000; day < 2'900'000; day += 997) {
        const CivilTime c = civil_from_timestamp({day * 86'400'000});
        EXPECT_EQ(days_from_civil(c.year, c.month, c.day), day);
    }
}

TEST(Zone, KeepsTheWallClockOverDaylightSaving) {
    const Zone& berlin = **find_zone("Europe/Berlin");
    const Timestamp before = *parse_iso8601("2026-03-28T09:00:00+01:00");
    const Timestamp after = add(berlin, before, *parse_calendar_step("1d"));
    EXPECT_EQ(format_iso8601(after), "2026-03-29T07:00:00Z");
    EXPECT_EQ(subtract(berlin, after, *parse_calendar_step("1d")), before);
    // 02:30 does not exist on that day: the first moment after the gap.
    EXPECT_EQ(format_iso8601(from_local(berlin, {2026, 3, 29, 2, 30, 0, 0})),
              "2026-03-29T01:00:00Z");
    // 02:30 happens twice in October: the earlier one.
    EXPECT_EQ(format_iso8601(from_local(berlin, {2026, 10, 25, 2, 30, 0, 0})),
              "2026-10-25T00:30:00Z");
    EXPECT_EQ(format_iso8601(next_midnight(berlin, after)), "2026-03-29T22:00:00Z");
    // In Newfoundland clocks went back from 0:01 to 23:01: midnight came twice.
    const Zone& newfoundland = *find_zone("America/St_Johns").value();
    const Timestamp again = parse_iso8601("2006-10-29T03:29:00Z").value();
    EXPECT_EQ(format_iso8601(next_midnight(newfoundland, again)), "2006-10-29T03:30:00Z");
}

// The clock in a zone at a moment of UTC, which that clock leads back to.
std::string clock(std::string_view zone_name, std::string_view utc) {
    const Zone& zone = **find_zone(zone_name);
    const Timestamp time = *parse_iso8601(utc);
    const LocalTime local = local_time(zone, time);
    EXPECT_EQ(from_local(zone, local.civil), time) << zone_name << " " << utc;
    return format_iso8601(timestamp_from_civil(local.civil)).substr(5, 11);
}

TEST(Zone, KeepsSummerTimeBehindTheEndOfTheFiles) {
    EXPECT_EQ(clock("Europe/Berlin", "2040-07-01T12:00:00Z"), "07-01T14:00");
    EXPECT_EQ(clock("Europe/Berlin", "2040-12-01T12:00:00Z"), "12-01T13:00");
    EXPECT_EQ(clock("America/New_York", "2100-07-01T12:00:00Z"), "07-01T08:00");
    EXPECT_EQ(clock("Australia/Sydney", "2050-01-01T12:00:00Z"), "01-01T23:00");
    EXPECT_EQ(clock("Australia/Sydney", "2050-07-01T12:00:00Z"), "07-01T22:00");
    EXPECT_EQ(clock("Australia/Lord_Howe", "2050-01-01T12:00:00Z"), "01-01T23:00");
    EXPECT_EQ(clock("Australia/Lord_Howe", "2050-07-01T12:00:00Z"), "07-01T22:30");
    EXPECT_EQ(clock("Europe/Dublin", "2050-01-01T12:00:00Z"), "01-01T12:00");
    EXPECT_EQ(clock("Europe/Dublin", "2050-07-01T12:00:00Z"), "07-01T13:00");
    EXPECT_EQ(clock("Africa/Casablanca", "2150-07-01T12:00:00Z"), "07-01T13:00");
    EXPECT_EQ(clock("Asia/Tokyo", "2150-07-01T12:00:00Z"), "07-01T21:00");

    // Gaps and what comes twice as before 2037: here on 25 March and 28 October.
    const Zone& berlin = **find_zone("Europe/Berlin");
    EXPECT_EQ(format_iso8601(from_local(berlin, {2040, 3, 25, 2, 30, 0, 0})),
              "2040-03-25T01:00:00Z");
    EXPECT_EQ(format_iso8601(from_local(berlin, {2040, 10, 28, 2, 30, 0, 0})),
              "2040-10-28T00:30:00Z");
    EXPECT_EQ(format_iso8601(add(berlin, *parse_iso8601("2040-03-24T09:00:00+01:00"),
                                 *parse_calendar_step("1d"))),
              "2040-03-25T07:00:00Z");
}

TEST(Zone, ClampsToTheEndOfTheMonth) {
    const Timestamp january = *parse_iso8601("2025-01-31");
    EXPECT_EQ(format_iso8601(add(utc_zone(), january, *parse_calendar_step("1mo"))),
              "2025-02-28T00:00:00Z");
    EXPECT_FALSE(parse_calendar_step("6 months").has_value());
    EXPECT_FALSE(parse_calendar_step("").has_value());
    EXPECT_FALSE(find_zone("Mars/Olympus").has_value());
}

TEST(Money, SumsAreExact) {
    EXPECT_EQ(format_amount({8'911'407'904'000}, "GBP"), "8,911,407.90");
    EXPECT_EQ(format_amount(micros_from_double(-0.004), "GBP"), "0.00");
    EXPECT_EQ(format_amount(micros_from_double(1234.5), "JPY"), "1,235");
    EXPECT_EQ(format_amount(micros_from_double(-1234.5), "KWD"), "-1,234.500");
    EXPECT_EQ(format_amount({50'000}, "GBP"), "0.05");
}

TEST(Bytes, ValuesComeBackAsTheyWere) {
    ValueMap map;
    map.set("text", "naïve");
    map.set("list", ValueList{1, 2.5, true, Value{}, Timestamp{-5}, Duration{7}});
    const Value value{map};
    std::string bytes;
    ByteWriter writer(bytes);
    writer.value(value);
    writer.i64(std::numeric_limits<std::int64_t>::min());
    ByteReader reader(bytes);
    EXPECT_EQ(reader.value(), value);
    EXPECT_EQ(reader.i64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_TRUE(reader.finished());
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        ByteReader torn(std::string_view(bytes).substr(0, cut));
        (void)torn.value();
        (void)torn.i64();
        EXPECT_FALSE(torn.finished());
    }
}

TEST(Hash, NeverChanges) {
    EXPECT_EQ(to_hex(hash128("winback")), to_hex(hash128("winback")));
    EXPECT_EQ(hash64(""), 0x2d06800538d394c2ULL);  // XXH3 of nothing, from its specification.
    Hash128 parsed;
    ASSERT_TRUE(parse_hex(to_hex(hash128("a")), parsed));
    EXPECT_EQ(parsed, hash128("a"));
    EXPECT_FALSE(parse_hex("xyz", parsed));
}

TEST(Diagnostic, PointsAtThePlace) {
    const Diagnostic d{.code = "unknown_trait",
                       .file = "a.yaml",
                       .position = {2, 5},
                       .length = 3,
                       .message = "unknown trait 'foo'"};
    EXPECT_EQ(render(d, "x\nif: foo\n"),
              "a.yaml:2:5: error: unknown trait 'foo' [unknown_trait]\n  if: foo\n      ^~~\n");
    EXPECT_EQ(nearest("ordres", {"orders", "email"}), "orders");
    EXPECT_EQ(nearest("zzz", {"orders", "email"}), "");
    EXPECT_EQ(nearest("va", {"Qa", "Va", "v"}), "Va");
    EXPECT_EQ(nearest("x", {"f", "xy"}), "");
    EXPECT_EQ(nearest("TRUE", {"true", "user"}), "true");
    EXPECT_EQ(nearest("nwo", {"new", "now"}), "now");
    EXPECT_EQ(nearest("usr", {"use_r", "user"}), "user");
    EXPECT_EQ(nearest("Gold", {"GOLD", "gold"}), "gold");
}

TEST(Diagnostic, ShowsOfALongLineWhatIsAroundThePlace) {
    Diagnostic d{.code = "c", .file = "", .position = {1, 2001}, .length = 3, .message = "m"};
    std::string line;
    for (int i = 0; i < 1000; ++i) {
        line += "é";
    }
    line += "foo" + std::string(100'000, 'x');
    std::string around;
    for (int i = 0; i < 40; ++i) {
        around += "é";
    }
    EXPECT_EQ(render(d, line), "1:2001: error: m [c]\n  …" + around + "foo" + std::string(77, 'x') +
                                   "…\n   " + std::string(40, ' ') + "^~~\n");
    d.length = 1'000'000;
    EXPECT_LT(render(d, line).size(), 500U);
    EXPECT_EQ(quote(d, line, 4), "  …" + around.substr(around.size() - 4) + "foox…\n     ^~~~\n");
    d.position.column = 200'000;
    EXPECT_LT(render(d, line).size(), 500U);
}

TEST(Strings, Utf8IsCheckedStrictly) {
    EXPECT_TRUE(is_valid_utf8("naïve 👍 فارسی"));
    EXPECT_FALSE(is_valid_utf8("\xc0\x80"));
    EXPECT_FALSE(is_valid_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_valid_utf8("\xf5\x80\x80\x80"));
    EXPECT_FALSE(is_valid_utf8("abc\xe2\x82"));
}

TEST(Json, EscapesWhatMustBe) {
    ValueMap map;
    map.set("a\"b", "x\ny\x01");
    map.set("n", 0.5);
    EXPECT_EQ(to_json(Value{map}), "{\"a\\\"b\":\"x\\ny\\u0001\",\"n\":0.5}");
}

TEST(Words, AreSpokenInTheReadersLanguageWhereTheyAreKnown) {
    const Words words{{"en", "Lapsing"}, {"tr", "Uzaklaşanlar"}};
    EXPECT_EQ(in_language(words, "tr-TR", "x"), "Uzaklaşanlar");
    EXPECT_EQ(in_language(words, "fa", "Lapsing"), "Lapsing");
    ValueMap segment;
    segment.set("id", "lapsing");
    set_words(segment, "name", "Lapsing", words);
    set_words(segment, "description", "Silent.", {{"en", "Silent."}});
    EXPECT_EQ(segment.find("description_in"), nullptr);  // One language is no choice.
    ValueMap tree;
    tree.set("segments", ValueList{segment});
    const ValueMap shown = spoken(tree, "tr");
    const ValueMap& first = *(*shown.find("segments")->as_list())[0].as_map();
    EXPECT_EQ(*first.find("name")->as_string(), "Uzaklaşanlar");
    EXPECT_EQ(*first.find("description")->as_string(), "Silent.");
    const ValueMap other = spoken(segment, "fa");
    EXPECT_EQ(*other.find("name")->as_string(), "Lapsing");
}

}  // namespace
}  // namespace winback

#include "ingest/mapping.h"

#include <string>

#include <gtest/gtest.h>

namespace winback::ingest {
namespace {

// Each mistake as "line:column code".
std::string mistakes(const Diagnostics& diagnostics) {
    std::string out;
    for (const Diagnostic& each : diagnostics) {
        out += std::to_string(each.position.line) + ":" + std::to_string(each.position.column) +
               " " + each.code + "\n";
    }
    return out;
}

constexpr std::string_view good = R"(customer: "{id}"
time: {column: when}
event: Order Completed
)";

TEST(Mapping, NeedsLittle) {
    const auto read = read_mapping(good, "map.yaml");
    EXPECT_EQ(mistakes(read.diagnostics), "");
    EXPECT_EQ(read.mapping.columns, (std::vector<std::string>{"id", "when"}));
}

TEST(Mapping, ReportsEveryMistakeWithItsPlace) {
    const auto read = read_mapping(R"(zone: Europe/Londn
currency: pounds
delimiter: ;;
custommer: "{id}"
time: {column: when, formats: ["%Q"]}
where:
  - {column: qty, op: ">", value: many}
  - {column: qty, op: "<>", value: {a: 1}}
grouping: {scattered: maybe}
event: "{name"
properties:
  a: {column: x, lookup: nope}
  b: {}
  c: {sum: "a * b * c * d * e"}
identify:
  consent:
    email: {state: granted}
  traits:
    n: {rows: true}
)",
                                   "map.yaml");
    EXPECT_EQ(mistakes(read.diagnostics),
              "4:1 unknown_key\n"
              "3:12 unknown_value\n"
              "1:7 unknown_zone\n"
              "2:11 bad_currency\n"
              "7:35 not_a_number\n"
              "8:24 unknown_value\n"
              "8:37 not_a_list\n"
              "1:1 missing_key\n"
              "5:33 bad_date_format\n"
              "9:12 missing_key\n"
              "9:23 unknown_value\n"
              "10:9 lone_brace\n"
              "12:26 unknown_lookup\n"
              "12:7 bad_field\n"
              "13:3 bad_field\n"
              "14:13 bad_sum\n"
              "17:13 missing_key\n"
              "16:3 bad_field\n");
}

TEST(Mapping, ShowsTheMistakeUnderItsLine) {
    const std::string yaml = "custommer: \"{id}\"\ntime: {column: when}\nevent: E\n";
    const auto read = read_mapping(yaml, "map.yaml");
    EXPECT_EQ(render(read.diagnostics.at(0), yaml).substr(0, 92),
              "map.yaml:1:1: error: a mapping has no 'custommer'; did you mean 'customer'? "
              "[unknown_key]\n  ");
}

TEST(Mapping, IsStrictYaml) {
    EXPECT_EQ(mistakes(read_mapping("a: 1\na: 2\n", "m").diagnostics), "2:1 yaml\n");
    EXPECT_EQ(mistakes(read_mapping("a: [1\n", "m").diagnostics).substr(0, 1), "2");
    EXPECT_EQ(mistakes(read_mapping("", "m").diagnostics), "1:1 yaml\n");
    EXPECT_EQ(mistakes(read_mapping("- 1\n", "m").diagnostics), "1:1 not_a_map\n");
    EXPECT_NE(mistakes(read_mapping("a: &x 1\nb: *x\n", "m").diagnostics).find("yaml_alias"),
              std::string::npos);
}

TEST(BindColumns, SuggestsTheNearestColumn) {
    const auto read = read_mapping(good, "map.yaml");
    Diagnostics diagnostics;
    EXPECT_EQ(bind_columns(read.mapping, {"when", "x", "id"}, diagnostics),
              (std::vector<std::size_t>{2, 0}));
    EXPECT_TRUE(diagnostics.empty());
    bind_columns(read.mapping, {"wehn", "id", "id"}, diagnostics);
    EXPECT_EQ(mistakes(diagnostics), "1:12 ambiguous_column\n2:16 unknown_column\n");
    EXPECT_EQ(diagnostics.at(1).message, "the file has no column 'when'; did you mean 'wehn'?");
}

}  // namespace
}  // namespace winback::ingest

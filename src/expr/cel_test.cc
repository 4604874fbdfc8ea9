// What the cases of cel-spec (test/data/cel) do not ask of strict CEL.
#include <string>

#include <gtest/gtest.h>

#include "expr/cel_evaluator.h"
#include "expr/parser.h"

namespace winback::expr {
namespace {

std::string evaluated(std::string_view text, const CelScope& scope = {}) {
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    return diagnostics.empty() ? describe(evaluate_cel(ast, scope)) : diagnostics[0].code;
}

struct Case {
    std::string_view text;
    std::string_view value;
};

void expect_all(std::initializer_list<Case> cases) {
    for (const Case& c : cases) {
        EXPECT_EQ(evaluated(c.text), c.value) << c.text;
    }
}

TEST(StrictCel, ConvertsBetweenTypes) {
    expect_all({
        {"int('-9223372036854775808')", "-9223372036854775808"},
        {"int('9223372036854775808')", "error: this text is no such number"},
        {"int(' 1')", "error: this text is no such number"},
        {"int(1e18)", "1000000000000000000"},
        {"int(18446744073709551615u)", "error: range error"},
        {"uint(1e19)", "10000000000000000000u"},
        {"uint(-1.0)", "error: range error"},
        {"uint('-1')", "error: this text is no such number"},
        {"double(9223372036854775807)", "9223372036854775808"},
        {"double('1e999')", "error: this text is no such number"},
        {"double('x')", "error: this text is no such number"},
        {"double('inf') > 1.0", "true"},
        {"string(1.0)", "\"1\""},
        {"string(true)", "\"true\""},
        {"string(duration('1.5s'))", "\"1.5s\""},
        {"string(timestamp('2009-02-13T23:31:30.500+02:00'))", "\"2009-02-13T21:31:30.5Z\""},
        {"bytes('é') == b'\\303\\251'", "true"},
        {"bool('yes')", "error: type conversion error: not a bool"},
        {"string([1])", "error: no such overload: string(list)"},
        {"type([]) == list && type({}) == map && type(b'') == bytes", "true"},
        {"type(duration('1s'))", "type google.protobuf.Duration"},
        {"int(null)", "error: no such overload: int(null_type)"},
    });
}

TEST(StrictCel, KnowsMomentsToTheNanosecond) {
    expect_all({
        {"timestamp('0000-12-31T00:00:00Z')", "error: not a timestamp, or out of range"},
        {"timestamp('2009-02-30T00:00:00Z')", "error: not a timestamp, or out of range"},
        {"timestamp('2009-02-13')", "error: not a timestamp, or out of range"},
        {"timestamp('2009-02-13T23:31:60Z')", "error: not a timestamp, or out of range"},
        {"timestamp('2009-02-13T23:31:30')", "error: not a timestamp, or out of range"},
        {"timestamp('1969-12-31T23:59:59.25Z') + duration('750ms') == timestamp(0)", "true"},
        {"timestamp('1969-12-31T23:59:59.999999999Z').getMilliseconds()", "999"},
        {"timestamp('0001-01-01T00:00:00Z').getDayOfYear('-01:00')", "365"},
        {"timestamp(0).getHours('Asia/Kolkata')", "5"},
        {"timestamp(0).getHours('Nowhere/Land')", "error: unknown zone: \"Nowhere/Land\""},
        {"timestamp(0).getHours('+24:00')", "error: unknown zone: \"+24:00\""},
        {"timestamp('2100-01-01T00:00:00Z') - timestamp('1900-01-01T00:00:00Z')",
         "duration(\"6311433600s\")"},
        {"duration('1h') - duration('30m0.5s')", "duration(\"1799.5s\")"},
        {"duration('-1.5h') == duration('-90m')", "true"},
        {"duration('1us') > duration('999ns')", "true"},
        {"duration('9223372036854775807ns') > duration('9223372036.854775806s')", "true"},
        {"duration('-9223372036854775808ns') < duration('0s')", "true"},
        {"duration('1d') == duration('24h')",
         "error: '1d' is not a duration within 292 years; write numbers with h, m, s, ms, us or "
         "ns, such as \"1h30m\""},
        {"duration('3730s').getSeconds() + duration('-90s').getMinutes()", "3729"},
        {"duration('1s').getFullYear()", "error: no such overload: of a duration"},
    });
}

TEST(StrictCel, LoopsOverListsAndMaps) {
    expect_all({
        {"[1, 2, 3].map(x, x > 1, x * x)", "[4, 9]"},
        {"{'a': 1, 'b': 2}.map(k, k + '!')", "[\"a!\", \"b!\"]"},
        {"{'a': 1, 'b': 2}.filter(k, k > 'a')", "[\"b\"]"},
        {"[1, 2].exists(x, x / 0 == 1 || x == 2)", "true"},
        {"[[1], [2, 3]].map(l, l.map(x, x + size(l)))", "[[2], [4, 5]]"},
        {"[1].exists(x, y)", "error: undeclared reference to 'y' (in container '')"},
        {"has(3)", "error: 'has' does not fit what stands in its parentheses"},
        {"true || [1].all(x.y, true)", "error: 'all' does not fit what stands in its parentheses"},
        {"1.map(x, x)", "error: no such overload: a loop over int"},
        {"has({'a': null}.a) && !has({'a': null}.b)", "true"},
        {"has({'a': {}}.b.c)", "error: no such key: \"b\""},
    });
    std::string joins = "'0123456789'";
    for (int i = 0; i < 5; ++i) {
        joins = "[1,2,3,4,5,6,7,8,9,10].map(x" + std::to_string(i) + ", " + joins + ")";
    }
    EXPECT_EQ(evaluated("size(" + joins + ")"), "error: too many turns of loops");
}

TEST(StrictCel, FindsNamesInTheContainerFirst) {
    CelScope scope;
    scope.container = "a.b";
    scope.bindings["a.b.x"] = {std::int64_t{1}};
    scope.bindings["a.x"] = {std::int64_t{2}};
    scope.bindings["x"] = {std::int64_t{3}};
    scope.bindings["a.y"] = {std::int64_t{4}};
    scope.bindings["z.w"] = {std::int64_t{5}};
    scope.bindings["m"] = cel_map({{{std::string("k")}, {std::int64_t{6}}}});
    EXPECT_EQ(evaluated("[x, .x, y, z.w, m.k, .m.k, .a.x]", scope), "[1, 3, 4, 5, 6, 6, 2]");
    EXPECT_EQ(evaluated("[7].map(x, x + .x)", scope), "[10]");
    EXPECT_EQ(evaluated(".y", scope), "error: undeclared reference to '.y' (in container 'a.b')");
    EXPECT_EQ(evaluated("m.l.n", scope), "error: no such key: \"l\"");
    EXPECT_EQ(evaluated(".size([1])"), "1");
}

TEST(StrictCel, RefusesWhatDoesNotFit) {
    expect_all({
        {"1 + 1.5", "error: no such overload: int + double"},
        {"1u - 1", "error: no such overload: uint - int"},
        {"{1: 'a', 1u: 'b'}", "error: repeated key: 1u"},
        {"{1.5: 'a'}", "error: unsupported key type: double"},
        {"{1: 'a'}[1.0]", "\"a\""},
        {"[1, 2][1.5]", "error: index out of bounds: 1.5"},
        {"[1, 2][-1]", "error: index out of bounds: -1"},
        {"1 in [1.0, 2u]", "true"},
        {"{'a': [1]} == {'a': [1.0]}", "true"},
        {"'a' < 1", "error: no such overload: string < int"},
        {"timestamp(0) < duration('1s')",
         "error: no such overload: google.protobuf.Timestamp < google.protobuf.Duration"},
        {"1 ? 2 : 3", "error: no such overload: int where true or false is needed"},
        {"'x'.matches('(')", "error: this is not a regular expression: missing ): ("},
        {"google.protobuf.Value{string_value: 'x'} + 'y'", "\"xy\""},
        {"some.Message{a: 1}", "error: unknown message: some.Message"},
        {"1e-400", "0"},
        {"-0x8000000000000000", "-9223372036854775808"},
        {"'\\ud800'", "bad_escape"},
        {"'\\U00110000'", "bad_escape"},
        {"b'\\u0041'", "bad_escape"},
        {"'\\400'", "bad_escape"},
        {"{'a b': 1}.`a b`", "1"},
        {"`a b`", "unexpected_token"},
        {"{'in': 1}.`in`", "1"},
        {"{'a': 1}.`a", "bad_quoted_name"},
    });
}

}  // namespace
}  // namespace winback::expr

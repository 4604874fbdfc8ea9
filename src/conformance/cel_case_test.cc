#include "conformance/cel_case.h"

#include <string>

#include <gtest/gtest.h>

namespace winback::conformance {
namespace {

std::string judged(std::string_view line) {
    const Result<CaseResult> result = run_cel_case(line);
    if (!result) {
        return "unreadable: " + result.error().message;
    }
    return result->passed ? "passed" : "expected " + result->expected + ", got " + result->actual;
}

TEST(CelCase, ComparesTypesAndValues) {
    EXPECT_EQ(judged(R"({"expr": "1 + 1", "expect": {"int": "2"}})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "1 + 1", "expect": {"uint": "2"}})"),
              "expected 2u of 1 + 1, got 2");
    EXPECT_EQ(judged(R"({"expr": "[1]", "expect": {"list": [{"double": "1"}]}})"),
              "expected [1] of [1], got [1]");
    EXPECT_EQ(judged(R"({"expr": "0.0 / 0.0", "expect": {"double": "nan"}})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "1 == 1"})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "b'a\\xff'", "expect": {"bytes_hex": "61ff"}})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "t", "bindings": {"t": {"timestamp": {"seconds": "5"}}},
                         "expect": {"timestamp": "1970-01-01T00:00:05Z"}})"),
              "passed");
    EXPECT_EQ(judged(R"json({"expr": "d.getMilliseconds()",
                             "bindings": {"d": {"duration": {"seconds": "1", "nanos": 7000000}}},
                             "expect": {"int": "7"}})json"),
              "passed");
    EXPECT_EQ(judged(R"({"expr": "{'a': 1, 2: null}",
                         "expect": {"map": [[{"int": 2}, {"null": null}],
                                            [{"string": "a"}, {"int": 1}]]}})"),
              "passed");
}

TEST(CelCase, TakesAnyErrorForAnError) {
    EXPECT_EQ(judged(R"({"expr": "1 / 0", "expect_error": ["anything"]})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "1 +", "expect_error": []})"), "passed");
    EXPECT_EQ(judged(R"({"expr": "1", "expect_error": ["range"]})"),
              R"(expected error: ["range"] of 1, got 1)");
}

TEST(CelCase, SaysWhyALineIsNoCase) {
    EXPECT_EQ(judged("{"), "unreadable: no JSON: something is wrong at character 2");
    EXPECT_EQ(judged("{}"), "unreadable: no case: it is no object with a text 'expr'");
    EXPECT_EQ(judged(R"({"expr": "1", "expect": {"int": "x"}})"),
              "unreadable: no case: \"x\" is no int");
    EXPECT_EQ(judged(R"({"expr": "1", "expect": {"enum": "x"}})"),
              "unreadable: no case: a value of type 'enum' is not known");
}

}  // namespace
}  // namespace winback::conformance

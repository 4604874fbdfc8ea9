// The official acceptance suite of Liquid, Shopify/liquid-spec, over our engine.
//
// docs/design/liquid_deviations.md names the cases that differ, each with its reason. A case that
// is named and passes is a failure too: take it off the page.
#include "conformance/liquid_case.h"

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace winback::conformance {
namespace {

const Timestamp now = parse_iso8601("2024-01-01T00:01:58Z").value();

// The names in the first column of the page's table: | `suite/name` | reason |
std::set<std::string> named_deviations() {
    std::set<std::string> names;
    std::ifstream page("docs/design/liquid_deviations.md");
    for (std::string line; std::getline(page, line);) {
        const std::string begin = "| `";
        const std::size_t end = line.find("` |");
        if (line.starts_with(begin) && end != std::string::npos) {
            names.insert(line.substr(begin.size(), end - begin.size()));
        }
    }
    return names;
}

TEST(LiquidSuite, PassesButForTheCasesThatThePageNames) {
    const std::set<std::string> named = named_deviations();
    std::ifstream file("test/data/liquid/liquid_spec.jsonl");
    ASSERT_TRUE(file);
    std::set<std::string> failing;
    int total = 0;
    for (std::string line; std::getline(file, line);) {
        ++total;
        const CaseResult result = run_liquid_case(line, now);
        if (!result.passed) {
            failing.insert(result.name);
            EXPECT_TRUE(named.contains(result.name))
                << result.name << "\n  expected " << result.expected << "\n  got " << result.actual;
        }
    }
    EXPECT_EQ(total, 3133);
    EXPECT_LE(failing.size(), 31U);  // 1 %
    for (const std::string& name : named) {
        EXPECT_TRUE(failing.contains(name)) << name << " passes now; take it off the page";
    }
}

CaseResult run(const std::string& line) {
    return run_liquid_case(line, now);
}

TEST(LiquidCase, PassesByTheExactOutputOnly) {
    EXPECT_TRUE(run(R"({"template": "{{ 1 }}", "expected": "1"})").passed);
    const CaseResult result =
        run(R"({"name": "n", "suite": "s", "template": "a", "expected": "b"})");
    EXPECT_FALSE(result.passed);
    EXPECT_EQ(result.name, "s/n");
    EXPECT_EQ(result.expected, "output \"b\"");
    EXPECT_EQ(result.actual, "output \"a\"");
}

TEST(LiquidCase, PassesByPartsOfAnErrorOfTheRightKind) {
    EXPECT_TRUE(run(R"({"template": "{{ 1 | divided_by: 0 }}",
                        "errors": {"render_error": ["Divided", "LINE 1"]}})")
                    .passed);
    EXPECT_FALSE(run(R"({"template": "{{ 1 | divided_by: 0 }}",
                         "errors": {"parse_error": ["divided"]}})")
                     .passed);
    EXPECT_TRUE(
        run(R"({"template": "a\n{{ | }}", "errors": {"parse_error": [], "line": 2}})").passed);
    EXPECT_FALSE(
        run(R"({"template": "{{ | }}", "errors": {"parse_error": [], "line": 2}})").passed);
    EXPECT_TRUE(run(R"({"template": "a{{ 1 | modulo: 0 }}b", "render_errors": true,
                        "errors": {"output": ["a", "divided by 0", "b"]}})")
                    .passed);
}

TEST(LiquidCase, ReadsPatternsAsRubyDoes) {
    EXPECT_TRUE(run(R"({"template": "x\ny", "expected_pattern": "^y$"})").passed);
    EXPECT_FALSE(run(R"({"template": "x\ny", "expected_pattern": "x.y"})").passed);
    EXPECT_TRUE(run(R"({"template": "x\ny", "expected_pattern": "(?m)x.y"})").passed);
}

TEST(LiquidCase, DoesNotPassWhatIsNoCase) {
    const auto says = [](const std::string& line, const char* words) {
        const CaseResult result = run(line);
        EXPECT_FALSE(result.passed) << line;
        EXPECT_NE(result.actual.find(words), std::string::npos) << line << "\n" << result.actual;
    };
    says("{", "at character 2");
    says("", "at character 1");
    says("[]", "an object with a text 'template'");
    says(R"({"template": 1, "expected": ""})", "a text 'template'");
    says(R"({"template": "a"})", "no text 'expected'");
    says(R"({"template": "a", "expected": 1})", "no text 'expected'");
    says(R"({"template": "a", "errors": 1})", "'errors' is an object");
    says(R"({"template": "a", "expected_pattern": "("})", "no regular expression");
    says(R"({"template": "a", "expected": "a", "parse_mode": "x"})", "not \"x\"");
    says(R"({"template": "a", "expected": "a", "environment": [1]})", "'environment'");
    says(R"({"template": "a", "expected": "a", "filesystem": {"x": 5}})", "'x' is not a text");
    says(R"({"template": "a", "expected": "a", "render_errors": "yes"})", "'render_errors'");
    const std::string deep(50'000, '[');
    says(R"({"template": "a", "expected": "a", "environment": {"a":)" + deep +
             std::string(50'000, ']') + "}}",
         "500 levels deep");
}

TEST(LiquidCase, LosesNoDigitOfWideNumbers) {
    const CaseResult result = run(
        R"({"template": "{{ n | plus: 1 }} {{ s }}", "expected": "18446744073709551617 1\"-2",
            "environment": {"n": 18446744073709551616, "s": "1\"-2"}})");
    EXPECT_TRUE(result.passed) << result.actual;
}

}  // namespace
}  // namespace winback::conformance

#include "api/strict_json.h"

#include <algorithm>
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "expr/parser.h"
#include "expr/tree.h"

namespace winback::api {
namespace {

using nlohmann::json;

TEST(StrictJson, RefusesWhatALenientReaderPassesOver) {
    EXPECT_TRUE(parse_strict(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"));
    const auto fault = [](std::string_view text) { return parse_strict(text).error().message; };
    EXPECT_EQ(fault(R"({"a":1,"a":2})"),
              "the body is refused: the name 'a' stands twice in an object");
    EXPECT_NE(fault(R"({"a":{"b":1,"c":{},"b":2}})").find("'b'"), std::string::npos);
    EXPECT_NE(fault(std::string(130, '[') + std::string(130, ']')).find("nested"),
              std::string::npos);
    EXPECT_FALSE(parse_strict(R"({"a":1,})"));
    EXPECT_FALSE(parse_strict("{} {}"));
    EXPECT_FALSE(parse_strict(R"({"a":1e999})"));
    EXPECT_FALSE(parse_strict("\"\xff\""));
    EXPECT_NE(fault(R"({"name":"a\u0000b"})").find("control character"), std::string::npos);
    EXPECT_FALSE(parse_strict(R"({"a\u0007":1})"));
    EXPECT_FALSE(parse_strict(R"(["a\u007fb"])"));
    EXPECT_TRUE(parse_strict(R"({"body":"a\tb\r\nc"})"));
    EXPECT_FALSE(parse_strict(std::string(1'000'000, '[')));
}

TEST(StrictJson, GivesTheSameAsAValueInTheOrderOfTheText) {
    const std::string text =
        R"({"z":[1,-2,2.5,true,null,"é\n",[],{}],"a":{"y":{"b":1,"a":2}},"m":9223372036854775807})";
    EXPECT_EQ(to_json(*read_strict(text)),
              R"({"z":[1,-2,2.5,true,null,"é\n",[],{}],"a":{"y":{"b":1,"a":2}},)"
              R"("m":9223372036854775807})");
    EXPECT_EQ(*read_strict("1e20"), Value(1e20));
    for (const std::string& wrong :
         {std::string(R"({"a":1,"a":2})"), std::string(R"({"a":{"b":1,"c":{},"b":2}})"),
          std::string(130, '[') + std::string(130, ']'), std::string(R"({"a":1,})"),
          std::string("{} {}"), std::string(R"({"a":1e999})"), std::string("\"\xff\""),
          std::string(R"(["a\u007fb"])"), std::string(R"({"a\u0007":1})"), std::string()}) {
        ASSERT_FALSE(read_strict(wrong)) << wrong.substr(0, 40);
        EXPECT_EQ(read_strict(wrong).error().message, parse_strict(wrong).error().message);
    }
    EXPECT_FALSE(read_strict(std::string(1'000'000, '[')));
}

TEST(StrictJson, RefusesWholeNumbersThatWouldBeChanged) {
    EXPECT_EQ(*read_strict("-9223372036854775808"), Value(std::int64_t{-9223372036854775807} - 1));
    for (const char* number : {"9223372036854775808", "18446744073709551615",
                               "-9223372036854775809", "100000000000000000000000"}) {
        const Result<Value> body = read_strict("{\"value\":" + std::string(number) + "}");
        ASSERT_FALSE(body) << number;
        EXPECT_NE(
            body.error().message.find(std::string("the whole number ") + number + " is beyond"),
            std::string::npos)
            << body.error().message;
    }
}

// Text -> tree -> JSON -> tree -> text.
void expect_round_trip(const std::string& text) {
    const auto parsed = [](const std::string& source) {
        Diagnostics diagnostics;
        expr::Reporter reporter(source, diagnostics);
        expr::Ast ast = expr::parse(source, reporter);
        EXPECT_TRUE(diagnostics.empty()) << source;
        return ast;
    };
    const expr::Ast ast = parsed(text);
    const std::string written = "{\"tree\":" + to_json(expr::to_tree(text, ast)) + "}";
    ASSERT_TRUE(parse_strict(written)) << written;
    const Result<Value> body = read_strict(written);
    ASSERT_TRUE(body) << body.error().message;
    const expr::TreeText back = expr::from_tree(*body->as_map()->find("tree"));
    ASSERT_TRUE(back.mistakes.empty()) << back.mistakes[0].message;
    EXPECT_TRUE(equal(ast, parsed(back.text))) << text << " became " << back.text;
}

TEST(StrictJson, KeepsTextsAndNumbersThatJsonHasNoPlaceFor) {
    expect_round_trip(R"(user.a == "x\u0000y" && user.a in ["\x07", "b"] || in_list("\x7f"))");
    expect_round_trip(R"(ev("a\u0001").where(e, e.b != "\v").sum("\f") > 1 && user["\a"] == 1)");
    expect_round_trip("user.a == \"\x01\"");
    expect_round_trip(R"(user.a == "tab\tand\r\nline")");
    expect_round_trip("user.a == 18446744073709551615u && user.b in [1, 18446744073709551615u]");
    expect_round_trip("user.a > 18446744073709551616.0 && user.a < 1e300 && user.b == -1e19");
    expect_round_trip("user.a == -9223372036854775808 && user.a < 9223372036854775807");
}

TEST(StrictJson, KeepsNarrowingsInTheirOrder) {
    std::array<std::string, 5> narrowings{".before(user.at)", ".since(ago(\"9d\"))",
                                          ".then(\"b\", \"3d\")", ".where(e, e.x > 1)",
                                          ".within(\"90d\")"};
    do {
        std::string text = "ev(\"a\")";
        for (const std::string& narrowing : narrowings) {
            text += narrowing;
        }
        expect_round_trip(text + ".any()");
    } while (std::next_permutation(narrowings.begin(), narrowings.end()));
}

// As deep as the language allows: && and || in turn, with what makes leaves deepest.
TEST(StrictJson, HoldsTheTreeOfTheDeepestCondition) {
    const auto nested = [](int levels, const std::string& leaf) {
        std::string text;
        for (int i = 0; i < levels; ++i) {
            text += i % 2 == 0 ? "(true && " : "(false || ";
        }
        return text + leaf + std::string(static_cast<std::size_t>(levels), ')');
    };
    expect_round_trip(nested(expr::depth_max - 1, "true"));
    expect_round_trip(nested(expr::depth_max - 3, "user.a in [1]"));
    expect_round_trip(nested(expr::depth_max - 4, "ev(\"a\").between(ago(\"9d\"), now).any()"));
    expect_round_trip("ev(\"a\").where(e, " + nested(expr::depth_max - 4, "e.x") + ").any()");
    Diagnostics diagnostics;
    const std::string deeper = nested(expr::depth_max, "true");
    expr::Reporter reporter(deeper, diagnostics);
    static_cast<void>(expr::parse(deeper, reporter));
    EXPECT_FALSE(diagnostics.empty());
}

}  // namespace
}  // namespace winback::api

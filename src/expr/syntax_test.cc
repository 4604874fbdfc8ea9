#include <gtest/gtest.h>

#include "expr/condition.h"
#include "expr/parser.h"
#include "expr/printer.h"

namespace winback::expr {
namespace {

std::string canonical(std::string_view text) {
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    if (!diagnostics.empty()) {
        return "error: " + diagnostics[0].code;
    }
    const std::string printed = print(ast);
    Diagnostics again;
    Reporter reporter_again(printed, again);
    const Ast reread = parse(printed, reporter_again);
    EXPECT_TRUE(again.empty()) << printed;
    EXPECT_TRUE(equal(ast, reread)) << text << " became " << printed;
    return printed;
}

struct Case {
    std::string_view text;
    std::string_view printed;
};

TEST(Syntax, PrintsTheSameTreeInCanonicalForm) {
    const Case cases[] = {
        {"1+2*3", "1 + 2 * 3"},
        {"(1+2)*3", "(1 + 2) * 3"},
        {"1-(2-3)-4", "1 - (2 - 3) - 4"},
        {"a&&b||c&&d", "a && b || c && d"},
        {"a&&(b||c)&&d", "a && (b || c) && d"},
        {"(a&&b)&&c", "(a && b) && c"},
        {"a?b:c?d:e", "a ? b : c ? d : e"},
        {"(a?b:c)?d:e", "(a ? b : c) ? d : e"},
        {"!a.b", "!a.b"},
        {"!(a==b)", "!(a == b)"},
        {"a<b==c", "a < b == c"},
        {"a<(b==c)", "a < (b == c)"},
        {"-5", "-5"},
        {"-(5)", "-5"},
        {"--5", "--5"},
        {"- x", "-x"},
        {"-(5.x)", "-(5.x)"},
        {"a - -5", "a - -5"},
        {"(-5).size()", "-5.size()"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"0x1F", "31"},
        {"42u", "42u"},
        {"18446744073709551615u", "18446744073709551615u"},
        {"1.0", "1.0"},
        {"1e3", "1000.0"},
        {".5", "0.5"},
        {"1e300", "1e+300"},
        {"'it\\'s'", "\"it's\""},
        {"\"\"\"two\nlines \"quoted\" \"\"\"", "\"two\\nlines \\\"quoted\\\" \""},
        {"r'\\d+'", "\"\\\\d+\""},
        {"'\\u00e9\\x41\\101\\U0001F600'", "\"éAA😀\""},
        {"b'\\xff\\u'", "error: bad_escape"},
        {"b'\\xffA'", "b\"\\xffA\""},
        {"x in [1,2,]", "x in [1, 2]"},
        {"{'a':1,'b':[true,null]}", "{\"a\": 1, \"b\": [true, null]}"},
        {"a . b ( c , d ) [ 0 ]", "a.b(c, d)[0]"},
        {"a.in.for", "error: unexpected_token"},
        {"a.for", "a.for"},
        {"1 // a comment\n + 2", "1 + 2"},
        {"", "error: unexpected_end"},
        {"1 +", "error: unexpected_end"},
        {"9223372036854775808", "error: bad_number"},
        {"1e999", "error: bad_number"},
        {"12abc", "error: bad_number"},
        {"'open", "error: unterminated_string"},
        {"a = b", "error: bad_character"},
        {"for", "error: reserved_word"},
        {"\xff", "error: invalid_utf8"},
    };
    for (const Case& c : cases) {
        EXPECT_EQ(canonical(c.text), c.printed) << c.text;
    }
}

TEST(Syntax, BoundsDepthAndLength) {
    EXPECT_EQ(canonical(std::string(200, '(') + "a" + std::string(200, ')')), "error: too_deep");
    EXPECT_EQ(canonical(std::string(200, '!') + "a"), "error: too_deep");
    EXPECT_EQ(canonical("a" + std::string(0, ' ') + std::string(20000, ' ')), "error: too_long");
    std::string sum = "1";
    for (int i = 0; i < 100; ++i) {
        sum += " + 1";
    }
    EXPECT_EQ(canonical(sum), "error: too_deep");
    std::string list = "[1";
    for (int i = 0; i < 1000; ++i) {
        list += ",1";
    }
    EXPECT_EQ(canonical(list + "]"), "error: list_too_long");
}

TEST(Syntax, KeepsComments) {
    const std::string_view text = "a // one\n&& b // two";
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    ASSERT_EQ(ast.comments.size(), 2U);
    EXPECT_EQ(text.substr(ast.comments[1].span.begin), "// two");
}

}  // namespace
}  // namespace winback::expr

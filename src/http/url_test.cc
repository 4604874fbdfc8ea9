#include "http/url.h"

#include <gtest/gtest.h>

namespace winback::http {
namespace {

std::string decoded(std::string_view text, Plus plus = Plus::IsPlus) {
    Result<std::string> result = percent_decode(text, plus);
    return result ? *result : "error";
}

// "name=value|name=value", or "error".
std::string shown(std::string_view query) {
    Result<Pairs> pairs = parse_query(query);
    if (!pairs) {
        return "error";
    }
    std::string out;
    for (const auto& [name, value] : *pairs) {
        out += (out.empty() ? "" : "|") + name + "=" + value;
    }
    return out;
}

TEST(Url, DecodesPercentSequences) {
    EXPECT_EQ(decoded("a%20b%C3%a9"), "a bé");
    EXPECT_EQ(decoded("a+b"), "a+b");
    EXPECT_EQ(decoded("a+b", Plus::IsSpace), "a b");
}

TEST(Url, RefusesWhatTwoReadersWouldReadDifferently) {
    for (const std::string_view text :
         {"%", "%4", "%zz", "a%2", "%00", "%ff", "%c0%af", "%ed%a0%80"}) {
        EXPECT_EQ(decoded(text), "error") << text;
    }
}

TEST(Url, ReadsQueries) {
    EXPECT_EQ(shown(""), "");
    EXPECT_EQ(shown("a=1&b=2&a=3"), "a=1|b=2|a=3");
    EXPECT_EQ(shown("a&b=&=c&&d=e=f"), "a=|b=|=c|d=e=f");
    EXPECT_EQ(shown("q=one+two%2Bthree"), "q=one two+three");
    EXPECT_EQ(shown("a=%"), "error");
}

TEST(Url, RefusesTooManyParameters) {
    std::string query;
    for (std::size_t i = 0; i < query_pairs_max; ++i) {
        query += "a&";
    }
    EXPECT_NE(shown(query), "error");
    EXPECT_EQ(shown(query + "a"), "error");
}

TEST(Url, EncodesSoThatDecodingGivesTheSame) {
    const Pairs pairs = {{"a b", "ü&=+%"}, {"", "~-._"}};
    EXPECT_EQ(format_query(pairs), "a%20b=%C3%BC%26%3D%2B%25&=~-._");
    EXPECT_EQ(*parse_query(format_query(pairs)), pairs);
}

TEST(Url, ReadsCookies) {
    const Pairs cookies = parse_cookies("a=1; b=\"2\";c = x=y ; broken; =nameless; d=");
    const Pairs expected = {{"a", "1"}, {"b", "2"}, {"c", "x=y"}, {"d", ""}};
    EXPECT_EQ(cookies, expected);
}

}  // namespace
}  // namespace winback::http

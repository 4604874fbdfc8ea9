#include "expr/slips.h"

#include <algorithm>
#include <array>

namespace winback::expr {
namespace {

using enum TokenKind;

constexpr std::string_view plain_space = "write a plain space";

constexpr std::array<Slip, 25> signs{{
    {"=", Equal, "write == to compare"},
    {"===", Equal, "write =="},
    {"!==", NotEqual, "write !="},
    {"<>", NotEqual, "write !="},
    {"=>", GreaterEqual, "write >="},
    {"=<", LessEqual, "write <="},
    {"&", And, "write &&"},
    {"|", Or, "write ||"},
    {"\u2260", NotEqual, "write !="},
    {"\u2264", LessEqual, "write <="},
    {"\u2265", GreaterEqual, "write >="},
    {"\u2212", Minus, "write -"},
    {"\u2013", Minus, "write -"},
    {"\u00d7", Star, "write *"},
    {"\uff0c", Comma, "write ,"},
    {"\u060c", Comma, "write ,"},
    {"\u3001", Comma, "write ,"},
    {"\uff08", LeftParen, "write ("},
    {"\uff09", RightParen, "write )"},
    {"\uff1d", Equal, "write == to compare"},
    {"\u00a0", std::nullopt, plain_space},
    {"\u202f", std::nullopt, plain_space},
    {"\u3000", std::nullopt, plain_space},
    {"\u200b", std::nullopt, plain_space},
    {"\ufeff", std::nullopt, plain_space},
}};

constexpr std::array<Slip, 2> words{{
    {"and", And, "write &&"},
    {"or", Or, "write ||"},
}};

constexpr std::array<std::string_view, 6> double_quotes{"\u201c", "\u201d", "\u201e",
                                                        "\u00ab", "\u00bb", "\uff02"};
constexpr std::array<std::string_view, 5> single_quotes{"\u2018", "\u2019", "\u201a", "\u2039",
                                                        "\u203a"};

bool is_same_word(std::string_view word, std::string_view lower) {
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return static_cast<char>(a | 0x20) == b; });
}

template <class Quotes>
std::size_t size_of_one(const Quotes& quotes, std::string_view text) {
    const auto found = std::find_if(quotes.begin(), quotes.end(), [&](std::string_view quote) {
        return text.starts_with(quote);
    });
    return found == quotes.end() ? 0 : found->size();
}

}  // namespace

const Slip* find_slip(std::string_view text) {
    const Slip* longest = nullptr;
    for (const Slip& slip : signs) {
        if (text.starts_with(slip.text) &&
            (longest == nullptr || longest->text.size() < slip.text.size())) {
            longest = &slip;
        }
    }
    return longest;
}

const Slip* find_word_slip(std::string_view word) {
    const auto found = std::find_if(words.begin(), words.end(), [&](const Slip& slip) {
        return is_same_word(word, slip.text);
    });
    return found == words.end() ? nullptr : &*found;
}

bool is_word_not(std::string_view word) {
    return is_same_word(word, "not");
}

BentQuote bent_quote(std::string_view text) {
    if (const std::size_t size = size_of_one(double_quotes, text); size != 0) {
        return {size, '"'};
    }
    return {size_of_one(single_quotes, text), '\''};
}

}  // namespace winback::expr

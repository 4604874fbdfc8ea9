// UTF-8 as the filters see it: code points, cases, white space. Bytes that are not UTF-8 count
// as one code point each and pass through unchanged.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace winback::liquid {

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Length of the code point that starts at `text[0]`. Pre: not empty.
std::size_t code_point_length(std::string_view text);
// Nothing when `letter` is a byte that is not UTF-8. Pre: it is one code point.
std::optional<char32_t> code_point(std::string_view letter);
void append_code_point(std::string& out, char32_t code);
std::int64_t code_point_count(std::string_view text);
// The first `count` code points.
std::string_view code_point_prefix(std::string_view text, std::int64_t count);
std::string_view last_code_point(std::string_view text);  // Empty for "".

// Full Unicode mapping ("straße" becomes "STRASSE"). In English each letter is mapped on its own,
// as Ruby does; other languages have their rules: in Turkish "i" becomes "İ".
void append_upper(std::string& out, std::string_view text, std::string_view locale);
void append_lower(std::string& out, std::string_view text, std::string_view locale);
void append_capitalized(std::string& out, std::string_view text, std::string_view locale);
// -1, 0, 1 by bytes, with A-Z as a-z.
int compare_ignoring_case(std::string_view a, std::string_view b);

// As std::string_view's find and rfind, but in a time that grows with the text and not with its
// product with `part`.
std::size_t find_text(std::string_view text, std::string_view part, std::size_t from = 0);
std::size_t find_last_text(std::string_view text, std::string_view part);

void append_escaped(std::string& out, std::string_view text);  // & < > " ' as entities.
// Control characters, line ends and the Unicode line separators become one space each.
void append_header(std::string& out, std::string_view text);

bool is_space(char c);  // ASCII white space.
// White space and NUL off one end, as Ruby's strip does.
std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);

}  // namespace winback::liquid

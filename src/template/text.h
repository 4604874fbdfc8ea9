// UTF-8 as the filters see it: code points, cases, white space. Bytes that are not UTF-8 count
// as one code point each and pass through unchanged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace winback::liquid {

// Length of the code point that starts at `text[0]`. Pre: not empty.
std::size_t code_point_length(std::string_view text);
std::int64_t code_point_count(std::string_view text);
// The first `count` code points.
std::string_view code_point_prefix(std::string_view text, std::int64_t count);

// Full Unicode mapping ("straße" becomes "STRASSE"), by the rules of the locale: in Turkish
// "i" becomes "İ".
std::string to_upper(std::string_view text, std::string_view locale);
std::string to_lower(std::string_view text, std::string_view locale);

void append_escaped(std::string& out, std::string_view text);  // & < > " ' as entities.
// Control characters, line ends and the Unicode line separators become one space each.
void append_header(std::string& out, std::string_view text);

bool is_space(char c);  // ASCII white space.

}  // namespace winback::liquid

// Small questions about text that several folders ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winback {

std::string_view trim(std::string_view text);  // ASCII white space on both sides.
std::string to_lower_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII.
std::vector<std::string_view> split(std::string_view text, char separator);

// Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);

// True of a text with control characters other than tabs and ends of lines: nobody types them, and
// pages and files would show them as they are.
bool holds_control(std::string_view text);

// Escapes & < > " ' for HTML text and quoted attributes.
std::string escape_html(std::string_view text);

}  // namespace winback

// The words and attributes of a cleaned body (clean_html.h).
#pragma once

#include <string>
#include <string_view>

#include "message/html_scan.h"

namespace winback::message {

constexpr int attributes_max = 64;  // Of one tag; further ones are dropped.

// Text between tags, its entities as they are: no tag begins in it, and no mark turns its
// direction.
void append_clean_text(std::string& out, std::string_view source);
// Those that a mail may have, each once and in double quotes, a space before each.
void append_clean_attributes(std::string& out, const HtmlPiece& piece);

}  // namespace winback::message

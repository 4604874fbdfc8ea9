// The plain text of an HTML body, for readers and filters that want no HTML.
//
// Headings are underlined, list items begin with "- " or their number, a link is followed by its
// target in parentheses, an image is its alternative text. No link target is lost.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

std::string plain_text(std::string_view html);

}  // namespace winback::message

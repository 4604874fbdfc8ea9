// The plain text of an HTML body, for readers and filters that want no HTML.
//
// Headings are underlined, list items begin with "- " or their number, a link is followed by its
// target in parentheses, an image is its alternative text. No link target is lost.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// In a text from right to left, `bdi` and the targets of links are kept apart by isolates.
std::string plain_text(std::string_view html, bool right_to_left = false);

}  // namespace winback::message

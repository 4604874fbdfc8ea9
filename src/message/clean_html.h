// What may leave in the HTML of a message.
//
// A body stands in the card of the layout, above a footer that must stay in sight. So it is not
// copied but written anew: known tags with known attributes, each closed where browsers would
// close it, in quotes and with entities that every program reads in the same way. Whatever a body
// holds, the markup around it means what the layout says.
//
// See docs/design/messages.md, "Cleaning of the body".
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

constexpr std::size_t html_depth_max = 100;  // Elements inside elements; deeper tags are dropped.

// True for what stays: tags that letters need, and names with a hyphen, which mean nothing.
bool is_kept_tag(std::string_view name);
bool is_void_tag(std::string_view name);  // Has no end tag: br, img, ...

// A fragment that closes what it opens and nothing else. Nothing in it runs, loads anything but
// pictures, or lies outside of its own box; links lead to http, https, mailto, tel or '#...'.
std::string clean_html(std::string_view html);

}  // namespace winback::message

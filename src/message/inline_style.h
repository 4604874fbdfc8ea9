// The styles of a body, written into its tags.
//
// Many mail programs drop style sheets, and Outlook on Windows knows only part of CSS. So each tag
// carries what it needs, before what its writer wrote; the style sheet of the layout adds only
// what may be missing: dark colours and narrow screens.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// Colours of the light scheme; the dark one stands in layout.cc. Every pair of text and ground
// has a contrast of at least 4.5 (WCAG AA) in both.
namespace colour {
constexpr std::string_view page = "#f5f4f0";
constexpr std::string_view card = "#ffffff";
constexpr std::string_view ink = "#1b2126";
constexpr std::string_view soft = "#59636d";
constexpr std::string_view line = "#dedbd2";
constexpr std::string_view accent = "#0b6e5f";
constexpr std::string_view on_accent = "#ffffff";
constexpr std::string_view sunk = "#f1efe9";
}  // namespace colour

// Arabic letters are smaller and need more room between lines.
std::string font_of(bool right_to_left);

// `html` is cleaned. Classes that get a form of their own: `button` on a link, `code` on a
// paragraph (an offer's code), `small` on a paragraph.
std::string with_inline_styles(std::string_view html, bool right_to_left);

}  // namespace winback::message

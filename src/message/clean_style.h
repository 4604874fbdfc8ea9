// What a body may say in a style attribute: how its own box looks, and nothing that reaches out
// of it.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// The declarations of `style` (entities decoded) that a mail may have, as `name:value;...`. Left
// out are those that lay a box over others or take it out of its place (`position`, `transform`,
// negative margins, outlines and shadows of any size), pictures from anywhere but http, https and
// cid, and whatever has escapes or brackets that do not close: programs read those differently.
std::string clean_style(std::string_view style);

}  // namespace winback::message

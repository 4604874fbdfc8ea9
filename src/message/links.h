// Where the links and pictures of a message may lead.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// http, https, mailto or tel, after what a browser ignores (white space, control characters) is
// taken away, and short enough. `url` has its entities decoded.
bool is_safe_link(std::string_view url);

// http, https or cid: what a message may show as a picture.
bool is_safe_picture(std::string_view url);

}  // namespace winback::message

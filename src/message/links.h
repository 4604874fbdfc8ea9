// What may leave in the HTML of a message: links that lead only where links of a mail may lead,
// and nothing that runs.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// http, https, mailto or tel, after what a browser ignores (white space, control characters) is
// taken away, and short enough. `url` has its entities decoded.
bool is_safe_link(std::string_view url);

// `html` with the targets of other links replaced by '#', other image sources emptied, attributes
// named on.. and the tags script, iframe, object, embed, base, meta and form taken out.
std::string clean_html(std::string_view html);

}  // namespace winback::message

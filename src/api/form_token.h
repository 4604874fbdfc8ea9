// Proof that a form was on a page of ours: another site can send a form with the browser's
// cookie, but cannot read the page and so does not know the token.
#pragma once

#include <string>
#include <string_view>

#include "http/request.h"

namespace winback::api {

// A keyed hash of the session's secret under a mask that is new each time, in hex: pages that are
// compressed do not give it away (BREACH). Empty without a session's cookie.
std::string form_token(const http::Request& request);
// Compares in constant time.
bool is_form_token(const http::Request& request, std::string_view token);

}  // namespace winback::api

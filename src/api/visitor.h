// What a request says of the browser that sent it, as far as it can be believed.
#pragma once

#include <string>
#include <string_view>

#include "http/request.h"

namespace winback::api {

// The address that attempts are counted by: of the connection, or what a proxy on this machine
// says of it; of IPv6 the network, since a visitor has a whole one.
std::string visitor_address(const http::Request& request);

// "Firefox, Linux": for lists of sessions. Made of words of ours alone; "" when unknown.
std::string browser_of(const http::Request& request);

// Behind a proxy that speaks TLS the browser must not show the cookie without it.
bool over_tls(const http::Request& request);

// For forms before sign-in, which have no token: false when the browser says that another site
// sent the form. Programs say nothing and carry no cookies that could be misused.
bool from_own_site(const http::Request& request);

// Where to go on after sign-in: a path of ours, else "/".
std::string own_path(std::string_view path);

}  // namespace winback::api

// Under which address people reach this server: for links that are shown or sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::api {

// "https://shop.example.com", without a slash at its end. What the workspace says (base_url), when
// that is an address of the internet: a link to it leads to us whatever a request claims. Else
// the host that the request names, and this machine when it names none that could be one.
std::string public_address(host::Host& host, const http::Request& request);

// The Host of the request; nothing when it could not stand in an address.
std::optional<std::string> host_of(const http::Request& request);

// "shop.example.com" of "https://shop.example.com:8080/path"; also without a scheme.
std::string_view host_in(std::string_view url);

// Names that can never be reached or receive mail (RFC 2606): nobody has said whose the shop is.
bool is_nobodys(std::string_view name);

}  // namespace winback::api

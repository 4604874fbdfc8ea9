// What the snippets for connecting a shop (web/templates/parts/connect.liquid) say of this server.
#pragma once

#include <string>

#include "http/request.h"

namespace winback::ui {

// The address under which the reader reached this server, "https://shop.example:8080". Never holds
// what cannot stand in an address, whatever the request says of itself.
std::string server_address(const http::Request& request);

}  // namespace winback::ui

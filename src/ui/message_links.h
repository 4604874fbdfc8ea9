// Addresses of the list of messages. Private to this folder.
#pragma once

#include <string>

#include "http/request.h"
#include "http/url.h"

namespace winback::ui {

// The list as the request asks for it, with other values for some names; an empty value leaves the
// name out. A change of the filter leaves the page of the list, too.
std::string messages_path(const http::Request& request, const http::Pairs& changes);

}  // namespace winback::ui

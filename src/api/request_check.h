// Holds a request against the description of its route, before a handler sees it.
#pragma once

#include <optional>

#include "api/description.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

// 400 with every mistake, or nothing. Null operation: nothing is described, nothing is checked.
std::optional<http::Response> check_request(const http::Request& request,
                                            const Operation* operation);

}  // namespace winback::api

// Answers that go on for long: whether who asked for one may still have the rest.
#pragma once

#include <functional>
#include <string_view>

#include "api/desk.h"
#include "http/request.h"

namespace winback::api {

// False once the key has ended, or its user's rights no longer reach. From any thread.
using StillMay = std::function<bool()>;

// Of the key that the request shows. Looking is no use of the key: an open page does not keep its
// session from growing idle. The desk must outlive what is returned.
StillMay still_may(Desk& desk, const http::Request& request, std::string_view scope);

}  // namespace winback::api

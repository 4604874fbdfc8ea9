// What is done to every answer of a GET: short lists cut into pages, chosen fields, cursors, ETags
// and 304.
#pragma once

#include <string_view>

#include "api/description.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

// Pre: the status is 200.
void shape_answer(http::Response& answer,
                  const http::Request& request,
                  std::string_view pattern,
                  const Operation* operation);

// The request with the place that its cursor `after` stands for; null when it is no cursor of
// this list.
http::RequestPtr with_place(const http::Request& request, std::string_view pattern);

}  // namespace winback::api

// Undoes what a request wears on the wire: its target and its Content-Encoding.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace winback::http {

// The undecoded path of a target in origin form ("/a?b") or absolute form ("http://host/a?b", as
// clients of proxies send it).
std::string_view raw_path_of(std::string_view target);

// Fills path and query from `target`. On failure returns the answer.
std::optional<Response> unpack_target(Request& request);

// Replaces the body by what it was before Content-Encoding. On failure returns the answer.
std::optional<Response> unpack_body(Request& request, std::size_t bytes_max);

}  // namespace winback::http

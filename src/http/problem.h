// Errors in the form of RFC 9457 (application/problem+json), for programs.
//
// Handlers answer an error as {"code":"...","message":"..."}, with more members where they help;
// this adds what the form asks for and keeps both. The routes that take events keep the plain
// form, which the Segment libraries read.
#pragma once

#include <string_view>

#include "http/response.h"

namespace winback::http {

constexpr std::string_view problem_type = "application/problem+json";

// An error in JSON becomes a problem whose `instance` is `path`; anything else stays as it is.
void make_problem(Response& response, std::string_view path);

// Whether this path's errors are problems.
bool answers_with_problems(std::string_view path);

}  // namespace winback::http

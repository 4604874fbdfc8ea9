// The description as a page shows it: by resource, each route with its parameters, an example for
// the shell, and its answers.
#pragma once

#include <string>

#include "base/value.h"
#include "http/request.h"

namespace winback::api {

// {groups: [{name, operations: [...]}], errors: [{code, status, text}]}
ValueMap reference_value(const std::string& address);

}  // namespace winback::api

// From the API's trees to what the page templates read: the same trees with pictures, shares and
// orderings added. Words stand in the templates, not here.
#pragma once

#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "http/request.h"

namespace winback::ui {

// Fails as the functions of api/ that it calls.
Result<ValueMap> message_data(api::Desk& desk, const http::Request& request);

// A list of {name, count, share} by falling count, from a map of counts. `prefix` selects the
// keys that begin with it, and is taken away.
ValueList counts_list(const ValueMap& counts, std::string_view prefix);

}  // namespace winback::ui

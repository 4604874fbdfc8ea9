// The entries of the navigation, in their order and groups.
#pragma once

#include "base/value.h"
#include "http/router.h"

namespace winback::ui {

// A list of {name, path, scope, group}; `name` is what Frame::active says and the key `nav.<name>`.
// Only those whose page there is in the router.
ValueList navigation_of(const http::Router& router);

}  // namespace winback::ui

// The names that conditions may use, whatever the playbook is.
#pragma once

#include "expr/schema.h"

namespace winback::engine {

// Derived traits, scores and channels; other traits may exist. Segments are for the caller to add.
expr::Schema base_schema();

}  // namespace winback::engine

// Between the forms of imports and the API's trees. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"
#include "http/request.h"

namespace winback::ui {

// Adds what the selects of the form offer, and the columns with their index: `roles`, `rows`.
void add_import_choices(ValueMap& data);

// What a form says of the plan: `role_0`…, `shape`, `date_order`, `date_formats`, `decimal`,
// `zone`, `currency`, `dead`, `consent` (nobody, column, all) with `consent_source`.
ValueMap plan_changes(const ValueMap& described, const http::Pairs& form);

}  // namespace winback::ui

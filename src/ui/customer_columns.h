// The columns of a list of customers: which were chosen, which there are, and their cells.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "base/value.h"

namespace winback::ui {

// What to ask of api::list_customers for a page: those that were chosen, or the usual ones, and
// what the first column needs.
std::vector<std::string> asked_columns(const std::vector<std::string>& chosen);

// [{name, label, numeric}] of the columns behind the first.
ValueList shown_columns(api::Desk& desk, const std::vector<std::string>& chosen);

// Of the answer's `customers`: [{id, path, name, email, currency, cells}]
ValueList rows_data(const ValueMap& answer, const ValueList& columns);

// `offered`: [{name, shown}] and `other_columns`, for parts/column_choice.liquid.
void put_column_choice(const std::vector<std::string>& chosen, ValueMap& data);

// The segment's name in all its languages; the id of one that there is not.
void set_segment(api::Desk& desk, ValueMap& map, const std::string& key, std::string_view id);

}  // namespace winback::ui

// A customer's orders so far beside what the model expects, as cumulative curves.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace winback::ui {

// `course` is api::course_value. Empty without orders. Time runs from the first order to the end of
// what the model looks ahead; a thin mark stands at now.
std::string course_chart(const ValueMap& course, Timestamp now, std::string_view label);

// The largest number of orders that the chart shows, for its axis.
double course_top(const ValueMap& course);
Timestamp course_end(const ValueMap& course, Timestamp now);

}  // namespace winback::ui

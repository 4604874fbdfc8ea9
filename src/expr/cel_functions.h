// The functions of CEL's standard library, by name.
#pragma once

#include <string_view>

#include "expr/cel_value.h"

namespace winback::expr {

// Pre: no argument is an error. What is unknown or does not fit is an error.
CelValue call_global(std::string_view name, const CelList& arguments);
CelValue call_method(std::string_view name, const CelValue& target, const CelList& arguments);

bool is_message(std::string_view name);

// name{field: value, ...}. Of the messages of protobuf only google.protobuf.Value is known: it is
// the value that it holds.
CelValue make_message(std::string_view name, const CelMap& fields);

// What a name of the language itself stands for: the type "int", the constant
// "google.protobuf.NullValue.NULL_VALUE". Null when there is none.
const CelValue* find_constant(std::string_view name);

}  // namespace winback::expr

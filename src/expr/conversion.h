// Conversions of values while a condition is evaluated: int(..), string(..), timestamp(..).
#pragma once

#include "expr/operand.h"

namespace winback::expr {

class Store;

// Error when the value cannot be one of `kind`. Texts that are made are kept in `store`.
Operand converted(const Operand& value, Kind kind, Store& store);

// Events and traits come as JSON, which writes a time as a text: where a time must stand, beside a
// time or less another text, it is read (ISO 8601). Null when it is neither a time nor such a text.
Operand as_time(const Operand& a);

}  // namespace winback::expr

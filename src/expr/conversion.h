// Conversions of values while a condition is evaluated: int(..), string(..), timestamp(..).
#pragma once

#include "expr/operand.h"

namespace winback::expr {

class Store;

// Error when the value cannot be one of `kind`. Texts that are made are kept in `store`.
Operand converted(const Operand& value, Kind kind, Store& store);

}  // namespace winback::expr

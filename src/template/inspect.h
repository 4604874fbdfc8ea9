// Values as Ruby writes them: what a text filter makes of a list or an object.
#pragma once

#include <string>
#include <string_view>

#include "base/zone.h"
#include "template/datum.h"

namespace winback::liquid {

// Ruby's to_s: texts and numbers as they are, nil as nothing, lists as `["a", 1]`, objects as
// `{"a"=>1}`, times as "2025-01-31 09:00:00 +0100" in `zone`. Printing a list with {{ }} is
// append_text of datum.h: there the items stand one after another.
void append_to_s(std::string& out, const Datum& datum, const Zone& zone, Meter& meter);
// Ruby's inspect: as to_s, but texts in quotes and nil as "nil".
void append_inspect(std::string& out, const Datum& datum, const Zone& zone, Meter& meter);
// In quotes; what has no sign of its own is written as \n, \e, \u0000; "#{" as "\#{".
void append_quoted(std::string& out, std::string_view text);

}  // namespace winback::liquid

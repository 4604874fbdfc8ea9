// Numbers and dates as people write them in exports.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/zone.h"

namespace winback::ingest {

// "1,234.50", "-3", "£2.55", "12.5 EUR", "(4.00)" with '.' for the point and ',' between
// thousands; with `decimal_comma` the other way round: "1.234,50". Blanks and apostrophes may
// group, too. Currency signs and codes around the number are passed over. Digits beyond the
// sixth are rounded half away from zero. Arabic and Persian digits and their signs are read, too.
// Nothing for other text and beyond nine trillion.
std::optional<Micros> parse_amount(std::string_view text, bool decimal_comma);

// a × b, rounded half away from zero; nothing when it does not fit.
std::optional<Micros> multiply(Micros a, Micros b);

// a + b; nothing when it does not fit.
std::optional<Micros> add_amounts(Micros a, Micros b);

// Reads `text` by one strptime-like format: %Y %y %m %d %H %I %p %M %S %f (fraction) %b %B
// (English names) %z %F %T %D %R %s (seconds since 1970) %%; numbers need no leading zeros, a
// blank in the format stands for any. "iso8601" and "epoch_ms" are formats of their own; before
// dates of the Persian calendar a format begins with "jalali:". Digits may be Arabic or Persian.
// Without %z the wall clock of `zone` is meant.
std::optional<Timestamp> parse_date(std::string_view text,
                                    std::string_view format,
                                    const Zone& zone);

// False when `format` has a letter after % that parse_date does not know.
bool is_date_format(std::string_view format);

}  // namespace winback::ingest

// What a text says about a date: its parts, before they are made a moment.
//
// The rules are those of Ruby's Date._parse, which Liquid promises: a day of the week and a time
// are looked for first, then a date in one of many forms, each taken out of the text when found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace winback::liquid {

constexpr std::size_t date_text_bytes_max = 128;  // As in Ruby.

struct DateParts {
    std::optional<std::int64_t> year;
    std::optional<std::int64_t> month;
    std::optional<std::int64_t> day;
    std::optional<std::int64_t> day_of_year;
    std::optional<std::int64_t> hour;
    std::optional<std::int64_t> minute;
    std::optional<std::int64_t> second;
    std::optional<int> nanosecond;
    std::string zone;  // As it is written; empty when there is none.

    // Whether there is anything to make a moment of.
    bool any() const {
        return year || month || day || day_of_year || hour || minute || second || nanosecond;
    }
};

// Pre: `text` is lower case and within date_text_bytes_max.
DateParts read_date_parts(std::string_view text);

}  // namespace winback::liquid

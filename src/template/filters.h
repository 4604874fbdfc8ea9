// The filters: one table per family, one function per filter.
//
// To add a filter, write its function in the file of its family (filters_<family>.cc) and its
// line in the table at the end of that file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "template/datum.h"
#include "template/template.h"

namespace winback::liquid {

// One application of a filter: what it sees and what it may build with.
class FilterInput {
public:
    Datum value;                  // Left of the bar.
    std::span<const Datum> args;  // Positional.
    std::span<const std::string_view> keyword_names;
    std::span<const Datum> keyword_values;
    Arena& arena;
    const RenderOptions& options;
    const Zone& zone;
    std::string& buffer;  // Empty; for building a text before keep().

    // nil when it was not given.
    Datum arg(std::size_t i) const { return i < args.size() ? args[i] : Datum{}; }
    Datum keyword(std::string_view name) const;
    // What the datum prints, unescaped. Valid until the render ends.
    std::string_view text(const Datum& datum) const;
    std::string_view text() const { return text(value); }
    std::string_view arg_text(std::size_t i) const { return text(arg(i)); }
    // The value as a list, lists inside lists opened; one item for a scalar, none for nil.
    std::vector<Datum> items() const;

    Datum keep(std::string_view text, bool safe = false) const;
    Datum keep(std::vector<Datum> items) const;
    // The result of a filter that cannot go on; the message is mailed to nobody.
    Datum fail(std::string message);
    bool html() const { return options.escape == EscapeMode::Html; }

    std::optional<std::string> error;
};

struct FilterSpec {
    std::string_view name;
    Datum (*apply)(FilterInput& in);
    std::uint8_t args_min;
    std::uint8_t args_max;
    std::string_view keyword = {};  // The one keyword argument that it takes, if any.
};

const FilterSpec* find_filter(std::string_view name);  // Null when there is none.
std::vector<std::string> filter_names();               // Sorted.

// The families.
std::span<const FilterSpec> text_filters();
std::span<const FilterSpec> html_filters();
std::span<const FilterSpec> math_filters();
std::span<const FilterSpec> list_filters();
std::span<const FilterSpec> date_filters();
std::span<const FilterSpec> locale_filters();

}  // namespace winback::liquid

// The filters: one table per family, one function per filter.
//
// To add a filter, write its function in the file of its family (filters_<family>.cc) and its
// line in the table at the end of that file.
#pragma once

#include <array>
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
    Meter& meter;
    const RenderOptions& options;
    const Zone& zone;
    std::string& buffer;  // Empty; for building a text before keep().

    // nil when it was not given.
    Datum arg(std::size_t i) const { return i < args.size() ? args[i] : Datum{}; }
    Datum keyword(std::string_view name) const;
    // The datum as text, as Ruby's to_s makes it. Valid until the render ends.
    std::string_view text(const Datum& datum) const {
        return datum.is(Datum::Kind::Text) ? datum.as_text() : made_text(datum);
    }
    std::string_view text() const { return text(value); }
    std::string_view arg_text(std::size_t i) const { return text(arg(i)); }
    // An argument that counts something: whole numbers and texts that are whole numbers, as
    // Integer() of Ruby reads them. `fallback` when it was not given; fails for anything else.
    std::int64_t whole_arg(std::size_t i, std::int64_t fallback);
    // The value as a list, lists inside lists opened; one item for a scalar or an object, none
    // for nil. Valid until the render ends.
    std::span<const Datum> items() const { return items_of(value); }
    std::span<const Datum> items_of(const Datum& datum) const;

    Datum keep(std::string_view text, bool safe = false) const;
    Datum keep(std::vector<Datum> items) const;
    // The result of a filter that cannot go on; the message is mailed to nobody.
    Datum fail(std::string message);
    bool html() const { return options.escape == EscapeMode::Html; }

    std::optional<std::string> error;

private:
    std::string_view made_text(const Datum& datum) const;
};

// What the reference answers when Ruby itself raises, because values do not go together.
constexpr std::string_view internal_error = "internal";

constexpr std::size_t keywords_max = 6;

struct FilterSpec {
    std::string_view name;
    Datum (*apply)(FilterInput& in);
    std::uint8_t args_min;
    std::uint8_t args_max;
    std::array<std::string_view, keywords_max> keywords = {};  // Arguments with a name, if any.
    bool any_keyword = false;                                  // Of any name.

    bool accepts(std::string_view keyword) const;
    bool has_keywords() const { return any_keyword || !keywords[0].empty(); }
};

// Null when there is none. `t` is one only for templates that have texts.
const FilterSpec* find_filter(std::string_view name, bool has_texts);
std::vector<std::string> filter_names();  // Sorted.

// The families.
std::span<const FilterSpec> text_filters();
std::span<const FilterSpec> html_filters();
std::span<const FilterSpec> code_filters();
std::span<const FilterSpec> hash_filters();
std::span<const FilterSpec> math_filters();
std::span<const FilterSpec> list_filters();
std::span<const FilterSpec> order_filters();
std::span<const FilterSpec> date_filters();
std::span<const FilterSpec> locale_filters();

extern const FilterSpec text_by_key;  // `t`

}  // namespace winback::liquid

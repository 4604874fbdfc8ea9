#include "template/filters.h"

#include <algorithm>
#include <array>

namespace winback::liquid {
namespace {

const std::vector<FilterSpec>& all_filters() {
    static const std::vector<FilterSpec> all = [] {
        std::vector<FilterSpec> filters;
        for (const std::span<const FilterSpec> family :
             {text_filters(), html_filters(), math_filters(), list_filters(), date_filters(),
              locale_filters()}) {
            filters.insert(filters.end(), family.begin(), family.end());
        }
        std::sort(filters.begin(), filters.end(),
                  [](const FilterSpec& a, const FilterSpec& b) { return a.name < b.name; });
        return filters;
    }();
    return all;
}

}  // namespace

const FilterSpec* find_filter(std::string_view name) {
    const std::vector<FilterSpec>& all = all_filters();
    const auto found = std::lower_bound(
        all.begin(), all.end(), name,
        [](const FilterSpec& filter, std::string_view wanted) { return filter.name < wanted; });
    return found != all.end() && found->name == name ? &*found : nullptr;
}

std::vector<std::string> filter_names() {
    std::vector<std::string> names;
    for (const FilterSpec& filter : all_filters()) {
        names.emplace_back(filter.name);
    }
    return names;
}

Datum FilterInput::keyword(std::string_view name) const {
    for (std::size_t i = 0; i < keyword_names.size(); ++i) {
        if (keyword_names[i] == name) {
            return keyword_values[i];
        }
    }
    return {};
}

std::string_view FilterInput::text(const Datum& datum) const {
    if (datum.is(Datum::Kind::Text)) {
        return datum.as_text();
    }
    std::string printed;
    append_text(printed, datum, zone);
    return arena.keep(printed);
}

namespace {

// NOLINTNEXTLINE(misc-no-recursion): as deep as the data.
void flatten(const Datum& datum, std::vector<Datum>& out) {
    const bool list = datum.is(Datum::Kind::List) || datum.is(Datum::Kind::Array);
    if (!list && !datum.is(Datum::Kind::Range)) {
        out.push_back(datum);
        return;
    }
    for (std::int64_t i = 0; i < datum.item_count(); ++i) {
        flatten(datum.item(i), out);
    }
}

}  // namespace

std::vector<Datum> FilterInput::items() const {
    std::vector<Datum> out;
    if (!value.is_nil()) {
        flatten(value, out);
    }
    return out;
}

Datum FilterInput::keep(std::string_view text, bool safe) const {
    return Datum::text(arena.keep(text), safe);
}

Datum FilterInput::keep(std::vector<Datum> items) const {
    return Datum::array(arena.keep(std::move(items)));
}

Datum FilterInput::fail(std::string message) {
    error = std::move(message);
    return {};
}

}  // namespace winback::liquid

#include "template/filters.h"

#include <algorithm>
#include <array>

#include "template/inspect.h"
#include "template/number_text.h"

namespace winback::liquid {
namespace {

const std::vector<FilterSpec>& all_filters() {
    static const std::vector<FilterSpec> all = [] {
        std::vector<FilterSpec> filters;
        for (const std::span<const FilterSpec> family :
             {text_filters(), html_filters(), code_filters(), hash_filters(), math_filters(),
              list_filters(), order_filters(), date_filters(), locale_filters()}) {
            filters.insert(filters.end(), family.begin(), family.end());
        }
        std::sort(filters.begin(), filters.end(),
                  [](const FilterSpec& a, const FilterSpec& b) { return a.name < b.name; });
        return filters;
    }();
    return all;
}

}  // namespace

const FilterSpec* find_filter(std::string_view name, bool has_texts) {
    if (has_texts && name == text_by_key.name) {
        return &text_by_key;
    }
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

bool FilterSpec::accepts(std::string_view keyword) const {
    return any_keyword || (!keyword.empty() &&
                           std::find(keywords.begin(), keywords.end(), keyword) != keywords.end());
}

std::string_view FilterInput::made_text(const Datum& datum) const {
    if (datum.is_nil()) {
        return {};
    }
    std::string printed;
    append_to_s(printed, datum, zone, meter);
    return arena.keep(printed);
}

std::int64_t FilterInput::whole_arg(std::size_t i, std::int64_t fallback) {
    if (i >= args.size()) {
        return fallback;
    }
    if (args[i].is(Datum::Kind::Int)) {
        return args[i].as_int();
    }
    const std::optional<std::int64_t> number = strict_integer(text(args[i]));
    if (!number) {
        fail("invalid integer");
        return fallback;
    }
    return *number;
}

namespace {

bool is_flat(std::span<const Datum> items) {
    return std::none_of(items.begin(), items.end(),
                        [](const Datum& item) { return item.is_list(); });
}

// False when the arena has no room for what comes out.
// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
bool flatten(const Datum& list, std::vector<Datum>& out, Arena& arena, Meter& meter) {
    const std::int64_t count = list.item_count();
    if (!meter.enter()) {
        return false;
    }
    if (!arena.reserve((out.size() + static_cast<std::size_t>(count)) * sizeof(Datum))) {
        return false;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        const Datum item = list.item(i);
        if (!item.is_list()) {
            out.push_back(item);
        } else if (!meter.spend(item.item_count()) || !flatten(item, out, arena, meter)) {
            return false;
        }
    }
    meter.leave();
    return true;
}

}  // namespace

std::span<const Datum> FilterInput::items_of(const Datum& datum) const {
    if (datum.is(Datum::Kind::Array) && is_flat(datum.as_array())) {
        return datum.as_array();
    }
    std::vector<Datum> out;
    if (datum.is_list() || datum.is(Datum::Kind::Range)) {
        if (!flatten(datum, out, arena, meter)) {
            return {};
        }
    } else if (!datum.is_nil()) {
        out.push_back(datum);
    }
    return arena.keep(std::move(out));
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

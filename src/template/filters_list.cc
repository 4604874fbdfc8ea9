// Filters on lists: their ends, and which items are kept.
#include <algorithm>
#include <string>

#include "template/decimal.h"
#include "template/filters.h"
#include "template/inspect.h"
#include "template/item.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

Datum size(FilterInput& in) {
    constexpr std::int64_t machine_word = 8;  // What Ruby says of a whole number.
    if (in.value.is(Datum::Kind::Text)) {
        return Datum::integer(code_point_count(in.value.as_text()));
    }
    if (in.value.is(Datum::Kind::BigInt)) {
        return Datum::integer(whole_byte_count(in.value));
    }
    return Datum::integer(in.value.is(Datum::Kind::Int) ? machine_word : in.value.item_count());
}

// Of a text its first letter, of an object its first key with its value.
Datum first(FilterInput& in) {
    if (in.value.is(Datum::Kind::Text)) {
        return Datum::text(code_point_prefix(in.value.as_text(), 1));
    }
    if (in.value.is(Datum::Kind::Range)) {
        return Datum::integer(in.value.range_from());
    }
    if (!in.value.is(Datum::Kind::Map)) {
        return in.value.item_count() > 0 ? in.value.item(0) : Datum{};
    }
    if (in.value.as_map().empty()) {
        return {};
    }
    const Field& field = *in.value.as_map().begin();
    return in.keep(std::vector{Datum::text(field.first), Datum::of(field.second)});
}

Datum last(FilterInput& in) {
    if (in.value.is(Datum::Kind::Text)) {
        return Datum::text(last_code_point(in.value.as_text()));
    }
    if (in.value.is(Datum::Kind::Range)) {
        return Datum::integer(in.value.range_to());
    }
    if (in.value.is_hash()) {
        return {};
    }
    const std::int64_t count = in.value.item_count();
    return count > 0 ? in.value.item(count - 1) : Datum{};
}

Datum join(FilterInput& in) {
    const std::string_view separator = in.args.empty() ? " " : in.arg_text(0);
    bool between = false;
    for (const Datum& item : in.items()) {
        in.buffer += between ? separator : "";
        between = true;
        append_to_s(in.buffer, item, in.zone, in.meter);
        if (!in.arena.reserve(in.buffer.size())) {
            return {};
        }
    }
    return in.keep(in.buffer);
}

Datum fail_property(FilterInput& in) {
    return in.fail("cannot select the property '" + std::string(in.arg_text(0)) + "'");
}

// The words `empty` and `blank` are "" where they are not compared with.
Datum plain(const Datum& datum) {
    const bool word = datum.is(Datum::Kind::Empty) || datum.is(Datum::Kind::Blank);
    return word ? Datum::text("") : datum;
}

enum class Answer : std::uint8_t {
    No,
    Yes,
    NoParts,  // The whole filter gives nil.
    Failed,
};

Answer matches(FilterInput& in, const Datum& item) {
    const Part part = part_of(item, in.arg(0), in.meter);
    if (part.status == Part::Status::WrongType) {
        fail_property(in);
        return Answer::Failed;
    }
    if (part.status == Part::Status::NoParts) {
        return Answer::NoParts;
    }
    const bool yes =
        in.arg(1).is_nil() ? part.value.truthy() : equal(part.value, plain(in.arg(1)), in.meter);
    return yes ? Answer::Yes : Answer::No;
}

Datum filter_items(FilterInput& in, Answer wanted) {
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        const Answer answer = matches(in, item);
        if (answer == Answer::NoParts || answer == Answer::Failed) {
            return {};
        }
        if (answer == wanted) {
            out.push_back(item);
        }
    }
    return in.keep(std::move(out));
}

Datum where(FilterInput& in) {
    return filter_items(in, Answer::Yes);
}

Datum reject(FilterInput& in) {
    return filter_items(in, Answer::No);
}

// The first item that is asked for: what comes behind it is not looked at.
struct Found {
    Answer answer = Answer::No;
    std::size_t at = 0;
};

Found find_item(FilterInput& in, std::span<const Datum> items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        const Answer answer = matches(in, items[i]);
        if (answer != Answer::No) {
            return {answer, i};
        }
    }
    return {};
}

Datum has(FilterInput& in) {
    const Answer answer = find_item(in, in.items()).answer;
    return answer == Answer::NoParts ? Datum{} : Datum::boolean(answer == Answer::Yes);
}

Datum find(FilterInput& in) {
    const std::span<const Datum> items = in.items();
    const Found found = find_item(in, items);
    return found.answer == Answer::Yes ? items[found.at] : Datum{};
}

Datum find_index(FilterInput& in) {
    const Found found = find_item(in, in.items());
    return found.answer == Answer::Yes ? Datum::integer(static_cast<std::int64_t>(found.at))
                                       : Datum{};
}

// An item that has no parts becomes nil.
Datum map(FilterInput& in) {
    std::vector<Datum> out;
    const bool itself = in.arg(0).is(Datum::Kind::Text) && in.arg(0).as_text() == "to_liquid";
    const std::span<const Datum> items = in.items();
    out.reserve(items.size());
    for (const Datum& item : items) {
        const Part part =
            itself ? Part{Part::Status::Found, item} : part_of(item, in.arg(0), in.meter);
        if (part.status == Part::Status::WrongType) {
            return fail_property(in);
        }
        out.push_back(part.value);
    }
    return in.keep(std::move(out));
}

Datum compact(FilterInput& in) {
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        Part part{Part::Status::Found, item};
        if (!in.arg(0).is_nil()) {
            part = part_of(item, in.arg(0), in.meter);
        }
        if (part.status == Part::Status::WrongType) {
            return fail_property(in);
        }
        if (part.status == Part::Status::NoParts) {
            return {};
        }
        if (!part.value.is_nil()) {
            out.push_back(item);
        }
    }
    return in.keep(std::move(out));
}

Datum concat(FilterInput& in) {
    const Datum other = in.arg(0);
    if (!other.is(Datum::Kind::List) && !other.is(Datum::Kind::Array)) {
        return in.fail("concat filter requires an array argument");
    }
    const std::span<const Datum> items = in.items();
    const auto count = static_cast<std::size_t>(other.item_count());
    if (!in.arena.reserve((items.size() + count) * sizeof(Datum))) {
        return {};
    }
    std::vector<Datum> out;
    out.reserve(items.size() + count);
    out.assign(items.begin(), items.end());
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(other.item(static_cast<std::int64_t>(i)));
    }
    return in.keep(std::move(out));
}

// Items that are no numbers count as 0.
Datum sum(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    std::span<const Datum> items = in.items();
    if (!in.arg(0).is_nil()) {
        std::vector<Datum> parts;
        parts.reserve(items.size());
        for (const Datum& item : items) {
            const Part part = part_of(item, in.arg(0), in.meter);
            if (part.status == Part::Status::WrongType) {
                return fail_property(in);
            }
            parts.push_back(part.value);
        }
        items = in.items_of(in.keep(std::move(parts)));
    }
    std::vector<Datum> numbers;
    numbers.reserve(items.size());
    for (const Datum& item : items) {
        numbers.push_back(arithmetic.number(item));
    }
    const Datum total = arithmetic.error().empty() ? arithmetic.sum(numbers) : Datum{};
    return arithmetic.error().empty() ? total : in.fail(std::string(arithmetic.error()));
}

constexpr FilterSpec table[] = {
    {"compact", compact, 0, 1}, {"concat", concat, 1, 1},
    {"find", find, 1, 2},       {"find_index", find_index, 1, 2},
    {"first", first, 0, 0},     {"has", has, 1, 2},
    {"join", join, 0, 1},       {"last", last, 0, 0},
    {"map", map, 1, 1},         {"reject", reject, 1, 2},
    {"size", size, 0, 0},       {"sum", sum, 0, 1},
    {"where", where, 1, 2},
};

}  // namespace

std::span<const FilterSpec> list_filters() {
    return table;
}

}  // namespace winback::liquid

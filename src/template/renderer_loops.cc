// Loops of the renderer: for, its bounds, and ranges.
#include <algorithm>

#include "template/decimal.h"
#include "template/renderer.h"

namespace winback::liquid {

void Renderer::break_loop(const Instruction& instruction, std::uint32_t& next) {
    loops_.pop_back();
    next = instruction.a;
}

bool Renderer::take_loop_bound(std::optional<std::int64_t>& bound) {
    const Datum datum = pop();
    if (datum.is_nil()) {
        return true;
    }
    const std::optional<Datum> number = Arithmetic(arena_).strict_number(datum);
    if (!number || !number->is(Datum::Kind::Int)) {
        return fail(RenderErrorKind::Type, "limit and offset of a loop must be whole numbers.");
    }
    bound = number->as_int();
    return true;
}

void Renderer::begin_loop(Frame& frame, const Instruction& instruction, std::uint32_t& next) {
    Loop loop;
    loop.items = pop();
    loop.variable = instruction.a;
    loop.reversed = instruction.flag != 0;
    loop.at = instruction.at;
    if (loop.items.is(Datum::Kind::Text)) {  // A text is one item.
        std::vector<Datum> one;
        if (!loop.items.as_text().empty()) {
            one.push_back(loop.items);
        }
        loop.items = Datum::array(arena_.keep(std::move(one)));
    }
    std::int64_t& resume = frame.resume[instruction.count];
    const std::int64_t total = loop.items.item_count();
    const std::int64_t offset = std::max<std::int64_t>(resume_ ? resume : offset_.value_or(0), 0);
    loop.first = std::min(offset, total);
    loop.count = std::clamp<std::int64_t>(limit_.value_or(total), 0, total - loop.first);
    limit_.reset();
    offset_.reset();
    resume_ = false;
    resume = loop.first + loop.count;
    if (loop.count == 0) {
        next = instruction.b;
    } else {
        loops_.push_back(loop);
    }
}

void Renderer::next_item(const Instruction& instruction, std::uint32_t& next) {
    Loop& loop = loops_.back();
    if (++loop.round == loop.count) {
        loops_.pop_back();
        next = instruction.a;
        return;
    }
    const std::int64_t index =
        loop.first + (loop.reversed ? loop.count - 1 - loop.round : loop.round);
    if (!loop.items.is(Datum::Kind::Map)) {
        loop.item = loop.items.item(index);
        return;
    }
    const Field& field = *(loop.items.as_map().begin() + index);
    loop.item = Datum::array(arena_.keep({Datum::text(field.first), Datum::of(field.second)}));
}

bool Renderer::make_range() {
    constexpr std::int64_t bound = INT32_MAX;
    Arithmetic arithmetic(arena_);
    const Datum to = arithmetic.floor(arithmetic.number(pop()));
    const Datum from = arithmetic.floor(arithmetic.number(pop()));
    if (!from.is(Datum::Kind::Int) || !to.is(Datum::Kind::Int)) {
        return fail(RenderErrorKind::Type, "The ends of a range must be whole numbers.");
    }
    push(Datum::range(std::clamp(from.as_int(), -bound, bound),
                      std::clamp(to.as_int(), -bound, bound)));
    return true;
}

}  // namespace winback::liquid

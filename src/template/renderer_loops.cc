// Loops of the renderer: for, tablerow, cycle.
#include <algorithm>

#include "template/decimal.h"
#include "template/inspect.h"
#include "template/number_text.h"
#include "template/renderer.h"
#include "template/renderer_drops.h"

namespace winback::liquid {

// A whole number, or a text that is one.
bool Renderer::whole_number(const Datum& datum, std::int64_t& number) {
    spend_text(datum);
    const std::optional<std::int64_t> whole = strict_count(datum);
    if (!whole) {
        return fail(RenderErrorKind::Type, "invalid integer");
    }
    number = *whole;
    return true;
}

// Leaves the items from index `from` on, at most `count` of them.
void Renderer::cut(Slice& slice, std::int64_t from, std::optional<std::int64_t> count) {
    if (slice.items.is(Datum::Kind::Text)) {
        slice.count = slice.items.as_text().empty() ? 0 : 1;  // One item, whatever the bounds.
        return;
    }
    const std::int64_t total = slice.items.item_count();
    const std::int64_t end = count ? std::min(from + *count, total) : total;
    slice.first = std::clamp<std::int64_t>(from, 0, total);
    slice.count = std::max<std::int64_t>(end - slice.first, 0);
}

bool Renderer::for_slice(const LoopSpec& spec, Slice& slice) {
    Datum bound;
    std::int64_t from = 0;
    if (spec.resumes) {
        from = frame_->scope->resumes[frame_->program->keys[spec.key]];
    } else if (!evaluate(spec.offset, bound) || (!bound.is_nil() && !whole_number(bound, from))) {
        return false;
    }
    std::optional<std::int64_t> count;
    if (!evaluate(spec.collection, slice.items) || !evaluate(spec.limit, bound)) {
        return false;
    }
    if (!bound.is_nil()) {
        std::int64_t limit = 0;
        if (!whole_number(bound, limit)) {
            return false;
        }
        count = limit;
    }
    cut(slice, from, count);
    slice.reversed = spec.reversed;
    frame_->scope->resumes[frame_->program->keys[spec.key]] = from + slice.count;
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_for(const Node& node, std::uint32_t index) {
    const LoopSpec& spec = frame_->program->loops[node.a];
    Slice slice;
    if (!for_slice(spec, slice)) {
        return Signal::Stop;
    }
    const std::uint32_t body = index + 1;
    if (slice.count == 0) {
        const std::uint32_t other = frame_->program->nodes[body].end;
        return other < node.end ? run_children(other) : Signal::Next;
    }
    Scope& scope = *frame_->scope;
    if (!deeper(scope)) {
        return Signal::Stop;
    }
    const LoopDrop* parent = scope.loops.empty() ? nullptr : scope.loops.back();
    LoopDrop& loop = new_loop(frame_->program->keys[spec.key], slice.count, parent);
    scope.loops.push_back(&loop);
    const Signal signal = run_rounds(spec, slice, body);
    scope.loops.pop_back();
    --scope.height;
    end_loop(loop);
    return signal;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_rounds(const LoopSpec& spec,
                                      const Slice& slice,
                                      std::uint32_t body) {
    Scope& scope = *frame_->scope;
    LoopDrop& loop = *scope.loops.back();
    const std::size_t binding = scope.bindings.size();
    bind(scope, slot_of(spec.variable), {});
    Signal signal = Signal::Next;
    for (std::int64_t round = 0; round < slice.count; ++round) {
        if (!spend(1)) {
            signal = Signal::Stop;
            break;
        }
        scope.bindings[binding].value = item_of(slice, round);
        signal = run_children(body);
        loop.advance();
        if (signal == Signal::Stop || signal == Signal::Break) {
            break;
        }
    }
    unbind(scope, binding);
    return signal == Signal::Stop ? signal : Signal::Next;
}

Datum Renderer::item_of(const Slice& slice, std::int64_t round) {
    const std::int64_t index = slice.first + (slice.reversed ? slice.count - 1 - round : round);
    if (slice.items.is(Datum::Kind::Text)) {
        return slice.items;  // A text is one item.
    }
    if (!slice.items.is_hash()) {
        return slice.items.item(index);
    }
    const std::span<Datum> pair = arena_.array(2);
    if (pair.size() == 2) {
        pair[0] = slice.items.key(index);
        pair[1] = slice.items.value(index);
    }
    return Datum::array(pair);
}

// Numbers of a tablerow are read more kindly than those of a loop: "x" is 0.
bool Renderer::table_number(std::uint32_t expression, std::int64_t& number) {
    Datum datum;
    if (!evaluate(expression, datum)) {
        return false;
    }
    if (!datum.is_nil() && !datum.is_number() && !datum.is(Datum::Kind::Text)) {
        return fail(RenderErrorKind::Type, "invalid integer");
    }
    spend_text(datum);
    number = leading_count(datum);
    return true;
}

bool Renderer::table_slice(const LoopSpec& spec, Slice& slice, std::int64_t& columns) {
    std::int64_t from = 0;
    std::optional<std::int64_t> count;
    if (spec.offset != nothing && !table_number(spec.offset, from)) {
        return false;
    }
    if (spec.limit != nothing) {
        std::int64_t limit = 0;
        if (!table_number(spec.limit, limit)) {
            return false;
        }
        count = limit;
    }
    cut(slice, from, count);
    columns = slice.count;
    return !spec.has_columns || table_number(spec.columns, columns);
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_table_row(const Node& node, std::uint32_t index) {
    const LoopSpec& spec = frame_->program->loops[node.a];
    Slice slice;
    std::int64_t columns = 0;
    if (!evaluate(spec.collection, slice.items)) {
        return Signal::Stop;
    }
    if (!slice.items.truthy()) {
        return Signal::Next;
    }
    if (!table_slice(spec, slice, columns) || !print_text("<tr class=\"row1\">\n")) {
        return Signal::Stop;
    }
    Scope& scope = *frame_->scope;
    if (!deeper(scope)) {
        return Signal::Stop;
    }
    const Signal signal = run_cells(spec, slice, columns, index);
    --scope.height;
    if (signal == Signal::Stop || !print_text("</tr>\n")) {
        return Signal::Stop;
    }
    return Signal::Next;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_cells(const LoopSpec& spec,
                                     const Slice& slice,
                                     std::int64_t columns,
                                     std::uint32_t index) {
    Scope& scope = *frame_->scope;
    LoopDrop& loop = new_table(slice.count, columns);
    scope.tables.push_back(&loop);
    const std::size_t binding = scope.bindings.size();
    bind(scope, slot_of(spec.variable), {});
    Signal signal = Signal::Next;
    for (std::int64_t round = 0; round < slice.count; ++round) {
        scope.bindings[binding].value = item_of(slice, round);
        std::string cell = "<td class=\"col";
        append_integer(cell, loop.column());
        signal = spend(1) && print_text(cell + "\">") ? run_children(index) : Signal::Stop;
        if (signal == Signal::Stop || !print_text("</td>") || signal == Signal::Break) {
            break;
        }
        if (loop.is_last_column() && !loop.is_last()) {
            std::string row = "</tr>\n<tr class=\"row";
            append_integer(row, loop.row() + 1);
            print_text(row + "\">");
        }
        loop.advance();
    }
    unbind(scope, binding);
    scope.tables.pop_back();
    end_loop(loop);
    return signal == Signal::Stop ? signal : Signal::Next;
}

// What a position costs beside its key.
std::string_view Renderer::keep_key(std::string_view key) {
    arena_.array(4);
    return arena_.keep(key);
}

bool Renderer::cycle(const CycleSpec& spec, std::uint32_t node) {
    std::string key;
    if (spec.group != nothing) {
        Datum group;
        if (!evaluate(spec.group, group)) {
            return false;
        }
        // A name and the list of an unnamed cycle are the same kind of key.
        key = group.is(Datum::Kind::Text) ? "" : "\x01";
        append_text(key, group, zone_, meter_);
    } else if (spec.key != nothing) {
        key = frame_->program->keys[spec.key];
    } else {
        key = "\x02" + std::string(frame_->snippet) + "#" + std::to_string(node);
    }
    if (spec.count == 0) {
        return true;
    }
    Positions& cycles = frame_->scope->cycles;
    meter_.spend_bytes(key.size());
    const auto known = cycles.find(key);
    std::int64_t& at = known != cycles.end() ? known->second : cycles[keep_key(key)];
    const auto chosen =
        static_cast<std::uint32_t>(at) < spec.count ? static_cast<std::uint32_t>(at) : nothing;
    Datum value;
    if (chosen != nothing && !evaluate(frame_->program->lists[spec.values + chosen], value)) {
        return false;
    }
    at = at + 1 >= static_cast<std::int64_t>(spec.count) ? 0 : at + 1;
    return print(value);
}

}  // namespace winback::liquid

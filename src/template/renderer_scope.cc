// Variables: where they are kept, found and hidden.
#include <algorithm>

#include "template/renderer.h"
#include "template/renderer_drops.h"

namespace winback::liquid {

Renderer::Scope& Renderer::new_scope(const Program& program, int base) {
    if (free_scopes_.empty()) {
        scopes_.emplace_back();
        free_scopes_.push_back(&scopes_.back());
    }
    spend_search(4 * program.names.size());
    Scope& scope = *free_scopes_.back();
    free_scopes_.pop_back();
    scope.root = &program;
    scope.base = base;
    scope.height = 1;
    scope.slots.assign(program.names.size(), Slot{});
    scope.forloop_slot = program.forloop_name;
    scope.tablerowloop_slot = program.tablerowloop_name;
    scope.allows_include = base == 0;
    return scope;
}

void Renderer::end_scope(Scope& scope) {
    if (scope.self != nullptr) {
        return;  // A `self` may still ask it.
    }
    scope.more_names.clear();
    scope.maps.clear();
    scope.bindings.clear();
    scope.loops.clear();
    scope.tables.clear();
    scope.counters.clear();
    scope.resumes.clear();
    scope.cycles.clear();
    scope.has_last_change = false;
    free_scopes_.push_back(&scope);
}

std::string_view Renderer::slot_name(const Scope& scope, std::uint32_t slot) const {
    const std::size_t own = scope.root->names.size();
    return slot < own ? scope.root->names[slot] : scope.more_names[slot - own];
}

// The slot of a name, made if there is none. `name` must live as long as the scope.
std::uint32_t Renderer::slot_named(Scope& scope, std::string_view name) {
    const std::vector<std::string_view>& own = scope.root->names;
    const auto known = std::find(own.begin(), own.end(), name);
    spend_search(own.size() + scope.more_names.size());
    if (known != own.end()) {
        return static_cast<std::uint32_t>(known - own.begin());
    }
    const auto more = std::find(scope.more_names.begin(), scope.more_names.end(), name);
    const auto slot = static_cast<std::uint32_t>(own.size()) +
                      static_cast<std::uint32_t>(more - scope.more_names.begin());
    if (more == scope.more_names.end()) {
        scope.more_names.push_back(name);
        scope.slots.emplace_back();
        if (name == "forloop") {
            scope.forloop_slot = slot;
        } else if (name == "tablerowloop") {
            scope.tablerowloop_slot = slot;
        }
    }
    return slot;
}

Datum Renderer::variable(Scope& scope, std::uint32_t slot_index, bool& found) {
    found = true;
    if (slot_index == scope.forloop_slot && !scope.loops.empty()) {
        return Datum::object(*scope.loops.back());
    }
    if (slot_index == scope.tablerowloop_slot && !scope.tables.empty()) {
        return Datum::object(*scope.tables.back());
    }
    Slot& slot = scope.slots[slot_index];
    if (slot.shadowed) {
        for (std::size_t i = scope.bindings.size(); i > 0; --i) {
            if (scope.bindings[i - 1].slot == slot_index) {
                return scope.bindings[i - 1].value;
            }
        }
    }
    if (slot.state == Slot::State::Unknown) {
        const Value* value = data_.find(slot_name(scope, slot_index));
        slot.state = value != nullptr ? Slot::State::Known : Slot::State::Missing;
        slot.value = value != nullptr ? Datum::of(*value) : Datum{};
    }
    return slot.state == Slot::State::Known ? slot.value
                                            : hidden_variable(scope, slot_index, found);
}

// What a name means when nothing was assigned and the data have nothing.
Datum Renderer::hidden_variable(Scope& scope, std::uint32_t slot, bool& found) {
    spend_search(scope.counters.size());
    for (const Counter& counter : scope.counters) {
        if (counter.slot == slot) {
            return Datum::integer(counter.value);
        }
    }
    if (slot_name(scope, slot) == "self") {
        return self_of(scope);
    }
    found = false;
    return {};
}

Datum Renderer::variable_named(Scope& scope, std::string_view name) {
    const std::vector<std::string_view>& own = scope.root->names;
    const auto known = std::find(own.begin(), own.end(), name);
    const auto more = std::find(scope.more_names.begin(), scope.more_names.end(), name);
    spend_search(own.size() + scope.more_names.size() + data_.size());
    bool found = false;
    if (known != own.end()) {
        return variable(scope, static_cast<std::uint32_t>(known - own.begin()), found);
    }
    if (more != scope.more_names.end()) {
        return variable(scope,
                        static_cast<std::uint32_t>(own.size()) +
                            static_cast<std::uint32_t>(more - scope.more_names.begin()),
                        found);
    }
    // Neither the template nor an include knows the name: only the data can.
    if (name == "forloop" && !scope.loops.empty()) {
        return Datum::object(*scope.loops.back());
    }
    const Value* value = data_.find(name);
    return value != nullptr ? Datum::of(*value) : name == "self" ? self_of(scope) : Datum{};
}

// Goes to the outermost place, as the reference's assign does: loops that hide the name go on
// hiding it.
void Renderer::set(Scope& scope, std::uint32_t slot, const Datum& value) {
    scope.slots[slot].state = Slot::State::Known;
    scope.slots[slot].value = value;
}

void Renderer::bind(Scope& scope, std::uint32_t slot, const Datum& value) {
    scope.bindings.push_back({slot, scope.slots[slot].shadowed, value});
    scope.slots[slot].shadowed = true;
}

void Renderer::unbind(Scope& scope, std::size_t bindings_left) {
    while (scope.bindings.size() > bindings_left) {
        const Binding& last = scope.bindings.back();
        scope.slots[last.slot].shadowed = last.was_shadowed;
        scope.bindings.pop_back();
    }
}

// One more loop or include in `scope`; the caller takes it back from `height`.
bool Renderer::deeper(Scope& scope) {
    if (scope.base + scope.height + 1 > options_.limits.scope_depth) {
        return fail(RenderErrorKind::Limit, "Nesting too deep");
    }
    ++scope.height;
    return true;
}

// A loop's object that a value shows may be read after its loop; it is not used again.
bool Renderer::hold(const Datum& datum) {
    if (datum.is(Datum::Kind::Object)) [[unlikely]] {
        const auto* loop = dynamic_cast<const LoopDrop*>(&datum.as_object());
        if (loop != nullptr && !loop->held) {
            loop->held = true;
            arena_.array(sizeof(LoopDrop) / sizeof(Datum) + 1);  // On the render's bill.
        }
    }
    return true;
}

Datum Renderer::self_of(Scope& scope) {
    if (scope.self == nullptr) {
        self_drops_.emplace_back(*this, scope);
        scope.self = &self_drops_.back();
        arena_.array(scope.slots.size() + sizeof(Scope) / sizeof(Datum));
    }
    return Datum::object(*scope.self);
}

Renderer::LoopDrop& Renderer::new_loop(std::string_view name,
                                       std::int64_t count,
                                       const LoopDrop* parent) {
    if (free_loops_.empty()) {
        return loop_drops_.emplace_back(name, count, parent);
    }
    LoopDrop& loop = *free_loops_.back();
    free_loops_.pop_back();
    loop = LoopDrop(name, count, parent);
    return loop;
}

Renderer::LoopDrop& Renderer::new_table(std::int64_t count, std::int64_t columns) {
    if (free_loops_.empty()) {
        return loop_drops_.emplace_back(count, columns);
    }
    LoopDrop& loop = *free_loops_.back();
    free_loops_.pop_back();
    loop = LoopDrop(count, columns);
    return loop;
}

void Renderer::end_loop(LoopDrop& loop) {
    if (!loop.held) {
        free_loops_.push_back(&loop);
    }
}

Datum Renderer::LoopDrop::member(std::string_view name) const {
    if (is_table_) {
        return table_member(name);
    }
    if (name == "index") {
        return Datum::integer(index_ + 1);
    }
    if (name == "index0") {
        return Datum::integer(index_);
    }
    if (name == "first") {
        return Datum::boolean(index_ == 0);
    }
    if (name == "last") {
        return Datum::boolean(is_last());
    }
    if (name == "length") {
        return Datum::integer(count_);
    }
    if (name == "rindex") {
        return Datum::integer(count_ - index_);
    }
    if (name == "rindex0") {
        return Datum::integer(count_ - index_ - 1);
    }
    if (name == "name") {
        return Datum::text(name_);
    }
    return name == "parentloop" && parent_ != nullptr ? Datum::object(*parent_) : Datum{};
}

Datum Renderer::LoopDrop::table_member(std::string_view name) const {
    struct Number {
        std::string_view name;
        std::int64_t value;
    };
    const Number numbers[] = {
        {"length", count_},
        {"row", row_},
        {"col", column_},
        {"col0", column_ - 1},
        {"index", index_ + 1},
        {"index0", index_},
        {"rindex", count_ - index_},
        {"rindex0", count_ - index_ - 1},
    };
    for (const Number& number : numbers) {
        if (number.name == name) {
            return Datum::integer(number.value);
        }
    }
    if (name == "first" || name == "last") {
        return Datum::boolean(name == "first" ? index_ == 0 : is_last());
    }
    if (name == "col_first" || name == "col_last") {
        return Datum::boolean(name == "col_first" ? column_ == 1 : is_last_column());
    }
    return {};
}

void Renderer::LoopDrop::advance() {
    ++index_;
    if (is_table_) {
        const bool wraps = is_last_column();
        row_ += wraps ? 1 : 0;
        column_ = wraps ? 1 : column_ + 1;
    }
}

}  // namespace winback::liquid

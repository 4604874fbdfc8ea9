// Snippets: `include` shares the variables of its template, `render` has its own. Both see the
// data.
#include <algorithm>

#include "template/renderer.h"
#include "template/renderer_drops.h"

namespace winback::liquid {
namespace {

// "snippets/card" binds its value to "card".
std::string_view last_part(std::string_view name) {
    return name.substr(name.rfind('/') == std::string_view::npos ? 0 : name.rfind('/') + 1);
}

}  // namespace

const Program* Renderer::find_snippet(std::string_view name) {
    meter_.spend_bytes(name.size());
    const Parsed* found = options_.snippets != nullptr ? options_.snippets->find(name) : nullptr;
    if (found == nullptr) {
        fail(RenderErrorKind::Snippet, "Could not find asset " + std::string(name));
        return nullptr;
    }
    if (found->program == nullptr) {
        const bool told = !found->diagnostics.empty();
        fail(RenderErrorKind::Syntax, told ? found->diagnostics.front().message : "syntax error");
        error_.position = told ? found->diagnostics.front().position : winback::Position{};
        error_.snippet = name;
        return nullptr;
    }
    return found->program.get();
}

// The values of a call's parameters, into arguments_.
bool Renderer::evaluate_parameters(const PartialCall& call) {
    arguments_.clear();
    spend(call.count);
    for (std::uint32_t i = 0; i < call.count; ++i) {
        arguments_.emplace_back();
        if (!evaluate(frame_->program->lists[call.parameters + 2 * i + 1], arguments_.back())) {
            return false;
        }
    }
    return true;
}

const std::vector<std::uint32_t>& Renderer::name_map(Scope& scope, const Program& program) {
    spend_search(scope.maps.size());
    for (const NameMap& map : scope.maps) {
        if (map.program == &program) {
            return map.slots;
        }
    }
    NameMap& map = scope.maps.emplace_back();
    map.program = &program;
    for (const std::string_view name : program.names) {
        map.slots.push_back(slot_named(scope, name));
    }
    return map.slots;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by scope_depth.
Renderer::Signal Renderer::run_include(const PartialCall& call) {
    Scope& scope = *frame_->scope;
    Datum name;
    if (!scope.allows_include) {
        fail(RenderErrorKind::Type, "include usage is not allowed in this context");
        return Signal::Stop;
    }
    if (!evaluate(call.name, name)) {
        return Signal::Stop;
    }
    if (!name.is(Datum::Kind::Text)) {
        fail(RenderErrorKind::Type, "Argument error in tag 'include' - Illegal template name");
        return Signal::Stop;
    }
    const Program* program = find_snippet(name.as_text());
    return program != nullptr ? run_included(*program, call, name.as_text()) : Signal::Stop;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_included(const Program& program,
                                        const PartialCall& call,
                                        std::string_view name) {
    Scope& scope = *frame_->scope;
    Datum with;
    if (call.with == nothing) {
        with = variable_named(scope, name);
    } else if (!evaluate(call.with, with)) {
        return Signal::Stop;
    }
    if (!deeper(scope)) {
        return Signal::Stop;
    }
    spend(call.count);
    const std::size_t bindings = scope.bindings.size();
    Frame* const outer = frame_;
    for (std::uint32_t i = 0; i < call.count; ++i) {
        const std::uint32_t* const pair = &outer->program->lists[call.parameters + 2 * i];
        Datum value;  // Each parameter sees those before it.
        if (!evaluate(pair[1], value)) {
            unbind(scope, bindings);
            --scope.height;
            return Signal::Stop;
        }
        bind(scope, slot_of(pair[0]), value);
    }
    Frame frame;
    frame.program = &program;
    frame.scope = &scope;
    frame.slots = &name_map(scope, program);
    frame.snippet = name;
    const std::uint32_t bound =
        slot_named(scope, call.alias != nothing ? outer->program->names[call.alias]
                                                : arena_.keep(last_part(name)));
    const std::size_t binding = scope.bindings.size();
    bind(scope, bound, with);
    frame_ = &frame;
    const std::int64_t rounds = with.is_list() ? with.item_count() : 1;
    Signal signal = Signal::Next;
    for (std::int64_t i = 0; i < rounds && signal == Signal::Next; ++i) {
        scope.bindings[binding].value = with.is_list() ? with.item(i) : with;
        signal = spend(1) ? run_nodes(0, static_cast<std::uint32_t>(program.nodes.size()))
                          : Signal::Stop;
    }
    frame_ = outer;
    unbind(scope, bindings);
    --scope.height;
    return signal;
}

const Renderer::ParameterMap& Renderer::parameter_map(const Program& program,
                                                      const PartialCall& call,
                                                      std::string_view name) {
    spend_search(parameter_maps_.size());
    for (const ParameterMap& map : parameter_maps_) {
        if (map.call == &call && map.program == &program) {
            return map;
        }
    }
    const auto slot = [&](std::string_view wanted) {
        const auto found = std::find(program.names.begin(), program.names.end(), wanted);
        return found == program.names.end()
                   ? nothing
                   : static_cast<std::uint32_t>(found - program.names.begin());
    };
    ParameterMap map;
    map.call = &call;
    map.program = &program;
    for (std::uint32_t i = 0; i < call.count; ++i) {
        const std::uint32_t parameter = frame_->program->lists[call.parameters + 2 * i];
        map.slots.push_back(slot(frame_->program->names[parameter]));
    }
    map.with = slot(call.alias != nothing ? frame_->program->names[call.alias] : last_part(name));
    map.forloop = slot("forloop");
    parameter_maps_.push_back(std::move(map));
    return parameter_maps_.back();
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_render(const PartialCall& call) {
    Datum name;
    Datum with;
    if (!evaluate(call.name, name)) {
        return Signal::Stop;
    }
    const Program* program = find_snippet(name.as_text());
    if (program == nullptr || !evaluate(call.with, with) || !evaluate_parameters(call)) {
        return Signal::Stop;
    }
    const ParameterMap map = parameter_map(*program, call, name.as_text());
    const std::vector<Datum> values(arguments_);
    const bool each = call.each && with.is_sequence();
    const std::int64_t rounds = each ? with.item_count() : 1;
    LoopDrop* const loop = each ? &new_loop(name.as_text(), rounds, nullptr) : nullptr;
    Slice slice;
    slice.items = with;
    slice.count = rounds;
    Signal signal = Signal::Next;
    for (std::int64_t i = 0; i < rounds && signal != Signal::Stop; ++i) {
        arguments_ = values;
        signal = render_once(*program, name.as_text(), map, each ? item_of(slice, i) : with, loop);
        if (loop != nullptr) {
            loop->advance();
        }
    }
    if (loop != nullptr) {
        end_loop(*loop);
    }
    return signal == Signal::Stop ? signal : Signal::Next;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::render_once(const Program& program,
                                       std::string_view name,
                                       const ParameterMap& map,
                                       const Datum& with,
                                       LoopDrop* loop) {
    const Scope& around = *frame_->scope;
    if (around.base + around.height > options_.limits.scope_depth) {
        fail(RenderErrorKind::Limit, "Nesting too deep");
        return Signal::Stop;
    }
    if (!spend(1)) {
        return Signal::Stop;
    }
    Scope& scope = new_scope(program, around.base + 1);
    if (loop != nullptr && map.forloop != nothing) {
        set(scope, map.forloop, Datum::object(*loop));
    }
    for (std::size_t i = 0; i < map.slots.size(); ++i) {
        if (map.slots[i] != nothing) {
            set(scope, map.slots[i], arguments_[i]);
        }
    }
    if (map.with != nothing && !with.is_nil()) {
        set(scope, map.with, with);
    }
    Frame* const outer = frame_;
    Frame frame;
    frame.program = &program;
    frame.scope = &scope;
    frame.snippet = name;
    frame_ = &frame;
    const Signal signal = run_nodes(0, static_cast<std::uint32_t>(program.nodes.size()));
    frame_ = outer;
    end_scope(scope);
    return signal;
}

}  // namespace winback::liquid

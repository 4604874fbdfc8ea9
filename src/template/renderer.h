// The machine that runs a Program.
//
// One Renderer serves one render: it owns the variables, the open loops and the arena, and it
// counts every step. Output goes to the end of one buffer; what capture keeps aside is cut off
// again.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "template/program.h"

namespace winback::liquid {

class Renderer {
public:
    Renderer(const ValueMap& data, const RenderOptions& options, std::string& out);
    ~Renderer();
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;

    // False after an error; the buffer then holds rubbish behind its old end.
    bool run(const Program& program);
    const RenderError& error() const { return error_; }

private:
    // What a run of nodes ended with.
    enum class Signal : std::uint8_t { Next, Break, Continue, Stop };

    class LoopDrop;
    class SelfDrop;

    struct Slot {
        enum class State : std::uint8_t { Unknown, Missing, Known };
        State state = State::Unknown;
        bool shadowed = false;  // A binding of a loop or an include hides it.
        Datum value;
    };
    struct Binding {
        std::uint32_t slot = 0;
        bool was_shadowed = false;
        Datum value;
    };
    struct Counter {
        std::uint32_t slot = 0;
        std::int64_t value = 0;
    };
    using Positions = std::map<std::string_view, std::int64_t>;  // Keys live as long as the scope.
    // The names of an included program as slots of the scope that includes it.
    struct NameMap {
        const Program* program = nullptr;
        std::vector<std::uint32_t> slots;
    };

    // What the variables of a template and of its includes are kept in; `render` makes a new one.
    struct Scope {
        const Program* root = nullptr;
        std::vector<Slot> slots;  // Those of the root's names, then `more_names`.
        std::vector<std::string_view> more_names;
        std::deque<NameMap> maps;
        std::uint32_t forloop_slot = nothing;
        std::uint32_t tablerowloop_slot = nothing;
        std::vector<Binding> bindings;
        std::vector<LoopDrop*> loops;  // Open ones, the innermost last.
        std::vector<LoopDrop*> tables;
        std::vector<Counter> counters;  // increment and decrement.
        Positions resumes;              // How far loops came.
        Positions cycles;
        std::string last_change;  // What ifchanged printed last.
        bool has_last_change = false;
        int base = 0;    // As the reference counts depth: isolated scopes around,
        int height = 1;  // and loops and includes in this one.
        bool allows_include = true;
        SelfDrop* self = nullptr;  // Once it is asked for, the scope is kept to the end.
    };

    // One running program.
    struct Frame {
        const Program* program = nullptr;
        Scope* scope = nullptr;
        const std::vector<std::uint32_t>* slots = nullptr;  // Null: names are slots.
        std::string_view snippet;
    };

    // The parameters of a call as slots of the snippet that it renders.
    struct ParameterMap {
        const PartialCall* call = nullptr;
        const Program* program = nullptr;
        std::vector<std::uint32_t> slots;  // nothing: the snippet does not read it.
        std::uint32_t with = nothing;
        std::uint32_t forloop = nothing;
    };

    struct Slice {
        Datum items;
        std::int64_t first = 0;
        std::int64_t count = 0;
        bool reversed = false;
    };

    // renderer.cc: nodes.
    Signal run_nodes(std::uint32_t begin, std::uint32_t end);
    Signal run_node(const Node& node, std::uint32_t index);
    Signal run_children(std::uint32_t index) {
        return run_nodes(index + 1, frame_->program->nodes[index].end);
    }
    Signal run_if(const Node& node, std::uint32_t index);
    Signal run_case(const Node& node, std::uint32_t index);
    Signal run_capture(const Node& node, std::uint32_t index);
    Signal run_if_changed(std::uint32_t index);
    Signal leaf(const Node& node);
    bool print_value(std::uint32_t value);
    bool assign(const Node& node);
    bool count(const Node& node);
    bool abort_message(std::uint32_t value);
    bool print_url(std::uint32_t name);
    bool print_link(const PartialCall& call);
    Signal recover(const Node& node);

    // renderer_loops.cc
    Signal run_for(const Node& node, std::uint32_t index);
    Signal run_rounds(const LoopSpec& spec, const Slice& slice, std::uint32_t body);
    Signal run_table_row(const Node& node, std::uint32_t index);
    Signal run_cells(const LoopSpec& spec,
                     const Slice& slice,
                     std::int64_t columns,
                     std::uint32_t index);
    bool for_slice(const LoopSpec& spec, Slice& slice);
    bool table_slice(const LoopSpec& spec, Slice& slice, std::int64_t& columns);
    bool table_number(std::uint32_t expression, std::int64_t& number);
    bool whole_number(const Datum& datum, std::int64_t& number);
    void cut(Slice& slice, std::int64_t from, std::optional<std::int64_t> count);
    Datum item_of(const Slice& slice, std::int64_t round);
    bool cycle(const CycleSpec& spec, std::uint32_t node);
    std::string_view keep_key(std::string_view key);

    // renderer_partials.cc
    Signal run_include(const PartialCall& call);
    Signal run_included(const Program& program, const PartialCall& call, std::string_view name);
    Signal run_render(const PartialCall& call);
    Signal render_once(const Program& program,
                       std::string_view name,
                       const ParameterMap& map,
                       const Datum& with,
                       LoopDrop* loop);
    const Program* find_snippet(std::string_view name);
    const ParameterMap& parameter_map(const Program& program,
                                      const PartialCall& call,
                                      std::string_view name);
    const std::vector<std::uint32_t>& name_map(Scope& scope, const Program& program);
    bool evaluate_parameters(const PartialCall& call);

    // renderer_values.cc: expressions and variables.
    bool evaluate(std::uint32_t expression, Datum& out);
    bool evaluate_slow(const Expression& expression, Datum& out);
    bool walk(const Expression& expression, Datum& out);
    bool evaluate_range(const Expression& expression, Datum& out);
    bool range_end(std::uint32_t expression, std::int64_t& end);
    bool evaluate_value(std::uint32_t value, Datum& out);
    bool apply_filter(const FilterCall& call, Datum& value);
    bool holds(std::uint32_t condition, bool& result);
    bool compare(const Condition& condition, const Datum& left, const Datum& right, bool& result);
    bool compare_order(Comparison comparison, const Datum& left, const Datum& right, bool& result);
    bool contains(const Datum& whole, const Datum& part);

    std::uint32_t slot_of(std::uint32_t name) const {
        return frame_->slots == nullptr ? name : (*frame_->slots)[name];
    }
    std::string_view slot_name(const Scope& scope, std::uint32_t slot) const;
    std::uint32_t slot_named(Scope& scope, std::string_view name);
    Datum variable(Scope& scope, std::uint32_t slot, bool& found);
    Datum hidden_variable(Scope& scope, std::uint32_t slot, bool& found);
    Datum variable_named(Scope& scope, std::string_view name);
    void set(Scope& scope, std::uint32_t slot, const Datum& value);
    void bind(Scope& scope, std::uint32_t slot, const Datum& value);
    void unbind(Scope& scope, std::size_t bindings_left);
    bool deeper(Scope& scope);
    bool hold(const Datum& datum);
    Datum self_of(Scope& scope);
    Scope& new_scope(const Program& program, int base);
    void end_scope(Scope& scope);
    LoopDrop& new_loop(std::string_view name, std::int64_t count, const LoopDrop* parent);
    LoopDrop& new_table(std::int64_t count, std::int64_t columns);
    void end_loop(LoopDrop& loop);

    bool print(const Datum& datum);
    bool print_text(std::string_view text);
    bool print_error();
    bool fits();
    // Looking through `count` names or numbers.
    void spend_search(std::size_t count) { meter_.spend(static_cast<std::int64_t>(count / 64)); }
    void spend_text(const Datum& datum) {
        meter_.spend_bytes(datum.is(Datum::Kind::Text) ? datum.as_text().size() : 0);
    }
    bool spend(std::int64_t steps) { return meter_.spend(steps); }
    // Of what no error can be told any more: the render ends.
    bool exhausted() const { return meter_.spent() || arena_.exhausted(); }
    void fail_exhausted();
    bool fail(RenderErrorKind kind, std::string message);

    const ValueMap& data_;
    const RenderOptions& options_;
    const Zone& zone_;
    std::string& out_;
    const std::size_t out_begin_;
    Arena arena_;
    Frame* frame_ = nullptr;
    std::deque<LoopDrop> loop_drops_;
    std::vector<LoopDrop*> free_loops_;  // Those that nothing refers to any more.
    std::deque<SelfDrop> self_drops_;
    std::deque<Scope> scopes_;
    std::vector<Scope*> free_scopes_;
    std::vector<ParameterMap> parameter_maps_;
    std::vector<Datum> arguments_;  // Of the filter at hand.
    std::vector<std::string_view> keywords_;
    std::string buffer_;
    Meter meter_;
    int open_blocks_ = 0;
    bool fatal_ = false;  // Stop for good; otherwise the error may be printed.
    RenderError error_;
};

}  // namespace winback::liquid

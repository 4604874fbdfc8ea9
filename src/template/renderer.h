// The machine that runs a Program.
//
// One Renderer serves one render: it owns the stack, the open loops and the arena, and it counts
// every step. Output goes to the end of one buffer; what capture keeps aside is cut off again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "template/program.h"

namespace winback::liquid {

class Renderer {
public:
    Renderer(const ValueMap& data, const RenderOptions& options, std::string& out);

    // False after an error; the buffer then holds rubbish behind its old end.
    bool run(const Program& program);
    const RenderError& error() const { return error_; }

private:
    struct Loop {
        std::uint32_t variable = 0;
        Datum items;
        Datum item;
        std::int64_t first = 0;   // Index of the first item.
        std::int64_t count = 0;   // Rounds.
        std::int64_t round = -1;  // From 0.
        bool reversed = false;
        std::uint32_t at = 0;  // Its ForBegin, for the name of the loop.
    };

    struct Case {
        Datum value;
        int equal_count = 0;
        bool entered = false;
    };

    enum class SlotState : std::uint8_t { Unknown, Known };
    struct Slot {
        SlotState state = SlotState::Unknown;
        Datum value;
    };

    // One running program: the template itself or a snippet in it.
    struct Frame {
        const Program* program = nullptr;
        const ValueMap* data = nullptr;  // Null in snippets: they see their parameters only.
        std::vector<Slot> slots;         // By name.
        std::vector<std::int64_t> resume;
        std::size_t loops_begin = 0;
        const std::string* snippet = nullptr;
    };

    bool run_frame(Frame& frame);
    // One instruction; `next` is where to go on. False to stop with an error.
    bool step(Frame& frame, const Instruction& instruction, std::uint32_t& next);
    bool member_checked(std::string_view name);
    void take_element();
    void keep_or_pop(bool keeps, std::uint32_t target, std::uint32_t& next);
    bool abort_message(const Datum& reason);

    Datum load(Frame& frame, std::uint32_t name);
    bool load_checked(Frame& frame, std::uint32_t name);
    Datum member_of(const Datum& datum, std::string_view name);
    Datum loop_member(const Loop& loop, std::int64_t number, std::string_view name);
    void assign(Frame& frame, std::uint32_t name, Datum value);
    bool apply_filter(const FilterCall& call);
    bool compare(Comparison comparison);
    bool contains(const Datum& whole, const Datum& part);
    void begin_loop(Frame& frame, const Instruction& instruction, std::uint32_t& next);
    void break_loop(const Instruction& instruction, std::uint32_t& next);
    void next_item(const Instruction& instruction, std::uint32_t& next);
    bool take_loop_bound(std::optional<std::int64_t>& bound);
    bool make_range();
    bool render_snippet(const SnippetCall& call);
    void end_capture(Frame& frame, std::uint32_t name);
    bool print(const Datum& datum);
    bool print_text(std::string_view text);
    bool spend(std::int64_t steps);
    bool fail(RenderErrorKind kind, std::string message);
    Datum pop();
    void push(Datum datum) { stack_.push_back(datum); }

    const ValueMap& data_;
    const RenderOptions& options_;
    const Zone& zone_;
    std::string& out_;
    const std::size_t out_begin_;
    Arena arena_;
    std::vector<Datum> stack_;
    std::vector<Loop> loops_;
    std::vector<Case> cases_;
    std::vector<std::size_t> captures_;  // Where in out_ each began.
    std::optional<std::int64_t> limit_;  // For the next ForBegin.
    std::optional<std::int64_t> offset_;
    bool resume_ = false;
    std::string buffer_;
    std::int64_t steps_left_;
    int depth_ = 0;
    bool halted_ = false;
    bool located_ = false;  // The innermost program that failed has named the place.
    RenderError error_;
};

}  // namespace winback::liquid

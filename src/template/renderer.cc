#include "template/renderer.h"

#include "base/check.h"
#include "template/decimal.h"
#include "template/text.h"

namespace winback::liquid {

Renderer::Renderer(const ValueMap& data, const RenderOptions& options, std::string& out)
    : data_(data),
      options_(options),
      zone_(options.zone != nullptr ? *options.zone : utc_zone()),
      out_(out),
      out_begin_(out.size()),
      arena_(options.limits.working_bytes),
      steps_left_(options.limits.steps) {
    stack_.reserve(16);
}

bool Renderer::run(const Program& program) {
    Frame frame;
    frame.program = &program;
    frame.data = &data_;
    return run_frame(frame);
}

// NOLINTNEXTLINE(misc-no-recursion): snippets; bounded by render_depth.
bool Renderer::run_frame(Frame& frame) {
    frame.slots.resize(frame.program->names.size());
    frame.resume.resize(frame.program->resume_slots);
    frame.loops_begin = loops_.size();
    halted_ = false;
    const std::vector<Instruction>& code = frame.program->code;
    std::uint32_t at = 0;
    while (at < code.size() && !halted_) {
        const Instruction& instruction = code[at];
        std::uint32_t next = at + 1;
        const bool went_well = spend(1) && step(frame, instruction, next);
        if (!went_well || arena_.exhausted()) [[unlikely]] {
            if (went_well) {
                fail(RenderErrorKind::Limit, "The template builds too much text.");
            }
            if (!located_) {
                located_ = true;
                error_.position = position_at(frame.program->source, instruction.at);
                error_.snippet = frame.snippet != nullptr ? *frame.snippet : "";
            }
            return false;
        }
        at = next;
    }
    halted_ = false;
    loops_.resize(frame.loops_begin);
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Renderer::step(Frame& frame, const Instruction& instruction, std::uint32_t& next) {
    const std::uint32_t a = instruction.a;
    switch (instruction.op) {
        case Op::Nothing:
            return true;
        case Op::Text:
            return print_text(std::string_view(frame.program->source).substr(a, instruction.b));
        case Op::Push:
            push(frame.program->constants[a]);
            return true;
        case Op::Load:
            return load_checked(frame, a);
        case Op::Member:
            return member_checked(frame.program->names[a]);
        case Op::Element:
            take_element();
            return true;
        case Op::Range:
            return make_range();
        case Op::Filter:
            return apply_filter(frame.program->filter_calls[a]);
        case Op::Print:
            return print(pop());
        case Op::Assign:
            assign(frame, a, pop());
            return true;
        case Op::CaptureBegin:
            captures_.push_back(out_.size());
            return true;
        case Op::CaptureEnd:
            end_capture(frame, a);
            return true;
        case Op::Jump:
            next = a;
            return true;
        case Op::JumpIf:
            next = pop().truthy() ? a : next;
            return true;
        case Op::JumpUnless:
            next = pop().truthy() ? next : a;
            return true;
        case Op::AndJump:
            keep_or_pop(false, a, next);
            return true;
        case Op::OrJump:
            keep_or_pop(true, a, next);
            return true;
        case Op::Compare:
            return compare(static_cast<Comparison>(instruction.flag));
        case Op::CaseBegin:
            cases_.push_back({pop(), 0, false});
            return true;
        case Op::CaseTest:
            cases_.back().equal_count += equal(cases_.back().value, pop()) ? 1 : 0;
            return spend(cases_.back().value.item_count());
        case Op::CaseEnter:
            cases_.back().entered = cases_.back().entered || cases_.back().equal_count > 0;
            next = cases_.back().equal_count == 0 ? a : next;
            return true;
        case Op::CaseAgain:
            next = --cases_.back().equal_count > 0 ? a : next;
            return true;
        case Op::CaseElse:
            next = cases_.back().entered ? a : next;
            return true;
        case Op::CaseEnd:
            cases_.pop_back();
            return true;
        case Op::ForLimit:
            return take_loop_bound(limit_);
        case Op::ForOffset:
            resume_ = false;  // The last of several offsets counts.
            return take_loop_bound(offset_);
        case Op::ForResume:
            resume_ = true;
            return true;
        case Op::ForBegin:
            begin_loop(frame, instruction, next);
            return true;
        case Op::ForNext:
            next_item(instruction, next);
            return true;
        case Op::ForBreak:
            break_loop(instruction, next);
            return true;
        case Op::Render:
            return render_snippet(frame.program->snippet_calls[a]);
        case Op::Abort:
            return abort_message(pop());
        case Op::Halt:
            halted_ = true;
            return true;
    }
    return true;
}

bool Renderer::member_checked(std::string_view name) {
    const Datum whole = pop();
    push(member_of(whole, name));
    // A key that an object lacks is its own business; a part of nothing is a mistake.
    const bool lost = stack_.back().is_nil() && !whole.is(Datum::Kind::Map);
    return !lost || !options_.strict_variables ||
           fail(RenderErrorKind::Undefined, "There is no '" + std::string(name) + "'.");
}

void Renderer::take_element() {
    const Datum key = pop();
    const Datum whole = pop();
    const bool loop = whole.is(Datum::Kind::Loop) && key.is(Datum::Kind::Text);
    push(loop ? member_of(whole, key.as_text()) : element(whole, key));
}

void Renderer::keep_or_pop(bool keeps, std::uint32_t target, std::uint32_t& next) {
    if (stack_.back().truthy() == keeps) {
        next = target;
    } else {
        pop();
    }
}

bool Renderer::abort_message(const Datum& reason) {
    std::string text;
    append_text(text, reason, zone_);
    return fail(RenderErrorKind::Aborted, std::move(text));
}

Datum Renderer::load(Frame& frame, std::uint32_t name) {
    for (std::size_t i = loops_.size(); i > frame.loops_begin; --i) {
        if (loops_[i - 1].variable == name) {
            return loops_[i - 1].item;
        }
    }
    if (name == frame.program->forloop_name && loops_.size() > frame.loops_begin) {
        return Datum::loop(static_cast<std::int64_t>(loops_.size()) - 1);
    }
    Slot& slot = frame.slots[name];
    if (slot.state == SlotState::Unknown) {
        slot.state = SlotState::Known;
        const Value* value =
            frame.data != nullptr ? frame.data->find(frame.program->names[name]) : nullptr;
        slot.value = value != nullptr ? Datum::of(*value) : Datum{};
    }
    return slot.value;
}

bool Renderer::load_checked(Frame& frame, std::uint32_t name) {
    push(load(frame, name));
    if (!options_.strict_variables || !stack_.back().is_nil()) {
        return true;
    }
    const std::string_view text = frame.program->names[name];
    const bool there = frame.data == nullptr || frame.data->find(text) != nullptr;
    return there || fail(RenderErrorKind::Undefined, "There is no '" + std::string(text) + "'.");
}

Datum Renderer::member_of(const Datum& datum, std::string_view name) {
    if (!datum.is(Datum::Kind::Loop)) {
        return member(datum, name, arena_);
    }
    const auto number = static_cast<std::size_t>(datum.as_int());
    return number < loops_.size() ? loop_member(loops_[number], datum.as_int(), name) : Datum{};
}

Datum Renderer::loop_member(const Loop& loop, std::int64_t number, std::string_view name) {
    if (name == "index") {
        return Datum::integer(loop.round + 1);
    }
    if (name == "index0") {
        return Datum::integer(loop.round);
    }
    if (name == "first") {
        return Datum::boolean(loop.round == 0);
    }
    if (name == "last") {
        return Datum::boolean(loop.round == loop.count - 1);
    }
    if (name == "length") {
        return Datum::integer(loop.count);
    }
    if (name == "rindex") {
        return Datum::integer(loop.count - loop.round);
    }
    if (name == "rindex0") {
        return Datum::integer(loop.count - loop.round - 1);
    }
    return name == "parentloop" && number > 0 ? Datum::loop(number - 1) : Datum{};
}

void Renderer::assign(Frame& frame, std::uint32_t name, Datum value) {
    // A loop's object ends with its loop; nothing may hold it longer.
    const Datum kept = value.is(Datum::Kind::Loop) ? Datum{} : value;
    frame.slots[name] = {SlotState::Known, kept};
}

void Renderer::end_capture(Frame& frame, std::uint32_t name) {
    const std::size_t begin = captures_.back();
    captures_.pop_back();
    const std::string_view kept = arena_.keep(std::string_view(out_).substr(begin));
    assign(frame, name, Datum::text(kept, options_.escape == EscapeMode::Html));
    out_.resize(begin);
}

bool Renderer::apply_filter(const FilterCall& call) {
    const std::size_t count = call.positional + call.keywords.size();
    WINBACK_CHECK(stack_.size() > count);
    const std::span<const Datum> arguments(stack_.data() + stack_.size() - count, count);
    const Datum value = stack_[stack_.size() - count - 1];
    const std::int64_t cost = value.is(Datum::Kind::Text)
                                  ? static_cast<std::int64_t>(value.as_text().size() / 256)
                                  : value.item_count();
    if (!spend(cost)) {
        return false;
    }
    buffer_.clear();
    FilterInput in{value,         arguments.first(call.positional),
                   call.keywords, arguments.subspan(call.positional),
                   arena_,        options_,
                   zone_,         buffer_,
                   std::nullopt};
    const Datum result = call.filter->apply(in);
    if (in.error) {
        return fail(RenderErrorKind::Type,
                    std::string(call.filter->name) + ": " + std::move(*in.error));
    }
    stack_.resize(stack_.size() - count);
    stack_.back() = result;
    return true;
}

namespace {

std::string_view kind_name(const Datum& datum) {
    return datum.is(Datum::Kind::Text)   ? "a text"
           : datum.is(Datum::Kind::Time) ? "a time"
                                         : "a number";
}

bool is_number(const Datum& datum) {
    return datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::Double);
}

bool has_order(const Datum& datum) {
    return is_number(datum) || datum.is(Datum::Kind::Text) || datum.is(Datum::Kind::Time);
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

bool holds(Comparison comparison, int order) {
    switch (comparison) {
        case Comparison::Less:
            return order < 0;
        case Comparison::LessOrEqual:
            return order <= 0;
        case Comparison::Greater:
            return order > 0;
        case Comparison::GreaterOrEqual:
            return order >= 0;
        case Comparison::Equal:
            return order == 0;
        case Comparison::NotEqual:
            return order != 0;
        case Comparison::Contains:
            return false;
    }
    return false;
}

}  // namespace

bool Renderer::compare(Comparison comparison) {
    const Datum right = pop();
    const Datum left = pop();
    if (comparison == Comparison::Equal || comparison == Comparison::NotEqual) {
        push(Datum::boolean(equal(left, right) == (comparison == Comparison::Equal)));
        return spend(left.item_count());
    }
    if (comparison == Comparison::Contains) {
        push(Datum::boolean(contains(left, right)));
        const bool text = left.is(Datum::Kind::Text);
        return spend(text ? static_cast<std::int64_t>(left.as_text().size() / 256)
                          : left.item_count());
    }
    if (is_number(left) && is_number(right)) {
        push(Datum::boolean(holds(comparison, compare_numbers(left, right))));
    } else if (left.is(Datum::Kind::Text) && right.is(Datum::Kind::Text)) {
        push(Datum::boolean(holds(comparison, order(left.as_text(), right.as_text()))));
    } else if (left.is(Datum::Kind::Time) && right.is(Datum::Kind::Time)) {
        push(Datum::boolean(holds(comparison, order(left.as_time(), right.as_time()))));
    } else if (has_order(left) && has_order(right)) {
        return fail(RenderErrorKind::Type, "Cannot compare " + std::string(kind_name(left)) +
                                               " with " + std::string(kind_name(right)) + ".");
    } else {
        push(Datum::boolean(false));
    }
    return true;
}

bool Renderer::contains(const Datum& whole, const Datum& part) {
    if (part.is_nil()) {
        return false;
    }
    if (whole.is(Datum::Kind::Text)) {
        std::string text;
        append_text(text, part, zone_, list_text_bytes_max);
        return whole.as_text().find(text) != std::string_view::npos;
    }
    if (whole.is(Datum::Kind::Map)) {
        return part.is(Datum::Kind::Text) && whole.as_map().find(part.as_text()) != nullptr;
    }
    if (whole.is(Datum::Kind::Range)) {
        return part.is(Datum::Kind::Int) && part.as_int() >= whole.range_from() &&
               part.as_int() <= whole.range_to();
    }
    for (std::int64_t i = 0; i < whole.item_count(); ++i) {
        if (equal(whole.item(i), part)) {
            return true;
        }
    }
    return false;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Renderer::render_snippet(const SnippetCall& call) {
    if (++depth_ > options_.limits.render_depth) {
        return fail(RenderErrorKind::Limit, "Snippets are nested too deeply.");
    }
    Frame inner;
    inner.program = call.program.get();
    inner.snippet = &call.name;
    inner.slots.resize(call.program->names.size());
    const std::size_t count = call.parameters.size();
    const std::size_t first = stack_.size() - count;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t name = 0; name < call.program->names.size(); ++name) {
            if (call.program->names[name] == call.parameters[i]) {
                assign(inner, static_cast<std::uint32_t>(name), stack_[first + i]);
            }
        }
    }
    stack_.resize(first);
    const bool went_well = run_frame(inner);
    --depth_;
    return went_well;
}

bool Renderer::print(const Datum& datum) {
    if (datum.is(Datum::Kind::Text) && (datum.is_safe() || options_.escape == EscapeMode::None)) {
        out_ += datum.as_text();
    } else if (datum.is(Datum::Kind::Text) && options_.escape == EscapeMode::Html) {
        append_escaped(out_, datum.as_text());
    } else if (datum.is(Datum::Kind::Int) || options_.escape == EscapeMode::None) {
        append_text(out_, datum, zone_, options_.limits.output_bytes);
    } else {
        buffer_.clear();
        append_text(buffer_, datum, zone_, options_.limits.output_bytes);
        if (options_.escape == EscapeMode::Html) {
            append_escaped(out_, buffer_);
        } else {
            append_header(out_, buffer_);
        }
    }
    return out_.size() - out_begin_ <= options_.limits.output_bytes ||
           fail(RenderErrorKind::Limit, "The template prints too much text.");
}

// Text of the template itself.
bool Renderer::print_text(std::string_view text) {
    if (options_.escape == EscapeMode::Header) {
        append_header(out_, text);
    } else {
        out_ += text;
    }
    return out_.size() - out_begin_ <= options_.limits.output_bytes ||
           fail(RenderErrorKind::Limit, "The template prints too much text.");
}

bool Renderer::spend(std::int64_t steps) {
    if (steps > steps_left_) {
        return fail(RenderErrorKind::Limit, "The template takes too many steps.");
    }
    steps_left_ -= steps;
    return true;
}

bool Renderer::fail(RenderErrorKind kind, std::string message) {
    error_.kind = kind;
    error_.message = std::move(message);
    return false;
}

Datum Renderer::pop() {
    WINBACK_CHECK(!stack_.empty());
    const Datum top = stack_.back();
    stack_.pop_back();
    return top;
}

}  // namespace winback::liquid

#include "template/renderer.h"

#include <algorithm>

#include "base/strings.h"
#include "template/renderer_drops.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

// A target of `link`: one of four schemes, without control characters.
bool may_be_linked_to(std::string_view target) {
    const bool plain = std::none_of(target.begin(), target.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
    });
    const auto begins_with = [&](std::string_view scheme) {
        return equals_ignoring_case(target.substr(0, scheme.size()), scheme);
    };
    return plain && (begins_with("http://") || begins_with("https://") || begins_with("mailto:") ||
                     begins_with("tel:"));
}

}  // namespace

Renderer::Renderer(const ValueMap& data, const RenderOptions& options, std::string& out)
    : data_(data),
      options_(options),
      zone_(options.zone != nullptr ? *options.zone : utc_zone()),
      out_(out),
      out_begin_(out.size()),
      arena_(options.limits.working_bytes),
      meter_(options.limits.steps,
             std::max(options.limits.output_bytes, options.limits.working_bytes)) {}

Renderer::~Renderer() = default;

bool Renderer::run(const Program& program) {
    Frame frame;
    frame.program = &program;
    frame.scope = &new_scope(program, 0);
    frame_ = &frame;
    const Signal signal = run_nodes(0, static_cast<std::uint32_t>(program.nodes.size()));
    return signal != Signal::Stop;
}

// NOLINTNEXTLINE(misc-no-recursion): blocks and snippets; bounded by their depths.
Renderer::Signal Renderer::run_nodes(std::uint32_t begin, std::uint32_t end) {
    const std::vector<Node>& nodes = frame_->program->nodes;
    ++open_blocks_;
    Signal signal = Signal::Next;
    for (std::uint32_t at = begin; at < end && signal == Signal::Next; at = nodes[at].end) {
        const Node& node = nodes[at];
        signal = spend(1) && open_blocks_ <= open_blocks_max ? run_node(node, at) : Signal::Stop;
        if (exhausted() && !fatal_) [[unlikely]] {
            fail_exhausted();
            signal = Signal::Stop;
        } else if (open_blocks_ > open_blocks_max) [[unlikely]] {
            fail(RenderErrorKind::Limit, "Nesting too deep");
        }
        if (signal == Signal::Stop) [[unlikely]] {
            signal = recover(node);
        }
    }
    --open_blocks_;
    return signal;
}

// After an error in `node`: goes on when errors are printed.
Renderer::Signal Renderer::recover(const Node& node) {
    if (fatal_) {
        return Signal::Stop;
    }
    if (error_.position.line == 0) {
        if (options_.prints_errors && !meter_.spend_bytes(node.at)) {  // Lines are counted.
            fail_exhausted();
        }
        error_.position = position_at(frame_->program->source, node.at);
        error_.snippet = frame_->snippet;
    }
    const bool recoverable =
        options_.prints_errors && error_.kind != RenderErrorKind::Aborted && !exhausted();
    const bool shown = !node.blank && error_.kind != RenderErrorKind::Undefined;
    if (recoverable && (!shown || print_error())) {
        return Signal::Next;
    }
    if (error_.position.line == 0) {  // There was no room for the error.
        error_.position = position_at(frame_->program->source, node.at);
        error_.snippet = frame_->snippet;
    }
    fatal_ = true;
    return Signal::Stop;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_node(const Node& node, std::uint32_t index) {
    switch (node.op) {
        case Op::Text:
        case Op::Raw:
            return print_text(std::string_view(frame_->program->source).substr(node.a, node.b))
                       ? Signal::Next
                       : Signal::Stop;
        case Op::Print:
            return print_value(node.a) ? Signal::Next : Signal::Stop;
        case Op::If:
            return run_if(node, index);
        case Op::For:
            return run_for(node, index);
        case Op::Case:
            return run_case(node, index);
        case Op::Capture:
            return run_capture(node, index);
        case Op::TableRow:
            return run_table_row(node, index);
        case Op::IfChanged:
            return run_if_changed(index);
        case Op::Break:
            return Signal::Break;
        case Op::Continue:
            return Signal::Continue;
        case Op::Include:
            return run_include(frame_->program->partials[node.a]);
        case Op::Render:
            return run_render(frame_->program->partials[node.a]);
        case Op::Cycle:
            return cycle(frame_->program->cycles[node.a], index) ? Signal::Next : Signal::Stop;
        case Op::Assign:
        case Op::Increment:
        case Op::Decrement:
        case Op::Abort:
        case Op::Url:
        case Op::Link:
            return leaf(node);
        case Op::Branch:
        case Op::When:
        case Op::Else:
        case Op::Body:
            break;  // Run by their block.
    }
    return Signal::Next;
}

Renderer::Signal Renderer::leaf(const Node& node) {
    bool went_well = false;
    if (node.op == Op::Assign) {
        went_well = assign(node);
    } else if (node.op == Op::Abort) {
        went_well = abort_message(node.a);
    } else if (node.op == Op::Url) {
        went_well = print_url(node.a);
    } else if (node.op == Op::Link) {
        went_well = print_link(frame_->program->partials[node.a]);
    } else {
        went_well = count(node);
    }
    return went_well ? Signal::Next : Signal::Stop;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_if(const Node& node, std::uint32_t index) {
    const std::vector<Node>& nodes = frame_->program->nodes;
    for (std::uint32_t at = index + 1; at < node.end; at = nodes[at].end) {
        bool result = true;
        if (nodes[at].a != nothing && !holds(nodes[at].a, result)) {
            return Signal::Stop;
        }
        const bool turned = node.flag == 1 && at == index + 1;
        if (result != turned) {
            return run_children(at);
        }
    }
    return Signal::Next;
}

// Every equal value runs its branch, one after the other; `else` runs when none did before it.
// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_case(const Node& node, std::uint32_t index) {
    const Program& program = *frame_->program;
    bool any = false;
    for (std::uint32_t at = index + 1; at < node.end; at = program.nodes[at].end) {
        const Node& branch = program.nodes[at];
        const std::uint32_t rounds = branch.op == Op::When ? branch.b : 1;
        for (std::uint32_t i = 0; i < rounds; ++i) {
            bool runs = !any;
            if (branch.op == Op::When) {
                Datum left;
                Datum right;
                if (!evaluate(node.a, left) || !evaluate(program.lists[branch.a + i], right) ||
                    !spend(1)) {
                    return Signal::Stop;
                }
                runs = equal(left, right, meter_);
                any = any || runs;
            }
            const Signal signal = runs ? run_children(at) : Signal::Next;
            if (signal != Signal::Next) {
                return signal;
            }
        }
    }
    return Signal::Next;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_capture(const Node& node, std::uint32_t index) {
    const std::size_t begin = out_.size();
    const Signal signal = run_children(index);
    if (signal == Signal::Stop) {
        return signal;
    }
    const std::string_view kept = arena_.keep(std::string_view(out_).substr(begin));
    out_.resize(begin);
    set(*frame_->scope, slot_of(node.b), Datum::text(kept, options_.escape == EscapeMode::Html));
    return signal;
}

// NOLINTNEXTLINE(misc-no-recursion)
Renderer::Signal Renderer::run_if_changed(std::uint32_t index) {
    const std::size_t begin = out_.size();
    const Signal signal = run_children(index);
    Scope& scope = *frame_->scope;
    const std::string_view printed = std::string_view(out_).substr(begin);
    if (signal == Signal::Stop) {
        return signal;
    }
    if (scope.has_last_change && printed == scope.last_change) {
        out_.resize(begin);
    } else {
        scope.last_change = printed;
        scope.has_last_change = true;
    }
    return signal;
}

bool Renderer::print_value(std::uint32_t value) {
    Datum datum;
    return evaluate_value(value, datum) && print(datum);
}

bool Renderer::assign(const Node& node) {
    Datum datum;
    if (!evaluate_value(node.a, datum)) {
        return false;
    }
    set(*frame_->scope, slot_of(node.b), datum);
    return true;
}

// increment prints, then counts up; decrement counts down, then prints.
bool Renderer::count(const Node& node) {
    Scope& scope = *frame_->scope;
    const std::uint32_t slot = slot_of(node.a);
    std::size_t i = 0;
    while (i < scope.counters.size() && scope.counters[i].slot != slot) {
        ++i;
    }
    spend_search(i);
    if (i == scope.counters.size()) {
        scope.counters.push_back({slot, 0});
    }
    std::int64_t& value = scope.counters[i].value;
    const std::int64_t shown = node.op == Op::Increment ? value++ : --value;
    return print(Datum::integer(shown));
}

bool Renderer::abort_message(std::uint32_t value) {
    Datum reason;
    if (!evaluate_value(value, reason)) {
        return false;
    }
    std::string text;
    append_text(text, reason, zone_, meter_);
    // The reason is kept in lists and logs: one line.
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return fail(RenderErrorKind::Aborted, std::move(text));
}

// A message whose unsubscribe link would be empty must not leave.
bool Renderer::print_url(std::uint32_t name) {
    bool found = false;
    const Datum datum = variable(*frame_->scope, slot_of(name), found);
    if (!datum.is(Datum::Kind::Text) || datum.as_text().empty()) {
        return fail(RenderErrorKind::Undefined,
                    "there is no " + std::string(frame_->program->names[name]));
    }
    return print(datum);
}

bool Renderer::print_link(const PartialCall& call) {
    Datum target;
    if (!evaluate(call.name, target)) {
        return false;
    }
    std::string text;
    append_text(text, target, zone_, meter_);
    if (exhausted()) {
        return false;
    }
    if (!may_be_linked_to(text)) {
        text.clear();
    } else if (options_.links != nullptr) {
        text = (*options_.links)(text);
    }
    if (text.empty()) {
        return fail(RenderErrorKind::Type,
                    "link has no target that may be linked to; it begins with "
                    "http://, https://, mailto: or tel:");
    }
    return print(Datum::text(text));
}

bool Renderer::print(const Datum& datum) {
    const bool html = options_.escape == EscapeMode::Html;
    const bool as_is = options_.escape == EscapeMode::None || (html && datum.is_safe());
    const bool text = datum.is(Datum::Kind::Text);
    const std::size_t before = out_.size();
    if (text && as_is) {
        out_ += datum.as_text();
    } else if (text && html) {
        append_escaped(out_, datum.as_text());
    } else if (datum.is(Datum::Kind::Int)) {
        append_integer(out_, datum.as_int());
    } else if (datum.is_nil()) {
        return true;
    } else {
        buffer_.clear();
        append_text(buffer_, datum, zone_, meter_);
        if (exhausted()) {
            return false;
        }
        if (options_.escape == EscapeMode::None) {
            out_ += buffer_;
        } else if (html) {
            append_escaped(out_, buffer_);
        } else {
            append_header(out_, buffer_);
        }
    }
    meter_.spend_bytes(out_.size() - before);
    return fits();
}

// Text of the template itself.
bool Renderer::print_text(std::string_view text) {
    meter_.spend_bytes(text.size());
    if (options_.escape == EscapeMode::Header) {
        append_header(out_, text);
    } else {
        out_ += text;
    }
    return fits();
}

// Its message may quote the data.
bool Renderer::print_error() {
    if (options_.escape == EscapeMode::Html) {
        append_escaped(out_, describe(error_));
        return fits();
    }
    return print_text(describe(error_));
}

bool Renderer::fits() {
    return out_.size() - out_begin_ <= options_.limits.output_bytes ||
           fail(RenderErrorKind::Limit, "Memory limits exceeded: the template prints too much.");
}

void Renderer::fail_exhausted() {
    const bool builds = arena_.exhausted() || meter_.too_long();
    fail(RenderErrorKind::Limit,
         builds ? "Memory limits exceeded: the template builds too much."
                : "Memory limits exceeded: the template takes too many steps.");
}

bool Renderer::fail(RenderErrorKind kind, std::string message) {
    if (message.size() > error_bytes_max) {
        std::size_t size = error_bytes_max;
        while (size > 0 && (static_cast<unsigned char>(message[size]) & 0xc0U) == 0x80) {
            --size;  // Between two letters.
        }
        message.resize(size);
    }
    error_ = {kind, std::move(message), {0, 0}, {}};
    return false;
}

}  // namespace winback::liquid

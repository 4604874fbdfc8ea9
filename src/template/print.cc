// A program as text: its canonical Liquid, and a listing of its nodes.
#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "base/strings.h"
#include "template/program.h"

namespace winback::liquid {
namespace {

class Printer {
public:
    explicit Printer(const Program& program) : program_(program) {}

    std::string source();
    std::string listing();

private:
    void nodes(std::uint32_t begin, std::uint32_t end);
    void node(std::uint32_t index);
    void block(std::string_view name, std::string_view head, std::uint32_t index);
    void if_block(std::uint32_t index);
    void case_block(std::uint32_t index);
    bool is_blank(std::uint32_t index) const;
    void for_block(std::uint32_t index);
    void tag(std::string_view name, std::string_view markup = {});
    void text(const Node& node);
    bool joins() const;

    std::string operand(const Node& node) const;
    std::string value(std::uint32_t index) const;
    std::string filter(const FilterCall& call) const;
    std::string expression(std::uint32_t index, bool in_condition = false) const;
    std::string steps(const Expression& expression) const;
    std::string constant(const Datum& datum) const;
    std::string condition(std::uint32_t index) const;
    std::string loop(const LoopSpec& loop) const;
    std::string cycle(const CycleSpec& cycle) const;
    std::string partial(const PartialCall& call) const;
    std::string list(std::uint32_t begin, std::uint32_t count, bool in_condition) const;
    std::string named(std::uint32_t begin, std::uint32_t count) const;
    std::string_view name(std::uint32_t index) const { return program_.names[index]; }

    const Program& program_;
    std::string out_;
};

std::string quoted(std::string_view text) {
    const char quote = text.find('"') == std::string_view::npos ? '"' : '\'';
    return quote + std::string(text) + quote;
}

std::string Printer::constant(const Datum& datum) const {
    using enum Datum::Kind;
    std::string text;
    if (datum.is(Text)) {
        return quoted(datum.as_text());
    }
    if (datum.is_nil()) {
        return "nil";
    }
    if (datum.is(Empty) || datum.is(Blank)) {
        return datum.is(Empty) ? "empty" : "blank";
    }
    if (datum.is(Range)) {
        return "(" + std::to_string(datum.range_from()) + ".." + std::to_string(datum.range_to()) +
               ")";
    }
    if (datum.is(Double) && std::isinf(datum.as_double())) {  // A literal that is out of range.
        return (datum.as_double() < 0 ? "-1" : "1") + std::string(400, '0') + ".0";
    }
    if (datum.is(Double)) {  // Never with an exponent, which the language does not read.
        std::array<char, 400> buffer{};
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                       datum.as_double(), std::chars_format::fixed);
        text.assign(buffer.data(), end.ptr);
        return text.find('.') == std::string::npos ? text + ".0" : text;
    }
    Meter meter = source_meter();
    append_text(text, datum, utc_zone(), meter);
    return text;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser allowed.
std::string Printer::steps(const Expression& expression_at) const {
    std::string text;
    for (std::uint32_t i = 0; i < expression_at.count; ++i) {
        const Step& step = program_.steps[expression_at.b + i];
        text +=
            step.is_name ? "." + std::string(name(step.index)) : "[" + expression(step.index) + "]";
    }
    return text;
}

// NOLINTNEXTLINE(misc-no-recursion)
std::string Printer::expression(std::uint32_t index, bool in_condition) const {
    if (index == nothing) {
        return "nil";
    }
    const Expression& e = program_.expressions[index];
    switch (e.kind) {
        case Expression::Kind::Constant:
            return constant(program_.constants[e.a]);
        case Expression::Kind::Variable:
            return std::string(name(e.a));
        case Expression::Kind::Path:
            return std::string(name(e.a)) + steps(e);
        case Expression::Kind::Dynamic:
            return "[" + expression(e.a) + "]" + steps(e);
        case Expression::Kind::Range:
            return "(" + expression(e.a, in_condition) + ".." + expression(e.b, in_condition) + ")";
    }
    return "";
}

std::string Printer::list(std::uint32_t begin, std::uint32_t count, bool in_condition) const {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
        text += i == 0 ? "" : ", ";
        text += expression(program_.lists[begin + i], in_condition);
    }
    return text;
}

std::string Printer::named(std::uint32_t begin, std::uint32_t count) const {
    std::string text;
    for (std::uint32_t i = 0; i < count; ++i) {
        text += i == 0 ? "" : ", ";
        text += name(program_.lists[begin + 2 * i]);
        text += ": " + expression(program_.lists[begin + 2 * i + 1]);
    }
    return text;
}

std::string Printer::filter(const FilterCall& call) const {
    std::string text(call.name);
    const std::string positional = list(call.arguments, call.positional, false);
    const std::string keywords = named(call.arguments + call.positional, call.keywords);
    text += positional.empty() && keywords.empty() ? "" : ": ";
    text += positional + (positional.empty() || keywords.empty() ? "" : ", ") + keywords;
    return text;
}

std::string Printer::value(std::uint32_t index) const {
    const FilteredValue& filtered = program_.values[index];
    std::string text = filtered.expression == nothing ? "" : expression(filtered.expression);
    for (std::uint32_t i = 0; i < filtered.count; ++i) {
        text += " | " + filter(program_.filter_calls[filtered.filters + i]);
    }
    return text;
}

std::string Printer::condition(std::uint32_t index) const {
    std::string text;
    for (std::uint32_t i = index;; ++i) {
        const Condition& c = program_.conditions[i];
        text += expression(c.left, true);
        if (c.comparison != Comparison::None) {
            text += " " + std::string(c.sign) + " " + expression(c.right, true);
        }
        if (c.join == Condition::Join::End) {
            return text;
        }
        text += c.join == Condition::Join::And ? " and " : " or ";
    }
}

std::string Printer::loop(const LoopSpec& spec) const {
    std::string text = std::string(name(spec.variable)) + " in " + expression(spec.collection);
    text += spec.reversed ? " reversed" : "";
    text += spec.has_columns ? " cols: " + expression(spec.columns) : "";
    text += spec.limit == nothing ? "" : " limit: " + expression(spec.limit);
    text += spec.offset == nothing ? "" : " offset: " + expression(spec.offset);
    text += spec.resumes ? " offset: continue" : "";
    return text;
}

std::string Printer::cycle(const CycleSpec& spec) const {
    return (spec.group == nothing ? "" : expression(spec.group) + ": ") +
           list(spec.values, spec.count, false);
}

std::string Printer::partial(const PartialCall& call) const {
    std::string text = expression(call.name);
    text += call.with == nothing ? "" : (call.each ? " for " : " with ") + expression(call.with);
    text += call.alias == nothing ? "" : " as " + std::string(name(call.alias));
    const std::string parameters = named(call.parameters, call.count);
    return parameters.empty() ? text : text + ", " + parameters;
}

std::string Printer::operand(const Node& node) const {
    switch (node.op) {
        case Op::Print:
        case Op::Abort:
            return value(node.a);
        case Op::Assign:
            return std::string(name(node.b)) + " = " + value(node.a);
        case Op::Capture:
            return std::string(name(node.b));
        case Op::Branch:
            return node.a == nothing ? "" : condition(node.a);
        case Op::Case:
            return expression(node.a);
        case Op::When:
            return list(node.a, node.b, true);
        case Op::For:
        case Op::TableRow:
            return loop(program_.loops[node.a]);
        case Op::Cycle:
            return cycle(program_.cycles[node.a]);
        case Op::Increment:
        case Op::Decrement:
        case Op::Url:
            return std::string(name(node.a));
        case Op::Include:
        case Op::Render:
        case Op::Link:
            return partial(program_.partials[node.a]);
        case Op::Text:
        case Op::Raw:
        case Op::If:
        case Op::Else:
        case Op::Body:
        case Op::Break:
        case Op::Continue:
        case Op::IfChanged:
            break;
    }
    return "";
}

std::string_view tag_name(const Node& node) {
    switch (node.op) {
        case Op::Assign:
            return "assign";
        case Op::Capture:
            return "capture";
        case Op::Break:
            return "break";
        case Op::Continue:
            return "continue";
        case Op::Cycle:
            return "cycle";
        case Op::Increment:
            return "increment";
        case Op::Decrement:
            return "decrement";
        case Op::IfChanged:
            return "ifchanged";
        case Op::Include:
            return "include";
        case Op::Render:
            return "render";
        case Op::Abort:
            return "abort_message";
        case Op::Link:
            return "link";
        case Op::TableRow:
            return "tablerow";
        case Op::For:
            return "for";
        case Op::Case:
            return "case";
        case Op::When:
            return "when";
        case Op::Else:
            return "else";
        case Op::If:
            return node.flag == 1 ? "unless" : "if";
        case Op::Text:
            return "text";
        case Op::Raw:
            return "raw";
        case Op::Print:
            return node.flag == 1 ? "echo" : "print";
        case Op::Branch:
            return "branch";
        case Op::Body:
            return "body";
        case Op::Url:
            return "url";
    }
    return "";
}

// A text that ends with "{" would join what follows: the space between them is trimmed again.
bool Printer::joins() const {
    return out_.ends_with('{');
}

void Printer::tag(std::string_view name, std::string_view markup) {
    out_ += joins() ? " {%- " : "{% ";
    out_ += name;
    out_ += markup.empty() ? "" : " ";
    out_ += markup;
    out_ += " %}";
}

void Printer::text(const Node& node) {
    out_ += joins() ? " {%- # %}" : "";
    out_ += std::string_view(program_.source).substr(node.a, node.b);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as blocks are.
void Printer::block(std::string_view name, std::string_view head, std::uint32_t index) {
    tag(name, head);
    nodes(index + 1, program_.nodes[index].end);
    tag("end" + std::string(name));
}

// NOLINTNEXTLINE(misc-no-recursion)
void Printer::if_block(std::uint32_t index) {
    const Node& whole = program_.nodes[index];
    const std::string name(tag_name(whole));
    for (std::uint32_t at = index + 1; at < whole.end; at = program_.nodes[at].end) {
        const Node& branch = program_.nodes[at];
        tag(at == index + 1 ? name : branch.a == nothing ? "else" : "elsif", operand(branch));
        nodes(at + 1, branch.end);
    }
    tag("end" + name);
}

// Whether nothing but white space would be printed by the branches of a block.
bool Printer::is_blank(std::uint32_t index) const {
    const std::vector<Node>& all = program_.nodes;
    for (std::uint32_t at = index + 1; at < all[index].end; at = all[at].end) {
        for (std::uint32_t i = at + 1; i < all[at].end; i = all[i].end) {
            const std::string_view text =
                all[i].op == Op::Text ? std::string_view(program_.source).substr(all[i].a, all[i].b)
                                      : "";
            if (all[i].op == Op::Text ? !trim(text).empty() : !all[i].blank) {
                return false;
            }
        }
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion)
void Printer::case_block(std::uint32_t index) {
    const Node& whole = program_.nodes[index];
    tag("case", operand(whole));
    // White space counts where anything but white space stands in the block: before the first
    // `when` too, though that is not printed.
    out_ += !whole.blank && is_blank(index) ? "." : "";
    for (std::uint32_t at = index + 1; at < whole.end; at = program_.nodes[at].end) {
        tag(tag_name(program_.nodes[at]), operand(program_.nodes[at]));
        nodes(at + 1, program_.nodes[at].end);
    }
    tag("endcase");
}

// NOLINTNEXTLINE(misc-no-recursion)
void Printer::for_block(std::uint32_t index) {
    const Node& whole = program_.nodes[index];
    tag("for", operand(whole));
    for (std::uint32_t at = index + 1; at < whole.end; at = program_.nodes[at].end) {
        if (program_.nodes[at].op == Op::Else) {
            tag("else");
        }
        nodes(at + 1, program_.nodes[at].end);
    }
    tag("endfor");
}

// NOLINTNEXTLINE(misc-no-recursion)
void Printer::node(std::uint32_t index) {
    const Node& at = program_.nodes[index];
    switch (at.op) {
        case Op::Text:
            text(at);
            break;
        case Op::Raw:
            tag("raw");
            out_ += std::string_view(program_.source).substr(at.a, at.b);
            out_ += "{% endraw %}";
            break;
        case Op::Print:
            if (at.flag == 1) {
                tag("echo", operand(at));
            } else {
                out_ += (joins() ? " {{- " : "{{ ") + operand(at) + " }}";
            }
            break;
        case Op::If:
            if_block(index);
            break;
        case Op::Case:
            case_block(index);
            break;
        case Op::For:
            for_block(index);
            break;
        case Op::Capture:
        case Op::TableRow:
        case Op::IfChanged:
            block(tag_name(at), operand(at), index);
            break;
        case Op::Url:
            tag(operand(at));
            break;
        case Op::Assign:
        case Op::Break:
        case Op::Continue:
        case Op::Cycle:
        case Op::Increment:
        case Op::Decrement:
        case Op::Include:
        case Op::Render:
        case Op::Abort:
        case Op::Link:
            tag(tag_name(at), operand(at));
            break;
        case Op::Branch:
        case Op::When:
        case Op::Else:
        case Op::Body:
            break;  // Written by their block.
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
void Printer::nodes(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t at = begin; at < end; at = program_.nodes[at].end) {
        node(at);
    }
}

std::string Printer::source() {
    nodes(0, static_cast<std::uint32_t>(program_.nodes.size()));
    return std::move(out_);
}

std::string Printer::listing() {
    std::string texts;
    std::vector<std::uint32_t> ends;
    const auto flush = [&] {
        if (!texts.empty()) {
            out_ += std::string(2 * ends.size(), ' ') + "text ";
            append_json_string(out_, texts);
            out_ += "\n";
            texts.clear();
        }
    };
    for (std::uint32_t i = 0; i < program_.nodes.size(); ++i) {
        const Node& at = program_.nodes[i];
        while (!ends.empty() && ends.back() == i) {
            flush();
            ends.pop_back();
        }
        if (at.op == Op::Text) {
            texts += std::string_view(program_.source).substr(at.a, at.b);
            continue;
        }
        flush();
        out_ += std::string(2 * ends.size(), ' ') + std::string(tag_name(at));
        if (at.op == Op::Raw) {
            out_ += ' ';
            append_json_string(out_, std::string_view(program_.source).substr(at.a, at.b));
        } else if (const std::string text = operand(at); !text.empty()) {
            out_ += " " + text;
        }
        out_ += "\n";
        if (at.end > i + 1) {
            ends.push_back(at.end);
        }
    }
    flush();
    return std::move(out_);
}

}  // namespace

std::string listing(const Program& program) {
    return Printer(program).listing();
}

std::string to_source(const Program& program) {
    return Printer(program).source();
}

}  // namespace winback::liquid

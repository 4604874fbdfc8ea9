// Expressions, filters, conditions and variables.
#include <algorithm>

#include "template/decimal.h"
#include "template/inspect.h"
#include "template/number_text.h"
#include "template/renderer.h"
#include "template/renderer_drops.h"
#include "template/text.h"

namespace winback::liquid {

bool Renderer::evaluate(std::uint32_t index, Datum& out) {
    if (index == nothing) {
        out = {};
        return true;
    }
    const Expression& expression = frame_->program->expressions[index];
    if (expression.kind == Expression::Kind::Constant) {
        out = frame_->program->constants[expression.a];
        return true;
    }
    return evaluate_slow(expression, out);
}

bool Renderer::evaluate_slow(const Expression& expression, Datum& out) {
    if (expression.kind == Expression::Kind::Range) {
        return evaluate_range(expression, out);
    }
    Scope& scope = *frame_->scope;
    bool found = false;
    if (expression.kind == Expression::Kind::Dynamic) {
        Datum name;
        if (!evaluate(expression.a, name)) {
            return false;
        }
        std::string text;
        append_text(text, name, zone_, meter_);
        out = variable_named(scope, text);
        found = !out.is_nil();
    } else {
        out = variable(scope, slot_of(expression.a), found);
    }
    if (!found && options_.strict_variables) {
        const bool named = expression.kind != Expression::Kind::Dynamic;
        return fail(RenderErrorKind::Undefined,
                    "undefined variable " +
                        std::string(named ? frame_->program->names[expression.a] : "[]"));
    }
    return (expression.count == 0 || walk(expression, out)) && hold(out);
}

bool Renderer::walk(const Expression& expression, Datum& out) {
    const Program& program = *frame_->program;
    for (std::uint32_t i = 0; i < expression.count; ++i) {
        const Step& step = program.steps[expression.b + i];
        if (out.is_nil()) {
            // A key that an object lacks is its own business; a part of nothing is a mistake.
            return !options_.strict_variables ||
                   fail(RenderErrorKind::Undefined,
                        "undefined method " +
                            std::string(step.is_name ? program.names[step.index] : "[]"));
        }
        if (step.is_name) {
            out = member(out, program.names[step.index], arena_, meter_);
            continue;
        }
        Datum key;
        if (!evaluate(step.index, key)) {
            return false;
        }
        spend(1);
        out = element(out, key, meter_);
    }
    return true;
}

// A computed end of a range: whole numbers, texts by their leading digits, nil as 0.
bool Renderer::range_end(std::uint32_t index, std::int64_t& end) {
    Datum datum;
    if (!evaluate(index, datum)) {
        return false;
    }
    if (datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::Text) || datum.is_nil()) {
        spend_text(datum);
        end = leading_count(datum);
        return true;
    }
    return whole_number(datum, end);
}

bool Renderer::evaluate_range(const Expression& expression, Datum& out) {
    std::int64_t from = 0;
    std::int64_t to = 0;
    if (!range_end(expression.a, from) || !range_end(expression.b, to)) {
        return false;
    }
    out = Datum::range(from, to);
    return true;
}

bool Renderer::evaluate_value(std::uint32_t index, Datum& out) {
    const FilteredValue& value = frame_->program->values[index];
    if (!evaluate(value.expression, out)) {
        return false;
    }
    for (std::uint32_t i = 0; i < value.count; ++i) {
        if (!apply_filter(frame_->program->filter_calls[value.filters + i], out)) {
            return false;
        }
    }
    return true;
}

namespace {

std::string wrong_count(const FilterSpec& spec, std::size_t given) {
    const std::size_t least = spec.args_min + std::size_t{1};
    const std::size_t most = spec.args_max + std::size_t{1};
    std::string text = "wrong number of arguments (given " + std::to_string(given + 1) +
                       ", expected " + std::to_string(least);
    return text + (least == most ? ")" : ".." + std::to_string(most) + ")");
}

}  // namespace

namespace {

// What a filter takes to look at everything it is given.
std::int64_t filter_cost(const Datum& value, std::span<const Datum> arguments) {
    auto cost = static_cast<std::int64_t>(1 + arguments.size()) + value.item_count();
    std::size_t bytes = value.is(Datum::Kind::Text) ? value.as_text().size() : 0;
    for (const Datum& argument : arguments) {
        bytes += argument.is(Datum::Kind::Text) ? argument.as_text().size() : 0;
        cost += argument.is_list() ? argument.item_count() : 0;
    }
    return cost + static_cast<std::int64_t>(bytes / bytes_per_step);
}

}  // namespace

bool Renderer::apply_filter(const FilterCall& call, Datum& value) {
    arguments_.clear();
    keywords_.clear();
    const std::vector<std::uint32_t>& lists = frame_->program->lists;
    for (std::uint32_t i = 0; i < call.positional; ++i) {
        arguments_.emplace_back();
        if (!evaluate(lists[call.arguments + i], arguments_.back())) {
            return false;
        }
    }
    for (std::uint32_t i = 0; i < call.keywords; ++i) {
        const std::uint32_t pair = call.arguments + call.positional + 2 * i;
        keywords_.push_back(frame_->program->names[lists[pair]]);
        arguments_.emplace_back();
        if (!evaluate(lists[pair + 1], arguments_.back())) {
            return false;
        }
    }
    if (call.filter == nullptr) {
        return true;  // Unknown: the value goes on as it is.
    }
    std::size_t positional = call.positional;
    const FilterSpec& spec = *call.filter;
    const bool accepted = std::all_of(keywords_.begin(), keywords_.end(),
                                      [&](std::string_view name) { return spec.accepts(name); });
    if (!accepted) {
        // As in the reference: they become one object, the last argument.
        const std::span<Datum> pairs = arena_.array(2 * keywords_.size());
        for (std::size_t i = 0; 2 * i + 1 < pairs.size(); ++i) {
            pairs[2 * i] = Datum::text(keywords_[i]);
            pairs[2 * i + 1] = arguments_[positional + i];
        }
        arguments_.resize(positional);
        arguments_.push_back(Datum::hash(pairs));
        keywords_.clear();
        ++positional;
    }
    if (positional < call.filter->args_min || positional > call.filter->args_max) {
        return fail(RenderErrorKind::Type, wrong_count(*call.filter, positional));
    }
    if (!spend(filter_cost(value, arguments_))) {
        return false;
    }
    buffer_.clear();
    const std::span<const Datum> all(arguments_);
    FilterInput in{value,     all.first(positional),
                   keywords_, all.subspan(positional),
                   arena_,    meter_,
                   options_,  zone_,
                   buffer_,   {}};
    const Datum result = call.filter->apply(in);
    meter_.spend_bytes(buffer_.size());
    if (in.error) {
        return fail(RenderErrorKind::Type, std::move(*in.error));
    }
    value = result;
    return true;
}

bool Renderer::holds(std::uint32_t index, bool& result) {
    while (true) {
        const Condition& condition = frame_->program->conditions[index];
        Datum left;
        if (!evaluate(condition.left, left)) {
            return false;
        }
        result = left.truthy();
        if (condition.comparison != Comparison::None) {
            Datum right;
            if (!evaluate(condition.right, right) || !compare(condition, left, right, result)) {
                return false;
            }
        }
        if (condition.join == Condition::Join::End ||
            result == (condition.join == Condition::Join::Or)) {
            return true;
        }
        ++index;
        if (!spend(1)) {
            return false;
        }
    }
}

bool Renderer::compare(const Condition& condition,
                       const Datum& left,
                       const Datum& right,
                       bool& result) {
    switch (condition.comparison) {
        case Comparison::None:
            return true;
        case Comparison::Equal:
        case Comparison::NotEqual:
            result = equal(left, right, meter_) == (condition.comparison == Comparison::Equal);
            return true;
        case Comparison::Contains:
            result = contains(left, right);
            return true;
        case Comparison::Less:
        case Comparison::LessOrEqual:
        case Comparison::Greater:
        case Comparison::GreaterOrEqual:
            return compare_order(condition.comparison, left, right, result);
        case Comparison::Unknown:
            break;
    }
    return fail(RenderErrorKind::Type, "Unknown operator " + std::string(condition.sign));
}

namespace {

// What can be ordered at all. Others are simply not in order.
bool has_order(const Datum& datum) {
    return datum.is_number() || datum.is(Datum::Kind::Text) || datum.is(Datum::Kind::Time);
}

std::string_view class_of(const Datum& datum) {
    return datum.is(Datum::Kind::Text)     ? "String"
           : datum.is(Datum::Kind::Time)   ? "Time"
           : datum.is(Datum::Kind::Double) ? "Float"
                                           : "Integer";
}

// As the reference names the right side: numbers by themselves, others by their class.
std::string operand_name(const Datum& datum) {
    std::string text;
    if (datum.is_number()) {
        Meter meter = source_meter();
        append_text(text, datum, utc_zone(), meter);
    } else {
        text = class_of(datum);
    }
    return text;
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

}  // namespace

bool Renderer::compare_order(Comparison comparison,
                             const Datum& left,
                             const Datum& right,
                             bool& result) {
    result = false;
    if (!has_order(left) || !has_order(right)) {
        return true;
    }
    int sign = 0;
    if (left.is_number() && right.is_number()) {
        sign = compare_numbers(left, right);
    } else if (left.is(Datum::Kind::Text) && right.is(Datum::Kind::Text)) {
        meter_.spend_bytes(std::min(left.as_text().size(), right.as_text().size()));
        sign = order(left.as_text(), right.as_text());
    } else if (left.is(Datum::Kind::Time) && right.is(Datum::Kind::Time)) {
        sign = order(left.as_time(), right.as_time());
    } else {
        return fail(RenderErrorKind::Type, "comparison of " + std::string(class_of(left)) +
                                               " with " + operand_name(right) + " failed");
    }
    result = comparison == Comparison::Less          ? sign < 0
             : comparison == Comparison::LessOrEqual ? sign <= 0
             : comparison == Comparison::Greater     ? sign > 0
                                                     : sign >= 0;
    return true;
}

bool Renderer::contains(const Datum& whole, const Datum& part) {
    if (!part.truthy()) {
        return false;
    }
    if (whole.is(Datum::Kind::Text)) {
        spend_text(whole);
        if (part.is(Datum::Kind::Text)) {
            return find_text(whole.as_text(), part.as_text()) != std::string_view::npos;
        }
        std::string text;
        if (part.is_sequence() && !part.is(Datum::Kind::Range)) {
            append_inspect(text, part, zone_, meter_);
        } else {
            append_text(text, part, zone_, meter_);
        }
        return find_text(whole.as_text(), text) != std::string_view::npos;
    }
    if (whole.is_hash()) {
        Datum ignored;
        return whole.find(part, ignored);
    }
    if (whole.is(Datum::Kind::Range)) {
        return part.is_number() && compare_numbers(part, Datum::integer(whole.range_from())) >= 0 &&
               compare_numbers(part, Datum::integer(whole.range_to())) <= 0;
    }
    for (std::int64_t i = 0; i < whole.item_count() && spend(1); ++i) {
        if (equal(whole.item(i), part, meter_)) {
            return true;
        }
    }
    return false;
}

}  // namespace winback::liquid

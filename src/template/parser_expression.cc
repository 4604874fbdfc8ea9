// Values, paths, filters and conditions, read word by word to the end of their tag.
#include <algorithm>
#include <charconv>

#include "template/decimal.h"
#include "template/inspect.h"
#include "template/number_text.h"
#include "template/parser.h"

namespace winback::liquid {

bool Parser::open(std::string_view markup) {
    words_.clear();
    next_word_ = 0;
    depth_ = 0;
    if (quiet_) {
        std::vector<Fault> ignored;
        failed_ = !read_words(program_.source, markup, words_, ignored) || failed_;
    } else if (!failed_) {
        failed_ = !read_words(program_.source, markup, words_, faults_);
    }
    if (failed_) {
        words_.assign(1, Word{Word::Kind::End, offset(markup), {}});
    }
    return !failed_;
}

const Word& Parser::peek(std::size_t ahead) const {
    return words_[std::min(next_word_ + ahead, words_.size() - 1)];
}

Word Parser::take() {
    const Word word = peek();
    next_word_ = std::min(next_word_ + 1, words_.size() - 1);
    return word;
}

bool Parser::accept(Word::Kind kind) {
    if (failed_ || !look(kind)) {
        return false;
    }
    take();
    return true;
}

bool Parser::accept_id(std::string_view name) {
    if (failed_ || !look(Word::Kind::Id) || peek().text != name) {
        return false;
    }
    take();
    return true;
}

namespace {

// What helps to mend it, behind the reference's words.
std::string_view hint(Word::Kind expected, Word::Kind found) {
    using enum Word::Kind;
    if (expected == End) {
        return found == Pipe ? "; filters cannot be used here: assign the value first"
                             : "; nothing more can stand here";
    }
    if (expected == DotDot) {
        return "; parentheses make ranges such as (1..5), conditions have none";
    }
    if (expected == Id) {
        return "; a name belongs here";
    }
    return expected == Colon ? "; ':' and a value belong here" : "";
}

}  // namespace

std::string_view Parser::expect(Word::Kind kind) {
    if (failed_) {
        return {};
    }
    const Word word = peek();
    if (word.kind == kind) {
        return take().text;
    }
    fail(word, "syntax",
         "Expected " + std::string(word_kind_name(kind)) + " but found " +
             std::string(word_kind_name(word.kind)) + std::string(hint(kind, word.kind)));
    return {};
}

std::uint32_t Parser::filtered(std::string_view markup) {
    if (options_.mode == ParseMode::Lax) {
        // What is read to its end is understood as in the other modes.
        quiet_ = true;
        const std::uint32_t strict = open(markup) ? filtered_words() : nothing;
        const bool understood = !failed_;
        quiet_ = false;
        failed_ = false;
        return understood ? strict : lax_filtered(markup);
    }
    return open(markup) ? filtered_words() : nothing;
}

// value | filter: argument, name: argument | ...
std::uint32_t Parser::filtered_words() {
    FilteredValue value;
    std::vector<FilterCall> calls;
    if (!look(Word::Kind::End)) {
        value.expression = expression();
        while (accept(Word::Kind::Pipe)) {
            filter(calls);
            if (calls.size() > filters_per_output_max) {
                fail(peek(), "too_many_filters", "Too many filters on one value.");
            }
        }
        expect_end();
    }
    value.filters = static_cast<std::uint32_t>(program_.filter_calls.size());
    value.count = static_cast<std::uint32_t>(calls.size());
    program_.filter_calls.insert(program_.filter_calls.end(), calls.begin(), calls.end());
    program_.values.push_back(value);
    return static_cast<std::uint32_t>(program_.values.size() - 1);
}

void Parser::filter(std::vector<FilterCall>& calls) {
    const Word name = peek();
    FilterCall call;
    call.name = expect(Word::Kind::Id);
    call.at = name.at;
    call.filter = find_filter(call.name, options_.has_texts);
    if (failed_) {
        return;
    }
    if (call.filter == nullptr && options_.checks_filters) {
        const std::vector<std::string> known = filter_names();
        const std::string_view near = nearest(call.name, known);
        fail(name, "unknown_filter",
             "There is no filter '" + std::string(call.name) + "'." +
                 (near.empty() ? "" : " Did you mean '" + std::string(near) + "'?"));
        return;
    }
    if (accept(Word::Kind::Colon)) {
        filter_arguments(call);
    }
    if (options_.checks_filters && !failed_) {
        check_filter(name, call);
    }
    calls.push_back(call);
}

void Parser::filter_arguments(FilterCall& call) {
    std::vector<std::uint32_t> positional;
    std::vector<std::uint32_t> keywords;
    const auto at_end = [&] { return look(Word::Kind::Pipe) || look(Word::Kind::End); };
    // Only strict2 takes "upcase:" and a comma behind the last argument.
    if (is_strict2() && at_end()) {
        return;
    }
    do {
        if (is_strict2() && at_end()) {
            break;
        }
        if (look(Word::Kind::Id) && look(Word::Kind::Colon, 1)) {
            keywords.push_back(name_index(take().text));
            take();
            keywords.push_back(expression());
        } else {
            positional.push_back(expression());
        }
        if (positional.size() + keywords.size() > arguments_max) {
            fail(peek(), "too_many_arguments", "Too many arguments.");
        }
    } while (accept(Word::Kind::Comma));
    call.arguments = static_cast<std::uint32_t>(program_.lists.size());
    call.positional = static_cast<std::uint16_t>(positional.size());
    call.keywords = static_cast<std::uint16_t>(keywords.size() / 2);
    program_.lists.insert(program_.lists.end(), positional.begin(), positional.end());
    program_.lists.insert(program_.lists.end(), keywords.begin(), keywords.end());
}

void Parser::check_filter(const Word& name, const FilterCall& call) {
    const FilterSpec& spec = *call.filter;
    for (std::size_t i = 0; i < call.keywords; ++i) {
        const std::uint32_t keyword = program_.lists[call.arguments + call.positional + 2 * i];
        if (!spec.accepts(program_.names[keyword])) {
            fail(offset(program_.names[keyword]), program_.names[keyword].size(),
                 "unknown_argument",
                 "The filter '" + std::string(call.name) + "' has no argument '" +
                     std::string(program_.names[keyword]) + "'.");
        }
    }
    if (call.positional < spec.args_min || call.positional > spec.args_max) {
        const std::string least = std::to_string(spec.args_min);
        const std::string most = std::to_string(spec.args_max);
        fail(name, "argument_count",
             "The filter '" + std::string(call.name) + "' takes " +
                 (least == most ? least : least + " to " + most) +
                 (most == "1" ? " argument, not " : " arguments, not ") +
                 std::to_string(call.positional) + ".");
    }
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by expression_depth_max.
std::uint32_t Parser::expression(bool in_condition) {
    if (failed_) {
        return nothing;
    }
    if (++depth_ > expression_depth_max) {
        fail(peek(), "too_deep", "The expression is nested too deeply.");
        return nothing;
    }
    std::uint32_t index = nothing;
    switch (const Word word = peek(); word.kind) {
        case Word::Kind::Id:
            index = id_expression(in_condition);
            break;
        case Word::Kind::OpenSquare:
            index = bracket_expression();
            break;
        case Word::Kind::String:
            take();
            index = constant(Datum::text(word.text.substr(1, word.text.size() - 2)));
            break;
        case Word::Kind::Number:
            take();
            index = constant(number_literal(word.text));
            break;
        case Word::Kind::OpenRound:
            index = range_expression();
            break;
        case Word::Kind::Comparison:
        case Word::Kind::Pipe:
        case Word::Kind::Dot:
        case Word::Kind::DotDot:
        case Word::Kind::Colon:
        case Word::Kind::Comma:
        case Word::Kind::CloseSquare:
        case Word::Kind::CloseRound:
        case Word::Kind::Question:
        case Word::Kind::Dash:
        case Word::Kind::End:
            fail(word, "syntax",
                 describe(word) +
                     " is not a valid expression; a name, a number or a text in quotes belongs "
                     "here");
            break;
    }
    --depth_;
    return index;
}

std::optional<Datum> Parser::literal(std::string_view text, bool in_condition) const {
    if (text == "nil" || text == "null") {
        return Datum{};
    }
    if (text == "true" || text == "false") {
        return Datum::boolean(text == "true");
    }
    if (text == "empty" || text == "blank") {
        // Words that ask in conditions; elsewhere the empty text.
        return !in_condition ? Datum::text("") : text == "empty" ? Datum::empty() : Datum::blank();
    }
    return std::nullopt;
}

// NOLINTNEXTLINE(misc-no-recursion)
std::uint32_t Parser::id_expression(bool in_condition) {
    const Word root = take();
    std::vector<Step> steps;
    if (!path_steps(steps)) {
        return nothing;
    }
    if (steps.empty()) {
        if (const std::optional<Datum> datum = literal(root.text, in_condition)) {
            return constant(*datum);
        }
    }
    return path(root.text, steps);
}

// NOLINTNEXTLINE(misc-no-recursion)
std::uint32_t Parser::bracket_expression() {
    const Word bracket = take();
    if (is_strict2()) {
        fail(bracket, "syntax", "Bare bracket access is not allowed. Use self['...'] instead");
        return nothing;
    }
    const std::uint32_t root = expression();
    expect(Word::Kind::CloseSquare);
    std::vector<Step> steps;
    return path_steps(steps) && !failed_ ? dynamic_path(root, steps) : nothing;
}

// NOLINTNEXTLINE(misc-no-recursion)
std::uint32_t Parser::range_expression() {
    take();
    const std::uint32_t from = expression();
    expect(Word::Kind::DotDot);
    const std::uint32_t to = expression();
    expect(Word::Kind::CloseRound);
    return failed_ ? nothing : range(from, to);
}

// Literal ends are read once, and more kindly than computed ones: 1.5 is 1 and "3" is 3.
std::uint32_t Parser::range(std::uint32_t from, std::uint32_t to) {
    std::int64_t ends[2] = {};
    const std::uint32_t indices[2] = {from, to};
    for (std::size_t i = 0; i < 2; ++i) {
        const Expression& end = program_.expressions[indices[i]];
        if (end.kind != Expression::Kind::Constant) {
            return add({Expression::Kind::Range, 0, from, to});
        }
        const Datum& literal_end = program_.constants[end.a];
        if (literal_end.is(Datum::Kind::Bool) || literal_end.is_sequence()) {
            fail(peek(), "syntax",
                 "Invalid expression type '" +
                     std::string(literal_end.is(Datum::Kind::Bool) && literal_end.as_bool()
                                     ? "true"
                                     : "false") +
                     "' in range expression");
            return nothing;
        }
        ends[i] = leading_count(literal_end);
    }
    return constant(Datum::range(ends[0], ends[1]));
}

// .name and [key], as many as there are. False when one is broken.
// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::path_steps(std::vector<Step>& steps) {
    while (!failed_) {
        if (accept(Word::Kind::Dot)) {
            const std::string_view name = expect(Word::Kind::Id);
            if (!failed_) {
                steps.push_back({true, name_index(name)});
            }
        } else if (accept(Word::Kind::OpenSquare)) {
            const std::uint32_t key = expression();
            expect(Word::Kind::CloseSquare);
            steps.push_back({false, key});
        } else {
            break;
        }
        if (steps.size() > path_parts_max) {
            fail(peek(), "too_deep", "The path has too many parts.");
        }
    }
    return !failed_;
}

std::uint32_t Parser::path(std::string_view root, const std::vector<Step>& steps) {
    std::string text(root);
    for (const Step& step : steps) {
        const std::string_view name = step_name(program_, step);
        if (name.empty()) {
            break;  // What follows is only known when rendering.
        }
        text += '.';
        text += name;
    }
    if (root != "forloop" && root != "tablerowloop" && root != "self") {
        paths_.emplace(std::move(text), root);
    }
    Expression expression;
    expression.kind = steps.empty() ? Expression::Kind::Variable : Expression::Kind::Path;
    expression.a = name_index(root);
    expression.b = static_cast<std::uint32_t>(program_.steps.size());
    expression.count = static_cast<std::uint16_t>(steps.size());
    program_.steps.insert(program_.steps.end(), steps.begin(), steps.end());
    return add(expression);
}

std::uint32_t Parser::dynamic_path(std::uint32_t root, const std::vector<Step>& steps) {
    Expression expression;
    expression.kind = Expression::Kind::Dynamic;
    expression.a = root;
    expression.b = static_cast<std::uint32_t>(program_.steps.size());
    expression.count = static_cast<std::uint16_t>(steps.size());
    program_.steps.insert(program_.steps.end(), steps.begin(), steps.end());
    return add(expression);
}

std::uint32_t Parser::whole_expression(std::string_view markup) {
    const std::uint32_t index = open(markup) ? expression() : nothing;
    expect_end();
    return index;
}

std::uint32_t Parser::condition(std::string_view markup) {
    if (options_.mode == ParseMode::Lax) {
        return lax_condition(markup);
    }
    return open(markup) ? condition_words() : nothing;
}

// `and` and `or` have no precedence and group to the right: a or b and c is a or (b and c).
std::uint32_t Parser::condition_words() {
    std::vector<Condition> chain;
    while (!failed_) {
        Condition condition;
        condition.left = expression(true);
        if (look(Word::Kind::Comparison) && !failed_) {
            condition.sign = take().text;
            condition.comparison = comparison_of(condition.sign);
            condition.right = expression(true);
        }
        const bool both = accept_id("and");
        const bool either = !both && accept_id("or");
        condition.join = both     ? Condition::Join::And
                         : either ? Condition::Join::Or
                                  : Condition::Join::End;
        chain.push_back(condition);
        if (!both && !either) {
            break;
        }
    }
    expect_end();
    const auto first = static_cast<std::uint32_t>(program_.conditions.size());
    program_.conditions.insert(program_.conditions.end(), chain.begin(), chain.end());
    return first;
}

}  // namespace winback::liquid

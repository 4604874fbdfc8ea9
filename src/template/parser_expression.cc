// Expressions and conditions: values, paths, filters, comparisons.
#include <algorithm>

#include "template/decimal.h"
#include "template/parser.h"

namespace winback::liquid {

const Word& Parser::peek(std::size_t ahead) const {
    return words_[std::min(next_word_ + ahead, words_.size() - 1)];
}

const Word& Parser::take() {
    const Word& word = peek();
    next_word_ = std::min(next_word_ + 1, words_.size() - 1);
    return word;
}

bool Parser::accept(Word::Kind kind) {
    if (peek().kind != kind) {
        return false;
    }
    take();
    return true;
}

bool Parser::accept_name(std::string_view name) {
    if (peek().kind != Word::Kind::Name || peek().text != name) {
        return false;
    }
    take();
    return true;
}

bool Parser::expect(Word::Kind kind, std::string_view what) {
    if (accept(kind)) {
        return true;
    }
    fail(peek(), "syntax", "Expected " + std::string(what) + " here.");
    return false;
}

void Parser::expect_end() {
    const Word& word = peek();
    if (word.kind == Word::Kind::End) {
        return;
    }
    std::string message = "'" + std::string(word.text) + "' is not expected here.";
    if (word.kind == Word::Kind::Equals) {
        message = "'=' does not compare; write '=='.";
    } else if (word.kind == Word::Kind::Bar) {
        message = "Filters cannot be used here; assign the value first.";
    }
    fail(word, "syntax", std::move(message));
}

// value | filter: argument, name: argument | ...
void Parser::filtered_expression() {
    expression();
    std::size_t filters = 0;
    while (!failed_ && accept(Word::Kind::Bar)) {
        if (++filters > filters_per_output_max) {
            fail(peek(), "too_many_filters", "Too many filters on one value.");
            return;
        }
        filter();
    }
}

void Parser::filter() {
    const Word name = peek();
    if (!expect(Word::Kind::Name, "the name of a filter")) {
        return;
    }
    FilterCall call;
    call.filter = find_filter(name.text);
    if (call.filter == nullptr) {
        const std::vector<std::string> names = filter_names();
        const std::string_view near = nearest(name.text, names);
        std::string message = "There is no filter '" + std::string(name.text) + "'.";
        if (!near.empty()) {
            message += " Did you mean '" + std::string(near) + "'?";
        }
        fail(name, "unknown_filter", std::move(message));
        return;
    }
    if (accept(Word::Kind::Colon)) {
        do {
            if (peek().kind == Word::Kind::Bar || peek().kind == Word::Kind::End) {
                break;  // "upcase:" and a comma behind the last argument do no harm.
            }
            if (peek().kind == Word::Kind::Name && peek(1).kind == Word::Kind::Colon) {
                const Word keyword = take();
                take();
                if (!call.filter->accepts(keyword.text)) {
                    fail(keyword, "unknown_argument",
                         "The filter '" + std::string(name.text) + "' has no argument '" +
                             std::string(keyword.text) + "'.");
                }
                call.keywords.push_back(keyword.text);
            } else if (!call.keywords.empty()) {
                fail(peek(), "syntax", "Arguments without a name come before those with one.");
            } else {
                ++call.positional;
            }
            expression();
        } while (!failed_ && accept(Word::Kind::Comma));
    }
    const std::size_t count = call.positional;
    if (count < call.filter->args_min || count > call.filter->args_max) {
        const std::string least = std::to_string(call.filter->args_min);
        const std::string most = std::to_string(call.filter->args_max);
        fail(name, "argument_count",
             "The filter '" + std::string(name.text) + "' takes " +
                 (least == most ? least : least + " to " + most) + " arguments, not " +
                 std::to_string(count) + ".");
    }
    program_.filter_calls.push_back(std::move(call));
    emit(Op::Filter, static_cast<std::uint32_t>(program_.filter_calls.size() - 1));
    program_.code.back().at = name.at;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by expression_depth_max.
void Parser::expression() {
    if (++depth_ > expression_depth_max) {
        fail(peek(), "too_deep", "The expression is nested too deeply.");
    } else if (accept(Word::Kind::OpenParenthesis)) {
        expression();
        if (!failed_ && peek().kind != Word::Kind::DotDot) {
            fail(peek(), "syntax",
                 "Parentheses make ranges, (1..5); conditions have no parentheses.");
        }
        if (!failed_ && accept(Word::Kind::DotDot)) {
            expression();
            expect(Word::Kind::CloseParenthesis, "')'");
            emit(Op::Range);
        }
    } else {
        literal_or_variable();
    }
    --depth_;
}

// NOLINTNEXTLINE(misc-no-recursion)
void Parser::literal_or_variable() {
    const Word& word = peek();
    if (word.kind == Word::Kind::String) {
        emit(Op::Push, constant(Datum::text(take().text)));
        return;
    }
    if (word.kind == Word::Kind::Integer || word.kind == Word::Kind::Decimal) {
        emit(Op::Push, constant(number_literal(take().text)));
        return;
    }
    if (word.kind != Word::Kind::Name) {
        fail(word, "syntax", "Expected a value here: a name, a number or a text in quotes.");
        return;
    }
    struct Literal {
        std::string_view name;
        Datum value;
    };
    static const Literal literals[] = {
        {"nil", {}},
        {"null", {}},
        {"true", Datum::boolean(true)},
        {"false", Datum::boolean(false)},
        {"empty", Datum::empty()},
        {"blank", Datum::blank()},
    };
    const Word::Kind after = peek(1).kind;
    if (after != Word::Kind::Dot && after != Word::Kind::OpenBracket) {
        for (const Literal& literal : literals) {
            if (literal.name == word.text) {
                take();
                emit(Op::Push, constant(literal.value));
                return;
            }
        }
    }
    variable();
}

// name.member[key]...
// NOLINTNEXTLINE(misc-no-recursion)
void Parser::variable() {
    const Word first = take();
    emit(Op::Load, name_index(first.text));
    program_.code.back().at = first.at;
    std::string path(first.text);
    bool path_known = true;  // Until a part that is only known when rendering.
    std::size_t parts = 1;
    while (!failed_) {
        if (accept(Word::Kind::Dot)) {
            const Word name = peek();
            if (expect(Word::Kind::Name, "a name after '.'")) {
                emit(Op::Member, name_index(name.text));
                program_.code.back().at = name.at;
                path += path_known ? "." + std::string(name.text) : "";
            }
        } else if (accept(Word::Kind::OpenBracket)) {
            path_known = false;
            expression();
            expect(Word::Kind::CloseBracket, "']'");
            emit(Op::Element);
        } else {
            break;
        }
        if (++parts > path_parts_max) {
            fail(peek(), "too_deep", "The path has too many parts.");
        }
    }
    if (first.text != "forloop") {
        paths_.emplace(std::move(path), first.text);
    }
}

// `and` and `or` have no precedence and group to the right: a or b and c is a or (b and c). So
// the first that decides ends the whole condition.
void Parser::condition() {
    std::vector<std::uint32_t> decided;
    comparison();
    while (!failed_) {
        if (accept_name("and")) {
            decided.push_back(emit(Op::AndJump));
        } else if (accept_name("or")) {
            decided.push_back(emit(Op::OrJump));
        } else {
            break;
        }
        comparison();
    }
    for (const std::uint32_t jump : decided) {
        patch(jump);
    }
    expect_end();
}

void Parser::comparison() {
    struct Operator {
        std::string_view text;
        Comparison comparison;
    };
    static constexpr Operator operators[] = {
        {"==", Comparison::Equal},          {"!=", Comparison::NotEqual},
        {"<>", Comparison::NotEqual},       {"<=", Comparison::LessOrEqual},
        {">=", Comparison::GreaterOrEqual}, {"<", Comparison::Less},
        {">", Comparison::Greater},         {"contains", Comparison::Contains},
    };
    expression();
    const Word word = peek();
    if (word.kind != Word::Kind::Comparison && word.text != "contains") {
        return;
    }
    for (const Operator& candidate : operators) {
        if (!failed_ && word.kind != Word::Kind::String && candidate.text == word.text) {
            take();
            expression();
            emit(Op::Compare);
            program_.code.back().flag = static_cast<std::uint8_t>(candidate.comparison);
            program_.code.back().at = word.at;
            return;
        }
    }
}

}  // namespace winback::liquid

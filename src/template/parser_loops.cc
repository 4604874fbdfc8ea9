// Loops: for, tablerow, and cycle, which is mostly used in them.
#include <algorithm>

#include "template/inspect.h"
#include "template/parser.h"

namespace winback::liquid {

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_for(const Tag& tag) {
    LoopSpec loop;
    if (options_.mode == ParseMode::Lax) {
        lax_loop(tag, loop);
    } else {
        loop_markup(tag, loop);
    }
    loop.key = loop_key(loop);
    program_.loops.push_back(loop);
    const std::uint32_t node =
        emit(Op::For, tag.place, static_cast<std::uint32_t>(program_.loops.size() - 1));
    std::uint32_t part = emit(Op::Body, tag.place);
    Body body;
    Tag end;
    bool closed = block_body(tag, body, end, {"else", "endfor"});
    bool blank = body.blank;
    close(part);
    if (closed && end.name == "else") {
        part = emit(Op::Else, end.place);
        Body other;
        closed = block_body(tag, other, end, {"endfor"});
        blank = blank && other.blank;
        close(part);
    }
    close(node);
    if (blank) {
        strip_blank(node);
    }
    program_.nodes[node].blank = blank;
    return blank;
}

// item in collection reversed limit: 2, offset: 1
void Parser::loop_markup(const Tag& tag, LoopSpec& loop) {
    open(tag.markup);
    const std::string_view variable = expect(Word::Kind::Id);
    if (!failed_ && !accept_id("in")) {
        fail(peek(), "syntax", "For loops require an 'in' clause");
    }
    loop.variable = assigned_name(variable);
    const std::uint32_t begin = peek().at;
    loop.collection = expression();
    loop.collection_text =
        std::string_view(program_.source).substr(begin, std::max(peek().at, begin) - begin);
    while (loop.collection_text.ends_with(' ')) {
        loop.collection_text.remove_suffix(1);
    }
    loop.reversed = accept_id("reversed");
    while (!failed_ && (look(Word::Kind::Comma) || look(Word::Kind::Id))) {
        accept(Word::Kind::Comma);
        const bool limit = accept_id("limit");
        if (!limit && !accept_id("offset")) {
            fail(peek(), "syntax",
                 "Invalid attribute in for loop. Valid attributes are limit and offset");
        }
        expect(Word::Kind::Colon);
        const bool resumes = look(Word::Kind::Id) && peek().text == "continue" &&
                             !look(Word::Kind::Dot, 1) && !look(Word::Kind::OpenSquare, 1);
        if (!limit && resumes) {
            take();
            loop.resumes = true;
            loop.offset = nothing;
        } else if (limit) {
            loop.limit = expression();
        } else {
            loop.offset = expression();
            loop.resumes = false;
        }
    }
    expect_end();
}

// Where `offset: continue` finds out how far a loop of the same variable and collection came.
std::uint32_t Parser::loop_key(const LoopSpec& loop) {
    std::string key(program_.names.empty() ? "" : program_.names[loop.variable]);
    key += '-';
    for (const char c : loop.collection_text) {
        if (c != ' ') {  // However it is spaced.
            key += c;
        }
    }
    const auto next = static_cast<std::uint32_t>(program_.keys.size());
    const auto [found, added] = key_indices_.emplace(key, next);
    if (added) {
        program_.keys.push_back(std::move(key));
    }
    return found->second;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_tablerow(const Tag& tag) {
    LoopSpec loop;
    if (is_strict2()) {
        tablerow_markup(tag, loop);
    } else {
        lax_tablerow(tag, loop);
    }
    program_.loops.push_back(loop);
    const std::uint32_t node =
        emit(Op::TableRow, tag.place, static_cast<std::uint32_t>(program_.loops.size() - 1));
    Body body;
    Tag end;
    block_body(tag, body, end, {"endtablerow"});
    close(node);
    program_.nodes[node].blank = body.blank;
    return body.blank;
}

void Parser::tablerow_markup(const Tag& tag, LoopSpec& loop) {
    open(tag.markup);
    const std::string_view variable = expect(Word::Kind::Id);
    if (!failed_ && !accept_id("in")) {
        fail(peek(), "syntax", "For loops require an 'in' clause");
    }
    loop.variable = assigned_name(variable);
    loop.collection = expression();
    accept(Word::Kind::Comma);
    while (!failed_ && look(Word::Kind::Id)) {
        const Word key = take();
        if (key.text != "cols" && key.text != "limit" && key.text != "offset" &&
            key.text != "range") {
            fail(key, "syntax",
                 "Invalid attribute '" + std::string(key.text) +
                     "' in tablerow loop. Valid attributes are cols, limit, offset, and range");
        }
        expect(Word::Kind::Colon);
        const std::uint32_t value = expression();
        if (key.text == "cols") {
            loop.columns = value;
            loop.has_columns = true;
        } else if (key.text == "limit") {
            loop.limit = value;
        } else if (key.text == "offset") {
            loop.offset = value;
        }
        accept(Word::Kind::Comma);
    }
    expect_end();
}

// cycle [group:] value, value, ...
bool Parser::tag_cycle(const Tag& tag) {
    CycleSpec cycle;
    std::vector<std::uint32_t> values;
    if (is_strict2()) {
        open(tag.markup);
        if (!failed_ && look(Word::Kind::End)) {
            fail_markup(tag,
                        "Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 "
                        "...]");
        }
        const std::uint32_t first = expression();
        if (accept(Word::Kind::Colon)) {
            cycle.group = first;
            values.push_back(expression());
        } else {
            values.push_back(first);
        }
        while (accept(Word::Kind::Comma) && !look(Word::Kind::End)) {
            values.push_back(expression());
        }
        expect_end();
    } else {
        lax_cycle(tag, cycle, values);
    }
    if (!failed_) {
        finish_cycle(cycle, values);
    }
    program_.cycles.push_back(cycle);
    emit(Op::Cycle, tag.place, static_cast<std::uint32_t>(program_.cycles.size() - 1));
    return false;
}

// Unnamed cycles of the same literals turn together; with a variable each tag turns on its own.
void Parser::finish_cycle(CycleSpec& cycle, const std::vector<std::uint32_t>& values) {
    cycle.values = static_cast<std::uint32_t>(program_.lists.size());
    cycle.count = static_cast<std::uint32_t>(values.size());
    program_.lists.insert(program_.lists.end(), values.begin(), values.end());
    if (cycle.group != nothing) {
        return;
    }
    std::vector<Datum> literals;
    for (const std::uint32_t value : values) {
        const Expression& expression = program_.expressions[value];
        if (expression.kind != Expression::Kind::Constant) {
            return;
        }
        literals.push_back(program_.constants[expression.a]);
    }
    std::string key;
    Meter meter = source_meter();
    append_inspect(key, Datum::array(literals), utc_zone(), meter);
    const auto next = static_cast<std::uint32_t>(program_.keys.size());
    const auto [found, added] = key_indices_.emplace(key, next);
    if (added) {
        program_.keys.push_back(std::move(key));
    }
    cycle.key = found->second;
}

}  // namespace winback::liquid

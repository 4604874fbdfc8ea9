// The tags. To add one, write its method and its line in the table.
#include "base/strings.h"
#include "template/parser.h"

namespace winback::liquid {

const std::vector<Parser::TagSpec>& Parser::tags() {
    static const std::vector<TagSpec> specs{
        {"if", &Parser::tag_if},
        {"unless", &Parser::tag_unless},
        {"elsif", &Parser::tag_elsif},
        {"else", &Parser::tag_else},
        {"case", &Parser::tag_case},
        {"when", &Parser::tag_when},
        {"for", &Parser::tag_for},
        {"break", &Parser::tag_break},
        {"continue", &Parser::tag_continue},
        {"assign", &Parser::tag_assign},
        {"capture", &Parser::tag_capture},
        {"echo", &Parser::tag_echo},
        {"render", &Parser::tag_render},
        {"abort_message", &Parser::tag_abort},
    };
    return specs;
}

void Parser::tag_if() {
    open(BlockKind::If);
    condition();
    blocks_.back().pending = emit(Op::JumpUnless);
}

void Parser::tag_unless() {
    open(BlockKind::Unless);
    condition();
    blocks_.back().pending = emit(Op::JumpIf);
}

// Closes the branch that is open, so that the next one, or the end tag, may follow.
void Parser::end_branch(Block& block) {
    switch (block.kind) {
        case BlockKind::Case:
            if (block.body != 0) {
                emit(Op::CaseAgain, block.body);
                block.body = 0;
            }
            break;
        case BlockKind::For:
            if (!block.in_else) {
                emit(Op::Jump, block.body);
            }
            break;
        case BlockKind::If:
        case BlockKind::Unless:
        case BlockKind::Capture:
            break;
    }
}

void Parser::tag_elsif() {
    Block* block = blocks_.empty() ? nullptr : &blocks_.back();
    const bool fits = block != nullptr && !block->in_else &&
                      (block->kind == BlockKind::If || block->kind == BlockKind::Unless);
    if (!fits) {
        fail({Word::Kind::Name, segment_->at, "{%"}, "unexpected_tag",
             "'elsif' belongs between 'if' and its 'else' or 'endif'.");
        return;
    }
    block->exits.push_back(emit(Op::Jump));
    patch(block->pending);
    condition();
    block->pending = emit(Op::JumpUnless);
}

void Parser::tag_else() {
    Block* block = blocks_.empty() ? nullptr : &blocks_.back();
    const bool again = block != nullptr && block->in_else && block->kind != BlockKind::Case;
    if (block == nullptr || block->kind == BlockKind::Capture || again) {
        fail({Word::Kind::Name, segment_->at, "{%"}, "unexpected_tag",
             again ? "A block has one 'else'." : "'else' belongs inside if, unless, case or for.");
        return;
    }
    expect_end();
    end_branch(*block);
    if (block->kind == BlockKind::For) {
        program_.code[block->loop_begin].b = here();
    } else if (block->kind == BlockKind::Case) {
        if (block->pending != no_jump) {
            patch(block->pending);
        }
        block->pending = emit(Op::CaseElse);
        block->in_branch = true;
    } else {
        block->exits.push_back(emit(Op::Jump));
        patch(block->pending);
        block->pending = no_jump;
    }
    block->in_else = true;
}

void Parser::tag_case() {
    open(BlockKind::Case);
    blocks_.back().in_branch = false;
    expression();
    expect_end();
    emit(Op::CaseBegin);
}

void Parser::tag_when() {
    if (blocks_.empty() || blocks_.back().kind != BlockKind::Case) {
        fail({Word::Kind::Name, segment_->at, "{%"}, "unexpected_tag",
             "'when' belongs inside 'case'.");
        return;
    }
    Block& block = blocks_.back();
    end_branch(block);
    if (block.pending != no_jump) {
        patch(block.pending);
    }
    do {
        expression();
        emit(Op::CaseTest);
    } while (!failed_ && (accept(Word::Kind::Comma) || accept_name("or")));
    expect_end();
    block.pending = emit(Op::CaseEnter);
    block.body = here();
    block.in_branch = true;
}

void Parser::tag_for() {
    open(BlockKind::For);
    Block& block = blocks_.back();
    const Word variable = peek();
    expect(Word::Kind::Name, "the name of the loop's variable");
    if (!failed_ && !accept_name("in")) {
        fail(peek(), "syntax", "Expected 'in': {% for item in list %}.");
    }
    expression();
    const Word& last = words_[next_word_ == 0 ? 0 : next_word_ - 1];
    const std::size_t collection_end = last.at + last.text.size();
    std::uint8_t reversed = 0;
    std::uint32_t resume = 0;
    while (!failed_ && peek().kind != Word::Kind::End) {
        accept(Word::Kind::Comma);
        if (accept_name("reversed")) {
            reversed = 1;
        } else {
            for_argument();
        }
    }
    // Where the loop stopped is remembered by its variable and collection, as written.
    const std::string_view key =
        std::string_view(program_.source).substr(variable.at, collection_end - variable.at);
    if (program_.resume_slots < UINT16_MAX) {
        const auto [found, added] = resume_indices_.emplace(key, program_.resume_slots);
        program_.resume_slots = static_cast<std::uint16_t>(program_.resume_slots + (added ? 1 : 0));
        resume = found->second;
    }
    assigned_[variable.text] = true;
    block.loop_begin = emit(Op::ForBegin, name_index(variable.text));
    program_.code.back().flag = reversed;
    program_.code.back().count = static_cast<std::uint16_t>(resume);
    block.body = emit(Op::ForNext);
}

// limit: n, offset: n, offset: continue
void Parser::for_argument() {
    const Word name = peek();
    if (name.kind != Word::Kind::Name || (name.text != "limit" && name.text != "offset")) {
        fail(name, "syntax", "'for' takes limit:, offset: and reversed.");
        return;
    }
    take();
    if (!expect(Word::Kind::Colon, "':'")) {
        return;
    }
    if (name.text == "offset" && accept_name("continue")) {
        emit(Op::ForResume);
        return;
    }
    expression();
    emit(name.text == "limit" ? Op::ForLimit : Op::ForOffset);
}

// Undoes what lies between here and the loop that is left. Null outside of loops.
Parser::Block* Parser::leave_to_loop() {
    for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
        if (block->kind == BlockKind::For && !block->in_else) {
            return &*block;
        }
        if (block->kind == BlockKind::Capture) {
            emit(Op::CaptureEnd, block->variable);
        } else if (block->kind == BlockKind::Case) {
            emit(Op::CaseEnd);
        }
    }
    return nullptr;
}

void Parser::tag_break() {
    expect_end();
    mark_printing();
    if (Block* loop = leave_to_loop()) {
        loop->exits.push_back(emit(Op::ForBreak));
    } else {
        emit(Op::Halt);
    }
}

void Parser::tag_continue() {
    expect_end();
    mark_printing();
    if (const Block* loop = leave_to_loop()) {
        emit(Op::Jump, loop->body);
    } else {
        emit(Op::Halt);
    }
}

void Parser::tag_assign() {
    const Word name = peek();
    expect(Word::Kind::Name, "the name of a variable");
    if (!failed_ && expect(Word::Kind::Equals, "'='")) {
        filtered_expression();
    }
    expect_end();
    assigned_[name.text] = true;
    emit(Op::Assign, name_index(name.text));
}

void Parser::tag_capture() {
    open(BlockKind::Capture);
    const Word name = peek();
    if (!accept(Word::Kind::String)) {
        expect(Word::Kind::Name, "the name of a variable");
    }
    expect_end();
    assigned_[name.text] = true;
    blocks_.back().variable = name_index(name.text);
    emit(Op::CaptureBegin);
}

void Parser::tag_echo() {
    filtered_expression();
    expect_end();
    mark_printing();
    emit(Op::Print);
}

// {% render 'name' with value as parameter, parameter: value %}
void Parser::tag_render() {
    mark_printing();
    const Word name = peek();
    if (!expect(Word::Kind::String, "the name of a snippet in quotes")) {
        return;
    }
    SnippetCall call;
    call.name = std::string(name.text);
    const auto found =
        snippets_ != nullptr ? snippets_->find(name.text) : Snippets::const_iterator{};
    if (snippets_ == nullptr || found == snippets_->end()) {
        fail(name, "unknown_snippet", "There is no snippet '" + call.name + "'.");
        return;
    }
    call.program = found->second;
    if (accept_name("with")) {
        expression();
        std::string_view parameter = name.text;
        if (accept_name("as")) {
            parameter = peek().text;
            expect(Word::Kind::Name, "the name of a parameter");
        }
        call.parameters.push_back(parameter);
    }
    while (!failed_ && peek().kind != Word::Kind::End) {
        accept(Word::Kind::Comma);
        call.parameters.push_back(peek().text);
        expect(Word::Kind::Name, "the name of a parameter");
        if (!failed_ && expect(Word::Kind::Colon, "':'")) {
            expression();
        }
    }
    program_.snippet_calls.push_back(std::move(call));
    emit(Op::Render, static_cast<std::uint32_t>(program_.snippet_calls.size() - 1));
}

// {% abort_message 'reason' %}, with or without parentheses.
void Parser::tag_abort() {
    mark_printing();
    const bool parenthesis = accept(Word::Kind::OpenParenthesis);
    const bool reason =
        peek().kind != Word::Kind::End && peek().kind != Word::Kind::CloseParenthesis;
    if (reason) {
        filtered_expression();
    } else {
        emit(Op::Push, constant({}));
    }
    if (parenthesis) {
        expect(Word::Kind::CloseParenthesis, "')'");
    }
    expect_end();
    emit(Op::Abort);
}

// {% # every line begins with the sign %}
void Parser::tag_inline_comment() {
    std::uint32_t at = segment_->begin;
    bool first = true;
    const std::string_view body =
        std::string_view(program_.source).substr(segment_->begin, segment_->end - segment_->begin);
    for (const std::string_view line : split(body, '\n')) {
        const std::string_view words = trim(line);
        if (!first && !words.empty() && words[0] != '#') {
            fail({Word::Kind::Name, at, line}, "syntax",
                 "Every line of an inline comment begins with '#'.");
        }
        first = false;
        at += static_cast<std::uint32_t>(line.size()) + 1;
    }
}

}  // namespace winback::liquid

#include "template/parser.h"

#include <algorithm>

#include "base/strings.h"

namespace winback::liquid {

void Parser::run() {
    const std::vector<Segment> segments = cut(program_.source, faults_);
    for (const Segment& segment : segments) {
        segment_ = &segment;
        if (program_.code.size() > instructions_max) {
            faults_.push_back({"too_large", segment.at, 1,
                               "The template has too many parts; cut it into snippets."});
            return;
        }
        switch (segment.kind) {
            case Segment::Kind::Text:
                text(segment);
                break;
            case Segment::Kind::Output:
                output(segment);
                break;
            case Segment::Kind::Tag:
                tag(segment);
                break;
        }
    }
    report_open_blocks();
    collect_paths();
}

void Parser::text(const Segment& segment) {
    const std::string_view body =
        std::string_view(program_.source).substr(segment.begin, segment.end - segment.begin);
    const bool white = segment.name.empty() && trim(body).empty();
    Block* block = blocks_.empty() ? nullptr : &blocks_.back();
    if (block != nullptr && !block->in_branch) {
        if (!white) {
            faults_.push_back({"text_before_when", segment.begin, segment.end - segment.begin,
                               "Text between 'case' and its first 'when' is never printed."});
        }
        return;
    }
    const std::uint32_t at = emit(Op::Text, segment.begin, segment.end - segment.begin);
    if (!white) {
        mark_printing();
    } else if (block != nullptr) {
        block->white_texts.push_back(at);
    }
}

void Parser::output(const Segment& segment) {
    const std::size_t faults_before = faults_.size();
    words_ = words_of(program_.source, segment.begin, segment.end, faults_);
    next_word_ = 0;
    failed_ = faults_.size() > faults_before;
    mark_printing();
    if (peek().kind == Word::Kind::End) {
        return;
    }
    filtered_expression();
    expect_end();
    emit(Op::Print);
}

void Parser::tag(const Segment& segment) {
    const std::size_t faults_before = faults_.size();
    failed_ = false;
    next_word_ = 0;
    if (segment.name == "#") {
        tag_inline_comment();
        return;
    }
    words_ = words_of(program_.source, segment.begin, segment.end, faults_);
    failed_ = faults_.size() > faults_before;
    if (segment.name.starts_with("end") && segment.name.size() > 3) {
        expect_end();
        close(segment.name.substr(3));
        return;
    }
    for (const TagSpec& spec : tags()) {
        if (spec.name == segment.name) {
            (this->*spec.parse)();
            return;
        }
    }
    unknown_tag(segment);
}

void Parser::unknown_tag(const Segment& segment) {
    std::vector<std::string> known;
    for (const TagSpec& spec : tags()) {
        known.emplace_back(spec.name);
    }
    const std::string name(segment.name);
    const std::string_view near = nearest(name, known);
    std::string message = name.empty() ? "The tag has no name." : "There is no tag '" + name + "'.";
    if (!near.empty()) {
        message += " Did you mean '" + std::string(near) + "'?";
    }
    const std::uint32_t length =
        std::max<std::uint32_t>(static_cast<std::uint32_t>(segment.name.size()), 1);
    const std::uint32_t at = segment.begin - static_cast<std::uint32_t>(segment.name.size());
    faults_.push_back({"unknown_tag", at, length, std::move(message)});
    mark_printing();
}

void Parser::open(BlockKind kind) {
    if (blocks_.size() >= static_cast<std::size_t>(block_depth_max)) {
        fail(peek(), "too_deep", "Blocks are nested too deeply.");
    }
    Block block;
    block.kind = kind;
    block.name = segment_->name;
    block.at = segment_->at;
    blocks_.push_back(std::move(block));
}

void Parser::close(std::string_view name) {
    const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                    [&](const Block& block) { return block.name == name; });
    const std::string end = "end" + std::string(name);
    if (found == blocks_.rend()) {
        faults_.push_back(
            {"unexpected_tag", segment_->at, segment_->end + 2 - segment_->at,
             "'" + end + "' closes nothing: no '" + std::string(name) + "' is open here."});
        return;
    }
    while (blocks_.back().name != name) {
        const Block& block = blocks_.back();
        faults_.push_back({"not_closed", block.at, 2,
                           "'" + std::string(block.name) + "' is not closed before '" + end +
                               "'; add {% end" + std::string(block.name) + " %}."});
        blocks_.pop_back();
    }
    Block block = std::move(blocks_.back());
    blocks_.pop_back();
    close_block(std::move(block));
}

void Parser::close_block(Block block) {
    if (block.kind == BlockKind::Capture) {
        emit(Op::CaptureEnd, block.variable);
        return;  // Prints nothing itself, whatever is in it.
    }
    end_branch(block);
    if (block.kind == BlockKind::For) {
        program_.code[block.body].a = here();
        if (!block.in_else) {
            program_.code[block.loop_begin].b = here();
        }
    } else if (block.pending != no_jump) {
        patch(block.pending);
    }
    for (const std::uint32_t jump : block.exits) {
        patch(jump);
    }
    if (block.kind == BlockKind::Case) {
        emit(Op::CaseEnd);
    }
    if (!block.blank) {
        mark_printing();
        return;
    }
    for (const std::uint32_t at : block.white_texts) {
        program_.code[at].op = Op::Nothing;
    }
}

void Parser::mark_printing() {
    if (!blocks_.empty()) {
        blocks_.back().blank = false;
    }
}

void Parser::report_open_blocks() {
    for (const Block& block : blocks_) {
        const std::string name(block.name);
        faults_.push_back({"not_closed", block.at, 2,
                           "'" + name + "' is never closed; add {% end" + name + " %}."});
    }
}

void Parser::collect_paths() {
    for (const auto& [path, first] : paths_) {
        if (!assigned_.contains(first)) {
            program_.paths_read.push_back(path);
        }
    }
}

void Parser::fail(const Word& word, std::string code, std::string message) {
    if (!failed_) {
        const auto length = std::max<std::size_t>(word.text.size(), 1);
        faults_.push_back(
            {std::move(code), word.at, static_cast<std::uint32_t>(length), std::move(message)});
    }
    failed_ = true;
}

std::uint32_t Parser::emit(Op op, std::uint32_t a, std::uint32_t b) {
    Instruction instruction;
    instruction.op = op;
    instruction.a = a;
    instruction.b = b;
    instruction.at = segment_->at;
    program_.code.push_back(instruction);
    return here() - 1;
}

std::uint32_t Parser::name_index(std::string_view name) {
    const auto next = static_cast<std::uint32_t>(program_.names.size());
    const auto [found, added] = name_indices_.emplace(name, next);
    if (added) {
        program_.names.push_back(name);
        if (name == "forloop") {
            program_.forloop_name = next;
        }
    }
    return found->second;
}

std::uint32_t Parser::constant(Datum datum) {
    program_.constants.push_back(datum);
    return static_cast<std::uint32_t>(program_.constants.size() - 1);
}

}  // namespace winback::liquid

// Turns the segments of a template into a Program, in one pass and without a tree.
//
// Every tag is read on its own: a mistake in one does not hide those in others, and a block with
// a broken condition still meets its end tag. Jumps forward are filled in when their target is
// reached.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "template/lexer.h"
#include "template/program.h"

namespace winback::liquid {

class Parser {
public:
    Parser(Program& program, const Snippets* snippets, std::vector<Fault>& faults)
        : program_(program), snippets_(snippets), faults_(faults) {}

    // The program is complete when no fault was added.
    void run();

private:
    enum class BlockKind { If, Unless, Case, For, Capture };

    // An open tag that waits for its end.
    struct Block {
        BlockKind kind = BlockKind::If;
        std::string_view name;  // "if"; of a capture, see `variable`.
        std::uint32_t at = 0;
        std::uint32_t variable = 0;              // Capture: into which name.
        bool blank = true;                       // Prints white space at most, until now.
        std::vector<std::uint32_t> white_texts;  // Taken out at the end if still blank.
        std::vector<std::uint32_t> exits;        // Jumps to behind the end tag.
        std::uint32_t pending = no_jump;         // Jump to the next branch.
        std::uint32_t body = 0;                  // Case: body of this branch. For: its ForNext.
        std::uint32_t loop_begin = 0;            // For: its ForBegin.
        bool in_branch = true;                   // Case: a `when` has been seen.
        bool in_else = false;
    };

    using TagMethod = void (Parser::*)();
    struct TagSpec {
        std::string_view name;
        TagMethod parse;
    };

    static constexpr std::uint32_t no_jump = UINT32_MAX;
    static constexpr int expression_depth_max = 16;

    // parser.cc: segments and blocks.
    void text(const Segment& segment);
    void output(const Segment& segment);
    void tag(const Segment& segment);
    void unknown_tag(const Segment& segment);
    void open(BlockKind kind);
    void close(std::string_view name);
    void close_block(Block block);
    void mark_printing();
    void report_open_blocks();
    void collect_paths();

    // parser_tags.cc: one method per tag.
    static const std::vector<TagSpec>& tags();
    void tag_if();
    void tag_unless();
    void tag_elsif();
    void tag_else();
    void tag_case();
    void tag_when();
    void tag_for();
    void tag_break();
    void tag_continue();
    void tag_assign();
    void tag_capture();
    void tag_echo();
    void tag_render();
    void tag_abort();
    void tag_inline_comment();
    void end_branch(Block& block);
    void for_argument();
    Block* leave_to_loop();

    // parser_expression.cc
    void filtered_expression();
    void filter();
    void expression();
    void literal_or_variable();
    void variable();
    void condition();
    void comparison();
    const Word& peek(std::size_t ahead = 0) const;
    const Word& take();
    bool accept(Word::Kind kind);
    bool accept_name(std::string_view name);
    bool expect(Word::Kind kind, std::string_view what);
    void expect_end();

    void fail(const Word& word, std::string code, std::string message);
    std::uint32_t emit(Op op, std::uint32_t a = 0, std::uint32_t b = 0);
    std::uint32_t here() const { return static_cast<std::uint32_t>(program_.code.size()); }
    void patch(std::uint32_t instruction) { program_.code[instruction].a = here(); }
    std::uint32_t name_index(std::string_view name);
    std::uint32_t constant(Datum datum);

    Program& program_;
    const Snippets* snippets_;
    std::vector<Fault>& faults_;
    std::vector<Block> blocks_;
    std::vector<Word> words_;
    std::size_t next_word_ = 0;
    const Segment* segment_ = nullptr;
    bool failed_ = false;  // In this tag: only its first mistake is reported.
    int depth_ = 0;
    std::map<std::string_view, std::uint32_t> name_indices_;
    std::map<std::string_view, std::uint16_t> resume_indices_;
    std::map<std::string, std::string_view> paths_;  // Path to its first name.
    std::map<std::string_view, bool> assigned_;      // Names that the template gives a value.
};

}  // namespace winback::liquid

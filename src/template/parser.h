// Turns the tokens of a template into a Program, in one pass and without a tree.
//
// Every tag is read on its own: a mistake in one does not hide those in others, and a block with
// a broken condition still meets its end tag. Messages keep the words of the reference
// (Shopify/liquid 5.13), which its users and its suites know.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "template/program.h"
#include "template/tokens.h"
#include "template/words.h"

namespace winback::liquid {

class Parser {
public:
    Parser(Program& program, const ParseOptions& options, std::vector<Fault>& faults)
        : program_(program), options_(options), faults_(faults) {}

    // The program is complete when no fault was added.
    void run();

private:
    struct Tag {
        std::string_view name;
        std::string_view markup;
        std::string_view token;   // The whole of it, for messages.
        std::uint32_t at = 0;     // Of the token.
        std::uint32_t place = 0;  // Where the reference counts its line.
    };

    // The nodes between two tags.
    struct Body {
        bool blank = true;             // Prints white space at most.
        std::uint32_t text = nothing;  // The last node if it is a text: "{%-" trims it.
    };

    // Reads a tag that stands alone or opens a block; true when it prints white space at most.
    using TagMethod = bool (Parser::*)(const Tag&);
    struct TagSpec {
        std::string_view name;
        TagMethod parse;
    };
    static const TagSpec* find_tag(std::string_view name);

    // parser.cc: bodies and blocks.
    bool too_large() const {
        return program_.nodes.size() > nodes_max || program_.names.size() > names_max;
    }
    bool parse_body(Body& body, Tag& end);
    bool block_body(const Tag& block,
                    Body& body,
                    Tag& end,
                    std::initializer_list<std::string_view> ends);
    void text(Body& body, const Token& token);
    void output(Body& body, const Token& token);
    bool tag(Body& body, const Token& token, Tag& found);
    bool line(Body& body, const Token& token, Tag& found);
    bool dispatch(Body& body, Tag& found);
    void liquid_tag(Body& body, const Tag& tag);
    void trim_before(Body& body, std::string_view token);
    void unexpected_in_block(std::string_view block, std::string_view delimiter, const Tag& tag);
    void unexpected_outside(const Tag& tag);
    void never_closed(std::string_view block, std::uint32_t at);
    void report_unknown_tag(const Tag& tag);
    void strip_blank(std::uint32_t first);
    void collect_paths();

    // parser_tags.cc, parser_loops.cc: one method per tag.
    bool tag_if(const Tag& tag);
    bool tag_case(const Tag& tag);
    void when(const Tag& tag);
    bool tag_for(const Tag& tag);
    bool tag_tablerow(const Tag& tag);
    bool tag_ifchanged(const Tag& tag);
    bool tag_capture(const Tag& tag);
    bool tag_assign(const Tag& tag);
    bool tag_echo(const Tag& tag);
    bool tag_interrupt(const Tag& tag);
    bool tag_cycle(const Tag& tag);
    bool tag_counter(const Tag& tag);
    bool tag_partial(const Tag& tag);
    bool tag_comment(const Tag& tag);
    bool tag_doc(const Tag& tag);
    bool tag_raw(const Tag& tag);
    bool tag_inline_comment(const Tag& tag);
    bool tag_abort(const Tag& tag);
    bool tag_url(const Tag& tag);
    bool tag_link(const Tag& tag);
    bool takes_nothing(const Tag& tag);
    bool skip_raw_in_comment(const Tag& tag);
    void loop_markup(const Tag& tag, LoopSpec& loop);
    void tablerow_markup(const Tag& tag, LoopSpec& loop);
    void partial_parameters(PartialCall& call);
    void finish_cycle(CycleSpec& cycle, const std::vector<std::uint32_t>& values);
    std::uint32_t loop_key(const LoopSpec& loop);

    // parser_expression.cc: values, paths, filters, conditions, read to their end.
    std::uint32_t filtered(std::string_view markup);
    std::uint32_t filtered_words();
    void filter(std::vector<FilterCall>& calls);
    void filter_arguments(FilterCall& call);
    void check_filter(const Word& name, const FilterCall& call);
    std::uint32_t expression(bool in_condition = false);
    std::uint32_t id_expression(bool in_condition);
    std::uint32_t bracket_expression();
    std::uint32_t range_expression();
    std::uint32_t range(std::uint32_t from, std::uint32_t to);
    bool path_steps(std::vector<Step>& steps);
    std::uint32_t path(std::string_view root, const std::vector<Step>& steps);
    std::uint32_t dynamic_path(std::uint32_t root, const std::vector<Step>& steps);
    std::optional<Datum> literal(std::string_view text, bool in_condition) const;
    std::uint32_t condition(std::string_view markup);
    std::uint32_t condition_words();
    std::uint32_t whole_expression(std::string_view markup);

    // parser_lax.cc: what the other modes make of a markup.
    std::uint32_t lax_expression(std::string_view markup, bool in_condition = false);
    std::uint32_t lax_variable(std::string_view markup);
    std::uint32_t lax_filtered(std::string_view markup);
    void lax_filter(std::string_view markup, std::vector<FilterCall>& calls);
    void lax_argument(std::string_view argument,
                      std::vector<std::uint32_t>& positional,
                      std::vector<std::uint32_t>& keywords);
    std::uint32_t lax_condition(std::string_view markup);
    Condition lax_comparison(std::string_view markup);
    void lax_loop(const Tag& tag, LoopSpec& loop);
    void lax_loop_attributes(std::string_view markup, LoopSpec& loop);
    void lax_tablerow(const Tag& tag, LoopSpec& loop);
    void lax_when(const Tag& tag, std::vector<std::uint32_t>& values);
    void lax_cycle(const Tag& tag, CycleSpec& cycle, std::vector<std::uint32_t>& values);
    void lax_partial(const Tag& tag, PartialCall& call);

    // Words of the markup at hand.
    bool open(std::string_view markup);
    const Word& peek(std::size_t ahead = 0) const;
    Word take();
    bool look(Word::Kind kind, std::size_t ahead = 0) const { return peek(ahead).kind == kind; }
    bool accept(Word::Kind kind);
    bool accept_id(std::string_view name);
    std::string_view expect(Word::Kind kind);
    void expect_end() { expect(Word::Kind::End); }

    void fail(std::uint32_t at, std::size_t length, std::string code, std::string message);
    void fail(const Word& word, std::string code, std::string message);
    void fail_markup(const Tag& tag, std::string message);

    std::uint32_t emit(Op op,
                       std::uint32_t at,
                       std::uint32_t a = nothing,
                       std::uint32_t b = nothing);
    std::uint32_t here() const { return static_cast<std::uint32_t>(program_.nodes.size()); }
    void close(std::uint32_t node) { program_.nodes[node].end = here(); }
    std::uint32_t name_index(std::string_view name);
    std::uint32_t assigned_name(std::string_view name);
    std::uint32_t constant(Datum datum);
    std::uint32_t add(Expression expression);
    std::uint32_t offset(std::string_view part) const {
        return static_cast<std::uint32_t>(part.data() - program_.source.data());
    }
    bool is_strict2() const { return options_.mode == ParseMode::Strict2; }

    Program& program_;
    const ParseOptions& options_;
    std::vector<Fault>& faults_;
    Tokenizer* tokens_ = nullptr;
    std::optional<Tag> pending_;          // An end tag that an inner block left to its owner.
    std::vector<std::string_view> open_;  // Names of the blocks around, from outside.
    bool trim_next_ = false;              // The last tag ended with "-%}".
    std::vector<Word> words_;
    std::size_t next_word_ = 0;
    bool failed_ = false;  // In this tag: only its first mistake is reported.
    bool quiet_ = false;   // Trying the strict form before the lax one.
    int depth_ = 0;
    int block_depth_ = 0;
    std::map<std::string_view, std::uint32_t> name_indices_;
    std::map<std::string, std::uint32_t, std::less<>> key_indices_;
    std::map<std::string, std::string_view, std::less<>> paths_;  // Path to its first name.
    std::map<std::string_view, bool> assigned_;  // Names that the template gives a value.
};

}  // namespace winback::liquid

#include "template/parser.h"

#include <algorithm>

#include "base/strings.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

// As Ruby strips: NUL is white space, too.
bool is_strippable(char c) {
    return is_space(c) || c == '\0';
}

bool is_white(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return is_space(c); });
}

}  // namespace

void Parser::run() {
    Tokenizer tokens(program_.source);
    tokens_ = &tokens;
    Body body;
    Tag found;
    while (parse_body(body, found)) {
        unexpected_outside(found);
        body.text = nothing;
    }
    collect_paths();
}

// True, and `end`, when a tag is met that does not begin anything; false at the end.
// NOLINTNEXTLINE(misc-no-recursion): blocks; bounded by block_depth_max.
bool Parser::parse_body(Body& body, Tag& end) {
    if (pending_) {
        end = *pending_;
        pending_.reset();
        return true;
    }
    Token token;
    while (!too_large() && tokens_->next(token)) {
        failed_ = false;
        switch (token.kind) {
            case Token::Kind::Text:
                text(body, token);
                break;
            case Token::Kind::Output:
                output(body, token);
                break;
            case Token::Kind::Tag:
                if (!tag(body, token, end)) {
                    return true;
                }
                break;
            case Token::Kind::Line:
                if (!line(body, token, end)) {
                    return true;
                }
                break;
        }
    }
    if (too_large() && (faults_.empty() || faults_.back().code != "too_large")) {
        failed_ = false;
        const std::uint32_t at = program_.nodes.empty() ? 0 : program_.nodes.back().at;
        fail(at, 1, "too_large", "The template has too many parts; cut it into snippets.");
    }
    return false;
}

// Reads on until one of `ends`. False when the block is not closed; that has been reported.
// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::block_body(const Tag& block,
                        Body& body,
                        Tag& end,
                        std::initializer_list<std::string_view> ends) {
    if (++block_depth_ > block_depth_max) {
        failed_ = false;
        fail(block.at, 2, "too_deep", "Nesting too deep");
        Token skipped;
        while (tokens_->next(skipped)) {
        }
    }
    open_.push_back(block.name);
    bool closed = false;
    while (!closed && parse_body(body, end)) {
        closed = std::find(ends.begin(), ends.end(), end.name) != ends.end();
        if (closed) {
            break;
        }
        const bool of_outer =
            end.name.starts_with("end") &&
            std::find(open_.begin(), open_.end() - 1, end.name.substr(3)) != open_.end() - 1;
        unexpected_in_block(block.name, "end" + std::string(block.name), end);
        if (of_outer) {
            pending_ = end;
            break;
        }
    }
    if (!closed && !pending_) {
        never_closed(block.name, block.at);
    }
    open_.pop_back();
    --block_depth_;
    return closed;
}

void Parser::text(Body& body, const Token& token) {
    std::string_view text = token.text;
    if (trim_next_) {
        while (!text.empty() && is_strippable(text.front())) {
            text.remove_prefix(1);
        }
        trim_next_ = false;
    }
    body.text = nothing;
    if (text.empty()) {
        return;
    }
    body.blank = body.blank && is_white(text);
    body.text = emit(Op::Text, offset(text), offset(text), static_cast<std::uint32_t>(text.size()));
}

void Parser::trim_before(Body& body, std::string_view token) {
    if (token.size() > 2 && token[2] == '-' && body.text != nothing) {
        Node& node = program_.nodes[body.text];
        while (node.b > 0 && is_strippable(program_.source[node.a + node.b - 1])) {
            --node.b;
        }
    }
    body.text = nothing;
    trim_next_ = token.size() > 2 && token[token.size() - 3] == '-';
}

void Parser::output(Body& body, const Token& token) {
    trim_before(body, token.text);
    body.blank = false;
    if (token.text.size() < 4 || !token.text.ends_with("}}")) {
        fail(offset(token.text), 2, "not_closed",
             "Variable '" + std::string(token.text.substr(0, 80)) +
                 "' was not properly terminated with regexp: /\\}\\}/; close it with }}");
        return;
    }
    const std::string_view markup = read_output(token.text);
    const std::uint32_t node = emit(Op::Print, offset(token.text));
    program_.nodes[node].a = filtered(markup);
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag(Body& body, const Token& token, Tag& found) {
    trim_before(body, token.text);
    const TagParts parts = read_tag(token.text);
    found = {parts.name, parts.markup, token.text, offset(token.text), 0};
    if (parts.name.empty()) {
        if (token.text.ends_with("%}")) {
            found.name = token.text;  // "{% %}": no name, so it is unknown as a whole.
            found.place = found.at;
            return false;
        }
        body.blank = false;
        fail(found.at, 2, "not_closed",
             "Tag '" + std::string(token.text.substr(0, 80)) +
                 "' was not properly terminated with regexp: /\\%\\}/; close it with %}");
        return true;
    }
    found.place = offset(parts.place);
    return dispatch(body, found);
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::line(Body& body, const Token& token, Tag& found) {
    if (is_white(token.text)) {
        return true;
    }
    const TagParts parts = read_line(token.text);
    found = {parts.name, parts.markup, token.text, offset(token.text), offset(token.text)};
    if (parts.name.empty()) {
        found.name = token.text;
        return false;
    }
    found.place = offset(parts.place);
    return dispatch(body, found);
}

// False when the tag is not one that begins something.
// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::dispatch(Body& body, Tag& found) {
    if (found.name == "liquid") {
        liquid_tag(body, found);
        return true;
    }
    const TagSpec* spec = find_tag(found.name);
    if (spec == nullptr) {
        return false;
    }
    const bool blank = (this->*spec->parse)(found);
    body.blank = body.blank && blank;
    body.text = nothing;
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion)
void Parser::liquid_tag(Body& body, const Tag& tag) {
    Tokenizer lines(tag.markup, true);
    Tokenizer* const outer = tokens_;
    std::vector<std::string_view> open_outside;
    open_outside.swap(open_);  // Blocks begin and end inside the tag.
    tokens_ = &lines;
    Tag found;
    while (parse_body(body, found)) {
        unexpected_in_block("liquid", "%}", found);
    }
    tokens_ = outer;
    open_.swap(open_outside);
}

void Parser::unexpected_in_block(std::string_view block,
                                 std::string_view delimiter,
                                 const Tag& tag) {
    failed_ = false;
    if (tag.name == "else") {
        fail_markup(tag, std::string(block) + " tag does not expect 'else' tag");
    } else if (tag.name.starts_with("end")) {
        fail_markup(tag, "'" + std::string(tag.name) + "' is not a valid delimiter for " +
                             std::string(block) + " tags. use " + std::string(delimiter));
    } else {
        report_unknown_tag(tag);
    }
}

void Parser::unexpected_outside(const Tag& tag) {
    failed_ = false;
    if (tag.name == "else" || tag.name == "end") {
        fail_markup(tag, "Unexpected outer '" + std::string(tag.name) + "' tag");
    } else {
        report_unknown_tag(tag);
    }
}

namespace {

// Where a tag belongs that begins nothing by itself. Empty for others.
std::string place_of(std::string_view name) {
    if (name == "when") {
        return "; it belongs inside 'case'";
    }
    if (name == "elsif") {
        return "; it belongs between 'if' and its 'endif'";
    }
    return "";
}

std::string_view nearest_tag(std::string_view name) {
    static const std::vector<std::string> known{"abort_message",
                                                "assign",
                                                "break",
                                                "capture",
                                                "case",
                                                "comment",
                                                "continue",
                                                "cycle",
                                                "decrement",
                                                "doc",
                                                "echo",
                                                "else",
                                                "for",
                                                "if",
                                                "ifchanged",
                                                "include",
                                                "increment",
                                                "link",
                                                "liquid",
                                                "raw",
                                                "render",
                                                "tablerow",
                                                "unless",
                                                "preferences_url",
                                                "unsubscribe_url",
                                                "view_in_browser_url"};
    return nearest(name, known);
}

}  // namespace

void Parser::report_unknown_tag(const Tag& tag) {
    std::string message = "Unknown tag '" + std::string(tag.name.substr(0, 80)) + "'";
    const std::string_view closes = tag.name.starts_with("end") ? tag.name.substr(3) : "";
    if (!closes.empty() && (find_tag(closes) != nullptr)) {
        message += "; no '" + std::string(closes) + "' is open here";
    } else if (const std::string place = place_of(tag.name); !place.empty()) {
        message += place;
    } else if (const std::string_view near = nearest_tag(tag.name); !near.empty()) {
        message += "; did you mean '" + std::string(near) + "'?";
    }
    const bool whole = tag.name.data() == tag.token.data();
    fail(whole ? tag.at : offset(tag.name), tag.name.size(), "unknown_tag", std::move(message));
}

void Parser::never_closed(std::string_view block, std::uint32_t at) {
    failed_ = false;
    fail(at, 2, "not_closed",
         "'" + std::string(block) + "' tag was never closed; add {% end" + std::string(block) +
             " %}");
}

// Takes out the white space of a block that prints nothing else, from node `first` on. What is
// inside of a capture prints nothing here, whatever it is, and stays.
void Parser::strip_blank(std::uint32_t first) {
    std::vector<Node>& nodes = program_.nodes;
    std::vector<std::uint32_t> moved(nodes.size() - first + 1);
    std::uint32_t kept = first;
    std::uint32_t keep_until = first;
    for (std::uint32_t i = first; i < nodes.size(); ++i) {
        const Op op = nodes[i].op;
        if (op == Op::Capture || op == Op::IfChanged || op == Op::TableRow) {
            keep_until = std::max(keep_until, nodes[i].end);
        }
        moved[i - first] = kept;
        kept += op == Op::Text && i >= keep_until ? 0 : 1;
    }
    moved.back() = kept;
    for (std::uint32_t i = first; i < nodes.size(); ++i) {
        if (moved[i - first + 1] == moved[i - first]) {
            continue;
        }
        Node node = nodes[i];
        node.end = moved[node.end - first];
        nodes[moved[i - first]] = node;
    }
    nodes.resize(kept);
}

void Parser::collect_paths() {
    for (const auto& [path, first] : paths_) {
        program_.reads.push_back({path, offset(first), assigned_.contains(first)});
    }
    for (const auto& [name, given] : assigned_) {
        program_.names_given.emplace_back(name);
    }
}

void Parser::fail(std::uint32_t at, std::size_t length, std::string code, std::string message) {
    if (!failed_ && !quiet_) {
        faults_.push_back({std::move(code), at,
                           std::max<std::uint32_t>(static_cast<std::uint32_t>(length), 1),
                           std::move(message)});
    }
    failed_ = true;
}

void Parser::fail(const Word& word, std::string code, std::string message) {
    fail(word.at, word.text.size(), std::move(code), std::move(message));
}

void Parser::fail_markup(const Tag& tag, std::string message) {
    const std::string_view part = tag.markup.empty() ? tag.name : tag.markup;
    fail(offset(part), trim(part).size(), "syntax", std::move(message));
}

std::uint32_t Parser::emit(Op op, std::uint32_t at, std::uint32_t a, std::uint32_t b) {
    Node node;
    node.op = op;
    node.a = a;
    node.b = b;
    node.at = at;
    node.end = here() + 1;
    program_.nodes.push_back(node);
    return here() - 1;
}

std::uint32_t Parser::name_index(std::string_view name) {
    const auto next = static_cast<std::uint32_t>(program_.names.size());
    const auto [found, added] = name_indices_.emplace(name, next);
    if (added) {
        program_.names.push_back(name);
        if (name == "forloop") {
            program_.forloop_name = next;
        } else if (name == "tablerowloop") {
            program_.tablerowloop_name = next;
        }
    }
    return found->second;
}

std::uint32_t Parser::assigned_name(std::string_view name) {
    assigned_.emplace(name, true);
    return name_index(name);
}

std::uint32_t Parser::constant(Datum datum) {
    Expression expression;
    expression.a = static_cast<std::uint32_t>(program_.constants.size());
    program_.constants.push_back(datum);
    return add(expression);
}

std::uint32_t Parser::add(Expression expression) {
    program_.expressions.push_back(expression);
    return static_cast<std::uint32_t>(program_.expressions.size() - 1);
}

}  // namespace winback::liquid

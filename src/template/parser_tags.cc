// One method per tag: conditions, variables, comments, snippets, and our own.
#include <algorithm>

#include "base/strings.h"
#include "template/lax.h"
#include "template/parser.h"
#include "template/text.h"

namespace winback::liquid {

const Parser::TagSpec* Parser::find_tag(std::string_view name) {
    static constexpr TagSpec tags[] = {
        {"#", &Parser::tag_inline_comment},
        {"abort_message", &Parser::tag_abort},
        {"assign", &Parser::tag_assign},
        {"break", &Parser::tag_interrupt},
        {"capture", &Parser::tag_capture},
        {"case", &Parser::tag_case},
        {"comment", &Parser::tag_comment},
        {"continue", &Parser::tag_interrupt},
        {"cycle", &Parser::tag_cycle},
        {"decrement", &Parser::tag_counter},
        {"doc", &Parser::tag_doc},
        {"echo", &Parser::tag_echo},
        {"for", &Parser::tag_for},
        {"if", &Parser::tag_if},
        {"ifchanged", &Parser::tag_ifchanged},
        {"include", &Parser::tag_partial},
        {"increment", &Parser::tag_counter},
        {"link", &Parser::tag_link},
        {"preferences_url", &Parser::tag_url},
        {"raw", &Parser::tag_raw},
        {"render", &Parser::tag_partial},
        {"tablerow", &Parser::tag_tablerow},
        {"unless", &Parser::tag_if},
        {"unsubscribe_url", &Parser::tag_url},
        {"view_in_browser_url", &Parser::tag_url},
    };
    const auto* found = std::find_if(std::begin(tags), std::end(tags),
                                     [&](const TagSpec& tag) { return tag.name == name; });
    return found != std::end(tags) ? found : nullptr;
}

// `unless` is an `if` whose first condition is turned round.
// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_if(const Tag& tag) {
    const bool unless = tag.name == "unless";
    const std::uint32_t node = emit(Op::If, tag.place);
    program_.nodes[node].flag = unless ? 1 : 0;
    std::uint32_t branch = emit(Op::Branch, tag.place);
    program_.nodes[branch].a = condition(tag.markup);
    bool blank = true;
    bool more = true;
    while (more) {
        Body body;
        Tag end;
        const bool closed = block_body(
            tag, body, end, {"elsif", "else", unless ? std::string_view("endunless") : "endif"});
        blank = blank && body.blank;
        close(branch);
        more = closed && (end.name == "elsif" || end.name == "else");
        if (more) {
            failed_ = false;
            branch = emit(Op::Branch, end.place);
            if (end.name == "elsif") {
                const std::uint32_t index = condition(end.markup);
                program_.nodes[branch].a = index;
            }
        }
    }
    close(node);
    if (blank) {
        strip_blank(node);
    }
    program_.nodes[node].blank = blank;
    return blank;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_case(const Tag& tag) {
    const std::uint32_t node = emit(Op::Case, tag.place);
    if (is_strict2()) {
        program_.nodes[node].a = whole_expression(tag.markup);
    } else {
        const std::string_view fragment = first_fragment(tag.markup);
        if (fragment.empty()) {
            fail_markup(tag, "Syntax Error in 'case' - Valid syntax: case [condition]");
        } else {
            program_.nodes[node].a = lax_expression(fragment);
        }
    }
    bool blank = true;
    bool first = true;
    std::uint32_t branch = node;
    for (bool more = true; more;) {
        Body body;
        Tag end;
        const bool closed = block_body(tag, body, end, {"when", "else", "endcase"});
        blank = blank && body.blank;
        if (first) {
            program_.nodes.resize(node + 1);  // What stands before the first `when` is dropped.
        } else {
            close(branch);
        }
        first = false;
        more = closed && end.name != "endcase";
        if (more) {
            failed_ = false;
            branch = emit(end.name == "when" ? Op::When : Op::Else, end.place);
            if (end.name == "when") {
                when(end);
            } else if (!trim(end.markup).empty()) {
                fail_markup(end,
                            "Syntax Error in tag 'case' - Valid else condition: {% else %} (no "
                            "parameters) ");
            }
        }
    }
    close(node);
    if (blank) {
        strip_blank(node);
    }
    program_.nodes[node].blank = blank;
    return blank;
}

void Parser::when(const Tag& tag) {
    const std::uint32_t node = here() - 1;
    std::vector<std::uint32_t> values;
    if (is_strict2()) {
        open(tag.markup);
        do {
            values.push_back(expression(true));
        } while (accept_id("or") || accept(Word::Kind::Comma));
        expect_end();
    } else {
        lax_when(tag, values);
    }
    program_.nodes[node].a = static_cast<std::uint32_t>(program_.lists.size());
    program_.nodes[node].b = static_cast<std::uint32_t>(values.size());
    program_.lists.insert(program_.lists.end(), values.begin(), values.end());
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_ifchanged(const Tag& tag) {
    const std::uint32_t node = emit(Op::IfChanged, tag.place);
    Body body;
    Tag end;
    block_body(tag, body, end, {"endifchanged"});
    close(node);
    program_.nodes[node].blank = body.blank;
    return body.blank;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool Parser::tag_capture(const Tag& tag) {
    std::string_view name;
    if (is_strict2()) {
        open(tag.markup);
        name = expect(Word::Kind::Id);
        expect_end();
    } else {
        name = first_signature(tag.markup);
        if (name.empty()) {
            fail_markup(tag, "Syntax Error in 'capture' - Valid syntax: capture [var]");
        }
    }
    const std::uint32_t node = emit(Op::Capture, tag.place, nothing, assigned_name(name));
    Body body;
    Tag end;
    block_body(tag, body, end, {"endcapture"});
    close(node);
    program_.nodes[node].blank = true;
    return true;  // Prints nothing itself, whatever is in it.
}

bool Parser::tag_assign(const Tag& tag) {
    std::string_view name;
    std::string_view value;
    if (!split_assignment(tag.markup, name, value)) {
        fail_markup(tag, "Syntax Error in 'assign' - Valid syntax: assign [var] = [source]");
        return true;
    }
    if (is_strict2()) {
        open(name);
        expect(Word::Kind::Id);
        expect_end();
    }
    const std::uint32_t node = emit(Op::Assign, tag.place, nothing, assigned_name(name));
    const std::uint32_t index = filtered(value);
    program_.nodes[node].a = index;
    program_.nodes[node].blank = true;
    return true;
}

bool Parser::tag_echo(const Tag& tag) {
    const std::uint32_t node = emit(Op::Print, tag.place);
    program_.nodes[node].flag = 1;
    const std::uint32_t index = filtered(tag.markup);
    program_.nodes[node].a = index;
    return false;
}

bool Parser::tag_interrupt(const Tag& tag) {
    emit(tag.name == "break" ? Op::Break : Op::Continue, tag.place);
    return false;
}

bool Parser::tag_counter(const Tag& tag) {
    std::string_view name = trim(tag.markup);
    if (is_strict2()) {
        open(tag.markup);
        name = expect(Word::Kind::Id);
        expect_end();
    }
    emit(tag.name == "increment" ? Op::Increment : Op::Decrement, tag.place, assigned_name(name));
    return false;
}

// include 'name' with value as alias, parameter: value, ...
bool Parser::tag_partial(const Tag& tag) {
    const bool include = tag.name == "include";
    PartialCall call;
    if (is_strict2()) {
        open(tag.markup);
        if (include) {
            call.name = expression();
        } else {
            const Word name = peek();
            const std::string_view text = expect(Word::Kind::String);
            if (!failed_) {
                call.name = constant(Datum::text(name.text.substr(1, text.size() - 2)));
            }
        }
        call.each = accept_id("for");
        if (call.each || accept_id("with")) {
            call.with = expression();
            const Expression* with = failed_ ? nullptr : &program_.expressions[call.with];
            if (with != nullptr && with->kind == Expression::Kind::Constant &&
                !program_.constants[with->a].truthy()) {
                call.with = nothing;  // The reference takes a literal false or nil for none.
            }
        }
        if (accept_id("as")) {
            call.alias = name_index(expect(Word::Kind::Id));
        }
        accept(Word::Kind::Comma);
        partial_parameters(call);
        expect_end();
    } else {
        lax_partial(tag, call);
    }
    program_.partials.push_back(call);
    emit(include ? Op::Include : Op::Render, tag.place,
         static_cast<std::uint32_t>(program_.partials.size() - 1));
    return false;
}

void Parser::partial_parameters(PartialCall& call) {
    std::vector<std::uint32_t> parameters;
    while (!failed_ && look(Word::Kind::Id)) {
        parameters.push_back(name_index(take().text));
        expect(Word::Kind::Colon);
        parameters.push_back(expression());
        accept(Word::Kind::Comma);
        if (parameters.size() > 2 * arguments_max) {
            fail(peek(), "too_many_arguments", "Too many parameters.");
        }
    }
    call.parameters = static_cast<std::uint32_t>(program_.lists.size());
    call.count = static_cast<std::uint32_t>(parameters.size() / 2);
    program_.lists.insert(program_.lists.end(), parameters.begin(), parameters.end());
}

// Comments may hold anything, other comments and raw blocks among them.
bool Parser::tag_comment(const Tag& tag) {
    int depth = 1;
    Token token;
    while (tokens_->next(token)) {
        std::string_view name;
        if (token.kind == Token::Kind::Line) {
            name = read_line(token.text).name;
        } else if (token.kind == Token::Kind::Tag) {
            name = read_tag(token.text).name;
        }
        if (name == "raw") {
            if (!skip_raw_in_comment(tag)) {
                return true;
            }
        } else if (name == "comment") {
            ++depth;
        } else if (name == "endcomment" && --depth == 0) {
            if (token.kind == Token::Kind::Tag) {
                trim_next_ = read_tag(token.text).trims_right;
            }
            return true;
        }
    }
    never_closed("comment", tag.at);
    return true;
}

bool Parser::skip_raw_in_comment(const Tag& tag) {
    Token token;
    while (tokens_->next(token)) {
        std::string_view before;
        if (closing_name(token.text, before) == "endraw") {
            return true;
        }
    }
    never_closed("raw", tag.at);
    return false;
}

bool Parser::takes_nothing(const Tag& tag) {
    if (trim(tag.markup).empty()) {
        return true;
    }
    const std::string name(tag.name);
    fail_markup(tag, "Syntax Error in '" + name + "' - Valid syntax: {% " + name + " %}{% end" +
                         name + " %}");
    return false;
}

bool Parser::tag_doc(const Tag& tag) {
    takes_nothing(tag);
    bool empty = true;
    Token token;
    while (tokens_->next(token)) {
        std::string_view before;
        const std::string_view name = closing_name(token.text, before);
        if (name == "enddoc") {
            trim_next_ = token.text[token.text.size() - 3] == '-';
            return empty && before.empty();
        }
        if (name == "doc") {
            fail(offset(token.text), token.text.size(), "syntax",
                 "Syntax Error in 'doc' - Nested doc tags are not allowed");
        }
        empty = false;
    }
    never_closed("doc", tag.at);
    return empty;
}

bool Parser::tag_raw(const Tag& tag) {
    takes_nothing(tag);
    bool empty = true;
    Token token;
    while (tokens_->next(token)) {
        std::string_view body = token.text;
        const bool end = closing_name(token.text, body) == "endraw";
        if (end) {
            trim_next_ = token.text[token.text.size() - 3] == '-';
        } else {
            body = token.text;
        }
        if (!body.empty()) {
            emit(Op::Raw, tag.place, offset(body), static_cast<std::uint32_t>(body.size()));
            empty = false;
        }
        if (end) {
            return empty;
        }
    }
    never_closed("raw", tag.at);
    return empty;
}

bool Parser::tag_inline_comment(const Tag& tag) {
    std::string_view rest = tag.markup;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        rest.remove_prefix(end + 1);
        const std::string_view line = trim(rest.substr(0, rest.find('\n')));
        if (!line.empty() && !line.starts_with('#')) {
            fail(offset(line), line.size(), "syntax",
                 "Syntax error in tag '#' - Each line of comments must be prefixed by the '#' "
                 "character");
            break;
        }
    }
    return true;
}

bool Parser::tag_abort(const Tag& tag) {
    const std::string_view markup = trim(tag.markup);
    // Both abort_message 'reason' and abort_message('reason') are known from other products.
    const bool enclosed = markup.starts_with('(') && markup.ends_with(')');
    const std::uint32_t node = emit(Op::Abort, tag.place);
    const std::uint32_t index = filtered(enclosed ? markup.substr(1, markup.size() - 2) : markup);
    program_.nodes[node].a = index;
    return false;
}

// unsubscribe_url and its like print the variable of their name; without it there is no message.
bool Parser::tag_url(const Tag& tag) {
    open(tag.markup);
    expect_end();
    paths_.emplace(std::string(tag.name), tag.name);
    emit(Op::Url, tag.place, name_index(tag.name));
    return false;
}

// link 'https://...', name: 'shop'
bool Parser::tag_link(const Tag& tag) {
    PartialCall call;
    open(tag.markup);
    call.name = expression();
    accept(Word::Kind::Comma);
    partial_parameters(call);
    expect_end();
    program_.partials.push_back(call);
    emit(Op::Link, tag.place, static_cast<std::uint32_t>(program_.partials.size() - 1));
    return false;
}

}  // namespace winback::liquid

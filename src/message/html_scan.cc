#include "message/html_scan.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/strings.h"

namespace winback::message {
namespace {

constexpr std::size_t none = std::string_view::npos;

// As HTML counts it: without the vertical tab.
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
    if (code_point < 0x80) {
        byte(code_point);
    } else if (code_point < 0x800) {
        byte(0xc0U | code_point >> 6U);
        byte(0x80U | (code_point & 0x3fU));
    } else if (code_point < 0x10000) {
        byte(0xe0U | code_point >> 12U);
        byte(0x80U | (code_point >> 6U & 0x3fU));
        byte(0x80U | (code_point & 0x3fU));
    } else {
        byte(0xf0U | code_point >> 18U);
        byte(0x80U | (code_point >> 12U & 0x3fU));
        byte(0x80U | (code_point >> 6U & 0x3fU));
        byte(0x80U | (code_point & 0x3fU));
    }
}

// "#39", "#x27"; false when it is no character.
bool append_numeric(std::string& out, std::string_view name) {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t code_point = 0;
    const auto end =
        std::from_chars(digits.data(), digits.data() + digits.size(), code_point, hex ? 16 : 10);
    const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
    if (digits.empty() || end.ec != std::errc{} || end.ptr != digits.data() + digits.size() ||
        code_point == 0 || code_point > 0x10ffff || surrogate) {
        return false;
    }
    append_utf8(out, code_point);
    return true;
}

bool append_named(std::string& out, std::string_view name) {
    using Entity = std::pair<std::string_view, std::string_view>;
    static constexpr std::array<Entity, 22> entities{{
        {"amp", "&"},        {"lt", "<"},          {"gt", ">"},         {"quot", "\""},
        {"apos", "'"},       {"nbsp", "\u00a0"},   {"copy", "\u00a9"},  {"reg", "\u00ae"},
        {"trade", "\u2122"}, {"hellip", "\u2026"}, {"mdash", "\u2014"}, {"ndash", "\u2013"},
        {"lsquo", "\u2018"}, {"rsquo", "\u2019"},  {"ldquo", "\u201c"}, {"rdquo", "\u201d"},
        {"bull", "\u2022"},  {"middot", "\u00b7"}, {"euro", "\u20ac"},  {"pound", "\u00a3"},
        {"zwnj", "\u200c"},  {"colon", ":"},
    }};
    for (const Entity& entity : entities) {
        if (entity.first == name) {
            out += entity.second;
            return true;
        }
    }
    return false;
}

// What stands in them is text to a browser, up to their close tag.
bool is_raw_text(std::string_view name) {
    constexpr std::array<std::string_view, 10> names{"iframe",    "noembed", "noframes", "noscript",
                                                     "plaintext", "script",  "style",    "textarea",
                                                     "title",     "xmp"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string decode_entities(std::string_view text) {
    constexpr std::size_t name_length_max = 12;
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = text[i] == '&' ? text.substr(i, name_length_max).find(';') : none;
        const std::string_view name = end != none && end > 1 ? text.substr(i + 1, end - 1) : "";
        const bool decoded =
            !name.empty() && (name[0] == '#' ? append_numeric(out, name) : append_named(out, name));
        if (decoded) {
            i += end + 1;
        } else {
            out += text[i];
            ++i;
        }
    }
    return out;
}

std::string HtmlPiece::attribute(std::string_view wanted) const {
    for (const Attribute& attribute : attributes) {
        if (equals_ignoring_case(attribute.name, wanted)) {
            return decode_entities(attribute.value);
        }
    }
    return {};
}

// Behind a comment or what browsers take for one; "<!-->", "<!--->" and "--!>" end comments, too.
std::size_t HtmlScanner::comment_end(std::size_t at) const {
    const std::string_view rest = html_.substr(at);
    if (!rest.starts_with("<!--")) {
        return std::min(html_.find('>', at + 1), html_.size() - 1) + 1;
    }
    for (const std::string_view empty : {"<!-->", "<!--->"}) {
        if (rest.starts_with(empty)) {
            return at + empty.size();
        }
    }
    const std::size_t end = std::min(html_.find("-->", at + 4), html_.size());
    const std::size_t bang = std::min(html_.find("--!>", at + 4), html_.size());
    return std::min(std::min(end + 3, bang + 4), html_.size());
}

// Where "</name" begins, `html_.size()` when it does not come.
std::size_t HtmlScanner::close_of(std::string_view name, std::size_t at) const {
    for (at = html_.find("</", at); at != none; at = html_.find("</", at + 2)) {
        const std::size_t after = at + 2 + name.size();
        const bool whole = after < html_.size() &&
                           (is_space(html_[after]) || html_[after] == '/' || html_[after] == '>');
        if (whole && equals_ignoring_case(html_.substr(at + 2, name.size()), name)) {
            return at;
        }
    }
    return html_.size();
}

// From behind the tag's name to behind its '>'.
std::size_t HtmlScanner::read_attributes(HtmlPiece& piece, std::size_t at) const {
    const std::size_t tag_begin = position_;
    while (at < html_.size() && html_[at] != '>') {
        if (is_space(html_[at]) || html_[at] == '/') {
            ++at;
            continue;
        }
        Attribute attribute;
        attribute.begin = at - tag_begin;
        const std::size_t name = at;
        ++at;  // A stray '=' begins a name, as in browsers.
        while (at < html_.size() && !is_space(html_[at]) &&
               std::string_view("=>/").find(html_[at]) == none) {
            ++at;
        }
        attribute.name = html_.substr(name, at - name);
        std::size_t equals = at;
        while (equals < html_.size() && is_space(html_[equals])) {
            ++equals;
        }
        if (equals < html_.size() && html_[equals] == '=') {
            at = equals + 1;
            while (at < html_.size() && is_space(html_[at])) {
                ++at;
            }
            const char quote = at < html_.size() ? html_[at] : '\0';
            const bool quoted = quote == '"' || quote == '\'';
            at += quoted ? 1 : 0;
            std::size_t end = quoted ? std::min(html_.find(quote, at), html_.size()) : at;
            while (!quoted && end < html_.size() && !is_space(html_[end]) && html_[end] != '>') {
                ++end;
            }
            attribute.value_begin = at - tag_begin;
            attribute.value = html_.substr(at, end - at);
            at = std::min(end + (quoted ? 1 : 0), html_.size());
        }
        attribute.end = at - tag_begin;
        piece.attributes.push_back(attribute);
    }
    return at < html_.size() ? at + 1 : none;
}

bool HtmlScanner::next(HtmlPiece& piece) {
    if (position_ >= html_.size()) {
        return false;
    }
    piece.attributes.clear();
    piece.name.clear();
    if (!raw_.empty()) {
        const std::size_t close = raw_ == "plaintext" ? html_.size() : close_of(raw_, position_);
        raw_.clear();
        if (close > position_) {
            piece.kind = HtmlPiece::Kind::Text;
            piece.source = html_.substr(position_, close - position_);
            position_ = close;
            return true;
        }
    }
    read_piece(piece);
    return true;
}

void HtmlScanner::read_piece(HtmlPiece& piece) {
    std::size_t end = position_ + 1;
    const char after = end < html_.size() ? html_[end] : '\0';
    const bool close = after == '/' && end + 1 < html_.size() && is_letter(html_[end + 1]);
    if (html_[position_] == '<' && (is_letter(after) || close)) {
        piece.kind = close ? HtmlPiece::Kind::Close : HtmlPiece::Kind::Open;
        std::size_t name_end = end + (close ? 1 : 0);
        const std::size_t name = name_end;
        while (name_end < html_.size() && !is_space(html_[name_end]) &&
               std::string_view("/>").find(html_[name_end]) == none) {
            ++name_end;
        }
        piece.name = to_lower_ascii(html_.substr(name, name_end - name));
        end = read_attributes(piece, name_end);
        if (end == none) {  // A tag that does not end is no tag.
            piece.kind = HtmlPiece::Kind::Other;
            piece.attributes.clear();
            end = html_.size();
        } else if (!close && is_raw_text(piece.name)) {
            raw_ = piece.name;
        }
    } else if (html_[position_] == '<' && (after == '!' || after == '?' || after == '/')) {
        piece.kind = HtmlPiece::Kind::Other;
        end = comment_end(position_);
    } else {
        piece.kind = HtmlPiece::Kind::Text;
        end = std::min(html_.find('<', end), html_.size());
    }
    piece.source = html_.substr(position_, end - position_);
    position_ = end;
}

void HtmlScanner::skip_element(std::string_view name) {
    raw_.clear();
    position_ = name == "plaintext" ? html_.size() : close_of(name, position_);
    HtmlPiece close;
    next(close);
}

}  // namespace winback::message

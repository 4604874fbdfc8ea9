#include "message/links.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "message/html_scan.h"
#include "message/render.h"

namespace winback::message {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Browsers drop leading controls and spaces, and tabs and line ends anywhere.
std::string as_browser_reads(std::string_view url) {
    std::string out;
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 || (byte == 0x20 && !out.empty())) {
            out += c;
        }
    }
    return out;
}

bool has_scheme(std::string_view url, std::initializer_list<std::string_view> schemes) {
    if (url.size() > url_bytes_max) {
        return false;
    }
    const std::string read = as_browser_reads(url);
    return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
        return starts_with_ignoring_case(read, scheme);
    });
}

bool is_forbidden_tag(std::string_view name) {
    constexpr std::array<std::string_view, 8> names{"base", "embed",  "form",   "iframe",
                                                    "meta", "object", "script", "frame"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

enum class Verdict { Keep, Drop, ReplaceValue };

Verdict judge(const Attribute& attribute) {
    const std::string name = to_lower_ascii(attribute.name);
    const std::string value = decode_entities(attribute.value);
    if (name.starts_with("on") || name == "srcdoc" || name == "formaction") {
        return Verdict::Drop;
    }
    if (name == "href" || name.ends_with(":href")) {
        return is_safe_link(value) || value.starts_with("#") ? Verdict::Keep
                                                             : Verdict::ReplaceValue;
    }
    if (name == "src" || name == "background" || name == "srcset" || name == "poster") {
        return has_scheme(value, {"http://", "https://", "cid:"}) ? Verdict::Keep : Verdict::Drop;
    }
    return Verdict::Keep;
}

void append_tag(std::string& out, const HtmlPiece& piece) {
    std::size_t copied = 0;
    for (const Attribute& attribute : piece.attributes) {
        const Verdict verdict = judge(attribute);
        if (verdict == Verdict::Drop) {
            out += piece.source.substr(copied, attribute.begin - copied);
            copied = attribute.end;
        } else if (verdict == Verdict::ReplaceValue && attribute.value_begin > 0) {
            out += piece.source.substr(copied, attribute.value_begin - copied);
            out += '#';
            copied = attribute.value_begin + attribute.value.size();
        }
    }
    out += piece.source.substr(copied);
}

}  // namespace

bool is_safe_link(std::string_view url) {
    return has_scheme(url, {"http://", "https://", "mailto:", "tel:"});
}

std::string clean_html(std::string_view html) {
    std::string out;
    out.reserve(html.size());
    HtmlScanner scanner(html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        const bool tag =
            piece.kind == HtmlPiece::Kind::Open || piece.kind == HtmlPiece::Kind::Close;
        if (!tag) {
            out += piece.source;
        } else if (!is_forbidden_tag(piece.name)) {
            append_tag(out, piece);
        } else {
            out += ' ';  // What stood before and behind must not grow together into a tag.
            if (piece.kind == HtmlPiece::Kind::Open && piece.name == "script") {
                scanner.skip_element("script");
            }
        }
    }
    return out;
}

}  // namespace winback::message

#include "message/inline_style.h"

#include <algorithm>

#include "base/strings.h"
#include "message/html_scan.h"

namespace winback::message {
namespace {

bool has_class(const HtmlPiece& piece, std::string_view name) {
    const std::string classes = piece.attribute("class");
    const std::vector<std::string_view> words = split(classes, ' ');
    return std::find(words.begin(), words.end(), name) != words.end();
}

std::string text_of(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const std::string_view part : parts) {
        out += part;
    }
    return out;
}

class Styles {
public:
    explicit Styles(bool right_to_left)
        : right_to_left_(right_to_left), side_(right_to_left ? "right" : "left") {}

    // Empty: the tag is left as it is.
    std::string of(const HtmlPiece& piece) const;

private:
    std::string paragraph(const HtmlPiece& piece) const;
    std::string link(const HtmlPiece& piece) const;

    bool right_to_left_;
    std::string_view side_;
};

std::string Styles::paragraph(const HtmlPiece& piece) const {
    if (has_class(piece, "code")) {
        return text_of({"margin:0 0 12px;padding:14px 16px;text-align:center;background:",
                        colour::sunk, ";border:1px dashed ", colour::soft,
                        ";border-radius:10px;font-family:Consolas,Menlo,monospace;"
                        "font-size:22px;line-height:1.3;font-weight:bold;letter-spacing:1px"});
    }
    if (has_class(piece, "small")) {
        return text_of({"margin:0 0 14px;font-size:14px;color:", colour::soft});
    }
    return "margin:0 0 16px";
}

std::string Styles::link(const HtmlPiece& piece) const {
    if (!has_class(piece, "button")) {
        return text_of({"color:", colour::accent, ";text-decoration:underline"});
    }
    return text_of({"display:inline-block;padding:14px 26px;border-radius:10px;background:",
                    colour::accent, ";color:", colour::on_accent,
                    ";font-weight:bold;line-height:1.3;text-decoration:none;mso-padding-alt:0"});
}

std::string Styles::of(const HtmlPiece& piece) const {
    const std::string& name = piece.name;
    if (name == "p") {
        return paragraph(piece);
    }
    if (name == "a") {
        return link(piece);
    }
    if (name == "h1") {
        return right_to_left_ ? "margin:0 0 16px;font-size:26px;line-height:1.5"
                              : "margin:0 0 16px;font-size:26px;line-height:1.25";
    }
    if (name == "h2" || name == "h3") {
        return "margin:28px 0 12px;font-size:19px;line-height:1.4";
    }
    if (name == "ul" || name == "ol") {
        return right_to_left_ ? "margin:0 0 16px;padding:0 22px 0 0"
                              : "margin:0 0 16px;padding:0 0 0 22px";
    }
    if (name == "li") {
        return "margin:0 0 8px";
    }
    if (name == "img") {
        return "max-width:100%;height:auto;border:0";
    }
    if (name == "hr") {
        return text_of({"margin:24px 0;border:0;border-top:1px solid ", colour::line});
    }
    if (name == "th" || name == "td") {
        return text_of({"padding:6px 0;vertical-align:top;text-align:", side_});
    }
    return {};
}

// What the writer wrote stands behind ours and wins.
void append_styled(std::string& out, const HtmlPiece& piece, const std::string& style) {
    for (const Attribute& attribute : piece.attributes) {
        const bool quoted =
            attribute.value_begin > 0 && (piece.source[attribute.value_begin - 1] == '"' ||
                                          piece.source[attribute.value_begin - 1] == '\'');
        if (quoted && equals_ignoring_case(attribute.name, "style")) {
            out += piece.source.substr(0, attribute.value_begin);
            out += style + ";";
            out += piece.source.substr(attribute.value_begin);
            return;
        }
    }
    const std::size_t name_end = 1 + piece.name.size();
    out += piece.source.substr(0, name_end);
    out += " style=\"" + style + "\"";
    out += piece.source.substr(name_end);
}

// Outlook on Windows gives links no padding: it gets room of its own at both ends.
constexpr std::string_view outlook_room =
    "<!--[if mso]><i style=\"letter-spacing:26px;mso-font-width:-100%;"
    "mso-text-raise:20pt\">&nbsp;</i><![endif]-->";
constexpr std::string_view outlook_room_end =
    "<!--[if mso]><i style=\"letter-spacing:26px;mso-font-width:-100%\">&nbsp;</i><![endif]-->";

}  // namespace

std::string font_of(bool right_to_left) {
    return right_to_left
               ? "17px/1.8 'Segoe UI',Vazirmatn,'Noto Sans Arabic',Tahoma,Arial,sans-serif"
               : "16px/1.6 -apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,"
                 "sans-serif";
}

std::string with_inline_styles(std::string_view html, bool right_to_left) {
    const Styles styles(right_to_left);
    std::string out;
    out.reserve(html.size() * 2);
    HtmlScanner scanner(html);
    HtmlPiece piece;
    bool in_button = false;
    while (scanner.next(piece)) {
        const bool opens = piece.kind == HtmlPiece::Kind::Open;
        if (piece.kind == HtmlPiece::Kind::Close && piece.name == "a" && in_button) {
            out += outlook_room_end;
            in_button = false;
        }
        const std::string style = opens ? styles.of(piece) : std::string();
        if (style.empty()) {
            out += piece.source;
        } else {
            append_styled(out, piece, style);
        }
        if (opens && piece.name == "a" && !piece.source.ends_with("/>") &&
            has_class(piece, "button")) {
            out += outlook_room;
            in_button = true;
        }
    }
    return out;
}

}  // namespace winback::message

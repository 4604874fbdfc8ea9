#include "message/plain_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "message/html_scan.h"
#include "template/text.h"

namespace winback::message {
namespace {

constexpr std::size_t list_depth_max = 32;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

class TextWriter {
public:
    std::string run(std::string_view html);

private:
    void text(std::string_view decoded);
    void break_line(int blank_lines);
    void open(const HtmlPiece& piece);
    void close(std::string_view name);
    void open_link(const HtmlPiece& piece);
    void close_link();
    void begin_item();
    void underline();

    std::string out_;
    int line_ends_ = 0;           // To write before the next word.
    bool space_ = false;          // To write before the next word.
    std::vector<int> lists_;      // Number of the last item; -1 in lists without numbers.
    std::string link_;            // Target of the open link.
    std::size_t link_begin_ = 0;  // Where its text begins.
    std::size_t heading_begin_ = 0;
    char heading_ = '\0';
};

void TextWriter::text(std::string_view decoded) {
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        const bool no_break_space = decoded.substr(i).starts_with("\u00a0");
        if (liquid::is_space(decoded[i]) || no_break_space) {
            space_ = true;
            i += no_break_space ? 1 : 0;
            continue;
        }
        if (!out_.empty() && line_ends_ > 0) {
            out_.append(static_cast<std::size_t>(line_ends_), '\n');
        } else if (space_ && !out_.empty() && out_.back() != ' ') {
            out_ += ' ';
        }
        line_ends_ = 0;
        space_ = false;
        out_ += decoded[i];
    }
}

void TextWriter::break_line(int blank_lines) {
    line_ends_ = std::max(line_ends_, 1 + blank_lines);
    space_ = false;
}

void TextWriter::begin_item() {
    break_line(0);
    if (lists_.empty()) {
        text("-");
    } else {
        // Written at once: the indent would be lost as white space.
        out_ += out_.empty() ? "" : "\n";
        line_ends_ = 0;
        out_.append(2 * (lists_.size() - 1), ' ');
        out_ += lists_.back() < 0 ? "-" : std::to_string(++lists_.back()) + ".";
    }
    space_ = true;
}

void TextWriter::open_link(const HtmlPiece& piece) {
    close_link();
    link_ = piece.attribute("href");
    link_begin_ = out_.size();
}

// "Shop (https://example.test)"; the target alone when the text says it already.
void TextWriter::close_link() {
    const std::string target = std::exchange(link_, std::string());
    if (target.empty() || target.starts_with('#')) {
        return;
    }
    const std::string_view shown = trim(std::string_view(out_).substr(link_begin_));
    if (shown == target || "mailto:" + std::string(shown) == target ||
        "tel:" + std::string(shown) == target) {
        return;
    }
    space_ = !shown.empty();
    text(shown.empty() ? target : "(" + target + ")");
}

void TextWriter::underline() {
    const std::size_t begin = std::min(out_.find_first_not_of('\n', heading_begin_), out_.size());
    const std::string_view heading = std::string_view(out_).substr(begin);
    const auto width = static_cast<std::size_t>(liquid::code_point_count(heading));
    if (width > 0 && (heading_ == '1' || heading_ == '2')) {
        break_line(0);
        text(std::string(width, heading_ == '1' ? '=' : '-'));
    }
    heading_ = '\0';
    break_line(1);
}

bool is_heading(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

void TextWriter::open(const HtmlPiece& piece) {
    const std::string& name = piece.name;
    if (name == "a") {
        open_link(piece);
    } else if (name == "br") {
        line_ends_ = std::min(line_ends_ + 1, 2);
        space_ = false;
    } else if (name == "img") {
        text(piece.attribute("alt"));
    } else if (name == "hr") {
        break_line(1);
        text("---");
        break_line(1);
    } else if (name == "li") {
        begin_item();
    } else if (is_one_of(name, {"ul", "ol"}) && lists_.size() < list_depth_max) {
        break_line(lists_.empty() ? 1 : 0);
        lists_.push_back(name == "ol" ? 0 : -1);
    } else if (is_heading(name)) {
        break_line(1);
        heading_begin_ = out_.size();
        heading_ = name[1];
    } else if (is_one_of(name, {"p", "table", "blockquote", "section", "article"})) {
        break_line(1);
    } else if (is_one_of(name, {"div", "tr"})) {
        break_line(0);
    } else if (is_one_of(name, {"td", "th"})) {
        space_ = true;
    }
}

void TextWriter::close(std::string_view name) {
    if (name == "a") {
        close_link();
    } else if (is_heading(name)) {
        underline();
    } else if (is_one_of(name, {"ul", "ol"}) && !lists_.empty()) {
        lists_.pop_back();
        break_line(lists_.empty() ? 1 : 0);
    } else if (is_one_of(name, {"p", "table", "blockquote", "section", "article"})) {
        break_line(1);
    } else if (is_one_of(name, {"div", "tr", "li"})) {
        break_line(0);
    }
}

std::string TextWriter::run(std::string_view html) {
    HtmlScanner scanner(html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        switch (piece.kind) {
            case HtmlPiece::Kind::Text:
                text(decode_entities(piece.source));
                break;
            case HtmlPiece::Kind::Open:
                if (is_one_of(piece.name, {"style", "script", "head", "title"})) {
                    scanner.skip_element(piece.name);
                } else {
                    open(piece);
                }
                break;
            case HtmlPiece::Kind::Close:
                close(piece.name);
                break;
            case HtmlPiece::Kind::Other:
                break;
        }
    }
    close_link();
    return std::move(out_);
}

}  // namespace

std::string plain_text(std::string_view html) {
    return TextWriter().run(html);
}

}  // namespace winback::message

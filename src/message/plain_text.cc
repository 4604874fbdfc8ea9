#include "message/plain_text.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "message/direction.h"
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
    explicit TextWriter(bool right_to_left) : right_to_left_(right_to_left) {}

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
    void open_isolate(const HtmlPiece& piece);
    void close_isolate();

    bool right_to_left_;
    std::string out_;
    int line_ends_ = 0;           // To write before the next word.
    bool space_ = false;          // To write before the next word.
    std::vector<int> lists_;      // Number of the last item; -1 in lists without numbers.
    std::string link_;            // Target of the open link.
    std::size_t link_begin_ = 0;  // Where its text begins.
    std::size_t heading_begin_ = 0;
    char heading_ = '\0';
    int isolates_ = 0;  // Open ones.
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
    const std::string shown =
        without_direction_marks(trim(std::string_view(out_).substr(link_begin_)));
    if (shown == target || "mailto:" + shown == target || "tel:" + shown == target) {
        return;
    }
    space_ = !shown.empty();
    if (right_to_left_) {
        // With its brackets: no mark touches the address, where a program may take it for a part.
        text(std::string(left_to_right_isolate) + "(" + target + ")" + std::string(end_of_isolate));
        return;
    }
    text(shown.empty() ? target : "(" + target + ")");
}

// What `bdi` says to a browser, a mark says in a text from right to left.
void TextWriter::open_isolate(const HtmlPiece& piece) {
    if (right_to_left_) {
        const bool left_to_right = equals_ignoring_case(piece.attribute("dir"), "ltr");
        text(left_to_right ? left_to_right_isolate : first_strong_isolate);
        ++isolates_;
    }
}

void TextWriter::close_isolate() {
    if (isolates_ > 0) {
        --isolates_;
        out_ += end_of_isolate;
    }
}

void TextWriter::underline() {
    const std::size_t begin = std::min(out_.find_first_not_of('\n', heading_begin_), out_.size());
    const std::string_view heading = std::string_view(out_).substr(begin);
    const auto width =
        static_cast<std::size_t>(liquid::code_point_count(without_direction_marks(heading)));
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
    } else if (name == "bdi") {
        open_isolate(piece);
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
    } else if (name == "bdi") {
        close_isolate();
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

// What stands alone in its line needs no isolate, and a code is copied without marks around it.
std::string without_idle_isolates(std::string_view text) {
    std::string out;
    for (std::string_view line : split(text, '\n')) {
        const bool whole =
            (line.starts_with(first_strong_isolate) || line.starts_with(left_to_right_isolate)) &&
            line.ends_with(end_of_isolate) && line.size() > 2 * direction_mark_bytes;
        if (whole) {
            const std::string_view inside =
                line.substr(direction_mark_bytes, line.size() - 2 * direction_mark_bytes);
            const bool alone = without_direction_marks(inside) == inside;
            line = alone && !inside.starts_with('(') ? inside : line;
        }
        out += line;
        out += '\n';
    }
    out.pop_back();
    return out;
}

}  // namespace

std::string plain_text(std::string_view html, bool right_to_left) {
    const std::string text = TextWriter(right_to_left).run(html);
    return right_to_left ? without_idle_isolates(text) : text;
}

}  // namespace winback::message

#include "message/clean_html.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/strings.h"
#include "message/clean_attribute.h"
#include "message/direction.h"
#include "message/html_scan.h"

namespace winback::message {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 7> void_tags{"area", "br",     "col", "hr",
                                                    "img",  "source", "wbr"};
constexpr std::array<std::string_view, 13> formatting_tags{
    "a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"};
constexpr std::array<std::string_view, 19> inline_tags{
    "abbr", "acronym", "bdi", "bdo",  "cite", "del", "dfn", "ins",  "kbd", "map",
    "mark", "picture", "q",   "samp", "span", "sub", "sup", "time", "var"};
constexpr std::array<std::string_view, 27> block_tags{
    "address",    "article", "aside",  "blockquote", "center", "dd", "div", "dl",      "dt",
    "figcaption", "figure",  "footer", "h1",         "h2",     "h3", "h4",  "h5",      "h6",
    "header",     "li",      "main",   "nav",        "ol",     "p",  "pre", "section", "ul"};
constexpr std::array<std::string_view, 8> table_tags{"caption", "table", "tbody", "td",
                                                     "tfoot",   "th",    "thead", "tr"};
// Their content goes with them: code, styles, drawings, and what most readers never see.
constexpr std::array<std::string_view, 13> swallowed_tags{
    "iframe", "math", "noembed",  "noframes", "noscript", "plaintext", "script",
    "style",  "svg",  "template", "textarea", "title",    "xmp"};
// An end tag in a table's cell reaches no further.
constexpr std::array<std::string_view, 4> walls{"table", "td", "th", "caption"};
constexpr std::array<std::string_view, 3> cells{"td", "th", "caption"};
constexpr std::array<std::string_view, 4> row_frames{"table", "tbody", "thead", "tfoot"};
constexpr std::array<std::string_view, 5> cell_frames{"table", "tbody", "thead", "tfoot", "tr"};
constexpr std::array<std::string_view, 1> table_only{"table"};
constexpr std::array<std::string_view, 6> item_walls{"ul", "ol", "table", "td", "th", "caption"};
constexpr std::array<std::string_view, 5> entry_walls{"dl", "table", "td", "th", "caption"};

template <typename List>
bool is_one_of(std::string_view name, const List& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_heading(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

// "x-y": browsers give such elements no meaning. The rehearsal of playbooks looks for one.
bool is_custom_name(std::string_view name) {
    return name.find('-') != std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_block(std::string_view name) {
    return is_one_of(name, block_tags) || is_one_of(name, table_tags);
}

// Writes a body tag by tag. `open_` is what a browser would have open, too: every start tag that
// would close others by itself has them closed before it.
class BodyWriter {
public:
    explicit BodyWriter(std::string_view html) : scanner_(html) { out_.reserve(html.size()); }

    std::string run();

private:
    static constexpr std::size_t none = std::string_view::npos;

    void open(const HtmlPiece& piece);
    void close(std::string_view name);
    bool make_room(std::string_view name);
    bool make_table_room(std::string_view name);
    void push(std::string_view name);
    void flush();
    void close_to(std::size_t depth);
    void close_through(std::size_t index);
    template <typename Wanted>
    std::size_t nearest(const Wanted& wanted, Names until) const;

    HtmlScanner scanner_;
    std::string out_;
    std::string
        text_;  // Behind `out_`; cleaned as a whole: dropped comments may stand in an entity.
    std::vector<std::string> open_;
};

// From the innermost outwards; `none` when one of `until` comes first.
template <typename Wanted>
std::size_t BodyWriter::nearest(const Wanted& wanted, Names until) const {
    for (std::size_t i = open_.size(); i-- > 0;) {
        if (wanted(open_[i])) {
            return i;
        }
        if (is_one_of(open_[i], until)) {
            return none;
        }
    }
    return none;
}

void BodyWriter::flush() {
    append_clean_text(out_, without_direction_marks(text_));
    text_.clear();
}

void BodyWriter::close_to(std::size_t depth) {
    flush();
    while (open_.size() > depth) {
        out_ += "</" + open_.back() + ">";
        open_.pop_back();
    }
}

void BodyWriter::close_through(std::size_t index) {
    if (index != none) {
        close_to(index);
    }
}

void BodyWriter::push(std::string_view name) {
    flush();
    out_ += "<";
    out_ += name;
    out_ += ">";
    open_.emplace_back(name);
}

// False for a part of a table that stands in none.
bool BodyWriter::make_table_room(std::string_view name) {
    const auto among = [](Names names) {
        return [names](std::string_view open) { return is_one_of(open, names); };
    };
    if (name == "table") {
        // Between the cells of a table another one ends it.
        if (nearest(among(cell_frames), cells) != none) {
            close_through(nearest(among(table_only), {}));
        }
        return true;
    }
    const std::size_t table = nearest(among(table_only), {});
    if (table == none) {
        return false;
    }
    if (name == "td" || name == "th") {
        const std::size_t row = nearest(among(cell_frames), {});
        close_to(row + 1);
        if (open_.back() != "tr") {
            push("tr");
        }
    } else if (name == "tr") {
        close_to(nearest(among(row_frames), {}) + 1);
    } else {
        close_to(table + 1);
    }
    return true;
}

// Closes what a browser would close at this tag. False when it may not stand here.
bool BodyWriter::make_room(std::string_view name) {
    const auto is = [](std::string_view wanted) {
        return [wanted](std::string_view open) { return open == wanted; };
    };
    if (is_one_of(name, table_tags) || name == "col") {
        if (name == "table") {
            close_through(nearest(is("p"), walls));
        }
        return make_table_room(name);
    }
    if (is_one_of(name, block_tags) || name == "hr") {
        close_through(nearest(is("p"), walls));
    }
    if (name == "li") {
        close_through(nearest(is("li"), item_walls));
    } else if (name == "dd" || name == "dt") {
        const auto is_entry = [](std::string_view open) { return open == "dd" || open == "dt"; };
        close_through(nearest(is_entry, entry_walls));
    } else if (name == "a") {
        close_through(nearest(is("a"), cells));
    } else if (is_heading(name) && !open_.empty() && is_heading(open_.back())) {
        close_to(open_.size() - 1);
    }
    return true;
}

void BodyWriter::open(const HtmlPiece& piece) {
    if (!is_kept_tag(piece.name)) {
        text_ += ' ';
        if (is_one_of(piece.name, swallowed_tags)) {
            scanner_.skip_element(piece.name);
        }
        return;
    }
    // Two: a cell may need a row.
    if (open_.size() + 2 > html_depth_max || !make_room(piece.name)) {
        return;
    }
    flush();
    out_ += "<" + piece.name;
    append_clean_attributes(out_, piece);
    out_ += ">";
    if (!is_void_tag(piece.name)) {
        open_.push_back(piece.name);
    }
}

void BodyWriter::close(std::string_view name) {
    const auto same = [&](std::string_view open) {
        return open == name || (is_heading(open) && is_heading(name));
    };
    const bool is_inline = !is_block(name) && !is_one_of(name, formatting_tags);
    const std::size_t block =
        is_inline ? nearest([](std::string_view open) { return is_block(open); }, {}) : none;
    std::size_t found = none;
    if (name == "table") {
        found = nearest(same, {});
    } else if (is_one_of(name, table_tags)) {
        found = nearest(same, table_only);
    } else if (name == "li") {
        found = nearest(same, item_walls);
    } else {
        found = nearest(same, walls);
    }
    if (block == none || (found != none && found > block)) {
        close_through(found);
    }
}

std::string BodyWriter::run() {
    HtmlPiece piece;
    while (scanner_.next(piece)) {
        switch (piece.kind) {
            case HtmlPiece::Kind::Text:
                text_ += piece.source;
                break;
            case HtmlPiece::Kind::Open:
                open(piece);
                break;
            case HtmlPiece::Kind::Close:
                close(piece.name);
                break;
            case HtmlPiece::Kind::Other:
                break;  // Comments, too: those of Outlook are HTML to it.
        }
    }
    close_to(0);
    return std::move(out_);
}

}  // namespace

bool is_void_tag(std::string_view name) {
    return is_one_of(name, void_tags);
}

bool is_kept_tag(std::string_view name) {
    return is_block(name) || is_one_of(name, inline_tags) || is_one_of(name, formatting_tags) ||
           is_void_tag(name) || is_custom_name(name);
}

std::string clean_html(std::string_view html) {
    // A NUL is nothing to browsers, and other programs end there.
    std::string text(html);
    std::erase(text, '\0');
    return BodyWriter(text).run();
}

}  // namespace winback::message

#include "template/lexer.h"

#include <algorithm>

#include "base/strings.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

constexpr std::size_t none = std::string_view::npos;

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_name_part(char c) {
    return is_name_start(c) || is_digit(c) || c == '-';
}

std::uint32_t offset(std::size_t n) {
    return static_cast<std::uint32_t>(n);  // Sources are at most source_bytes_max long.
}

// A tag as it stands in the source, braces and dashes included.
struct Braces {
    std::size_t at = 0;
    std::size_t begin = 0;  // Content.
    std::size_t end = 0;
    std::size_t after = 0;
    bool trims_left = false;
    bool trims_right = false;
    bool closed = false;
    bool is_tag = false;
};

class Cutter {
public:
    Cutter(std::string_view source, std::vector<Fault>& faults)
        : source_(source), faults_(faults) {}

    std::vector<Segment> run();

private:
    Braces read_braces(std::size_t at);
    std::size_t find_close(bool tag, std::size_t from);
    std::string_view name_of(const Braces& braces, std::size_t& after_name) const;
    void add_text(std::size_t begin, std::size_t end);
    void add_tag(const Braces& braces);
    void check_bare(const Braces& braces, std::string_view name, std::size_t after_name);
    std::size_t skip_raw(const Braces& open);
    std::size_t skip_comment(const Braces& open, std::string_view name);
    std::size_t next_tag(std::size_t from) const;
    void report(const Braces& braces, std::string code, std::string message);

    std::string_view source_;
    std::vector<Fault>& faults_;
    std::vector<Segment> segments_;
    bool trim_next_ = false;
    // The first "%}" and "}}" at or after the offset last asked for: questions come in order, so
    // finding all of them takes one pass, even when none is there.
    std::size_t tag_close_ = 0;
    std::size_t output_close_ = 0;
};

// Pre: `from` is not before that of the last question of this kind.
std::size_t Cutter::find_close(bool tag, std::size_t from) {
    std::size_t& known = tag ? tag_close_ : output_close_;
    if (known != none && (known < from || known == 0)) {
        known = source_.find(tag ? "%}" : "}}", from);
    }
    return known;
}

void Cutter::report(const Braces& braces, std::string code, std::string message) {
    const std::size_t length = std::max<std::size_t>(braces.after - braces.at, 2);
    faults_.push_back({std::move(code), offset(braces.at), offset(length), std::move(message)});
}

Braces Cutter::read_braces(std::size_t at) {
    Braces braces;
    braces.at = at;
    braces.is_tag = source_[at + 1] == '%';
    braces.begin = at + 2;
    const std::size_t close = find_close(braces.is_tag, braces.begin);
    braces.closed = close != none;
    braces.after = braces.closed ? close + 2 : source_.size();
    braces.end = braces.closed ? close : source_.size();
    if (braces.begin < braces.end && source_[braces.begin] == '-') {
        braces.trims_left = true;
        ++braces.begin;
    }
    if (braces.closed && braces.begin < braces.end && source_[braces.end - 1] == '-') {
        braces.trims_right = true;
        --braces.end;
    } else if (braces.trims_left && braces.begin == braces.end) {
        braces.trims_right = true;  // "{{-}}": one dash for both sides.
    }
    return braces;
}

std::string_view Cutter::name_of(const Braces& braces, std::size_t& after_name) const {
    std::size_t begin = braces.begin;
    while (begin < braces.end && is_space(source_[begin])) {
        ++begin;
    }
    std::size_t end = begin;
    if (end < braces.end && source_[end] == '#') {
        ++end;
    } else {
        while (end < braces.end && (is_name_start(source_[end]) || is_digit(source_[end]))) {
            ++end;
        }
    }
    after_name = end;
    return source_.substr(begin, end - begin);
}

void Cutter::add_text(std::size_t begin, std::size_t end) {
    if (trim_next_) {
        while (begin < end && is_space(source_[begin])) {
            ++begin;
        }
    }
    if (begin < end) {
        segments_.push_back({Segment::Kind::Text, offset(begin), offset(begin), offset(end), {}});
    }
}

std::size_t Cutter::next_tag(std::size_t from) const {
    for (std::size_t at = source_.find('{', from); at != none; at = source_.find('{', at + 1)) {
        const char next = at + 1 < source_.size() ? source_[at + 1] : '\0';
        if (next == '{' || next == '%') {
            return at;
        }
    }
    return none;
}

void Cutter::check_bare(const Braces& braces, std::string_view name, std::size_t after_name) {
    if (!trim(source_.substr(after_name, braces.end - after_name)).empty()) {
        report(braces, "syntax", "'" + std::string(name) + "' takes nothing behind its name.");
    }
}

// Returns where the text goes on.
std::size_t Cutter::skip_raw(const Braces& open) {
    for (std::size_t at = source_.find("{%", open.after); at != none;
         at = source_.find("{%", at + 1)) {
        const Braces close = read_braces(at);
        std::size_t after_name = 0;
        if (close.closed && name_of(close, after_name) == "endraw") {
            const std::size_t count = segments_.size();
            trim_next_ = false;  // What is inside stays as it is, to the last space.
            add_text(open.after, at);
            if (segments_.size() > count) {
                segments_.back().name = "raw";
            }
            trim_next_ = close.trims_right;
            return close.after;
        }
    }
    report(open, "not_closed", "'raw' is never closed; add {% endraw %}.");
    return source_.size();
}

// Comments may hold anything, other comments and raw blocks among them.
std::size_t Cutter::skip_comment(const Braces& open, std::string_view name) {
    const std::string end_name = "end" + std::string(name);
    int depth = 1;
    bool raw = false;
    for (std::size_t at = source_.find("{%", open.after); at != none;
         at = source_.find("{%", at + 1)) {
        const Braces braces = read_braces(at);
        std::size_t after_name = 0;
        const std::string_view inner = braces.closed ? name_of(braces, after_name) : "";
        if (raw || inner == "raw") {
            raw = inner != "endraw";
        } else if (inner == name && name == "comment") {
            ++depth;
        } else if (inner == end_name && --depth == 0) {
            trim_next_ = braces.trims_right;
            return braces.after;
        }
    }
    report(open, "not_closed",
           "'" + std::string(name) + "' is never closed; add {% " + end_name + " %}.");
    return source_.size();
}

void Cutter::add_tag(const Braces& braces) {
    Segment segment;
    segment.kind = braces.is_tag ? Segment::Kind::Tag : Segment::Kind::Output;
    segment.at = offset(braces.at);
    segment.begin = offset(braces.begin);
    segment.end = offset(braces.end);
    if (braces.is_tag) {
        std::size_t after_name = 0;
        segment.name = name_of(braces, after_name);
        segment.begin = offset(after_name);
    }
    segments_.push_back(segment);
    trim_next_ = braces.trims_right;
}

std::vector<Segment> Cutter::run() {
    for (std::size_t position = 0; position < source_.size();) {
        const std::size_t at = next_tag(position);
        if (at == none) {
            add_text(position, source_.size());
            break;
        }
        const Braces braces = read_braces(at);
        std::size_t text_end = at;
        while (braces.trims_left && text_end > position && is_space(source_[text_end - 1])) {
            --text_end;
        }
        add_text(position, text_end);
        if (!braces.closed) {
            report(
                {.at = at, .after = at + 2}, "not_closed",
                braces.is_tag ? "'{%' is never closed by '%}'." : "'{{' is never closed by '}}'.");
            trim_next_ = false;
            position = at + 2;  // Look for more mistakes behind it.
            continue;
        }
        std::size_t after_name = 0;
        const std::string_view name = braces.is_tag ? name_of(braces, after_name) : "";
        if (name == "raw" || name == "doc") {
            check_bare(braces, name, after_name);
        }
        if (name == "raw") {
            position = skip_raw(braces);
        } else if (name == "comment" || name == "doc") {
            position = skip_comment(braces, name);
        } else {
            add_tag(braces);
            position = braces.after;
        }
    }
    return std::move(segments_);
}

class WordReader {
public:
    WordReader(std::string_view source, std::uint32_t end, std::vector<Fault>& faults)
        : source_(source.substr(0, end)), faults_(faults) {}

    std::vector<Word> run(std::uint32_t begin);

private:
    std::size_t read_name(std::size_t at);
    std::size_t read_number(std::size_t at);
    std::size_t read_string(std::size_t at);
    std::size_t read_sign(std::size_t at);
    void add(Word::Kind kind, std::size_t begin, std::size_t end) {
        words_.push_back({kind, offset(begin), source_.substr(begin, end - begin)});
    }

    std::string_view source_;
    std::vector<Fault>& faults_;
    std::vector<Word> words_;
};

std::size_t WordReader::read_name(std::size_t at) {
    std::size_t end = at;
    while (end < source_.size() && is_name_part(source_[end])) {
        ++end;
    }
    if (end < source_.size() && source_[end] == '?') {
        ++end;
    }
    add(Word::Kind::Name, at, end);
    return end;
}

std::size_t WordReader::read_number(std::size_t at) {
    std::size_t end = at + 1;
    Word::Kind kind = Word::Kind::Integer;
    while (end < source_.size() && is_digit(source_[end])) {
        ++end;
    }
    const bool fraction =
        end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1]);
    if (fraction) {
        kind = Word::Kind::Decimal;
        ++end;
        while (end < source_.size() && is_digit(source_[end])) {
            ++end;
        }
    }
    add(kind, at, end);
    return end;
}

std::size_t WordReader::read_string(std::size_t at) {
    const std::size_t close = source_.find(source_[at], at + 1);
    if (close == none) {
        faults_.push_back({"not_closed", offset(at), offset(source_.size() - at),
                           "The text is not closed by another quote."});
        return source_.size();
    }
    add(Word::Kind::String, at + 1, close);
    return close + 1;
}

std::size_t WordReader::read_sign(std::size_t at) {
    struct Sign {
        std::string_view text;
        Word::Kind kind;
    };
    using enum Word::Kind;
    static constexpr Sign signs[] = {
        {"==", Comparison},
        {"!=", Comparison},
        {"<>", Comparison},
        {"<=", Comparison},
        {">=", Comparison},
        {"<", Comparison},
        {">", Comparison},
        {"=", Equals},
        {"..", DotDot},
        {".", Dot},
        {",", Comma},
        {":", Colon},
        {"|", Bar},
        {"[", OpenBracket},
        {"]", CloseBracket},
        {"(", OpenParenthesis},
        {")", CloseParenthesis},
    };
    for (const Sign& sign : signs) {
        if (source_.substr(at).starts_with(sign.text)) {
            add(sign.kind, at, at + sign.text.size());
            return at + sign.text.size();
        }
    }
    const std::size_t length = code_point_length(source_.substr(at));
    faults_.push_back(
        {"unexpected_character", offset(at), offset(length),
         "'" + std::string(source_.substr(at, length)) + "' has no meaning inside a tag."});
    return at + length;
}

std::vector<Word> WordReader::run(std::uint32_t begin) {
    for (std::size_t at = begin; at < source_.size();) {
        const char c = source_[at];
        const bool negative = c == '-' && at + 1 < source_.size() && is_digit(source_[at + 1]);
        if (is_space(c)) {
            ++at;
        } else if (is_name_start(c)) {
            at = read_name(at);
        } else if (is_digit(c) || negative) {
            at = read_number(at);
        } else if (c == '"' || c == '\'') {
            at = read_string(at);
        } else {
            at = read_sign(at);
        }
    }
    words_.push_back({Word::Kind::End, offset(source_.size()), {}});
    return std::move(words_);
}

}  // namespace

std::vector<Segment> cut(std::string_view source, std::vector<Fault>& faults) {
    return Cutter(source, faults).run();
}

std::vector<Word> words_of(std::string_view source,
                           std::uint32_t begin,
                           std::uint32_t end,
                           std::vector<Fault>& faults) {
    return WordReader(source, end, faults).run(begin);
}

}  // namespace winback::liquid

#include "base/diagnostic.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/strings.h"

namespace winback {

bool has_errors(const Diagnostics& diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic& d) { return !d.is_warning; });
}

namespace {

std::string_view line_of(std::string_view source, int line) {
    std::size_t start = 0;
    for (int i = 1; i < line; ++i) {
        const std::size_t end = source.find('\n', start);
        if (end == std::string_view::npos) {
            return {};
        }
        start = end + 1;
    }
    std::string_view text = source.substr(start, source.find('\n', start) - start);
    if (!text.empty() && text.back() == '\r') {
        text.remove_suffix(1);
    }
    return text;
}

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
}

// What is shown of a line, whole characters: a text of one long line with a hundred mistakes would
// else become a hundred times as long.
struct Window {
    std::size_t start = 0;
    std::size_t end = 0;
};

Window window_of(std::string_view line, std::size_t column, std::size_t before_max) {
    Window window{.start = column > before_max ? column - before_max : 0,
                  .end = std::min(line.size(), column + before_max)};
    while (window.start < column && continues_character(line[window.start])) {
        ++window.start;
    }
    while (window.end > column && window.end < line.size() &&
           continues_character(line[window.end])) {
        --window.end;
    }
    return window;
}

// Letters to change, add, leave out or swap with the next one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before;  // The row two above.
    std::vector<std::size_t> above;
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before = std::exchange(above, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
    }
    return row[b.size()];
}

// How far a word is from another: by its letters first, then by their case.
using Distance = std::pair<std::size_t, std::size_t>;

}  // namespace

std::string quote(const Diagnostic& d, std::string_view source, std::size_t before_max) {
    const std::string_view line = line_of(source, d.position.line);
    if (line.empty()) {
        return {};
    }
    const auto column = std::min(static_cast<std::size_t>(d.position.column - 1), line.size());
    const Window window = window_of(line, column, before_max);
    std::string out = window.start > 0 ? "  …" : "  ";
    out += line.substr(window.start, window.end - window.start);
    out += window.end < line.size() ? "…\n" : "\n";
    out += window.start > 0 ? "   " : "  ";
    for (std::size_t i = window.start; i < column; ++i) {
        if (!continues_character(line[i])) {  // One mark per code point.
            out += line[i] == '\t' ? '\t' : ' ';
        }
    }
    const std::size_t room = window.end > column ? window.end - column : 1;
    const auto length = std::clamp(static_cast<std::size_t>(d.length), std::size_t{1}, room);
    out += "^" + std::string(length - 1, '~') + "\n";
    return out;
}

std::string render(const Diagnostic& d, std::string_view source) {
    constexpr std::size_t before_max = 80;
    std::string out;
    if (!d.file.empty()) {
        out += d.file + ":";
    }
    out += std::to_string(d.position.line) + ":" + std::to_string(d.position.column) + ": " +
           (d.is_warning ? "warning: " : "error: ") + d.message + " [" + d.code + "]\n";
    return out + quote(d, source, before_max);
}

Position position_at(std::string_view source, std::size_t offset) {
    WINBACK_CHECK(offset <= source.size());
    Position position;
    for (const char c : source.substr(0, offset)) {
        if (c == '\n') {
            ++position.line;
            position.column = 1;
        } else {
            ++position.column;
        }
    }
    return position;
}

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t word_length_max = 64;
    if (word.size() > word_length_max) {
        return {};
    }
    const std::size_t most = word.size() <= 2 ? 0 : std::clamp<std::size_t>(word.size() / 3, 1, 3);
    const std::string letters = to_lower_ascii(word);
    std::string_view best;
    Distance best_distance{most + 1, 0};
    for (const std::string& candidate : candidates) {
        if (candidate.size() > word_length_max) {
            continue;
        }
        const Distance distance{edit_distance(letters, to_lower_ascii(candidate)),
                                edit_distance(word, candidate)};
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace winback

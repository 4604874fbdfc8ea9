#include "base/diagnostic.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

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

// Distance of Levenshtein, given up at `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string render(const Diagnostic& d, std::string_view source) {
    std::string out;
    if (!d.file.empty()) {
        out += d.file + ":";
    }
    out += std::to_string(d.position.line) + ":" + std::to_string(d.position.column) + ": " +
           (d.is_warning ? "warning: " : "error: ") + d.message + " [" + d.code + "]\n";
    const std::string_view line = line_of(source, d.position.line);
    if (line.empty()) {
        return out;
    }
    out += "  ";
    out += line;
    out += "\n  ";
    const auto column = static_cast<std::size_t>(d.position.column - 1);
    for (std::size_t i = 0; i < column; ++i) {
        const char c = i < line.size() ? line[i] : ' ';
        if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) {  // One mark per code point.
            out += c == '\t' ? '\t' : ' ';
        }
    }
    const std::size_t room = line.size() > column ? line.size() - column : 1;
    const auto length = std::clamp(static_cast<std::size_t>(d.length), std::size_t{1}, room);
    out += "^" + std::string(length - 1, '~') + "\n";
    return out;
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
    std::string_view best;
    std::size_t best_distance = std::min<std::size_t>(word.size() / 3 + 1, 3) + 1;
    if (word.size() > word_length_max) {
        return {};
    }
    for (const std::string& candidate : candidates) {
        if (candidate.size() > word_length_max) {
            continue;
        }
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace winback

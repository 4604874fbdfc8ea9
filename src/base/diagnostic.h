// A mistake in a text that a person wrote: a condition, a template, a definition, a mapping.
//
// Readers of such texts report every mistake at once, each with file, line and column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winback {

// A place in a text. Lines and columns count from 1; columns count bytes of UTF-8.
struct Position {
    int line = 1;
    int column = 1;
    auto operator<=>(const Position&) const = default;
};

struct Diagnostic {
    std::string code;  // snake_case, stable, for programs and tests: "unknown_trait"
    std::string file;  // As the user named it; empty for text without a file.
    Position position;
    int length = 1;           // Bytes to underline; at least 1.
    std::string message;      // What is wrong and how to mend it, one sentence or two.
    bool is_warning = false;  // A warning does not refuse the text.
};

using Diagnostics = std::vector<Diagnostic>;

bool has_errors(const Diagnostics& diagnostics);

// "file:3:7: error: message [code]", the line of the text, and a caret below the place:
//   journeys/lapsing.yaml:3:7: error: unknown trait 'ordres.count'; did you mean ... [code]
//     if: user.ordres.count > 1
//         ^~~~~~~~~~~~~~~~~
// `source` is the whole text that it points into. An empty line is left out, a long one cut.
std::string render(const Diagnostic& diagnostic, std::string_view source);

// The line and the caret of `render` alone; of the line at most `before_max` bytes before the
// place, so that the caret is seen where there is little room, and as many again behind it.
std::string quote(const Diagnostic& diagnostic, std::string_view source, std::size_t before_max);

// The line and column of a byte offset. Pre: offset <= source.size().
Position position_at(std::string_view source, std::size_t offset);

// The candidate nearest to `word` if near enough to be a typing mistake, otherwise empty: the same
// letters in other case before others; to a word of one or two letters these alone are near.
std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace winback

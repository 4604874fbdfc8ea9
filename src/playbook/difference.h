// What changed between two versions of a playbook: file by file, line by line.
//
// The shortest edit script after Myers (1986), "An O(ND) difference algorithm and its variations",
// on lines. Beyond `edits_max` edits the middle of a file counts as replaced whole, and beyond
// `lines_shown_max` lines a file is cut, so that no text costs more than its reading.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "playbook/playbook.h"

namespace winback::playbook {

constexpr int edits_max = 1'000;
constexpr int context_lines = 3;                // Shown around a change.
constexpr std::size_t lines_shown_max = 2'000;  // Of one file.

struct DiffLine {
    enum class Kind { Same, Removed, Added };
    Kind kind = Kind::Same;
    std::string_view text;  // Without its end; views the texts that were compared.
    int old_line = 0;       // From 1; 0 where the line is not there.
    int new_line = 0;
};

// Lines that belong together: changes with what stands around them.
using DiffHunk = std::vector<DiffLine>;

struct FileDifference {
    enum class Kind { Changed, Added, Removed };
    Kind kind = Kind::Changed;
    std::string path;
    std::size_t added = 0;  // Lines.
    std::size_t removed = 0;
    std::vector<DiffHunk> hunks;
    bool cut = false;  // There is more than is shown.
};

// The edit script of all lines. A last line without its end counts as a line.
std::vector<DiffLine> compare_lines(std::string_view before, std::string_view after);

// In the order of paths. The files must outlive the result.
std::vector<FileDifference> difference(const Files& before, const Files& after);

}  // namespace winback::playbook

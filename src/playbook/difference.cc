#include "playbook/difference.h"

#include <algorithm>
#include <set>

namespace winback::playbook {
namespace {

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        lines.push_back(line);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

// One greedy search from the beginning: for each number of edits, how far each diagonal reaches.
class Myers {
public:
    Myers(const Lines& a, const Lines& b, std::size_t skip, std::size_t a_end, std::size_t b_end)
        : a_(a),
          b_(b),
          skip_(skip),
          n_(static_cast<int>(a_end - skip)),
          m_(static_cast<int>(b_end - skip)) {}

    // Steps from the end to the beginning; empty when it takes more than edits_max.
    struct Step {
        int x = 0;  // Lines of either that stand before it.
        int y = 0;
        DiffLine::Kind kind = DiffLine::Kind::Same;
    };
    bool run(std::vector<Step>& steps) {
        const int most = std::min(edits_max, n_ + m_);
        std::vector<int> reach(static_cast<std::size_t>(2 * most + 3), 0);
        offset_ = most + 1;
        for (int d = 0; d <= most; ++d) {
            // Only the diagonals that this round can touch are kept for the way back.
            traces_.emplace_back(reach.begin() + (offset_ - d - 1),
                                 reach.begin() + (offset_ + d + 2));
            for (int k = -d; k <= d; k += 2) {
                int& x = reach[static_cast<std::size_t>(offset_ + k)];
                x = came_down(reach, d, k) ? reach[static_cast<std::size_t>(offset_ + k + 1)]
                                           : reach[static_cast<std::size_t>(offset_ + k - 1)] + 1;
                while (x < n_ && x - k < m_ && same(x, x - k)) {
                    ++x;
                }
                if (x >= n_ && x - k >= m_) {
                    go_back(d, steps);
                    return true;
                }
            }
        }
        return false;
    }

private:
    bool same(int x, int y) const {
        return a_[skip_ + static_cast<std::size_t>(x)] == b_[skip_ + static_cast<std::size_t>(y)];
    }
    bool came_down(const std::vector<int>& reach, int d, int k) const {
        return k == -d || (k != d && reach[static_cast<std::size_t>(offset_ + k - 1)] <
                                         reach[static_cast<std::size_t>(offset_ + k + 1)]);
    }
    void go_back(int d, std::vector<Step>& steps) const {
        int x = n_;
        int y = m_;
        for (; d > 0; --d) {
            const std::vector<int>& trace = traces_[static_cast<std::size_t>(d)];
            const auto at = [&](int k) { return trace[static_cast<std::size_t>(k + d + 1)]; };
            const int k = x - y;
            const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
            const int before_k = down ? k + 1 : k - 1;
            const int before_x = at(before_k);
            const int before_y = before_x - before_k;
            const int after_x = down ? before_x : before_x + 1;
            while (x > after_x) {
                steps.push_back({--x, --y, DiffLine::Kind::Same});
            }
            steps.push_back(
                {before_x, before_y, down ? DiffLine::Kind::Added : DiffLine::Kind::Removed});
            x = before_x;
            y = before_y;
        }
        while (x > 0) {
            steps.push_back({--x, --y, DiffLine::Kind::Same});
        }
    }

    const Lines& a_;
    const Lines& b_;
    std::size_t skip_;
    int n_;
    int m_;
    int offset_ = 0;
    std::vector<std::vector<int>> traces_;
};

void add(std::vector<DiffLine>& out,
         DiffLine::Kind kind,
         std::string_view text,
         std::size_t old_at,
         std::size_t new_at) {
    out.push_back({.kind = kind,
                   .text = text,
                   .old_line = kind == DiffLine::Kind::Added ? 0 : static_cast<int>(old_at) + 1,
                   .new_line = kind == DiffLine::Kind::Removed ? 0 : static_cast<int>(new_at) + 1});
}

// The lines of a change with `context_lines` around it, runs that touch in one.
std::vector<DiffHunk> hunks_of(const std::vector<DiffLine>& lines) {
    std::vector<DiffHunk> hunks;
    const auto context = static_cast<std::size_t>(context_lines);
    std::size_t shown_until = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].kind == DiffLine::Kind::Same) {
            continue;
        }
        const std::size_t from = std::max(shown_until, i > context ? i - context : 0);
        if (hunks.empty() || from > shown_until) {
            hunks.emplace_back();
        }
        const std::size_t to = std::min(lines.size(), i + context + 1);
        for (std::size_t j = std::max(from, shown_until); j < to; ++j) {
            hunks.back().push_back(lines[j]);
        }
        shown_until = std::max(shown_until, to);
    }
    return hunks;
}

void cut_to_size(FileDifference& file) {
    std::size_t shown = 0;
    for (std::size_t i = 0; i < file.hunks.size(); ++i) {
        if (shown + file.hunks[i].size() > lines_shown_max) {
            file.hunks[i].resize(lines_shown_max - shown);
            file.hunks.resize(file.hunks[i].empty() ? i : i + 1);
            file.cut = true;
            return;
        }
        shown += file.hunks[i].size();
    }
}

}  // namespace

std::vector<DiffLine> compare_lines(std::string_view before, std::string_view after) {
    const Lines a = lines_of(before);
    const Lines b = lines_of(after);
    std::size_t head = 0;
    while (head < a.size() && head < b.size() && a[head] == b[head]) {
        ++head;
    }
    std::size_t tail = 0;
    while (tail < a.size() - head && tail < b.size() - head &&
           a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) {
        ++tail;
    }
    std::vector<DiffLine> out;
    for (std::size_t i = 0; i < head; ++i) {
        add(out, DiffLine::Kind::Same, a[i], i, i);
    }
    std::vector<Myers::Step> steps;
    if (Myers(a, b, head, a.size() - tail, b.size() - tail).run(steps)) {
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            const std::size_t x = head + static_cast<std::size_t>(step->x);
            const std::size_t y = head + static_cast<std::size_t>(step->y);
            add(out, step->kind, step->kind == DiffLine::Kind::Added ? b[y] : a[x], x, y);
        }
    } else {
        for (std::size_t i = head; i < a.size() - tail; ++i) {
            add(out, DiffLine::Kind::Removed, a[i], i, 0);
        }
        for (std::size_t i = head; i < b.size() - tail; ++i) {
            add(out, DiffLine::Kind::Added, b[i], 0, i);
        }
    }
    for (std::size_t i = tail; i > 0; --i) {
        add(out, DiffLine::Kind::Same, a[a.size() - i], a.size() - i, b.size() - i);
    }
    return out;
}

std::vector<FileDifference> difference(const Files& before, const Files& after) {
    std::set<std::string> paths;
    for (const Files* files : {&before, &after}) {
        for (const auto& [path, text] : *files) {
            paths.insert(path);
        }
    }
    std::vector<FileDifference> all;
    for (const std::string& path : paths) {
        const auto old = before.find(path);
        const auto now = after.find(path);
        const bool was = old != before.end();
        const bool is = now != after.end();
        if (was && is && old->second == now->second) {
            continue;
        }
        FileDifference file{.kind = !was  ? FileDifference::Kind::Added
                                    : !is ? FileDifference::Kind::Removed
                                          : FileDifference::Kind::Changed,
                            .path = path,
                            .hunks = {}};
        const std::vector<DiffLine> lines = compare_lines(was ? std::string_view(old->second) : "",
                                                          is ? std::string_view(now->second) : "");
        for (const DiffLine& line : lines) {
            file.added += line.kind == DiffLine::Kind::Added ? 1U : 0U;
            file.removed += line.kind == DiffLine::Kind::Removed ? 1U : 0U;
        }
        file.hunks = hunks_of(lines);
        cut_to_size(file);
        all.push_back(std::move(file));
    }
    return all;
}

}  // namespace winback::playbook

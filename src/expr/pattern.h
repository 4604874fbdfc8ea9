// Regular expressions of matches(..): RE2, so that no pattern takes more than linear time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace winback::expr {

using Pattern = std::shared_ptr<const re2::RE2>;

// Why the pattern cannot be used; empty when it can.
std::string pattern_problem(std::string_view pattern);

// Pre: pattern_problem is empty.
Pattern compile_pattern(std::string_view pattern);

// What it takes to ask the pattern of a text of so many bytes. RE2 runs an automaton of 1 MB, a
// byte in a few nanoseconds; a large pattern whose automaton would not fit is simulated, a byte in
// up to 4 ns for each of its instructions. Which of both it is shows only while it runs, so a
// pattern that could be such a one is taken for one.
std::size_t match_work(const Pattern& pattern, std::size_t bytes);
// What a unit of that work takes at most.
constexpr std::size_t match_work_ns = 4;

// True when a part of `text` matches, as in CEL; ^ and $ bind it to the ends.
bool matches(const Pattern& pattern, std::string_view text);

}  // namespace winback::expr

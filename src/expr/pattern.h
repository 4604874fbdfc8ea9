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

// True when a part of `text` matches, as in CEL; ^ and $ bind it to the ends.
bool matches(const Pattern& pattern, std::string_view text);

}  // namespace winback::expr

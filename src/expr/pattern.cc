#include "expr/pattern.h"

#include <re2/re2.h>

#include "base/check.h"
#include "expr/limits.h"

namespace winback::expr {
namespace {

// Memory of a compiled pattern and its automaton; RE2 falls back to a slower one beyond it.
constexpr std::int64_t pattern_memory_max = 1 << 20;

re2::StringPiece piece(std::string_view text) {
    return {text.data(), text.size()};
}

Pattern make(std::string_view pattern) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_memory_max);
    return std::make_shared<const re2::RE2>(piece(pattern), options);
}

}  // namespace

std::string pattern_problem(std::string_view pattern) {
    if (pattern.size() > pattern_bytes_max) {
        return "a pattern may have at most " + std::to_string(pattern_bytes_max) + " bytes";
    }
    const Pattern compiled = make(pattern);
    return compiled->ok() ? "" : "this is not a regular expression: " + compiled->error();
}

Pattern compile_pattern(std::string_view pattern) {
    Pattern compiled = make(pattern);
    WINBACK_CHECK(compiled->ok());
    return compiled;
}

std::size_t match_work(const Pattern& pattern, std::size_t bytes) {
    constexpr int small = 16;  // Instructions: its automaton fits, whatever it is.
    constexpr std::size_t of_small = 4;
    constexpr std::size_t of_any = 40;
    const int size = pattern->ProgramSize();
    return bytes * (size <= small ? of_small : of_any + static_cast<std::size_t>(size));
}

bool matches(const Pattern& pattern, std::string_view text) {
    return re2::RE2::PartialMatch(piece(text), *pattern);
}

}  // namespace winback::expr

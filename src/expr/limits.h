// Bounds of the condition language. Each is reported to the author of a condition as a
// diagnostic with the code that stands beside it; those of evaluating say what becomes of it.
#pragma once

#include <cstddef>

namespace winback::expr {

constexpr std::size_t text_bytes_max = 16 * 1024;    // too_long
constexpr std::size_t atoms_max = 200;               // too_many_atoms
constexpr int depth_max = 64;                        // too_deep; bounds every recursion here
constexpr std::size_t list_items_max = 1000;         // list_too_long; also arguments of a call
constexpr std::size_t pattern_bytes_max = 4 * 1024;  // bad_pattern
constexpr int lambda_depth_max = 2;                  // too_deep; exists, all, where, ...
constexpr std::size_t narrowings_max = 8;            // too_many_narrowings
constexpr std::size_t diagnostics_max = 50;          // Further mistakes are not reported.

// What one evaluation may take. Beyond any of these nothing is known of the customer, so the whole
// condition is false (Outcome::exhausted), also where the part that needs more is negated.
//
// Turns of the loops of exists, all, filter and map.
constexpr std::size_t loop_turns_max = 100'000;
// What lists, maps and joined texts may take of memory, however often they are copied into each
// other.
constexpr std::size_t made_bytes_max = std::size_t{1} << 20U;
// Work of regular expressions: bytes of the texts times the weight of the pattern (match_work).
// A quarter of a second at worst; ten thousand addresses of a hundred bytes are within it.
constexpr std::size_t match_work_max = 64'000'000;
// No text that a pattern is asked of outside of where(..) and loops is longer.
constexpr std::size_t matched_bytes_max = 64 * 1024;

// What the joining of texts and lists in strict CEL may make, in all.
constexpr std::size_t cel_bytes_max = std::size_t{16} << 20U;

}  // namespace winback::expr

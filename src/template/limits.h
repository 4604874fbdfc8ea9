// What one template may cost. All limits count work, never time, so that a replay gives the same
// answer. A limit that is hit stops this message and no other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winback::liquid {

// While parsing: a template beyond them is refused with a diagnostic.
constexpr std::size_t source_bytes_max = 512 * 1024;
constexpr int block_depth_max = 100;        // if, for, case, capture inside one another.
constexpr std::size_t path_parts_max = 64;  // a.b.c[0]
constexpr int expression_depth_max = 64;    // a[b[c[d]]]
constexpr std::size_t filters_per_output_max = 64;
constexpr std::size_t arguments_max = 255;  // Of a filter or a snippet.
constexpr std::size_t nodes_max = 200'000;
constexpr std::size_t names_max = 10'000;     // Different names of variables, parameters, filters.
constexpr std::size_t diagnostics_max = 100;  // Mistakes beyond are not listed.

// While rendering, for every template.
constexpr std::size_t bytes_per_step = 256;
constexpr int nested_values_max = 100;          // Lists and maps inside one another.
constexpr int open_blocks_max = 1'000;          // Of a template and the snippets around it.
constexpr std::size_t error_bytes_max = 1'000;  // The message of an error is cut there.

// While rendering: a template beyond them stops with RenderErrorKind::Limit.
struct RenderLimits {
    std::int64_t steps = 1'000'000;  // Nodes, loop rounds, filters, items, 256 bytes of text.
    std::size_t output_bytes = 2 * 1024 * 1024;
    std::size_t working_bytes = 8 * 1024 * 1024;  // All that assign, capture and filters make.
    int scope_depth = 100;                        // Loops and snippets inside one another.
};

}  // namespace winback::liquid

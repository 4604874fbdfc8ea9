// Marks that turn the direction of writing: embeddings, overrides and isolates of Unicode
// (U+202A to U+202E, U+2066 to U+2069). A customer's text has no right to them: one that is not
// closed turns what follows, and an override makes one address look like another.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

bool is_direction_mark(char32_t code_point);
// True when `text` begins with one; it has `direction_mark_bytes`.
bool begins_with_direction_mark(std::string_view text);
constexpr std::size_t direction_mark_bytes = 3;

std::string without_direction_marks(std::string_view text);

// For a text that its writer made: embeddings and overrides are taken out, isolates end with
// their line at the latest.
std::string with_closed_isolates(std::string_view text);

// Keeps its own direction among what stands beside it.
std::string isolated(std::string_view text);

constexpr std::string_view left_to_right_isolate = "\u2066";
constexpr std::string_view first_strong_isolate = "\u2068";
constexpr std::string_view end_of_isolate = "\u2069";

}  // namespace winback::message

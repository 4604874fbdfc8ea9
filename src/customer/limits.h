// Bounds on what one shard keeps in memory of its customers. Beyond them nothing fails: the rest
// is counted (Customers::dropped) and stays on disk only. See docs/design/customers.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace winback::customer {

// Events of one name and one customer that stay in memory: the newest by event time.
inline constexpr std::uint32_t events_per_name_max = 10'000;
// Event names of a shard; further ones are kept together under `other_events`.
inline constexpr std::size_t event_names_max = 2'000;
inline constexpr std::string_view other_events = "(other)";
inline constexpr std::size_t event_name_bytes_max = 256;

inline constexpr std::size_t attributes_max = 500;
inline constexpr std::size_t attribute_name_bytes_max = 128;
// A list or map as an attribute, encoded; a larger one is not taken. Also text of an attribute.
inline constexpr std::size_t attribute_bytes_max = 32 * 1024;
// Text of an event's property in memory; what is longer is cut.
inline constexpr std::size_t event_text_bytes_max = 4 * 1024;
// A list or map of an event's property in memory, encoded; a larger one is null. More than events
// over HTTP can have (32 kB of JSON), and within a chunk of the texts of a column (text_pool.h).
inline constexpr std::size_t event_encoded_bytes_max = 60 * 1024;

// Tags that the team gives a customer, and lists that they stand on: of each so many.
inline constexpr std::size_t labels_max = 50;
inline constexpr std::size_t label_bytes_max = 64;

// Statements of consent kept per customer and channel.
inline constexpr std::size_t consent_statements_max = 64;

// Texts of one column that are stored once however often they occur.
inline constexpr std::size_t interned_max = 4096;

// A history's tail is merged into its main part when it has this many events and an eighth of
// the main part.
inline constexpr std::size_t tail_min = 1024;
inline constexpr std::size_t tail_divisor = 8;

}  // namespace winback::customer

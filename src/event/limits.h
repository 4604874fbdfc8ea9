// How large an event may be. All of them are listed in docs/design/events.md.
#pragma once

#include <cstddef>

namespace winback::event {

// The Segment HTTP API's own limits: beyond these a request is refused (400), except for the
// count of a batch, which is answered with 200 and kept nowhere.
constexpr std::size_t event_bytes_max = 32 * 1024;
constexpr std::size_t batch_bytes_max = 500 * 1024;
constexpr std::size_t batch_events_max = 2500;
constexpr std::size_t message_id_chars_max = 100;  // Unicode characters, not bytes.

// Ours: beyond these the one event is rejected and its neighbours are kept.
constexpr std::size_t id_bytes_max = 256;  // user, anonymous, previous and group ids.
constexpr std::size_t event_name_bytes_max = 256;
constexpr std::size_t map_fields_max = 512;  // Keys of one object.
constexpr int depth_max = 16;                // Objects and lists inside properties.

}  // namespace winback::event

// The first two bytes of an event record. Private to this folder.
#pragma once

#include <cstdint>

#include "event/event.h"

namespace winback::event {

inline constexpr std::uint8_t event_form = 1;
inline constexpr unsigned kind_count = 6;

// The second byte: kind in the low four bits, then surface, then content_id.
constexpr bool is_kind_byte(std::uint8_t byte) {
    return (byte & 0x0fU) < kind_count && (byte >> 4U & 0x07U) < unsigned{surface_count};
}

}  // namespace winback::event

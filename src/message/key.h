// The key of a message: the same decision always has the same key, so that a message can be
// recognised after a crash and is never sent twice.
//
// key = XXH3-128 of the five parts, each text preceded by its length as 8 bytes and each number
// as 8 bytes, little-endian. The parts and the hash never change: keys are stored for ever.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace winback::message {

struct MessageKey {
    Hash128 hash;
    auto operator<=>(const MessageKey&) const = default;
};

struct KeyParts {
    std::string_view customer;  // Customer id.
    std::string_view journey;   // Journey id; empty for a message outside journeys.
    std::uint64_t entry = 0;    // Which time the customer entered the journey, from 1.
    std::string_view step;      // Step id.
    std::uint64_t visit = 0;    // Which time the step was reached in this entry, from 1.
};

MessageKey make_key(const KeyParts& parts);
std::string format_key(const MessageKey& key);           // 32 lower-case hex digits.
bool parse_key(std::string_view text, MessageKey& key);  // False when it is not a key.

template <class H>
H AbslHashValue(H state, const MessageKey& key) {
    return H::combine(std::move(state), key.hash);
}

}  // namespace winback::message

// What a workspace knows of its own names, for checking conditions against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"

namespace winback::expr {

// A list that is empty is not known, and nothing is checked against it.
struct Schema {
    struct Trait {
        std::string name;  // Without "user."; dotted for derived ones.
        std::optional<ValueType> type = std::nullopt;
    };
    std::vector<Trait> traits;
    // Others may exist beside `traits`; only what looks like a slip in a dotted one is a mistake.
    bool other_traits = false;
    std::vector<std::string> segments;
    std::vector<std::string> scores;
    std::vector<std::string> channels;

    // Names that may come later: who uses another may have mistyped it, which is a warning.
    struct Seen {
        std::vector<std::string> events;      // Empty: none came in yet, and none is unknown.
        std::vector<std::string> attributes;  // Likewise; their parts (address.city) are not named.
        std::vector<std::string> lists;
        std::vector<std::string> campaigns;
    };
    std::optional<Seen> seen = std::nullopt;  // Nothing: no such name is warned of.
    // Of a customer so many events of a name are kept, the newest; 0: all. Who asks for more is
    // warned.
    std::int64_t events_kept = 0;
};

}  // namespace winback::expr

// Whom a change of the playbook lets messages go to who got none before: the number that the
// four-eyes rule is about (docs/design/people.md#four-eyes).
//
// Counted high rather than low: hold-out, consent and caps are not taken off, and what may widen a
// journey counts all members of its segment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/desk.h"
#include "engine/definitions.h"
#include "playbook/playbook.h"

namespace winback::api {

struct Reach {
    // Each once, whatever the number of journeys. Nothing: it cannot be counted.
    std::optional<std::uint64_t> people = 0;
    std::vector<std::string> journeys;  // Ids of those by which more people may get messages.
};

struct PlaybookChange {
    const engine::Definitions& before;
    const engine::Definitions& after;
    const playbook::Files& files_before;
    const playbook::Files& files_after;
};

// One pass over the base when a journey reaches more people, else none. Other words to the same
// people are no more people, unless `words` count, too.
enum class Counts : std::uint8_t { People, WordsToo };
Reach reach_of_change(Desk& desk, const PlaybookChange& change, Counts counts = Counts::People);
// By all journeys that send.
Reach reach_of_all(Desk& desk, const engine::Definitions& definitions);

}  // namespace winback::api

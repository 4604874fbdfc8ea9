// Segments: who joins and leaves, at which moment, and when to look again.
#include <algorithm>

#include "engine/shard_state.h"

namespace winback::engine {

std::size_t Shard::Impl::words_per_customer() const {
    return current == nullptr ? 0 : (current->definitions->segments.size() + 63) / 64;
}

bool Shard::Impl::is_member(CustomerIndex customer, std::uint32_t position) const {
    const std::uint64_t word = membership[customer * words_per_customer() + position / 64];
    return (word >> (position % 64) & 1U) != 0;
}

void Shard::Impl::set_member(CustomerIndex customer, std::uint32_t position, bool member) {
    if (is_member(customer, position) == member) {
        return;
    }
    std::uint64_t& word = membership[customer * words_per_customer() + position / 64];
    word ^= std::uint64_t{1} << (position % 64);
    if (member) {
        ++segment_sizes[position];
    } else {
        --segment_sizes[position];
    }
}

void Shard::Impl::clear_membership(CustomerIndex customer) {
    if (current != nullptr) {
        for (const std::uint32_t position : current->dependencies.all()) {
            set_member(customer, position, false);
        }
    }
}

void Shard::Impl::look_at_all(CustomerIndex customer,
                              Cause cause,
                              const Input& input,
                              Effects& effects) {
    if (looked_at[customer] != current->definitions->version) {
        looked_at[customer] = current->definitions->version;
        cause = Cause::Started;
    }
    wakes[customer] = timestamp_max;  // Everything is looked at, so nothing else is due.
    look_at(customer, current->dependencies.all(), cause, input, effects);
}

void Shard::Impl::catch_up(CustomerIndex customer, const Input& input, Effects& effects) {
    if (current == nullptr) {
        return;
    }
    const bool unseen = looked_at[customer] != current->definitions->version;
    if (unseen || wakes[customer] <= input.at) {
        look_at_all(customer, Cause::Live, input, effects);
    }
}

void Shard::Impl::look_at(CustomerIndex customer,
                          const std::vector<std::uint32_t>& segments,
                          Cause cause,
                          const Input& input,
                          Effects& effects) {
    if (!customers.merged_into(customer).empty() || customers.erased(customer)) {
        return;
    }
    Timestamp next = wakes[customer];
    std::vector<std::uint32_t> joined;
    const EngineFacts facts(*this, *current, customer, input.at);
    for (const std::uint32_t position : segments) {
        const segment::Segment& segment = current->definitions->segments[position];
        const expr::Outcome outcome = expr::evaluate(segment.condition, facts);
        next = std::min(next, outcome.valid_until);
        if (outcome.holds == is_member(customer, position)) {
            continue;
        }
        set_member(customer, position, outcome.holds);
        Fact fact{.customer = std::string(customers.id(customer)),
                  .at = input.at,
                  .name = outcome.holds ? "Segment Entered" : "Segment Left"};
        fact.details.set("segment", segment.id);
        effects.facts.push_back(std::move(fact));
        if (outcome.holds) {
            joined.push_back(position);
        }
    }
    for (const std::uint32_t position : joined) {
        enter_journeys(customer, current->definitions->segments[position].id, cause, input,
                       effects);
    }
    const std::size_t decided_before = effects.decided.size();
    next = std::min(next, conduct(customer, input, effects));
    if (effects.decided.size() != decided_before) {
        next = std::min(next, input.at);  // Conditions on sent(..) may hold now.
    }
    set_wake(customer, next);
}

}  // namespace winback::engine

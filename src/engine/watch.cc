// Segments: who joins and leaves, at which moment, and when to look again.
#include <algorithm>

#include "engine/shard_state.h"

namespace winback::engine {
namespace {

// Of the atoms of a condition so many are told of when somebody comes or goes.
constexpr std::size_t facts_told_max = 20;

}  // namespace

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

void Shard::Impl::leave_for(CustomerIndex customer,
                            std::string_view into,
                            Timestamp at,
                            Effects& effects) {
    if (current == nullptr) {
        return;
    }
    for (const std::uint32_t position : current->dependencies.all()) {
        if (is_member(customer, position)) {
            Fact fact{
                .customer = std::string(customers.id(customer)), .at = at, .name = "Segment Left"};
            fact.details.set("segment", current->definitions->segments[position].id);
            fact.details.set("merged_into", into);
            effects.facts.push_back(std::move(fact));
        }
    }
    clear_membership(customer);
}

void Shard::Impl::look_at_all(
    CustomerIndex customer, Cause cause, const Input& input, Effects& effects, Timestamp due) {
    Look look{.cause = cause};
    if (looked_at[customer] != current->definitions->version) {
        look = {.cause = Cause::Started, .seen = looked_at[customer]};
        looked_at[customer] = current->definitions->version;
    }
    look.first_scores = due <= first_scores_until;
    wakes[customer] = timestamp_max;  // Everything is looked at, so nothing else is due.
    look_at(customer, current->dependencies.all(), look, input, effects);
}

void Shard::Impl::catch_up(CustomerIndex customer, const Input& input, Effects& effects) {
    if (current == nullptr) {
        return;
    }
    const bool unseen = looked_at[customer] != current->definitions->version;
    if (unseen || wakes[customer] <= input.at || input.at <= first_scores_until) {
        look_at_all(customer, Cause::Live, input, effects, std::min(wakes[customer], input.at));
    }
}

std::optional<Shard::Impl::Look> Shard::Impl::look_at_segment(CustomerIndex customer,
                                                              std::uint32_t position,
                                                              Look look,
                                                              const expr::Outcome& outcome,
                                                              const EngineFacts& facts,
                                                              const Input& input,
                                                              Effects& effects) {
    const bool changed = outcome.holds != is_member(customer, position);
    if (changed) {
        set_member(customer, position, outcome.holds);
        Fact fact{.customer = std::string(customers.id(customer)),
                  .at = input.at,
                  .name = outcome.holds ? "Segment Entered" : "Segment Left"};
        const segment::Segment& segment = current->definitions->segments[position];
        fact.details.set("segment", segment.id);
        if (look.cause == Cause::Started) {
            fact.details.set("definitions",
                             static_cast<std::int64_t>(current->definitions->version));
        }
        const auto atoms = expr::explain(segment.condition, facts);
        fact.details.set(
            "facts", atoms_value(std::span(atoms).first(std::min(atoms.size(), facts_told_max))));
        effects.facts.push_back(std::move(fact));
    }
    const bool started = look.cause == Cause::Started;
    if (!outcome.holds || (!changed && !started)) {
        return std::nullopt;
    }
    if (look.first_scores && current->dependencies.reads_scores(position)) {
        return std::nullopt;
    }
    // Time alone brought the customer in: the reload has nothing to do with it.
    const bool unchanged = look.seen != 0 && current->segment_since[position] <= look.seen;
    if (started && changed && unchanged) {
        return Look{.cause = Cause::Live};
    }
    look.newcomer = started && changed && current->definitions->segments[position].newcomers_enter;
    return look;
}

void Shard::Impl::look_at(CustomerIndex customer,
                          const std::vector<std::uint32_t>& segments,
                          Look look,
                          const Input& input,
                          Effects& effects) {
    if (!customers.has_events(customer)) {
        return;  // Merged, erased, or only named so far: a member of nothing.
    }
    Timestamp next = wakes[customer];
    std::vector<std::pair<std::uint32_t, Look>> joined;
    const EngineFacts facts(*this, *current, customer, input.at);
    for (const std::uint32_t position : segments) {
        const segment::Segment& segment = current->definitions->segments[position];
        const expr::Outcome outcome = expr::evaluate(segment.condition, facts);
        next = std::min(next, outcome.valid_until);
        if (const auto way =
                look_at_segment(customer, position, look, outcome, facts, input, effects)) {
            joined.emplace_back(position, *way);
        }
    }
    for (const auto& [position, way] : joined) {
        enter_journeys(customer, current->definitions->segments[position].id, way, input, effects);
    }
    const std::size_t decided_before = effects.decided.size();
    next = std::min(next, conduct(customer, input, effects));
    if (effects.decided.size() != decided_before) {
        next = std::min(next, input.at);  // Conditions on sent(..) may hold now.
    }
    set_wake(customer, next);
}

}  // namespace winback::engine

#include "engine/shard.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "customer/silence.h"
#include "engine/shard_state.h"
#include "event/names.h"

namespace winback::engine {
namespace {

// An event this much older than its arrival corrects the past; it does not start journeys.
constexpr Duration late_after = days(1);

// Looks that were due so soon after the first models are the first that know scores.
constexpr Duration first_scores_time = minutes(1);

// Stale entries of the wake queue are tolerated up to this many per customer.
constexpr std::size_t wake_entries_per_customer = 4;

}  // namespace

Loaded::Loaded(DefinitionsPtr loaded)
    : definitions(std::move(loaded)),
      binding(definitions->symbols),
      dependencies(definitions->segments, definitions->symbols) {
    for (const std::string& name : definitions->symbols.segments) {
        const auto& segments = definitions->segments;
        const auto found = std::find_if(segments.begin(), segments.end(),
                                        [&](const segment::Segment& s) { return s.id == name; });
        segment_positions.push_back(
            found == segments.end() ? -1 : static_cast<int>(found - segments.begin()));
    }
    for (const std::string& name : definitions->symbols.scores) {
        scores.push_back(parse_score(name));
    }
}

void Loaded::date_parts(const Loaded* before) {
    const std::uint64_t now = definitions->version;
    const segment::Segments& segments = definitions->segments;
    const bool same_zone =
        before != nullptr && before->definitions->workspace.zone == definitions->workspace.zone;
    segment_since.assign(segments.size(), now);
    for (std::size_t p = 0; same_zone && p < segments.size(); ++p) {
        const segment::Segments& old = before->definitions->segments;
        const auto same = std::find_if(old.begin(), old.end(), [&](const segment::Segment& s) {
            return s.id == segments[p].id &&
                   s.condition.canonical == segments[p].condition.canonical;
        });
        if (same == old.end()) {
            continue;
        }
        std::uint64_t since = before->segment_since[static_cast<std::size_t>(same - old.begin())];
        // As young as the youngest segment that it refers to, which stands before it.
        for (const expr::SegmentId id : segments[p].condition.segments) {
            const int other = segment_positions[id];
            since =
                std::max(since, other < 0 ? now : segment_since[static_cast<std::size_t>(other)]);
        }
        segment_since[p] = since;
    }
    journey_since.clear();
    for (const journey::Journey& journey : definitions->journeys) {
        const auto& old = before == nullptr ? definitions->journeys : before->definitions->journeys;
        const auto same = std::find_if(
            old.begin(), old.end(), [&](const journey::Journey& j) { return j.id == journey.id; });
        journey_since.push_back(
            before == nullptr || same == old.end()
                ? now
                : before->journey_since[static_cast<std::size_t>(same - old.begin())]);
    }
}

void Effects::clear() {
    *this = Effects{};
}

CustomerIndex Shard::Impl::find_or_add(std::string_view customer_id) {
    const CustomerIndex customer = customers.find_or_add(customer_id);
    make_room(customer);
    return customer;
}

void Shard::Impl::make_room(CustomerIndex customer) {
    if (customer >= sequences.size()) {
        const std::size_t count = customer + std::size_t{1};
        sequences.resize(count);
        wakes.resize(count, timestamp_max);
        looked_at.resize(count);
        membership.resize(count * words_per_customer());
    }
}

bool Shard::Impl::begin(CustomerIndex customer, const Input& input, Effects& effects) {
    if (sequences[customer] >= input.sequence) {
        return false;
    }
    sequences[customer] = input.sequence;
    effects.touched.push_back(customer);
    return true;
}

Shard::Impl::Wake Shard::Impl::wake_of(CustomerIndex customer) const {
    const auto place = static_cast<std::uint32_t>(hash64(customers.id(customer)) >> 32U);
    return {.place = {.at = wakes[customer], .place = place}, .customer = customer};
}

std::optional<Shard::Impl::Wake> Shard::Impl::first_wake() {
    while (!wake_queue.empty()) {
        const Wake wake = wake_queue.top();
        if (wakes[wake.customer] == wake.place.at) {
            return wake;
        }
        wake_queue.pop();
    }
    return std::nullopt;
}

void Shard::Impl::set_wake(CustomerIndex customer, Timestamp at) {
    if (wakes[customer] == at) {
        return;
    }
    wakes[customer] = at;
    if (at == timestamp_max) {
        return;
    }
    wake_queue.push(wake_of(customer));
    if (wake_queue.size() > wake_entries_per_customer * wakes.size() + 1000) {
        std::vector<Wake> entries;
        entries.reserve(wakes.size());
        for (CustomerIndex c = 0; c < wakes.size(); ++c) {
            if (wakes[c] != timestamp_max) {
                entries.push_back(wake_of(c));
            }
        }
        wake_queue = decltype(wake_queue)(std::greater<>{}, std::move(entries));
    }
}

void Shard::Impl::arrive(const event::Event& event, const Input& input, Effects& effects) {
    const CustomerIndex customer = find_or_add(event::customer_key(event));
    // Asked even when the row includes the input, so that a replay remembers what it must.
    const bool fresh = event.content_id || customers.remember(event.message_id, input.at);
    if (!fresh) {
        effects.duplicate = true;
        return;
    }
    if (!begin(customer, input, effects)) {
        return;
    }
    if (customers.erased(customer)) {
        return;
    }
    if (const std::string_view into = customers.merged_into(customer); !into.empty()) {
        emit({.kind = Handover::Kind::Forward,
              .customer = std::string(into),
              .other = std::string(customers.id(customer)),
              .payload = event::encode(event),
              .path = {std::string(customers.id(customer))}},
             effects);
        return;
    }
    take_event(customer, event, input, effects);
}

void Shard::Impl::take_event(CustomerIndex customer,
                             const event::Event& event,
                             const Input& input,
                             Effects& effects) {
    if (customers.has_events(customer)) {
        catch_up(customer, input, effects);
    } else if (current != nullptr) {
        looked_at[customer] = current->definitions->version;  // New: all that it joins is live.
    }
    if (!event.user_id.empty()) {
        customers.set_identified(customer);
    }
    const bool may_bring = event.name == event::order_completed && enrollments.contains(customer);
    const Micros before = may_bring ? customers.orders(customer).revenue : Micros{};
    customer::Applied applied = customers.apply(customer, event, input.at);
    std::move(applied.conflicts.begin(), applied.conflicts.end(),
              std::back_inserter(effects.conflicts));
    if (applied.duplicate) {
        effects.duplicate = true;
        return;
    }
    effects.recorded_for = customers.id(customer);
    link_identities(event, customer, effects);
    if (current == nullptr) {
        return;
    }
    count_goals(customer, event, before, input, effects);
    const Cause cause = input.at - event.time > late_after ? Cause::Late : Cause::Live;
    if (applied.created || applied.traits_changed || applied.consent_changed) {
        look_at_all(customer, cause, input, effects);
    } else {
        look_at(customer, current->dependencies.of_event(event.name), {.cause = cause}, input,
                effects);
    }
}

void Shard::Impl::tick(const Tick& tick, const Input& input, Effects& effects) {
    std::vector<Wake> due;
    std::vector<Wake> included;
    for (auto wake = first_wake(); wake && wake->place.at <= input.at && wake->place <= tick.until;
         wake = first_wake()) {
        wake_queue.pop();
        wakes[wake->customer] = timestamp_max;
        // A replay: the row's next look was decided after this input and stays due.
        const bool knows = sequences[wake->customer] >= input.sequence;
        (knows ? included : due).push_back(*wake);
    }
    // By id, so that the order of effects does not depend on the order of loading.
    std::sort(due.begin(), due.end(), [&](const Wake& a, const Wake& b) {
        return customers.id(a.customer) < customers.id(b.customer);
    });
    for (const Wake& wake : due) {
        const CustomerIndex customer = wake.customer;
        if (current != nullptr && begin(customer, input, effects)) {
            look_at_all(customer, Cause::Live, input, effects, wake.place.at);
            // Whoever is due again at once stands behind all who were due before.
            set_wake(customer, std::max(wakes[customer], input.at));
        }
    }
    for (const Wake& wake : included) {
        set_wake(wake.customer, wake.place.at);
    }
}

void Shard::Impl::wake_all(Timestamp at, std::uint64_t sequence) {
    for (CustomerIndex customer = 0; customer < wakes.size(); ++customer) {
        if (sequences[customer] < sequence && customers.has_events(customer)) {
            set_wake(customer, std::min(wakes[customer], at));
        }
    }
}

void Shard::Impl::load_definitions(const DefinitionsPtr& definitions, const Input& input) {
    WINBACK_CHECK(definitions != nullptr);
    auto loaded = std::make_unique<Loaded>(definitions);
    const DefinitionsPtr before = current == nullptr ? nullptr : current->definitions;
    if (before != nullptr && before->version == definitions->version) {
        // A replay: the shard's row knows this version already.
        loaded->segment_since = current->segment_since;
        loaded->journey_since = current->journey_since;
    } else {
        loaded->date_parts(current);
    }
    auto& slot = versions[definitions->version];
    slot = std::move(loaded);
    current = slot.get();
    // What an earlier version read stays: somebody may still be under it, here or elsewhere.
    customers.plan_fields(customer::merge(customers.fields(), definitions->fields));
    if (before == nullptr) {
        place_members();
    } else {
        carry_members(*before, *definitions);
    }
    drop_unused_versions(input.at);
    wake_all(input.at, input.sequence);
}

void Shard::Impl::carry_members(const Definitions& from, const Definitions& to) {
    const std::size_t words_before = (from.segments.size() + 63) / 64;
    const std::vector<std::uint64_t> old = std::exchange(membership, {});
    membership.assign(sequences.size() * words_per_customer(), 0);
    segment_sizes.assign(to.segments.size(), 0);
    for (std::uint32_t p = 0; p < to.segments.size(); ++p) {
        const auto same =
            std::find_if(from.segments.begin(), from.segments.end(),
                         [&](const segment::Segment& s) { return s.id == to.segments[p].id; });
        if (same == from.segments.end()) {
            continue;
        }
        const auto q = static_cast<std::size_t>(same - from.segments.begin());
        for (CustomerIndex customer = 0; customer < sequences.size(); ++customer) {
            const std::uint64_t word = old[customer * words_before + q / 64];
            if ((word >> (q % 64) & 1U) != 0) {
                set_member(customer, p, true);
            }
        }
    }
}

void Shard::Impl::place_members() {
    membership.assign(sequences.size() * words_per_customer(), 0);
    segment_sizes.assign(current->definitions->segments.size(), 0);
    for (CustomerIndex customer = 0; customer < sequences.size(); ++customer) {
        const auto names = unplaced.find(customer);
        if (names == unplaced.end()) {
            continue;
        }
        for (std::uint32_t p = 0; p < current->definitions->segments.size(); ++p) {
            const std::string& segment_id = current->definitions->segments[p].id;
            if (std::find(names->second.begin(), names->second.end(), segment_id) !=
                names->second.end()) {
                set_member(customer, p, true);
            }
        }
    }
    unplaced.clear();
}

void Shard::Impl::drop_unused_versions(Timestamp at) {
    std::vector<std::uint64_t> used{current->definitions->version};
    for (CustomerIndex customer = 0; customer < sequences.size(); ++customer) {
        const auto found = enrollments.find(customer);
        if (found == enrollments.end()) {
            continue;
        }
        for (const journey::Enrollment& enrollment : found->second) {
            if (keeps_version(customer, enrollment, at)) {
                used.push_back(enrollment.definitions);
            }
        }
    }
    std::erase_if(versions, [&](const auto& version) {
        return std::find(used.begin(), used.end(), version.first) == used.end();
    });
}

void Shard::Impl::load_models(const model::FittedModels& fitted, const Input& input) {
    if (current != nullptr && !models.has_value()) {
        first_scores_until = input.at + first_scores_time;
    }
    models = fitted;
    if (current != nullptr) {
        wake_all(input.at, input.sequence);
    }
}

void Shard::Impl::command(const Command& command, const Input& input, Effects& effects) {
    const CustomerIndex customer = find_or_add(command.customer);
    if (const std::string_view into = customers.merged_into(customer); !into.empty()) {
        if (begin(customer, input, effects)) {
            emit({.kind = Handover::Kind::Order,
                  .customer = std::string(into),
                  .other = std::string(customers.id(customer)),
                  .payload = encode(command),
                  .path = {std::string(customers.id(customer))}},
                 effects);
        }
        return;
    }
    // Who was erased is told nothing more: their row keeps nothing, and no trace may begin anew.
    if (!begin(customer, input, effects) || customers.erased(customer)) {
        return;
    }
    obey(customer, command, input, effects);
}

namespace {

Fact fact_of(const Command& command, std::string_view customer, Timestamp at) {
    Fact fact{.customer = std::string(customer), .at = at};
    if (!command.reason.empty() || command.kind <= Command::Kind::Lift) {
        fact.details.set("reason", command.reason);
    }
    // "id/name", so that names may change and a note still knows its author.
    if (const std::size_t slash = command.by.find('/'); slash != std::string::npos) {
        fact.details.set("by_id", command.by.substr(0, slash));
        fact.details.set("by", command.by.substr(slash + 1));
    } else if (!command.by.empty()) {
        fact.details.set("by", command.by);
    }
    return fact;
}

// Asked when it is done: somebody may have come back, or have been merged into who did.
bool silent_since(const customer::Customers& customers,
                  CustomerIndex customer,
                  std::string_view moment) {
    const Result<Timestamp> since = parse_iso8601(moment);
    return since.has_value() && customer::Silence(customers).holds(customer, *since);
}

}  // namespace

void Shard::Impl::state_consent(CustomerIndex customer, const Command& command, Timestamp at) {
    // Never older than what a client with a fast clock stated: the command is the last word. At
    // the same time a denial wins.
    const customer::Consent consent{
        .state = command.consent,
        .time = std::max(at, customers.consent(customer, command.channel).time),
        .source = command.reason};
    if (command.topic.empty()) {
        customers.set_consent(customer, command.channel, consent);
    } else {
        customers.set_topic_consent(customer, command.channel, command.topic, consent);
    }
}

void Shard::Impl::obey(CustomerIndex customer,
                       const Command& command,
                       const Input& input,
                       Effects& effects) {
    Fact fact = fact_of(command, customers.id(customer), input.at);
    switch (command.kind) {
        case Command::Kind::SetConsent:
            state_consent(customer, command, input.at);
            fact.name = "Consent Changed";
            if (!command.topic.empty()) {
                fact.details.set("topic", command.topic);
            }
            fact.details.set("channel", customer::channel_name(command.channel));
            fact.details.set("state",
                             command.consent == expr::ConsentState::Granted ? "granted" : "denied");
            break;
        case Command::Kind::Suppress:
            customers.suppress(customer, command.reason, input.at);
            fact.name = "Suppressed";
            break;
        case Command::Kind::Lift:
            customers.lift_suppression(customer);
            fact.name = "Suppression Lifted";
            break;
        case Command::Kind::Tag:
        case Command::Kind::Untag: {
            const bool add = command.kind == Command::Kind::Tag;
            if (!customers.set_label(customer, customer::tags_attribute, command.text, add)) {
                return;
            }
            fact.name = add ? "Tagged" : "Untagged";
            fact.details.set("tag", command.text);
            break;
        }
        case Command::Kind::Enlist:
        case Command::Kind::Delist: {
            const bool add = command.kind == Command::Kind::Enlist;
            if (!customers.set_label(customer, customer::lists_attribute, command.text, add)) {
                return;
            }
            fact.name = add ? "Added to List" : "Removed from List";
            fact.details.set("list", command.text);
            break;
        }
        case Command::Kind::Note:
            fact.name = note_fact;
            fact.details.set("note", std::to_string(id) + "-" + std::to_string(input.sequence));
            fact.details.set("text", command.text);
            effects.facts.push_back(std::move(fact));
            return;  // No decision reads it.
        case Command::Kind::DeleteNote:
            return;  // The host deletes the row; to say so would keep a trace of it.
        case Command::Kind::Erase:
            if (!command.text.empty() && !silent_since(customers, customer, command.text)) {
                return;
            }
            customers.erase(customer);
            enrollments.erase(customer);
            messages.erase(customer);
            clear_membership(customer);
            set_wake(customer, timestamp_max);
            return;
    }
    effects.facts.push_back(std::move(fact));
    if (current != nullptr) {
        look_at_all(customer, Cause::Live, input, effects);
    }
}

Shard::Shard(ShardId id, std::uint32_t shard_count)
    : impl_(std::make_unique<Impl>(id, shard_count)) {}
Shard::Shard(Shard&&) noexcept = default;
Shard::~Shard() = default;

void Shard::step(const Input& input, Effects& effects) {
    Impl& shard = *impl_;
    if (const auto* event = std::get_if<EventArrived>(&input.body)) {
        shard.arrive(event->event, input, effects);
    } else if (const auto* tick = std::get_if<Tick>(&input.body)) {
        shard.tick(*tick, input, effects);
    } else if (const auto* loaded = std::get_if<DefinitionsLoaded>(&input.body)) {
        shard.load_definitions(loaded->definitions, input);
    } else if (const auto* fitted = std::get_if<ModelsFitted>(&input.body)) {
        shard.load_models(fitted->models, input);
    } else if (const auto* handover = std::get_if<HandoverArrived>(&input.body)) {
        shard.hand_over(handover->handover, input, effects);
    } else if (const auto* started = std::get_if<SendStarted>(&input.body)) {
        shard.start_sending(*started, input, effects);
    } else if (const auto* ended = std::get_if<SendEnded>(&input.body)) {
        shard.end_sending(*ended, input, effects);
    } else if (const auto* command = std::get_if<Command>(&input.body)) {
        shard.command(*command, input, effects);
    }
}

Timestamp Shard::next_due() const {
    const auto first = impl_->first_wake();
    return first ? first->place.at : timestamp_max;
}

Shard::Due Shard::due(Timestamp now, std::size_t count) const {
    WINBACK_CHECK(count > 0);
    Impl& shard = *impl_;
    std::vector<Impl::Wake> taken;
    auto wake = shard.first_wake();
    for (; wake && wake->place.at <= now && taken.size() < count; wake = shard.first_wake()) {
        if (taken.empty() || taken.back() != *wake) {  // It may stand there twice.
            taken.push_back(*wake);
        }
        shard.wake_queue.pop();
    }
    const bool all = !wake || wake->place.at > now;
    for (const Impl::Wake& one : taken) {
        shard.wake_queue.push(one);
    }
    return {.tick = {.until = all ? WakePlace{.at = now} : taken.back().place}, .all = all};
}

ShardId Shard::id() const {
    return impl_->id;
}

const customer::Customers& Shard::customers() const {
    return impl_->customers;
}

customer::Customers& Shard::customers_for_reload() {
    return impl_->customers;
}

DefinitionsPtr Shard::definitions() const {
    return impl_->current == nullptr ? nullptr : impl_->current->definitions;
}

const std::optional<model::FittedModels>& Shard::models() const {
    return impl_->models;
}

}  // namespace winback::engine

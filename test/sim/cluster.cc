#include "sim/cluster.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/value.h"
#include "engine/row_parts.h"
#include "message/unsubscribe.h"
#include "playbook/playbook.h"

namespace winback::sim {
namespace {

using namespace engine;
using message::MessageState;

constexpr int handovers_per_action_max = 20'000;
constexpr int ticks_per_moment_max = 1'000;
// Moments at which something was due within one action; worlds are small and rest soon.
constexpr int moments_per_action_max = 20'000;

std::string state_text(MessageState state, const std::optional<message::RefusalReason>& reason) {
    return std::string(message::message_state_name(state)) +
           (reason.has_value() ? " " + std::string(message::refusal_reason_name(*reason)) : "");
}

}  // namespace

std::vector<std::string> lines_of(const Effects& effects) {
    std::vector<std::string> lines;
    for (const MessageDecided& d : effects.decided) {
        lines.push_back(d.customer + "|decided " + to_hex(d.key) + " " + d.journey + "/" + d.step +
                        " " + state_text(d.state, d.reason) + " " + format_iso8601(d.at) + " " +
                        d.rendered.to + " " + d.rendered.subject + " " +
                        std::to_string(hash64(d.rendered.html + d.rendered.text)) + " " +
                        to_json(Value(d.explanation)));
    }
    for (const MessageChanged& c : effects.changed) {
        lines.push_back(c.customer + "|changed " + to_hex(c.key) + " " +
                        state_text(c.state, c.reason) + " " + format_iso8601(c.at) + " " +
                        c.detail + " " + std::to_string(c.retry_at.ms));
    }
    for (const Deliver& d : effects.deliver) {
        lines.push_back(d.customer + "|deliver " + to_hex(d.key));
    }
    for (const HandoverOut& h : effects.handovers) {
        lines.push_back("|handover " + std::to_string(hash64(encode(h.handover))) + " " +
                        h.handover.other + " to " + h.handover.customer);
    }
    for (const Fact& f : effects.facts) {
        // A note is named by its place in its shard's log, which is no matter of the customer.
        ValueMap details = f.details;
        details.erase("note");
        lines.push_back(f.customer + "|fact " + f.name + " " + format_iso8601(f.at) + " " +
                        to_json(Value(std::move(details))));
    }
    if (effects.duplicate) {
        lines.push_back("|duplicate");
    }
    return lines;
}

std::uint64_t Disk::watermark(std::uint64_t next_sequence) const {
    std::uint64_t mark = next_sequence;
    for (const auto& [id, since] : dirty_since) {
        mark = std::min(mark, since);
    }
    return mark;
}

Cluster::Cluster(const Options& options, std::uint32_t shard_count)
    : options_(options),
      shard_count_(shard_count),
      random_(options.seed ^ 0x5eed),
      sequences_(shard_count),
      disks_(shard_count),
      remembered_(shard_count),
      now_(*parse_iso8601("2026-01-05T10:00:00Z")) {
    for (std::uint32_t i = 0; i < shard_count; ++i) {
        shards_.emplace_back(static_cast<ShardId>(i), shard_count);
    }
}

void Cluster::report(std::string problem) {
    if (problem_.empty()) {
        problem_ = std::move(problem);
    }
}

Shard& Cluster::shard_of(std::string_view id) {
    return shards_[engine::shard_of(id, shard_count_)];
}

Result<Input> Cluster::decoded(std::string_view bytes) const {
    return decode_input(bytes, [&](std::uint64_t version) -> DefinitionsPtr {
        const auto found = versions_.find(version);
        return found == versions_.end() ? nullptr : found->second;
    });
}

void Cluster::step(ShardId shard, decltype(Input::body) body) {
    const Input input{.sequence = ++sequences_[shard], .at = now_, .body = std::move(body)};
    const std::string bytes = encode(input);
    const Result<Input> read = decoded(bytes);
    WINBACK_CHECK(read.has_value());
    if (encode(*read) != bytes) {
        report("encode: an input is not the same after decoding");
    }
    if (is_barrier(input)) {
        flush_all(shard);
        reload_if_wider(shards_[shard], *read, histories_);
    }
    Effects effects;
    shards_[shard].step(*read, effects);
    log_.push_back({.shard = shard, .bytes = bytes, .effects = lines_of(effects)});
    collect(*read, effects, shard);
    if (watch_) {
        watch_(*read, effects);
    }
}

void Cluster::collect(const Input& input, const Effects& effects, ShardId shard) {
    const auto* arrived = std::get_if<EventArrived>(&input.body);
    // An id that was new touches a customer, even when the event turns out to be known.
    if (arrived != nullptr && !effects.touched.empty() && !arrived->event.content_id) {
        remembered_[shard].push_back(
            {hash64(arrived->event.message_id), input.at.ms / 86'400'000, input.sequence});
    }
    if (!effects.recorded_for.empty()) {
        const auto* handover = std::get_if<HandoverArrived>(&input.body);
        disks_[shard].pending[effects.recorded_for].push_back(
            arrived != nullptr ? arrived->event : *event::decode(handover->handover.payload));
    }
    const auto to_erase = erasure(input.body);
    const bool erases = to_erase.has_value() && is_erased(shards_[shard], *to_erase);
    if (erases) {
        erased_.insert(*to_erase);
        erase_history(*to_erase);
    }
    touch(shard, effects, input.sequence);
    if (erases) {
        flush_all(shard);
    }
    if (is_barrier(input)) {
        const customer::Customers& customers = shards_[shard].customers();
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            disks_[shard].dirty_since.emplace(name_of(shards_[shard], c), input.sequence);
        }
        disks_[shard].shard_row.clear();
        shards_[shard].encode_shard(disks_[shard].shard_row);
    }
    for (const MessageDecided& decided : effects.decided) {
        if (decided.state == MessageState::Queued) {
            outbox_order_.push_back(decided.key);
            outbox_[decided.key] = {.customer = decided.customer};
        }
    }
    for (const MessageChanged& changed : effects.changed) {
        const auto found = outbox_.find(changed.key);
        if (found == outbox_.end()) {
            continue;
        }
        if (changed.state == MessageState::Queued) {
            found->second.handed_out = false;
            found->second.retry_at = std::max(changed.retry_at, now_ + milliseconds(1));
        } else if (changed.state != MessageState::Sending) {
            outbox_.erase(found);
        }
    }
    for (const Deliver& deliver : effects.deliver) {
        const auto found = outbox_.find(deliver.key);
        const bool again = found != outbox_.end() && found->second.attempts > 1;
        if (!delivered_.insert(deliver.key).second && !again) {
            report("deliver: one key twice");
        }
    }
    for (const HandoverOut& out : effects.handovers) {
        if (out.handover.kind == Handover::Kind::Absorb &&
            shards_[shard].customers().find(out.handover.other).has_value()) {
            flush(shard, out.handover.other);
        }
        handovers_.push_back({.from = shard, .out = out});
    }
    flush_some(shard);
}

void Cluster::deliver_handovers(bool all) {
    for (int n = 0; !handovers_.empty(); ++n) {
        if (n > handovers_per_action_max) {
            report("handover: they never end");
            return;
        }
        std::size_t at = 0;
        if (options_.late_handovers) {
            if (!all && random_.chance(0.5)) {
                return;
            }
            // Any pair of shards, but in order within the pair.
            at = random_.below(handovers_.size());
            const auto same = [&](const OnItsWay& h) {
                return h.from == handovers_[at].from && h.out.to == handovers_[at].out.to;
            };
            at = static_cast<std::size_t>(std::find_if(handovers_.begin(), handovers_.end(), same) -
                                          handovers_.begin());
        }
        OnItsWay next = std::move(handovers_[at]);
        handovers_.erase(handovers_.begin() + static_cast<std::ptrdiff_t>(at));
        step(next.out.to, HandoverArrived{std::move(next.out.handover)});
    }
}

void Cluster::answer(const Hash128& key) {
    const auto found = outbox_.find(key);
    if (found == outbox_.end() || !found->second.handed_out) {
        return;
    }
    Outgoing& outgoing = found->second;
    MessageState state = MessageState::Sent;
    if (channel_ == Channel::Flaky) {
        static constexpr std::array<MessageState, 5> answers{
            MessageState::Sent, MessageState::Failed, MessageState::InDoubt, MessageState::Queued,
            MessageState::Previewed};
        state = answers[(key.low + static_cast<std::uint64_t>(outgoing.attempts)) % 5];
    }
    const std::string customer = outgoing.customer;
    step(engine::shard_of(customer, shard_count_),
         SendEnded{.customer = customer, .key = key, .state = state, .detail = "answer"});
    const auto still = outbox_.find(key);
    if (still != outbox_.end() && still->second.handed_out) {
        outbox_.erase(still);  // Nobody knows it any more: erased.
    } else if (still != outbox_.end()) {
        still->second.retry_at = now_ + minutes(30);
    }
}

void Cluster::work_outbox() {
    const std::vector<Hash128> order = outbox_order_;
    for (const Hash128& key : order) {
        const auto found = outbox_.find(key);
        if (found == outbox_.end() || found->second.handed_out || found->second.retry_at > now_ ||
            channel_ == Channel::Closed) {
            continue;
        }
        const std::string customer = found->second.customer;
        found->second.attempts += 1;
        const std::size_t delivered = log_.size();
        step(engine::shard_of(customer, shard_count_),
             SendStarted{.customer = customer, .key = key});
        const auto after = outbox_.find(key);
        if (after == outbox_.end()) {
            continue;
        }
        if (log_[delivered].effects.empty()) {
            outbox_.erase(after);  // Refused or erased meanwhile.
            continue;
        }
        after->second.handed_out = after->second.retry_at <= now_;
        if (channel_ != Channel::Slow) {
            answer(key);
        }
    }
    std::erase_if(outbox_order_, [&](const Hash128& key) { return !outbox_.contains(key); });
}

void Cluster::settle() {
    deliver_handovers(true);
    work_outbox();
    deliver_handovers(true);
}

Timestamp Cluster::next_due() const {
    Timestamp due = timestamp_max;
    for (const Shard& shard : shards_) {
        due = std::min(due, shard.next_due());
    }
    if (channel_ != Channel::Closed) {
        for (const auto& [key, outgoing] : outbox_) {
            if (!outgoing.handed_out) {
                due = std::min(due, std::max(outgoing.retry_at, now_));
            }
        }
    }
    return due;
}

Tick Cluster::next_tick(const Shard& shard) {
    return options_.slices ? shard.due(now_, 1 + random_.below(3)).tick : Tick{};
}

void Cluster::advance(Timestamp to) {
    int at_once = 0;
    int moments = 0;
    for (Timestamp due = next_due(); due <= to && problem_.empty(); due = next_due()) {
        if (++moments > moments_per_action_max) {
            report("tick: looks again and again and never rests");
            return;
        }
        at_once = due > now_ ? 0 : at_once + 1;
        if (at_once > ticks_per_moment_max) {
            report("tick: looks at one moment for ever");
            return;
        }
        now_ = std::max(now_, due);
        for (std::uint32_t i = 0; i < shard_count_; ++i) {
            if (shards_[i].next_due() <= now_) {
                step(static_cast<ShardId>(i), next_tick(shards_[i]));
            }
        }
        deliver_handovers(false);
        work_outbox();
    }
    now_ = std::max(now_, to);
}

void Cluster::load_everywhere(const decltype(Input::body)& body) {
    for (std::uint32_t i = 0; i < shard_count_; ++i) {
        step(static_cast<ShardId>(i), body);
    }
}

void Cluster::load_playbook(std::uint64_t number) {
    const playbook::Files files = playbook_files(number);
    playbook::LoadedPlaybook loaded = playbook::load(files);
    if (!loaded.definitions.has_value()) {
        report("playbook: " + playbook::render(loaded.diagnostics, files));
        return;
    }
    Definitions definitions = *std::move(loaded.definitions);
    definitions.version = versions_.size() + 1;
    definitions.link_secret = std::string(message::unsubscribe_secret_bytes, 'k');
    current_ = std::make_shared<const Definitions>(std::move(definitions));
    versions_[current_->version] = current_;
    load_everywhere(DefinitionsLoaded{current_});
}

void Cluster::perform(const Action& action) {
    switch (action.kind) {
        case Action::Kind::Submit: {
            event::Event event = action.event;
            // Each its own moment: those of one moment may stand in another order after a start.
            event.time = now_ + action.offset;
            while (!moments_.insert(event.time).second) {
                event.time = event.time + milliseconds(1);
            }
            submitted_[event.message_id] = event;
            step(engine::shard_of(event::customer_key(event), shard_count_), EventArrived{event});
            break;
        }
        case Action::Kind::Repeat: {
            const auto known = submitted_.find(action.event.message_id);
            if (known != submitted_.end()) {
                const event::Event event = known->second;
                step(engine::shard_of(event::customer_key(event), shard_count_),
                     EventArrived{event});
            }
            break;
        }
        case Action::Kind::Command:
            step(engine::shard_of(action.command.customer, shard_count_), action.command);
            break;
        case Action::Kind::Advance:
            advance(now_ + action.offset);
            break;
        case Action::Kind::Playbook:
            // A known gap, so kept out: the payload of a merge holds the fields that were read
            // where it was written; what a playbook reads anew is null in it until the next start.
            deliver_handovers(true);
            load_playbook(action.number);
            break;
        case Action::Kind::Models:
            load_everywhere(ModelsFitted{models_of(action.number)});
            break;
        case Action::Kind::SetChannel: {
            channel_ = action.channel;
            const std::vector<Hash128> order = outbox_order_;
            std::for_each(order.begin(), order.end(), [&](const Hash128& key) { answer(key); });
            break;
        }
        case Action::Kind::Crash:
            crash();
            break;
    }
    deliver_handovers(false);
    advance(now_);  // What is due at once.
}

}  // namespace winback::sim

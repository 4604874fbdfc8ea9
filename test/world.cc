#include "world.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "message/unsubscribe.h"

namespace winback::test {
namespace {

using namespace engine;

std::string text_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? "" : *text;
}

bool flag_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const bool* flag = value == nullptr ? nullptr : value->as_bool();
    return flag != nullptr && *flag;
}

}  // namespace

World::World(std::uint32_t shard_count) : shard_count_(shard_count), sequences_(shard_count) {
    for (std::uint32_t i = 0; i < shard_count; ++i) {
        shards_.emplace_back(static_cast<ShardId>(i), shard_count);
    }
}

engine::Shard& World::shard_of(std::string_view customer_id) {
    return shards_[engine::shard_of(customer_id, shard_count_)];
}

void World::step(ShardId shard, decltype(Input::body) body) {
    Effects effects;
    const Input input{.sequence = ++sequences_[shard], .at = now_, .body = std::move(body)};
    // Through the log's form and back: what is not written down cannot matter.
    const auto read =
        decode_input(encode(input), [&](std::uint64_t version) { return versions_.at(version); });
    WINBACK_CHECK(read.has_value());
    shards_[shard].step(*read, effects);
    record(*read, effects);
    tell_effects(effects);
    for (HandoverOut& handover : effects.handovers) {
        handovers_.push_back(std::move(handover));
    }
    for (MessageDecided& decided : effects.decided) {
        if (decided.state == message::MessageState::Queued) {
            outbox_.push_back(decided);
        }
        decisions_.push_back(std::move(decided));
    }
}

void World::record(const Input& input, const Effects& effects) {
    if (effects.recorded_for.empty()) {
        return;
    }
    if (const auto* arrived = std::get_if<EventArrived>(&input.body)) {
        recorded_.emplace_back(effects.recorded_for, arrived->event);
    } else if (const auto* handover = std::get_if<HandoverArrived>(&input.body)) {
        recorded_.emplace_back(effects.recorded_for, *event::decode(handover->handover.payload));
    }
}

void World::deliver(std::size_t position) {
    HandoverOut out = std::move(handovers_.at(position));
    handovers_.erase(handovers_.begin() + static_cast<std::ptrdiff_t>(position));
    step(out.to, HandoverArrived{std::move(out.handover)});
}

void World::release_handovers() {
    handovers_held_ = false;
    work_off();
}

std::string World::handovers_on_their_way() const {
    static constexpr std::array<std::string_view, 5> kinds{"link", "absorb", "forward", "order",
                                                           "outcome"};
    std::string text;
    for (const HandoverOut& out : handovers_) {
        const Handover& handover = out.handover;
        text += std::string(kinds[static_cast<std::size_t>(handover.kind)]) + " of " +
                handover.other + " to " + handover.customer + "\n";
    }
    return text;
}

void World::work_off() {
    while ((!handovers_held_ && !handovers_.empty()) || (channel_open_ && !outbox_.empty())) {
        if (!handovers_held_ && !handovers_.empty()) {
            deliver(0);
            continue;
        }
        const MessageDecided message = std::move(outbox_.front());
        outbox_.pop_front();
        const ShardId shard = engine::shard_of(message.customer, shard_count_);
        step(shard, SendStarted{.customer = message.customer, .key = message.key});
        step(shard, SendEnded{.customer = message.customer,
                              .key = message.key,
                              .state = message::MessageState::Sent});
    }
}

void World::tell_effects(const Effects& effects) {
    if (effects.duplicate) {
        lines_.push_back("duplicate");
    }
    for (const customer::TypeConflict& conflict : effects.conflicts) {
        lines_.push_back("conflict " + conflict.attribute + ": expected " +
                         std::string(value_type_name(conflict.expected)) + ", got " +
                         std::string(value_type_name(conflict.got)));
    }
    for (const Fact& fact : effects.facts) {
        std::string line = fact.customer + " " + fact.name;
        for (const std::string_view key :
             {"segment", "journey", "other", "channel", "topic", "state"}) {
            const std::string text = text_of(fact.details, key);
            line += text.empty() ? "" : " " + text;
        }
        const std::string into = text_of(fact.details, "merged_into");
        line += into.empty() ? "" : " merged into " + into;
        line += flag_of(fact.details, "held_out") ? " (held out)" : "";
        lines_.push_back(line);
    }
    for (const MessageDecided& decided : effects.decided) {
        std::string line = decided.customer + " message " + decided.step + " " +
                           std::string(message::message_state_name(decided.state));
        if (decided.reason.has_value()) {
            line += " " + std::string(message::refusal_reason_name(*decided.reason));
        }
        const std::string error = text_of(decided.explanation, "error");
        line += error.empty() ? "" : " (" + error + ")";
        lines_.push_back(line + " at " + format_iso8601(decided.at));
    }
    for (const MessageChanged& changed : effects.changed) {
        if (changed.state == message::MessageState::Refused) {
            lines_.push_back(changed.customer + " message refused " +
                             std::string(changed.reason.has_value()
                                             ? message::refusal_reason_name(*changed.reason)
                                             : ""));
        }
    }
}

void World::load_definitions(Definitions definitions) {
    definitions.version = versions_.size() + 1;
    definitions.link_secret = std::string(message::unsubscribe_secret_bytes, 'k');
    auto shared = std::make_shared<const Definitions>(std::move(definitions));
    versions_[shared->version] = shared;
    for (std::uint32_t i = 0; i < shard_count_; ++i) {
        step(static_cast<ShardId>(i), DefinitionsLoaded{shared});
    }
    work_off();
}

void World::load_models(const model::FittedModels& models) {
    for (std::uint32_t i = 0; i < shard_count_; ++i) {
        step(static_cast<ShardId>(i), ModelsFitted{models});
    }
    work_off();
}

void World::submit(event::Event event) {
    const ShardId shard = engine::shard_of(event::customer_key(event), shard_count_);
    step(shard, EventArrived{std::move(event)});
    work_off();
}

void World::command(Command command) {
    const ShardId shard = engine::shard_of(command.customer, shard_count_);
    step(shard, std::move(command));
    work_off();
}

void World::advance(Timestamp to) {
    while (true) {
        Timestamp due = timestamp_max;
        for (const Shard& shard : shards_) {
            due = std::min(due, shard.next_due());
        }
        if (due > to) {
            break;
        }
        now_ = std::max(now_, due);
        for (std::uint32_t i = 0; i < shard_count_; ++i) {
            if (shards_[i].next_due() <= now_) {
                step(static_cast<ShardId>(i), Tick{});
            }
        }
        work_off();
    }
    now_ = std::max(now_, to);
}

void World::release_channel() {
    channel_open_ = true;
    work_off();
}

bool World::restart() {
    const std::string before = fingerprint();
    const std::vector<std::uint64_t> histories_before = histories();
    std::vector<Shard> fresh;
    for (const Shard& old : shards_) {
        Shard& shard = fresh.emplace_back(old.id(), shard_count_);
        std::string row;
        old.encode_shard(row);
        const Status loaded =
            shard.load_shard(row, [&](std::uint64_t version) { return versions_.at(version); });
        WINBACK_CHECK(loaded.has_value());
        const customer::Customers& customers = old.customers();
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            std::string bytes;
            old.encode_customer(c, bytes);
            WINBACK_CHECK(shard.load_customer(customers.id(c), bytes).has_value());
        }
        shard.finish_load();
    }
    shards_ = std::move(fresh);
    for (Shard& shard : shards_) {
        reload(shard);
    }
    return fingerprint() == before && histories() == histories_before;
}

// As src/host does: whoever is not merged reads what stands under their id and absorbed ids.
void World::reload(Shard& shard) const {
    customer::Customers& customers = shard.customers_for_reload();
    for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        const std::vector<std::string>& absorbed = customers.absorbed_ids(c);
        for (const auto& [id, event] : recorded_) {
            if (id == customers.id(c) ||
                std::find(absorbed.begin(), absorbed.end(), id) != absorbed.end()) {
                customers.reload_event(c, event);
            }
        }
    }
}

std::vector<std::uint64_t> World::histories() const {
    std::vector<std::uint64_t> prints;
    for (const Shard& shard : shards_) {
        prints.push_back(shard.customers().fingerprint());
    }
    return prints;
}

std::string World::fingerprint() const {
    std::map<std::string, std::string> rows;
    for (const Shard& shard : shards_) {
        const customer::Customers& customers = shard.customers();
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            std::string row;
            shard.encode_customer(c, row);
            rows.emplace(customers.id(c), std::move(row));
        }
    }
    std::string all;
    for (const auto& [id, row] : rows) {
        all += id + '\0' + row;
    }
    return to_hex(hash128(all));
}

std::vector<std::string> World::members(std::string_view segment) const {
    std::vector<std::string> ids;
    for (const Shard& shard : shards_) {
        const customer::Customers& customers = shard.customers();
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            const auto segments = shard.segments_of(c);
            if (std::find(segments.begin(), segments.end(), segment) != segments.end()) {
                ids.emplace_back(customers.id(c));
            }
        }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::string World::tell() {
    std::string text;
    for (const std::string& line : lines_) {
        text += line + "\n";
    }
    lines_.clear();
    return text.empty() ? "ok\n" : text;
}

const MessageDecided* World::last_decision(std::string_view step) const {
    const auto found = std::find_if(decisions_.rbegin(), decisions_.rend(),
                                    [&](const MessageDecided& d) { return d.step == step; });
    return found == decisions_.rend() ? nullptr : &*found;
}

}  // namespace winback::test

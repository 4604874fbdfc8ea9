// What a cluster writes down, and its start from that.
#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "engine/row_parts.h"
#include "sim/cluster.h"

namespace winback::sim {

using namespace engine;
using customer::CustomerIndex;
using customer::Customers;

std::string Cluster::name_of(const Shard& shard, CustomerIndex customer) const {
    const std::string id(shard.customers().id(customer));
    if (!id.empty()) {
        return id;
    }
    for (const std::string& erased : erased_) {
        if (shard.customers().find(erased) == customer) {
            return erased;
        }
    }
    return "?";
}

void Cluster::touch(ShardId shard, const Effects& effects, std::uint64_t sequence) {
    for (const CustomerIndex customer : effects.touched) {
        disks_[shard].dirty_since.emplace(name_of(shards_[shard], customer), sequence);
    }
}

void Cluster::flush(ShardId shard, const std::string& id) {
    Disk& disk = disks_[shard];
    const auto customer = shards_[shard].customers().find(id);
    if (!customer.has_value()) {
        report("disk: no such customer " + id);
        return;
    }
    std::string& row = disk.rows[id];
    row.clear();
    shards_[shard].encode_customer(*customer, row);
    disk.dirty_since.erase(id);
    if (const auto waiting = disk.pending.find(id); waiting != disk.pending.end()) {
        std::vector<event::Event>& history = histories_[id];
        history.insert(history.end(), waiting->second.begin(), waiting->second.end());
        disk.pending.erase(waiting);
    }
}

void Cluster::flush_all(ShardId shard) {
    while (!disks_[shard].dirty_since.empty() && problem_.empty()) {
        flush(shard, std::string(disks_[shard].dirty_since.begin()->first));
    }
}

void Cluster::flush_some(ShardId shard) {
    std::vector<std::string> ids;
    for (const auto& [id, since] : disks_[shard].dirty_since) {
        ids.push_back(id);
    }
    for (const std::string& id : ids) {
        if (random_.chance(options_.flush_share)) {
            flush(shard, id);
        }
    }
}

bool Cluster::is_erased(const Shard& shard, const std::string& id) {
    const auto customer = shard.customers().find(id);
    return customer.has_value() && shard.customers().erased(*customer);
}

void Cluster::erase_history(const std::string& id) {
    // The event rows of an absorbed id go with the id that absorbed it; erased customers have
    // forgotten whom they absorbed, so all rows that only they could read are left unread.
    disks_[engine::shard_of(id, shard_count_)].pending.erase(id);
    histories_.erase(id);
}

void Cluster::reload(Shard& shard, const Histories& histories) const {
    Customers& customers = shard.customers_for_reload();
    const auto put_back = [&](CustomerIndex customer, const std::string& id) {
        if (const auto found = histories.find(id); found != histories.end()) {
            for (const event::Event& event : found->second) {
                customers.reload_event(customer, event);
            }
        }
    };
    for (CustomerIndex c = 0; c < customers.size(); ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        put_back(c, std::string(customers.id(c)));
        for (const std::string& id : customers.absorbed_ids(c)) {
            put_back(c, id);
        }
    }
}

void Cluster::reload_if_wider(Shard& shard, const Input& input, const Histories& histories) const {
    const auto* loaded = std::get_if<DefinitionsLoaded>(&input.body);
    if (loaded == nullptr) {
        return;
    }
    Customers& customers = shard.customers_for_reload();
    if (customer::covers(customers.fields(), loaded->definitions->fields)) {
        return;
    }
    customers.plan_fields(customer::merge(customers.fields(), loaded->definitions->fields));
    customers.clear_histories();
    reload(shard, histories);
}

Shard Cluster::restored(ShardId id) {
    const Disk& disk = disks_[id];
    Shard shard(id, shard_count_);
    if (!disk.shard_row.empty()) {
        const Status loaded = shard.load_shard(
            disk.shard_row, [&](std::uint64_t version) { return versions_.at(version); });
        WINBACK_CHECK(loaded.has_value());
    }
    for (const auto& [customer, row] : disk.rows) {
        const bool erased = erased_.contains(customer);
        const Status loaded = shard.load_customer(erased ? std::string() : customer, row);
        if (!loaded.has_value()) {
            report("restart: the row of " + customer + " cannot be read");
            return shard;
        }
    }
    reload(shard, histories_);
    const std::uint64_t watermark = disk.watermark(sequences_[id] + 1);
    for (const Remembered& known : remembered_[id]) {
        if (known.sequence < watermark) {
            shard.customers_for_reload().load_remembered(known.hash, known.day);
        }
    }
    shard.finish_load();
    replay_tail(id, shard);
    return shard;
}

void Cluster::replay_tail(ShardId id, Shard& fresh) {
    const std::uint64_t watermark = disks_[id].watermark(sequences_[id] + 1);
    for (const LogEntry& entry : log_) {
        if (entry.shard != id) {
            continue;
        }
        const Result<Input> input = decoded(entry.bytes);
        if (input->sequence < watermark) {
            continue;
        }
        Effects effects;
        fresh.step(*input, effects);
        for (const std::string& line : lines_of(effects)) {
            if (std::find(entry.effects.begin(), entry.effects.end(), line) ==
                entry.effects.end()) {
                report("restart: a replay says what was not said before: " + line);
                return;
            }
        }
    }
}

namespace {

// All events in memory, for the eye.
std::string histories_of(const Shard& shard) {
    std::string text = "\n";
    const Customers& customers = shard.customers();
    for (const std::string& name : customers.event_names()) {
        for (CustomerIndex c = 0; c < customers.size(); ++c) {
            for (const Timestamp time : customers.event_times(c, name)) {
                text +=
                    std::string(customers.id(c)) + " " + name + " " + format_iso8601(time) + "; ";
            }
        }
    }
    return text;
}

}  // namespace

void Cluster::compare(const Shard& live, const Shard& other, std::string_view what) {
    const Customers& customers = live.customers();
    if (customers.size() != other.customers().size()) {
        report(std::string(what) + ": another number of customers");
        return;
    }
    for (CustomerIndex c = 0; c < customers.size(); ++c) {
        const std::string id = name_of(live, c);
        const auto twin = other.customers().find(id);
        std::string mine;
        std::string its;
        live.encode_customer(c, mine);
        if (twin.has_value()) {
            other.encode_customer(*twin, its);
        }
        if (mine != its) {
            report(std::string(what) + ": another row of " + id);
            return;
        }
    }
    if (customers.fingerprint() != other.customers().fingerprint()) {
        report(std::string(what) + ": other histories" + histories_of(live) + histories_of(other));
    } else if (live.next_due() != other.next_due()) {
        report(std::string(what) + ": another next tick");
    } else if (live.definitions() != nullptr) {
        for (const segment::Segment& segment : live.definitions()->segments) {
            if (live.segment_size(segment.id) != other.segment_size(segment.id)) {
                report(std::string(what) + ": another size of " + segment.id);
            }
        }
    }
}

void Cluster::crash() {
    std::vector<Shard> fresh;
    for (std::uint32_t i = 0; i < shard_count_ && problem_.empty(); ++i) {
        fresh.push_back(restored(static_cast<ShardId>(i)));
        if (problem_.empty()) {
            compare(shards_[i], fresh.back(), "restart");
        }
    }
    if (problem_.empty()) {
        shards_ = std::move(fresh);
    }
}

void Cluster::check_replay() {
    std::vector<Shard> fresh;
    for (std::uint32_t i = 0; i < shard_count_; ++i) {
        fresh.emplace_back(static_cast<ShardId>(i), shard_count_);
    }
    Histories histories;
    for (const LogEntry& entry : log_) {
        const Result<Input> input = decoded(entry.bytes);
        reload_if_wider(fresh[entry.shard], *input, histories);
        Effects effects;
        fresh[entry.shard].step(*input, effects);
        if (lines_of(effects) != entry.effects) {
            report("replay: other effects at input " + std::to_string(input->sequence) +
                   " of shard " + std::to_string(entry.shard));
            return;
        }
        if (!effects.recorded_for.empty()) {
            const auto* arrived = std::get_if<EventArrived>(&input->body);
            const auto* handover = std::get_if<HandoverArrived>(&input->body);
            histories[effects.recorded_for].push_back(
                arrived != nullptr ? arrived->event : *event::decode(handover->handover.payload));
        }
        if (const auto id = erasure(input->body);
            id.has_value() && is_erased(fresh[entry.shard], *id)) {
            histories.erase(*id);
        }
    }
    for (std::uint32_t i = 0; i < shard_count_; ++i) {
        compare(shards_[i], fresh[i], "replay");
    }
}

std::map<std::string, std::string> Cluster::story_of_each() const {
    std::map<std::string, std::string> stories;
    for (const LogEntry& entry : log_) {
        for (const std::string& line : entry.effects) {
            if (!line.starts_with('|')) {
                stories[line.substr(0, line.find('|'))] += line + "\n";
            }
        }
    }
    for (const Shard& shard : shards_) {
        for (CustomerIndex c = 0; c < shard.customers().size(); ++c) {
            std::string bytes;
            ByteWriter out(bytes);
            write_messages(out, shard.messages(c));
            write_enrollments(out, shard.enrollments(c));
            shard.customers().encode_row(c, out);
            std::string& story = stories[name_of(shard, c)];
            for (const std::string& id : shard.segments_of(c)) {
                story += "in " + id + "\n";
            }
            story += "state " + to_hex(hash128(bytes)) + "\n";
        }
    }
    return stories;
}

}  // namespace winback::sim

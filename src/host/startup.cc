#include "host/startup.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/check.h"
#include "host/segment_days.h"
#include "host/worker.h"

namespace winback::host {
namespace {

using store::Family;

Error corrupt(std::string_view what) {
    return {ErrorCode::Corrupt,
            "a row (" + std::string(what) +
                ") cannot be read; keep the folder and run 'winback restore' from a backup"};
}

std::function<engine::DefinitionsPtr(std::uint64_t)> finder(Shared& shared) {
    return [&shared](std::uint64_t version) { return shared.shelf->find(version); };
}

// "playbook version 3 is not in the folder" is better said with the reason that the shelf knows.
Error with_problem(Shared& shared, const Error& error) {
    const std::string problem = shared.shelf->problem();
    return problem.empty() ? error : Error{error.code, problem};
}

Status load_state(Shared& shared, Resident& resident) {
    WINBACK_TRY(const auto mark,
                shared.store->get(Family::Meta, store::meta_key(resident.id, "mark")));
    if (mark.has_value()) {
        WINBACK_TRY(resident.mark, store::decode_mark(*mark));
        resident.mark_known = true;
    }
    resident.next_sequence = resident.mark.watermark;
    const std::string applied = store::meta_key(resident.id, "applied:");
    store::Cursor rows =
        shared.store->scan(Family::Meta, applied, store::meta_key(resident.id, "applied;"));
    for (; rows.valid(); rows.next()) {
        const std::string_view from = rows.key().substr(applied.size());
        resident.applied_from[static_cast<ShardId>(read_big_endian(from))] =
            read_big_endian(rows.value());
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    WINBACK_TRY(resident.ended_day, last_ended_day(*shared.store, resident.id));
    WINBACK_TRY(const auto state,
                shared.store->get(Family::Meta, store::meta_key(resident.id, "shard")));
    if (state.has_value()) {
        const Status loaded = resident.shard.load_shard(*state, finder(shared));
        if (!loaded.has_value()) {
            return with_problem(shared, loaded.error());
        }
    }
    return Ok{};
}

Status load_customers(Shared& shared, Resident& resident) {
    store::Cursor rows = shared.store->scan(Family::Customer, store::shard_begin(resident.id),
                                            store::shard_end(resident.id));
    store::CustomerRowKey key;
    for (; rows.valid(); rows.next()) {
        if (!store::parse_customer_key(rows.key(), key)) {
            return corrupt("customer");
        }
        const std::size_t before = resident.shard.customers().size();
        WINBACK_TRY(const Ok loaded, resident.shard.load_customer(key.id, rows.value()));
        static_cast<void>(loaded);
        if (key.erased) {
            resident.erased_ids[static_cast<CustomerIndex>(before)] = key.id_hash;
        }
    }
    return rows.status();
}

Status load_message_ids(Shared& shared, Resident& resident) {
    const std::int64_t first_day = utc_day_of(resident.mark.last_at) - 1;
    store::Cursor rows =
        shared.store->scan(Family::Dedupe, store::dedupe_key(resident.id, first_day, 0),
                           store::shard_end(resident.id));
    for (; rows.valid(); rows.next()) {
        std::int64_t day = 0;
        std::uint64_t sequence = 0;
        if (!store::parse_dedupe_key(rows.key(), day, sequence)) {
            return corrupt("message ids");
        }
        store::DedupeReader ids(rows.value());
        while (const std::optional<store::DedupeEntry> entry = ids.next()) {
            // What the replay will step is remembered by the step.
            if (entry->sequence < resident.mark.watermark) {
                resident.shard.customers_for_reload().load_remembered(entry->id_hash, day);
            }
        }
        if (!ids.ok()) {
            return corrupt("message ids");
        }
    }
    return rows.status();
}

class Replay {
public:
    Replay(Shared& shared, Resident& resident, int cell)
        : shared_(shared), resident_(resident), cell_(cell) {}

    Status run() {
        store::Cursor rows =
            shared_.store->scan(Family::Log, store::log_key(resident_.id, resident_.mark.log_from),
                                store::shard_end(resident_.id));
        for (; rows.valid(); rows.next()) {
            std::uint64_t first = 0;
            if (!store::parse_log_key(rows.key(), first)) {
                return corrupt("log");
            }
            resident_.log_chunks.push_back(first);
            store::LogChunkReader chunk(rows.value());
            while (const std::optional<store::LogEntry> entry = chunk.next()) {
                WINBACK_TRY(const Ok applied, apply(*entry));
                static_cast<void>(applied);
            }
            if (!chunk.ok()) {
                return corrupt("log");
            }
        }
        return rows.status();
    }

private:
    Status apply(const store::LogEntry& entry) {
        Result<engine::Input> input = engine::decode_input(entry.input, finder(shared_));
        if (!input.has_value()) {
            return with_problem(shared_, input.error());
        }
        resident_.mark.last_at = std::max(resident_.mark.last_at, input->at);
        if (input->sequence < resident_.next_sequence) {
            return Ok{};  // In a chunk that reaches over the watermark.
        }
        if (input->sequence != resident_.next_sequence) {
            return corrupt("log: an input is missing");
        }
        resident_.next_sequence = input->sequence + 1;
        const std::uint64_t identity = identity_of(*input, resident_.id);
        if (entry.skipped || shared_.applying->in_quarantine(identity)) {
            return Ok{};
        }
        shared_.applying->enter(cell_, resident_.id, input->sequence, identity);
        resident_.shard.step(*input, effects_);
        shared_.applying->leave(cell_);
        shared_.counters.replayed += 1;
        keep(*input);
        effects_.clear();
        return Ok{};
    }

    // What is not in the rows yet waits for the next flush, as it did before.
    void keep(const engine::Input& input) {
        const std::int64_t steady = steady_ms();
        for (const CustomerIndex customer : effects_.touched) {
            resident_.make_dirty(customer, input.sequence, steady);
        }
        if (engine::is_barrier(input)) {
            resident_.make_all_dirty(input.sequence, steady);
        }
        if (const auto id = engine::erasure(input.body)) {
            const auto customer = resident_.shard.customers().find(*id);
            if (customer.has_value() && resident_.shard.customers().erased(*customer)) {
                resident_.erased_ids[*customer] = hash64(*id);
                resident_.pending_events.erase(*customer);
            }
        }
        if (effects_.recorded_for.empty()) {
            return;
        }
        const auto customer = resident_.shard.customers().find(effects_.recorded_for);
        WINBACK_CHECK(customer.has_value());
        const auto* handover = std::get_if<engine::HandoverArrived>(&input.body);
        resident_.pending_events[*customer].add(
            input.at, handover != nullptr
                          ? handover->handover.payload
                          : event::encode(std::get<engine::EventArrived>(input.body).event));
    }

    Shared& shared_;
    Resident& resident_;
    int cell_;
    engine::Effects effects_;
};

Status reload_chunk(std::string_view bytes,
                    customer::Customers& customers,
                    CustomerIndex customer) {
    store::HistoryChunkReader chunk(bytes);
    while (const std::optional<store::HistoryEntry> entry = chunk.next()) {
        WINBACK_TRY(const Ok loaded, customers.load_history(customer, entry->event));
        static_cast<void>(loaded);
    }
    return chunk.ok() ? Status(Ok{}) : corrupt("history");
}

// The histories of ids that the customer absorbed stand under those ids, perhaps in other shards.
Status load_absorbed(const store::Store& store,
                     customer::Customers& customers,
                     CustomerIndex customer) {
    for (const std::string& id : customers.absorbed_ids(customer)) {
        const ShardId shard = engine::shard_of(id, store.shard_count());
        store::Cursor rows = store.scan(Family::History, store::customer_begin(shard, id),
                                        store::customer_end(shard, id));
        for (; rows.valid(); rows.next()) {
            WINBACK_TRY(const Ok loaded, reload_chunk(rows.value(), customers, customer));
            static_cast<void>(loaded);
        }
        WINBACK_TRY(const Ok read, rows.status());
        static_cast<void>(read);
    }
    return Ok{};
}

}  // namespace

Status load_histories(const store::Store& store, Resident& resident) {
    constexpr std::size_t sequence_bytes = 8;  // At the end of a key.
    customer::Customers& customers = resident.shard.customers_for_reload();
    store::Cursor rows =
        store.scan(Family::History, store::shard_begin(resident.id), store::shard_end(resident.id));
    std::string id;
    std::string last_id_key;
    CustomerIndex customer = 0;
    bool belongs = false;  // Else whoever absorbed it reads these.
    for (; rows.valid(); rows.next()) {
        const std::string_view id_key = rows.key().substr(0, rows.key().size() - sequence_bytes);
        if (id_key != last_id_key) {
            if (!store::parse_id(rows.key(), id)) {
                return corrupt("history");
            }
            last_id_key = id_key;
            const auto found = customers.find(id);
            customer = found.value_or(0);
            belongs = found.has_value() && customers.merged_into(customer).empty();
        }
        if (belongs) {
            WINBACK_TRY(const Ok loaded, reload_chunk(rows.value(), customers, customer));
            static_cast<void>(loaded);
        }
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    for (std::size_t c = 0; c < customers.size(); ++c) {
        WINBACK_TRY(const Ok absorbed,
                    load_absorbed(store, customers, static_cast<CustomerIndex>(c)));
        static_cast<void>(absorbed);
    }
    customers.finish_histories();
    return Ok{};
}

Status load_resident(Shared& shared, Resident& resident, int cell) {
    WINBACK_TRY(const Ok state, load_state(shared, resident));
    static_cast<void>(state);
    WINBACK_TRY(const Ok customers, load_customers(shared, resident));
    static_cast<void>(customers);
    WINBACK_TRY(const Ok histories, load_histories(*shared.store, resident));
    static_cast<void>(histories);
    WINBACK_TRY(const Ok message_ids, load_message_ids(shared, resident));
    static_cast<void>(message_ids);
    resident.shard.finish_load();
    WINBACK_TRY(const Ok replayed, Replay(shared, resident, cell).run());
    static_cast<void>(replayed);
    resident.find_listed();
    return Ok{};
}

Result<Unfinished> find_unfinished(const store::Store& store, std::vector<Resident*>& residents) {
    Unfinished unfinished;
    for (Resident* resident : residents) {
        for (const auto& [from, n] : resident->applied_from) {
            std::uint64_t& sent = residents.at(from)->sent_to[resident->id];
            sent = std::max(sent, n);
        }
    }
    for (Resident* resident : residents) {
        store::Cursor rows = store.scan(
            Family::Outbox, store::outbox_key(resident->id, resident->mark.outbox_from, 0),
            store::shard_end(resident->id));
        for (; rows.valid(); rows.next()) {
            store::OutboxKey key;
            if (!store::parse_outbox_key(rows.key(), key)) {
                return corrupt("outbox");
            }
            WINBACK_TRY(store::OutboxRow row, store::decode_outbox_row(rows.value()));
            resident->outbox[key] = row.key;
            resident->outbox_of[row.key] = key;
            unfinished.outbox.push_back(std::move(row));
        }
        WINBACK_TRY(const Ok outbox_read, rows.status());
        static_cast<void>(outbox_read);
        store::Cursor handovers = store.scan(Family::Handover, store::shard_begin(resident->id),
                                             store::shard_end(resident->id));
        for (; handovers.valid(); handovers.next()) {
            store::HandoverKey key;
            if (!store::parse_handover_key(handovers.key(), key) || key.to >= residents.size()) {
                return corrupt("handover");
            }
            WINBACK_TRY(engine::Handover handover, engine::decode_handover(handovers.value()));
            std::uint64_t& sent = resident->sent_to[key.to];
            sent = std::max(sent, key.n);
            unfinished.handovers.push_back(
                {.shard = key.to, .from = key.from, .n = key.n, .handover = std::move(handover)});
        }
        WINBACK_TRY(const Ok handovers_read, handovers.status());
        static_cast<void>(handovers_read);
    }
    return unfinished;
}

}  // namespace winback::host

// The list of all messages is kept by the turn that decides or changes them.
#include "host/message_list.h"
#include "host/worker.h"

namespace winback::host {

using store::Family;

void Resident::find_listed() {
    for (std::size_t c = 0; c < shard.customers().size(); ++c) {
        for (const engine::MessageRecord& record : shard.messages(static_cast<CustomerIndex>(c))) {
            if (may_change(record.state)) {
                listed[record.key] = {.state = record.state,
                                      .reason = record.reason,
                                      .at = record.decided_at,
                                      .key = record.key};
            }
        }
    }
}

void Worker::place(Resident& resident, const store::MessagePlace& place, std::string digest) {
    batch_.put(Family::MessageOf, store::message_place_key(place), digest);
    placed_[place.key] = {place, std::move(digest)};
    if (may_change(place.state)) {
        resident.listed[place.key] = place;
    } else {
        resident.listed.erase(place.key);
    }
}

void Worker::list(Resident& resident, const engine::MessageDecided& decided) {
    if (const auto before = resident.listed.find(decided.key); before != resident.listed.end()) {
        batch_.erase(Family::MessageOf, store::message_place_key(before->second));
    }
    place(resident,
          {.state = decided.state, .reason = decided.reason, .at = decided.at, .key = decided.key},
          store::encode(store::digest_of(decided)));
}

void Worker::relist(Resident& resident, const engine::MessageChanged& changed) {
    const auto known = resident.listed.find(changed.key);
    if (known == resident.listed.end()) {
        return;  // Not in the list: erased with its customer.
    }
    store::MessagePlace next = known->second;
    const std::string before = store::message_place_key(next);
    std::string digest;
    if (const auto in_batch = placed_.find(changed.key); in_batch != placed_.end()) {
        digest = in_batch->second.digest;
    } else {
        const auto row = shared_.store->get(Family::MessageOf, before);
        if (!row.has_value()) {
            shared_.fatal(row.error());
            return;
        }
        if (!row->has_value()) {
            return;  // Erased through another shard, under the id that took this one over.
        }
        digest = **row;
    }
    Result<store::MessageDigest> read = store::decode_message_digest(digest);
    if (!read.has_value()) {
        shared_.fatal(read.error());
        return;
    }
    read->changed_at = changed.at;
    next.state = changed.state;
    next.reason = changed.reason;
    batch_.erase(Family::MessageOf, before);
    place(resident, next, store::encode(*read));
}

void Worker::unlist(Resident& resident, const Hash128& key) {
    if (const auto in_batch = placed_.find(key); in_batch != placed_.end()) {
        batch_.erase(Family::MessageOf, store::message_place_key(in_batch->second.place));
        placed_.erase(in_batch);
    }
    if (const auto stored = message_place(*shared_.store, key); stored.has_value()) {
        batch_.erase(Family::MessageOf, store::message_place_key(*stored));
    } else if (stored.error().code != ErrorCode::NotFound) {
        shared_.fatal(stored.error());
    }
    resident.listed.erase(key);
}

}  // namespace winback::host

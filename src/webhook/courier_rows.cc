// The rows of webhooks: endpoints, deliveries, and the log that people look into.
#include <algorithm>

#include <sodium.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/store.h"
#include "webhook/courier.h"
#include "webhook/courier_keys.h"
#include "webhook/signature.h"

namespace winback::webhook {
namespace {

using store::Family;

Error unknown_endpoint() {
    return {ErrorCode::NotFound, "there is no such webhook"};
}

Error unknown_delivery() {
    return {ErrorCode::NotFound,
            "there is no such delivery; the newest 1,000 of a webhook are kept"};
}

}  // namespace

Result<std::vector<Endpoint>> read_endpoints(const store::Store& store) {
    std::vector<Endpoint> endpoints;
    store::Cursor rows = store.scan(Family::Control, endpoint_prefix, end_of(endpoint_prefix));
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(Endpoint endpoint, decode_endpoint(rows.value()));
        endpoints.push_back(std::move(endpoint));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    std::stable_sort(endpoints.begin(), endpoints.end(),
                     [](const Endpoint& a, const Endpoint& b) { return a.created < b.created; });
    return endpoints;
}

Status Courier::open(store::Store& store) {
    const std::lock_guard lock(mutex_);
    store_ = &store;
    WINBACK_TRY(const Ok loaded, load());
    static_cast<void>(loaded);
    refresh_wanted();
    return Ok{};
}

Status Courier::load() {
    WINBACK_TRY(std::vector<Endpoint> endpoints, read_endpoints(*store_));
    for (Endpoint& endpoint : endpoints) {
        const std::string id = endpoint.id;
        lanes_[id].endpoint = std::move(endpoint);
    }
    for (auto& [id, lane] : lanes_) {
        WINBACK_TRY(const Ok loaded, load_deliveries(lane));
        static_cast<void>(loaded);
    }
    return forget_orphans();
}

// Rows that a batch wrote while their endpoint was being removed.
Status Courier::forget_orphans() {
    store::Batch batch(*store_);
    std::string from(delivery_prefix);
    for (const auto& [id, lane] : lanes_) {
        batch.erase_range(Family::Control, from, deliveries_of(id));
        from = end_of(deliveries_of(id));
    }
    batch.erase_range(Family::Control, from, end_of(delivery_prefix));
    return store_->write(batch, false);
}

Status Courier::load_deliveries(Lane& lane) {
    const std::string prefix = deliveries_of(lane.endpoint.id);
    store::Cursor rows = store_->scan(Family::Control, prefix, end_of(prefix));
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(const Delivery delivery, decode_delivery(rows.value()));
        lane.waiting += delivery.state == DeliveryState::Waiting ? 1 : 0;
        insert(lane, hex_of(rows.key().substr(prefix.size())),
               {.state = delivery.state,
                .next_at = delivery.next_at,
                .customer_hash = hash64(delivery.customer)});
    }
    return rows.status();
}

void Courier::insert(Lane& lane, const std::string& place, Entry entry) {
    const bool added = lane.entries.emplace(place, entry).second;
    if (added && entry.state == DeliveryState::Waiting) {
        lane.due.emplace(entry.next_at, place);
    }
}

// Pre: the entry is there.
void Courier::erase_entry(Lane& lane, const std::string& place, store::Batch& batch) {
    const auto found = lane.entries.find(place);
    if (found->second.state == DeliveryState::Waiting) {
        lane.waiting -= 1;
        const auto [from, to] = lane.due.equal_range(found->second.next_at);
        for (auto it = from; it != to; ++it) {
            if (it->second == place) {
                lane.due.erase(it);
                break;
            }
        }
    }
    batch.erase(Family::Control, delivery_key(lane.endpoint.id, place));
    lane.entries.erase(found);
}

// Takes the oldest finished ones out of the log.
void Courier::trim(Lane& lane, store::Batch& batch) {
    std::size_t finished = lane.entries.size() - lane.waiting;
    for (auto it = lane.entries.begin();
         it != lane.entries.end() && finished > options_.finished_kept;) {
        const auto next = std::next(it);
        if (it->second.state != DeliveryState::Waiting) {
            erase_entry(lane, std::string(it->first), batch);
            finished -= 1;
        }
        it = next;
    }
}

Status Courier::write_endpoint(const Endpoint& endpoint) {
    store::Batch batch(*store_);
    batch.put(Family::Control, endpoint_key(endpoint.id), encode(endpoint));
    return store_->write(batch, true);
}

Result<Delivery> Courier::read(std::string_view endpoint, std::string_view place) const {
    WINBACK_TRY(const auto bytes, store_->get(Family::Control, delivery_key(endpoint, place)));
    if (!bytes) {
        return unknown_delivery();
    }
    return decode_delivery(*bytes);
}

void Courier::forget(const std::vector<std::string>& customers, store::Batch& batch) {
    std::set<std::uint64_t> hashes;
    for (const std::string& customer : customers) {
        hashes.insert(hash64(customer));
    }
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
        std::vector<std::string> theirs;
        for (const auto& [place, entry] : lane.entries) {
            if (hashes.contains(entry.customer_hash)) {
                theirs.push_back(place);
            }
        }
        for (const std::string& place : theirs) {
            erase_entry(lane, place, batch);
        }
    }
}

Result<Endpoint> Courier::create(const EndpointDraft& draft) {
    Endpoint endpoint;
    if (!draft.url || !draft.events) {
        return Error{ErrorCode::InvalidArgument, "a webhook needs 'url' and 'events'"};
    }
    WINBACK_TRY(const Ok applied, apply(draft, options_.http.reach, endpoint));
    static_cast<void>(applied);
    std::string bytes(8, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    endpoint.id = hex_of(bytes);
    endpoint.secret = new_secret();
    endpoint.created = now();
    const std::lock_guard lock(mutex_);
    if (lanes_.size() >= endpoints_max) {
        return Error{ErrorCode::LimitExceeded, "there are " + std::to_string(endpoints_max) +
                                                   " webhooks already; remove one"};
    }
    WINBACK_TRY(const Ok written, write_endpoint(endpoint));
    static_cast<void>(written);
    lanes_[endpoint.id].endpoint = endpoint;
    refresh_wanted();
    return endpoint;
}

std::vector<Endpoint> Courier::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<Endpoint> endpoints;
    for (const auto& [id, lane] : lanes_) {
        endpoints.push_back(lane.endpoint);
        endpoints.back().lost += lane.lost;
    }
    std::sort(endpoints.begin(), endpoints.end(), [](const Endpoint& a, const Endpoint& b) {
        return std::tie(a.created, a.id) < std::tie(b.created, b.id);
    });
    return endpoints;
}

Result<Endpoint> Courier::find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    Endpoint endpoint = found->endpoint;
    endpoint.lost += found->lost;
    return endpoint;
}

Result<Endpoint> Courier::change(std::string_view id,
                                 const EndpointDraft& draft,
                                 std::optional<std::uint64_t> version) {
    const std::lock_guard lock(mutex_);
    Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    if (version && *version != found->endpoint.version) {
        return Error{ErrorCode::Conflict, "the webhook was changed meanwhile; read it again"};
    }
    Endpoint changed = found->endpoint;
    WINBACK_TRY(const Ok applied, apply(draft, options_.http.reach, changed));
    static_cast<void>(applied);
    changed.version += 1;
    WINBACK_TRY(const Ok written, write_endpoint(changed));
    static_cast<void>(written);
    found->endpoint = std::move(changed);
    refresh_wanted();
    changed_.notify_all();
    return found->endpoint;
}

Status Courier::remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    if (lane(id) == nullptr) {
        return unknown_endpoint();
    }
    const std::string prefix = deliveries_of(id);
    store::Batch batch(*store_);
    batch.erase(Family::Control, endpoint_key(id));
    batch.erase_range(Family::Control, prefix, end_of(prefix));
    WINBACK_TRY(const Ok written, store_->write(batch, true));
    static_cast<void>(written);
    lanes_.erase(lanes_.find(id));
    refresh_wanted();
    return Ok{};
}

Result<Endpoint> Courier::renew_secret(std::string_view id) {
    const std::lock_guard lock(mutex_);
    Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    Endpoint changed = found->endpoint;
    changed.former_secret = changed.secret;
    changed.former_until = now() + secret_overlap;
    changed.secret = new_secret();
    changed.version += 1;
    WINBACK_TRY(const Ok written, write_endpoint(changed));
    static_cast<void>(written);
    found->endpoint = changed;
    return changed;
}

Result<std::vector<Listed>> Courier::deliveries(std::string_view id,
                                                std::optional<DeliveryState> state,
                                                std::string_view before,
                                                std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    const Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    std::vector<Listed> page;
    auto at = before.empty() ? found->entries.end() : found->entries.lower_bound(before);
    while (at != found->entries.begin() && page.size() < limit) {
        --at;
        if (state && at->second.state != *state) {
            continue;
        }
        WINBACK_TRY(Delivery delivery, read(id, at->first));
        page.push_back({at->first, std::move(delivery)});
    }
    return page;
}

Result<Listed> Courier::delivery(std::string_view id, std::string_view place) const {
    const std::lock_guard lock(mutex_);
    const Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    if (!found->entries.contains(place)) {
        return unknown_delivery();
    }
    WINBACK_TRY(Delivery delivery, read(id, place));
    return Listed{std::string(place), std::move(delivery)};
}

// Pre: the entry is there and is finished.
Status Courier::enqueue_again(Lane& lane, const std::string& place, store::Batch& batch) {
    WINBACK_TRY(Delivery delivery, read(lane.endpoint.id, place));
    delivery.state = DeliveryState::Waiting;
    delivery.next_at = now();
    delivery.tries = 0;
    batch.put(Family::Control, delivery_key(lane.endpoint.id, place), encode(delivery));
    return Ok{};
}

Status Courier::replay(std::string_view id, std::string_view place) {
    const std::lock_guard lock(mutex_);
    Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    const auto entry = found->entries.find(place);
    if (entry == found->entries.end()) {
        return unknown_delivery();
    }
    if (entry->second.state == DeliveryState::Waiting) {
        return Error{ErrorCode::Conflict, "this delivery is on its way already"};
    }
    if (found->waiting >= options_.waiting_max) {
        return Error{ErrorCode::LimitExceeded, "too many deliveries wait for this webhook"};
    }
    store::Batch batch(*store_);
    WINBACK_TRY(const Ok again, enqueue_again(*found, entry->first, batch));
    WINBACK_TRY(const Ok written, store_->write(batch, true));
    static_cast<void>(again);
    static_cast<void>(written);
    entry->second.state = DeliveryState::Waiting;
    entry->second.next_at = now();
    found->waiting += 1;
    found->due.emplace(entry->second.next_at, entry->first);
    changed_.notify_all();
    return Ok{};
}

Result<std::size_t> Courier::replay_failed(std::string_view id) {
    const std::lock_guard lock(mutex_);
    Lane* found = lane(id);
    if (found == nullptr) {
        return unknown_endpoint();
    }
    store::Batch batch(*store_);
    std::vector<std::string> places;
    for (const auto& [place, entry] : found->entries) {
        if (entry.state == DeliveryState::Failed &&
            found->waiting + places.size() < options_.waiting_max) {
            WINBACK_TRY(const Ok again, enqueue_again(*found, place, batch));
            static_cast<void>(again);
            places.push_back(place);
        }
    }
    WINBACK_TRY(const Ok written, store_->write(batch, true));
    static_cast<void>(written);
    const Timestamp at = now();
    for (const std::string& place : places) {
        Entry& entry = found->entries.find(place)->second;
        entry.state = DeliveryState::Waiting;
        entry.next_at = at;
        found->waiting += 1;
        found->due.emplace(at, place);
    }
    changed_.notify_all();
    return places.size();
}

}  // namespace winback::webhook

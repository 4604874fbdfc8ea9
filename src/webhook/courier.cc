#include "webhook/courier.h"

#include <algorithm>
#include <chrono>

#include <sodium.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "store/store.h"
#include "webhook/courier_keys.h"
#include "webhook/signature.h"

namespace winback::webhook {
namespace {

using store::Family;

constexpr int gone = 410;
constexpr Duration sleep_max = seconds(60);

std::uint32_t bit_of(std::string_view type) {
    const auto found = std::find(event_types.begin(), event_types.end(), type);
    return found == event_types.end()
               ? 0
               : std::uint32_t{1} << static_cast<unsigned>(found - event_types.begin());
}

static_assert(event_types.size() <= 32);

// Ordered by time, then as the shard told it.
std::string unique_place(Timestamp at, std::uint64_t shard, std::uint64_t sequence) {
    std::string place;
    append_big_endian(place, static_cast<std::uint64_t>(std::max<std::int64_t>(at.ms, 0)), 8);
    append_big_endian(place, shard, 2);
    append_big_endian(place, sequence, 8);
    return place;
}

std::string random_place(Timestamp at) {
    constexpr std::uint64_t no_shard = 0xFFFF;
    std::uint64_t random = 0;
    randombytes_buf(&random, sizeof random);
    return unique_place(at, no_shard, random);
}

}  // namespace

Courier::Courier(CourierOptions options) : options_(std::move(options)) {}

Courier::~Courier() {
    stop();
}

Timestamp Courier::now() const {
    if (options_.now) {
        return options_.now();
    }
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

void Courier::log(const std::string& line) const {
    if (options_.log) {
        options_.log(line);
    }
}

Courier::Lane* Courier::lane(std::string_view id) {
    const auto found = lanes_.find(id);
    return found == lanes_.end() ? nullptr : &found->second;
}

const Courier::Lane* Courier::lane(std::string_view id) const {
    const auto found = lanes_.find(id);
    return found == lanes_.end() ? nullptr : &found->second;
}

void Courier::refresh_wanted() {
    std::uint32_t wanted = 0;
    for (const auto& [id, lane] : lanes_) {
        for (const std::string& type : lane.endpoint.events) {
            wanted |= lane.endpoint.enabled ? bit_of(type) : 0;
        }
    }
    wanted_.store(wanted);
}

void Courier::start() {
    const std::lock_guard lock(mutex_);
    WINBACK_CHECK(!started_ && store_ != nullptr);
    started_ = true;
    poster_ = std::make_unique<sender::HttpPoster>(options_.http);
    thread_ = std::thread([this] { run(); });
}

void Courier::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
    if (poster_ != nullptr) {
        poster_->stop();  // What is under way stays waiting: its row says so.
    }
}

std::vector<Courier::Pending> Courier::add_rows(const Event& event,
                                                std::string_view unique,
                                                store::Batch& batch) {
    std::vector<Pending> pending;
    const std::string place = hex_of(unique);
    const std::lock_guard lock(mutex_);
    for (auto& [id, lane] : lanes_) {
        if (!lane.endpoint.wants(event.type)) {
            continue;
        }
        if (lane.waiting >= options_.waiting_max) {
            lane.lost += 1;
            figures_.lost += 1;
            continue;
        }
        const Timestamp at = now();
        const Delivery delivery{.id = "msg_" + to_hex(hash128(unique)),
                                .type = event.type,
                                .customer = event.customer,
                                .body = event_body(event),
                                .created = at,
                                .next_at = at};
        batch.put(Family::Control, delivery_key(id, place), encode(delivery));
        lane.waiting += 1;
        pending.push_back({id, place, {.next_at = at, .customer_hash = hash64(event.customer)}});
    }
    return pending;
}

void Courier::enqueue(const std::vector<Pending>& pending) {
    {
        const std::lock_guard lock(mutex_);
        for (const Pending& one : pending) {
            if (Lane* known = lane(one.endpoint)) {
                insert(*known, one.place, one.entry);
            }
        }
    }
    changed_.notify_all();
}

std::function<void()> Courier::gather(const engine::Input& input,
                                      const engine::Effects& effects,
                                      const engine::Shard& shard,
                                      store::Batch& batch) {
    const std::uint32_t wanted = wanted_.load();
    if (wanted == 0) {
        return {};
    }
    std::vector<Pending> pending;
    std::uint32_t n = 0;
    for (const Event& event : events_of(input, effects, shard)) {
        if ((wanted & bit_of(event.type)) == 0) {
            continue;
        }
        std::string unique = unique_place(input.at, shard.id(), input.sequence);
        append_big_endian(unique, n++, 2);
        std::vector<Pending> rows = add_rows(event, unique, batch);
        std::move(rows.begin(), rows.end(), std::back_inserter(pending));
    }
    if (pending.empty()) {
        return {};
    }
    return [this, pending = std::move(pending)] { enqueue(pending); };
}

void Courier::announce(std::string_view type, ValueMap data) {
    if ((wanted_.load() & bit_of(type)) == 0) {
        return;
    }
    const Event event{.type = std::string(type), .at = now(), .data = std::move(data)};
    store::Batch batch(*store_);
    const std::vector<Pending> pending = add_rows(event, random_place(event.at), batch);
    if (store_->write(batch, true)) {
        enqueue(pending);
    }
}

Result<std::string> Courier::test(std::string_view id) {
    Event event{.type = std::string(test_event), .at = now()};
    event.data.set("message", "This is a test of winback.");
    event.data.set("webhook", id);
    const std::string unique = random_place(event.at);
    const std::string place = hex_of(unique);
    {
        const std::lock_guard lock(mutex_);
        Lane* found = lane(id);
        if (found == nullptr) {
            return Error{ErrorCode::NotFound, "there is no such webhook"};
        }
        if (!found->endpoint.enabled || found->waiting >= options_.waiting_max) {
            return Error{ErrorCode::Conflict, found->endpoint.enabled
                                                  ? "too many deliveries wait for this webhook"
                                                  : "the webhook is off; turn it on first"};
        }
        const Delivery delivery{.id = "msg_" + to_hex(hash128(unique)),
                                .type = event.type,
                                .body = event_body(event),
                                .created = event.at,
                                .next_at = event.at};
        store::Batch batch(*store_);
        batch.put(Family::Control, delivery_key(id, place), encode(delivery));
        WINBACK_TRY(const Ok written, store_->write(batch, true));
        static_cast<void>(written);
        found->waiting += 1;
    }
    enqueue({{std::string(id), place, {.next_at = event.at}}});
    return place;
}

std::size_t Courier::waiting(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const Lane* found = lane(id);
    return found == nullptr ? 0 : found->waiting;
}

CourierFigures Courier::figures() const {
    const std::lock_guard lock(mutex_);
    CourierFigures figures = figures_;
    figures.endpoints = lanes_.size();
    for (const auto& [id, lane] : lanes_) {
        figures.waiting += lane.waiting;
        figures.under_way += lane.under_way;
    }
    return figures;
}

// Takes what may go now, and says when there will be more.
Timestamp Courier::take_due(std::vector<Job>& jobs) {
    const Timestamp at = now();
    Timestamp next = at + sleep_max;
    for (auto& [id, lane] : lanes_) {
        while (lane.endpoint.enabled && !lane.due.empty() &&
               lane.under_way < options_.under_way_max) {
            const Timestamp earliest = std::max(lane.due.begin()->first, lane.next_start);
            if (earliest > at) {
                next = std::min(next, earliest);
                break;
            }
            const std::string place = lane.due.begin()->second;
            lane.due.erase(lane.due.begin());
            lane.entries.find(place)->second.under_way = true;
            lane.under_way += 1;
            lane.next_start = at + options_.spacing;
            jobs.push_back({id, place});
        }
    }
    return next;
}

void Courier::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        std::vector<Job> jobs;
        const Timestamp next = take_due(jobs);
        if (jobs.empty()) {
            const Duration pause = std::max(next - now(), milliseconds(1));
            changed_.wait_for(lock, std::chrono::milliseconds(pause.ms));
            continue;
        }
        lock.unlock();
        for (const Job& job : jobs) {
            post(job);
        }
        lock.lock();
    }
}

void Courier::post(const Job& job) {
    sender::HttpPost request;
    {
        const std::lock_guard lock(mutex_);
        Lane* found = lane(job.endpoint);
        const Result<Delivery> delivery = found == nullptr
                                              ? Result<Delivery>(Error{ErrorCode::NotFound, ""})
                                              : read(job.endpoint, job.place);
        if (!delivery) {
            // Removed or erased meanwhile.
            if (found != nullptr) {
                found->under_way -= 1;
            }
            return;
        }
        const Timestamp at = now();
        const Endpoint& endpoint = found->endpoint;
        std::string signature = sign(endpoint.secret, delivery->id, at, delivery->body).value();
        if (!endpoint.former_secret.empty() && at < endpoint.former_until) {
            signature +=
                " " + sign(endpoint.former_secret, delivery->id, at, delivery->body).value();
        }
        request.url = endpoint.url;
        request.body = delivery->body;
        request.headers = {{"Content-Type", "application/json"},
                           {"User-Agent", "winback-webhooks/1"},
                           {"webhook-id", delivery->id},
                           {"webhook-timestamp", std::to_string(at.ms / 1000)},
                           {"webhook-signature", std::move(signature)}};
    }
    const auto done = [this, job](const sender::HttpOutcome& outcome) { ended(job, outcome); };
    if (!poster_->try_post(std::move(request), done)) {
        // No room, or the end: it stays where it was, for a little later.
        const std::lock_guard lock(mutex_);
        if (Lane* found = lane(job.endpoint)) {
            found->under_way -= 1;
            const auto entry = found->entries.find(job.place);
            if (entry != found->entries.end()) {
                entry->second.under_way = false;
                entry->second.next_at = now() + seconds(1);
                found->due.emplace(entry->second.next_at, job.place);
            }
        }
    }
}

void Courier::ended(const Job& job, const sender::HttpOutcome& outcome) {
    {
        const std::lock_guard lock(mutex_);
        Lane* found = lane(job.endpoint);
        if (found == nullptr) {
            return;
        }
        found->under_way -= 1;
        const auto entry = found->entries.find(job.place);
        if (entry == found->entries.end() || (stopping_ && outcome.status == 0)) {
            return;  // Erased; or cut off by the end of the server, which is no attempt.
        }
        Result<Delivery> delivery = read(job.endpoint, job.place);
        if (!delivery) {
            return;
        }
        record(*delivery, outcome, now(), options_.pauses);
        entry->second.under_way = false;
        entry->second.state = delivery->state;
        entry->second.next_at = delivery->next_at;
        if (delivery->state == DeliveryState::Waiting) {
            found->due.emplace(delivery->next_at, job.place);
            figures_.retried += 1;
        } else {
            found->waiting -= 1;
            (delivery->state == DeliveryState::Delivered ? figures_.delivered : figures_.failed) +=
                1;
            if (delivery->type == "customer.erased") {
                delivery->customer.clear();
                delivery->body = R"({"type":"customer.erased"})";
            }
        }
        judge(*found, *delivery, outcome);
        store::Batch batch(*store_);
        batch.put(Family::Control, delivery_key(job.endpoint, job.place), encode(*delivery));
        batch.put(Family::Control, endpoint_key(job.endpoint), encode(found->endpoint));
        trim(*found, batch);
        // Not synced: after a crash of the machine it goes out once more, with the same id.
        static_cast<void>(store_->write(batch, false));
    }
    changed_.notify_all();
}

// What an outcome says about the endpoint.
void Courier::judge(Lane& lane, const Delivery& delivery, const sender::HttpOutcome& outcome) {
    Endpoint& endpoint = lane.endpoint;
    endpoint.lost += std::exchange(lane.lost, 0);
    if (succeeded(outcome)) {
        endpoint.last_success = now();
        endpoint.failing_since = timestamp_max;
        return;
    }
    endpoint.failing_since = std::min(endpoint.failing_since, now());
    const bool long_failing = delivery.state == DeliveryState::Failed &&
                              now() - endpoint.failing_since >= options_.failing_max;
    if (!endpoint.enabled || (outcome.status != gone && !long_failing)) {
        return;
    }
    endpoint.enabled = false;
    endpoint.disabled_because = outcome.status == gone ? "gone" : "failing";
    endpoint.version += 1;
    refresh_wanted();
    log("webhook " + endpoint.id + " is off: " +
        (outcome.status == gone ? "it answered 410 Gone"
                                : "nothing reached it for three days; what failed can be sent "
                                  "again on the page /settings/webhooks"));
}

}  // namespace winback::webhook

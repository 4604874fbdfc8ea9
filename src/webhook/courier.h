// The queue of webhooks at work.
//
// The host tells it of effects while their batch is gathered; it adds one row for each endpoint
// that wants the event, so the event is durable when what it tells of is. Once it is, the row
// stands in the queue of its endpoint. A thread posts what is due, a few at a time for each
// endpoint, and writes down what came back. After a crash the rows are read again: an event may
// come twice, with the same webhook-id, and never not at all.
//
// Rows are read and written under one mutex; the network is never waited for under it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/outbound.h"
#include "sender/http_post.h"
#include "webhook/delivery.h"
#include "webhook/endpoint.h"
#include "webhook/event.h"

namespace winback::webhook {

struct CourierOptions {
    sender::HttpPosterOptions http;
    std::vector<Duration> pauses{retry_pauses.begin(), retry_pauses.end()};
    std::size_t waiting_max = 10'000;     // Of one endpoint; further events are lost, and counted.
    std::size_t finished_kept = 1'000;    // Of one endpoint, for the log.
    std::size_t under_way_max = 4;        // Of one endpoint.
    Duration spacing = milliseconds(10);  // Between posts to one endpoint.
    // An endpoint without a success for so long, one of whose deliveries has used up all its
    // attempts, is disabled.
    Duration failing_max = days(3);
    std::function<Timestamp()> now;             // Null: the wall clock.
    std::function<void(std::string_view)> log;  // A line for whoever runs the server.
};

struct CourierFigures {
    std::size_t endpoints = 0;
    std::size_t waiting = 0;
    std::size_t under_way = 0;
    std::uint64_t delivered = 0;  // Since the start, as the rest.
    std::uint64_t retried = 0;
    std::uint64_t failed = 0;
    std::uint64_t lost = 0;
};

// A delivery with its place in the log.
struct Listed {
    std::string place;  // For paging; newer ones are greater.
    Delivery delivery;
};

// As they stand in the store, without a courier; oldest first. Fails with Corrupt.
Result<std::vector<Endpoint>> read_endpoints(const store::Store& store);

class Courier final : public host::Outbound {
public:
    explicit Courier(CourierOptions options);
    ~Courier() override;

    Status open(store::Store& store) override;
    // Begins to post. Until then everything waits: a folder that replays the past tells nobody.
    void start();
    void stop() override;

    std::function<void()> gather(const engine::Input& input,
                                 const engine::Effects& effects,
                                 const engine::Shard& shard,
                                 store::Batch& batch) override;
    void forget(const std::vector<std::string>& customers, store::Batch& batch) override;
    void announce(std::string_view type, ValueMap data) override;

    // Endpoints. All of these are durable when they return, and fail with NotFound for an id that
    // is not there, InvalidArgument for what cannot be, or what the store says.
    Result<Endpoint> create(const EndpointDraft& draft);  // LimitExceeded: too many.
    std::vector<Endpoint> list() const;                   // Oldest first.
    Result<Endpoint> find(std::string_view id) const;
    // Conflict when `version` is given and is not the endpoint's.
    Result<Endpoint> change(std::string_view id,
                            const EndpointDraft& draft,
                            std::optional<std::uint64_t> version = std::nullopt);
    Status remove(std::string_view id);  // With its log.
    Result<Endpoint> renew_secret(std::string_view id);

    // Puts a test event into the queue of one endpoint; gives its place.
    Result<std::string> test(std::string_view id);
    // Newest first; `before` is the place of the last one of the page before.
    Result<std::vector<Listed>> deliveries(std::string_view id,
                                           std::optional<DeliveryState> state,
                                           std::string_view before,
                                           std::size_t limit) const;
    Result<Listed> delivery(std::string_view id, std::string_view place) const;
    Status replay(std::string_view id, std::string_view place);
    Result<std::size_t> replay_failed(std::string_view id);

    std::size_t waiting(std::string_view id) const;
    CourierFigures figures() const;
    sender::Reach reach() const { return options_.http.reach; }

private:
    // What memory holds of a delivery.
    struct Entry {
        DeliveryState state = DeliveryState::Waiting;
        Timestamp next_at;
        std::uint64_t customer_hash = 0;
        bool under_way = false;
    };
    // One endpoint and what waits for it.
    struct Lane {
        Endpoint endpoint;
        std::map<std::string, Entry, std::less<>> entries;  // By place.
        std::multimap<Timestamp, std::string> due;
        std::size_t waiting = 0;
        std::size_t under_way = 0;
        Timestamp next_start = timestamp_min;
        std::uint64_t lost = 0;  // Not written down yet.
    };
    struct Pending {
        std::string endpoint;
        std::string place;
        Entry entry;
    };
    struct Job {
        std::string endpoint;
        std::string place;
    };

    Timestamp now() const;
    Lane* lane(std::string_view id);
    const Lane* lane(std::string_view id) const;
    void refresh_wanted();
    Status load();
    Status load_deliveries(Lane& lane);
    Status forget_orphans();
    // Pre: it is counted in `waiting` already.
    void insert(Lane& lane, const std::string& place, Entry entry);
    void erase_entry(Lane& lane, const std::string& place, store::Batch& batch);
    void trim(Lane& lane, store::Batch& batch);
    Status write_endpoint(const Endpoint& endpoint);
    void log(const std::string& line) const;

    std::vector<Pending> add_rows(const Event& event, std::string_view unique, store::Batch& batch);
    void enqueue(const std::vector<Pending>& pending);
    Status enqueue_again(Lane& lane, const std::string& place, store::Batch& batch);
    Result<Delivery> read(std::string_view endpoint, std::string_view place) const;

    void run();
    Timestamp take_due(std::vector<Job>& jobs);
    void post(const Job& job);
    void ended(const Job& job, const sender::HttpOutcome& outcome);
    void judge(Lane& lane, const Delivery& delivery, const sender::HttpOutcome& outcome);

    CourierOptions options_;
    store::Store* store_ = nullptr;
    std::atomic<std::uint32_t> wanted_{0};  // A bit for each type that an endpoint wants.

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Lane, std::less<>> lanes_;
    CourierFigures figures_;
    bool started_ = false;
    bool stopping_ = false;
    std::unique_ptr<sender::HttpPoster> poster_;
    std::thread thread_;
};

}  // namespace winback::webhook

// What arrives on the ingest routes, for people who are connecting a shop: the newest events as
// they were sent, as they were understood, and what is wrong with them.
//
// An I/O thread only decides whether a body is shown and puts it into a queue; a thread of its own
// decodes it once more, looks for problems and tells those who watch. How many bodies are shown is
// bounded per second, and far lower while nobody looks; what is passed over is counted and said.
// docs/design/live_events.md
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/event_problems.h"
#include "api/still_may.h"
#include "base/result.h"
#include "base/value.h"
#include "event/decode.h"
#include "http/request.h"
#include "http/stream.h"

namespace winback::api {

class Desk;

constexpr std::size_t live_events_kept = 500;
constexpr std::size_t live_bytes_kept = std::size_t{4} << 20U;
constexpr std::size_t live_watchers_max = 32;
constexpr std::size_t live_watchers_of_one_max = 4;                      // Of a key or session.
constexpr std::size_t live_watcher_bytes_max = std::size_t{512} * 1024;  // Else it is dropped.
constexpr std::size_t live_raw_bytes_max = 4096;      // Of an event as it was sent.
constexpr std::size_t live_decoded_bytes_max = 8192;  // Of an event as it was understood.
constexpr std::size_t live_filter_bytes_max = 256;
constexpr int live_bodies_per_second = 50;       // While somebody looks.
constexpr int live_bodies_per_second_alone = 2;  // While nobody does.
constexpr std::size_t live_events_of_body = 100;

// One request that came to an ingest route.
struct Arrival {
    http::RequestPtr request;
    event::Call call;
    Timestamp received;
    std::string write_key;   // Empty when it is not known.
    std::size_t events = 1;  // How many it holds, for counting what is passed over.
    // Of a body of which nothing was taken.
    std::string refused_code;
    std::string refused_message;
};

struct LiveFilter {
    std::string key;       // Name of a write key, whole.
    std::string name;      // Part of the event's name or kind, whatever the case.
    std::string customer;  // Id, whole.
    bool problems = false;

    // Fails with InvalidArgument when a text is too long.
    static Result<LiveFilter> of(const http::Request& request);
    // The same as a query, "?name=x"; empty without a filter.
    std::string query() const;
};

class LiveEvents {
public:
    using NameOfKey = std::function<std::string(std::string_view write_key)>;
    using ShopCurrency = std::function<std::string()>;  // Empty: not known.
    // `alone`: works inside of `offer`, without a thread (tests).
    explicit LiveEvents(NameOfKey name_of_key,
                        bool alone = false,
                        ShopCurrency shop_currency = nullptr);
    // A part of the desk (Desk::part): names keys as the host knows them.
    explicit LiveEvents(Desk& desk);
    ~LiveEvents();
    LiveEvents(const LiveEvents&) = delete;
    LiveEvents& operator=(const LiveEvents&) = delete;

    // From any thread; costs an I/O thread next to nothing.
    void offer(Arrival arrival);

    struct Page {
        ValueList events;          // Newest first.
        std::uint64_t last = 0;    // The id of the newest that is kept, whatever the filter.
        std::uint64_t missed = 0;  // Events that arrived and were passed over, since the start.
    };
    Page recent(const LiveFilter& filter, std::size_t limit);

    // Server-sent events of what comes after the event with the id `after`, as far as it is kept.
    // `who` is the id of the key that watches. The stream ends when `still_may` (may be empty) says
    // no: asked before each event and every few seconds. Fails with Unavailable when too many
    // watch, or when this key does so in too many places.
    Result<std::shared_ptr<http::PushStream>> watch(const LiveFilter& filter,
                                                    std::uint64_t after,
                                                    std::string_view who,
                                                    StillMay still_may = nullptr);

    // Drops what is kept of these customers, whose ids they are: they were erased. What was waiting
    // to be shown is passed over, whosever it is.
    void forget(const std::vector<std::string>& customers);

private:
    struct Entry;
    struct Watcher {
        LiveFilter filter;
        std::weak_ptr<http::PushStream> stream;
        std::string who;
        StillMay still_may;
    };

    using EntryPtr = std::shared_ptr<const Entry>;

    bool takes();
    void run();
    void show(const Arrival& arrival);
    void show_refused(const Arrival& arrival);
    void show_events(const Arrival& arrival, const event::Decoded& decoded);
    void add(Entry entry);
    void tell(const Entry& entry);
    std::vector<EntryPtr> since(const LiveFilter& filter, std::uint64_t id) const;
    void drop_watchers_gone();
    void pass_over(std::size_t events) { missed_.fetch_add(events, std::memory_order_relaxed); }

    const NameOfKey name_of_key_;
    const bool alone_;
    const ShopCurrency shop_currency_;  // May be empty.

    // Who looks, and how many bodies this second had.
    std::atomic<int> watching_{0};
    std::atomic<std::int64_t> asked_at_second_{0};
    std::atomic<std::int64_t> second_{0};
    std::atomic<int> taken_{0};
    std::atomic<std::uint64_t> missed_{0};

    std::mutex queue_mutex_;
    std::condition_variable arrived_;
    std::deque<Arrival> queue_;
    std::size_t queue_bytes_ = 0;
    // How often customers were forgotten. What was taken from the queue before that is not kept.
    std::atomic<std::uint64_t> forgotten_{0};
    bool stopping_ = false;

    std::mutex ring_mutex_;
    std::deque<EntryPtr> ring_;
    std::size_t ring_bytes_ = 0;
    std::uint64_t next_id_ = 1;
    std::vector<Watcher> watchers_;

    // Of the thread that shows.
    std::uint64_t forgotten_at_take_ = 0;
    event::Decoder decoder_;
    EventProblems problems_;
    std::thread thread_;
};

}  // namespace winback::api

// Looks at the running host every few seconds and remembers the last hour, so that the health page
// can say how fast events come, how long the disk will last, and what went wrong lately.
//
// Bounded: one sample for each of the last minutes and a ring of notices, all in memory; a restart
// begins anew. One thread, none for desks without threads (tests), which call `look` themselves.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "api/desk.h"
#include "base/time.h"
#include "base/value.h"
#include "host/health.h"
#include "sender/sender.h"

namespace winback::api {

constexpr std::size_t minutes_kept = 60;
constexpr std::size_t notices_kept = 50;
constexpr Duration look_every = seconds(5);
constexpr std::uint64_t disk_low_bytes = std::uint64_t{1} << 30U;  // Below it a notice is made.
constexpr std::uint64_t lag_high_inputs = 1'000'000;

// The figures of the host with what was watched beside: what the health page shows.
ValueMap health_tree(Desk& desk);  // health.cc

class HealthWatch {
public:
    explicit HealthWatch(Desk& desk);
    ~HealthWatch();
    HealthWatch(const HealthWatch&) = delete;
    HealthWatch& operator=(const HealthWatch&) = delete;

    // Whose connections and mistakes are told; null: there is none.
    void watch_sender(std::shared_ptr<sender::Sender> sender);
    // Takes a sample by the wall clock's `now`.
    void look(Timestamp now);
    // {events_per_second, minutes: [...], disk, memory, sender, notices, version, started_at}
    ValueMap tree();

private:
    struct Sample {
        Timestamp at;
        std::uint64_t inputs = 0;
        std::uint64_t disk_bytes = 0;
    };
    void run();
    void compare(const host::Health& health, Timestamp now);
    void notice(Timestamp at, std::string kind, std::string detail);
    // One notice when it begins and one when it is over.
    void state(bool now_so, bool& was_so, Timestamp at, std::string_view kind, std::string detail);
    ValueMap disk_value(std::uint64_t disk_bytes) const;

    Desk& desk_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::shared_ptr<sender::Sender> sender_;
    Timestamp started_;
    std::deque<Sample> recent_;   // Of the last minute or so, one for each look.
    std::deque<Sample> minutes_;  // One a minute, oldest first.
    struct Notice {
        Timestamp at;
        std::string kind;
        std::string detail;
    };
    std::deque<Notice> notices_;  // Newest first.
    bool sender_down_ = false;
    bool queue_full_ = false;
    bool disk_low_ = false;
    bool lag_high_ = false;
    std::size_t quarantined_ = 0;
    std::thread thread_;
};

}  // namespace winback::api

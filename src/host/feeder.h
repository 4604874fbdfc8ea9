// Hands events to a host in batches, a few under way at a time, so that what clients send live
// finds room in the queues.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "base/result.h"
#include "event/event.h"

namespace winback::host {

class Host;

class Feeder {
public:
    static constexpr std::size_t batch_events = 500;

    // The host must outlive the feeder. Pre: batches_in_flight_max > 0.
    Feeder(Host& host, int batches_in_flight_max)
        : host_(host), batches_in_flight_max_(batches_in_flight_max) {}
    ~Feeder();  // Waits for what is under way; what was not sent is dropped.
    Feeder(const Feeder&) = delete;
    Feeder& operator=(const Feeder&) = delete;

    // Blocks while too much is under way. Fails with what a batch before it failed with.
    Status add(event::Event event);
    // Waits until everything is durable.
    Status finish();

private:
    Status send();
    void note(const Status& status);

    Host& host_;
    const int batches_in_flight_max_;
    std::vector<event::Event> batch_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int in_flight_ = 0;
    bool busy_ = false;
    std::optional<Error> failure_;
};

}  // namespace winback::host

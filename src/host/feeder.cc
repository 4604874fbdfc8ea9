#include "host/feeder.h"

#include <chrono>
#include <thread>
#include <utility>

#include "host/host.h"

namespace winback::host {

Feeder::~Feeder() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ == 0; });
}

Status Feeder::add(event::Event event) {
    batch_.push_back(std::move(event));
    return batch_.size() < batch_events ? Status(Ok{}) : send();
}

Status Feeder::finish() {
    if (!batch_.empty()) {
        const Status sent = send();
        if (!sent.has_value()) {
            return sent;
        }
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ == 0; });
    return failure_.has_value() ? Status(*failure_) : Status(Ok{});
}

Status Feeder::send() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return in_flight_ < batches_in_flight_max_; });
            if (failure_.has_value()) {
                return *failure_;
            }
            ++in_flight_;
            busy_ = false;
        }
        host_.submit_batch(batch_, [this](const Status& status) { note(status); });
        std::unique_lock lock(mutex_);
        if (!busy_) {
            break;
        }
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::milliseconds(host_.retry_after().ms / 10));
    }
    batch_.clear();
    return Ok{};
}

// On a worker's thread; Unavailable comes on ours, before submit_batch returns.
void Feeder::note(const Status& status) {
    const std::lock_guard lock(mutex_);
    --in_flight_;
    if (!status.has_value()) {
        if (status.error().code == ErrorCode::Unavailable) {
            busy_ = true;
        } else {
            failure_ = status.error();
        }
    }
    changed_.notify_all();
}

}  // namespace winback::host

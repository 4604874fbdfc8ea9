#include "host/clock.h"

#include <chrono>

namespace winback::host {

Timestamp SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()} +
           offset_;
}

void VirtualClock::set(Timestamp time) {
    std::int64_t known = now_ms_.load(std::memory_order_relaxed);
    while (known < time.ms &&
           !now_ms_.compare_exchange_weak(known, time.ms, std::memory_order_release)) {
    }
}

}  // namespace winback::host

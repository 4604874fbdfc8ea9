#include "api/walk.h"

#include <algorithm>
#include <chrono>

namespace winback::api {
namespace {

using customer::CustomerIndex;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t slice_min = 16;
constexpr std::size_t slice_max = 16'384;
constexpr std::size_t slice_begin = 256;

}  // namespace

Walk::Walk(host::Host& host) : host_(host), slice_(slice_begin) {}

bool Walk::run(const Read& read, const std::atomic<bool>* stopping) {
    for (std::uint32_t s = 0; s < host_.shard_count(); ++s) {
        std::size_t from = 0;
        bool more = true;
        while (more) {
            if (stopping != nullptr && *stopping) {
                return false;
            }
            host_.query_shard(static_cast<engine::ShardId>(s), [&](const host::ShardView& view) {
                more = read_slice(read, view, from);
            });
        }
    }
    return true;
}

bool Walk::read_slice(const Read& read, const host::ShardView& view, std::size_t& from) {
    const std::size_t size = view.shard.customers().size();
    const std::size_t to = std::min(size, from + slice_);
    const SteadyClock::time_point begun = SteadyClock::now();
    read(view, static_cast<CustomerIndex>(from), static_cast<CustomerIndex>(to));
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - begun).count();
    const std::int64_t target = slice_target.ms * 1000;
    if (took > target) {
        slice_ = std::max(slice_ / 2, slice_min);
    } else if (took < target / 2 && to - from == slice_) {
        slice_ = std::min(slice_ * 2, slice_max);
    }
    from = to;
    return to < size;
}

}  // namespace winback::api

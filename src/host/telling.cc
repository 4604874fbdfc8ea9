// Watchers are told of changes between batches, a few shards at a time.
#include <algorithm>

#include "host/worker.h"

namespace winback::host {
namespace {

// Changes of a shard are told at most this often, so that a customer with many events costs once.
constexpr std::int64_t tell_pause_ms = 500;
// Also when nothing changed: what holds for a day ends at midnight.
constexpr std::int64_t tell_at_least_ms = 60'000;
// Of one turn of the worker; events wait meanwhile.
constexpr std::int64_t tell_ms_max = 2;

}  // namespace

void Worker::watch(Resident& resident, const std::shared_ptr<Watcher>& watcher) {
    if (watcher == nullptr) {
        return;
    }
    std::vector<CustomerIndex> all(resident.shard.customers().size());
    for (std::size_t c = 0; c < all.size(); ++c) {
        all[c] = static_cast<CustomerIndex>(c);
    }
    const ShardView view{resident.shard, resident.id, shared_.clock->now()};
    if (watcher->look(view, all)) {
        resident.tell_again = true;
    }
    resident.watchers.push_back(watcher);
}

void Worker::tell_watchers_of(Resident& resident) {
    std::vector<CustomerIndex> changed;
    changed.swap(resident.changed);
    for (const CustomerIndex customer : changed) {
        resident.is_changed[customer] = false;
    }
    const ShardView view{resident.shard, resident.id, shared_.clock->now()};
    resident.tell_again = false;
    std::erase_if(resident.watchers, [&](const std::weak_ptr<Watcher>& weak) {
        const std::shared_ptr<Watcher> watcher = weak.lock();
        if (watcher != nullptr && watcher->look(view, changed)) {
            resident.tell_again = true;
        }
        return watcher == nullptr;
    });
    resident.told_ms = steady_ms();
}

void Worker::tell_watchers() {
    const bool at_once = shared_.options.mode == Mode::Inline;
    const std::int64_t begun = steady_ms();
    for (std::size_t i = 0; i < residents_.size(); ++i) {
        Resident& resident = *residents_[told_next_ % residents_.size()];
        told_next_ = (told_next_ + 1) % residents_.size();
        const std::int64_t silence = begun - resident.told_ms;
        const bool something = !resident.changed.empty() || resident.tell_again ||
                               silence >= tell_at_least_ms || at_once;
        if (!something || resident.watchers.empty() || (!at_once && silence < tell_pause_ms)) {
            continue;
        }
        do {
            tell_watchers_of(resident);
        } while (at_once && resident.tell_again);
        if (!at_once && steady_ms() - begun >= tell_ms_max) {
            return;
        }
    }
}

}  // namespace winback::host

#include "host/throttle.h"

#include <algorithm>
#include <cstring>

#include <sodium.h>

#include "base/check.h"

namespace winback::host {

Throttle::Throttle(const ThrottleOptions& options) : options_(options), key_{} {
    static_assert(sizeof(key_) == crypto_shorthash_KEYBYTES);
    WINBACK_CHECK(sodium_init() >= 0);
    crypto_shorthash_keygen(key_);
}

std::uint64_t Throttle::hash_of(std::string_view name) const {
    unsigned char hash[crypto_shorthash_BYTES];
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes bytes.
    const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
    crypto_shorthash(hash, bytes, name.size(), key_);
    std::uint64_t number = 0;
    std::memcpy(&number, hash, sizeof(number));
    return number;
}

Duration Throttle::wait_of(std::string_view name, Timestamp now) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(hash_of(name));
    return found == entries_.end() || found->second.until <= now ? Duration{}
                                                                 : found->second.until - now;
}

Throttle::Attempt Throttle::attempt(std::string_view name, Timestamp now) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= options_.names_max) {
        make_room(now);
    }
    Entry& entry = entries_[hash_of(name)];
    if (entry.failures > 0 && now - entry.last > options_.forgotten_after) {
        entry = {};
    }
    const Timestamp before = entry.until;
    ++entry.failures;
    entry.last = now;
    const int beyond = entry.failures - options_.free_failures;
    if (beyond > 0) {
        constexpr int doublings_max = 20;  // Beyond every longest wait, below overflow.
        const std::int64_t wait = options_.first_wait.ms << std::min(beyond - 1, doublings_max);
        entry.until = now + std::min(milliseconds(wait), options_.longest_wait);
    }
    return {.until = entry.until, .until_before = before};
}

void Throttle::take_back(std::string_view name, const Attempt& attempt) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(hash_of(name));
    if (found == entries_.end()) {
        return;  // Forgotten meanwhile.
    }
    Entry& entry = found->second;
    if (--entry.failures <= 0) {
        entries_.erase(found);
    } else if (entry.until == attempt.until) {
        entry.until = attempt.until_before;
    }
}

void Throttle::succeeded(std::string_view name) {
    const std::lock_guard lock(mutex_);
    entries_.erase(hash_of(name));
}

int Throttle::failures_of(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(hash_of(name));
    return found == entries_.end() ? 0 : found->second.failures;
}

std::size_t Throttle::size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

// Those that were forgotten anyway, else the one whose wait ended first.
void Throttle::make_room(Timestamp now) {
    std::erase_if(entries_, [&](const auto& entry) {
        return now - entry.second.last > options_.forgotten_after;
    });
    if (entries_.size() >= options_.names_max) {
        entries_.erase(std::min_element(
            entries_.begin(), entries_.end(),
            [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
    }
}

}  // namespace winback::host

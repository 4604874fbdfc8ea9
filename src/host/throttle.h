// Slows down guessing: after some failures a name must wait, each time twice as long.
//
// Names are accounts or addresses, known or not: whether an account exists changes nothing here.
// Names are kept as keyed hashes; when there are too many, those that waited out first go first.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

#include "base/time.h"

namespace winback::host {

struct ThrottleOptions {
    int free_failures = 5;  // Without waiting.
    Duration first_wait = seconds(1);
    Duration longest_wait = minutes(5);
    Duration forgotten_after = hours(12);  // Since the last failure.
    std::size_t names_max = 20'000;
};

// Any thread.
class Throttle {
public:
    explicit Throttle(const ThrottleOptions& options);

    // How long this name has to wait; zero when it may try.
    Duration wait_of(std::string_view name, Timestamp now) const;
    // Counted before the secret is looked at, so that attempts beside each other do not slip by.
    struct Attempt {
        Timestamp until;         // Up to when the name waits because of it.
        Timestamp until_before;  // Up to when it would wait without it.
    };
    Attempt attempt(std::string_view name, Timestamp now);
    // Forgets all failures of the name.
    void succeeded(std::string_view name);
    // The attempt was a right one: it is as if it had not been. The failures before it stay.
    void take_back(std::string_view name, const Attempt& attempt);
    int failures_of(std::string_view name) const;
    std::size_t size() const;

private:
    struct Entry {
        int failures = 0;
        Timestamp last;
        Timestamp until;
    };
    std::uint64_t hash_of(std::string_view name) const;
    void make_room(Timestamp now);

    ThrottleOptions options_;
    unsigned char key_[16];
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Entry> entries_;
};

}  // namespace winback::host

// How often somebody was not let in, since the start: for figures. Names and addresses of those who
// tried are kept nowhere. A part of the desk (Desk::part).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "api/desk.h"

namespace winback::api {

enum class Refusal : std::uint8_t {
    Password,   // Wrong, or an address that nobody has, or of somebody who may not sign in.
    Code,       // Of the authenticator, or a recovery code.
    Throttled,  // Too many attempts: nothing was looked at.
    Link,       // Used up, too old, or none of ours.
};
inline constexpr std::array<std::string_view, 4> refusal_names{"password", "code", "throttled",
                                                               "link"};

class Refusals {
public:
    explicit Refusals(Desk& /*desk*/) {}

    // Any thread.
    void count(Refusal why) {
        counts_.at(static_cast<std::size_t>(why)).fetch_add(1, std::memory_order_relaxed);
    }
    // In the order of refusal_names.
    std::uint64_t of(std::size_t why) const {
        return counts_.at(why).load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::uint64_t>, refusal_names.size()> counts_{};
};

}  // namespace winback::api

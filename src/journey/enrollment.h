// One passage of one customer through one journey. Plain data, written to rows as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/money.h"
#include "base/time.h"

namespace winback::journey {

enum class EnrollmentState : std::uint8_t {
    Running,
    Finished,     // Passed the last step.
    Exited,       // An exit condition held.
    GoalReached,  // The goal event came within its time; no further message.
};
std::string_view enrollment_state_name(EnrollmentState state);  // "goal_reached"

struct Enrollment {
    std::string journey;
    std::uint64_t definitions = 0;  // Version of the playbook that the customer entered under.
    std::uint32_t entry = 1;        // 1, 2, … per journey and customer.
    std::uint32_t step = 0;         // Index of the step where the customer stands.
    bool arrived = false;           // That step has begun: a wait or a hold is running.
    bool held_out = false;          // Walks the same way, but every message is refused.
    EnrollmentState state = EnrollmentState::Running;
    Timestamp entered_at;
    Timestamp wake_at = timestamp_max;  // End of the wait or hold that is running.
    Timestamp goal_until;               // The goal counts in [entered_at, goal_until).
    std::optional<Timestamp> goal_at;   // Time of the first goal event.
    Micros goal_revenue;                // Of all goal events in that time.
    bool operator==(const Enrollment&) const = default;
};

}  // namespace winback::journey

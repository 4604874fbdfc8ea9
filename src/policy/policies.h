// The rules that every message must pass, as the playbook states them. `gate.h` applies them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/zone.h"
#include "customer/channel.h"

namespace winback::policy {

// At most `limit` messages in a window, on one channel or over all of them.
struct FrequencyCap {
    std::optional<customer::Channel> channel;  // Absent: all channels together.
    int limit = 0;
    CalendarStep window;    // Rolling: (now - window, now].
    bool calendar = false;  // Instead: since the local midnight that starts the window's
                            // calendar day (1d), week (7d) or month (1mo).
    bool hold = false;      // Wait for room (at most 7 days), else skip the message.
};

// Minutes after local midnight; the span may pass midnight (21:00 to 09:00).
struct QuietHours {
    int from_min = 21 * 60;
    int to_min = 9 * 60;
    bool weekends = false;  // Also the whole weekend of the customer's country.
    bool enabled = true;
};

struct Policies {
    QuietHours quiet_hours;
    std::vector<FrequencyCap> caps;
    double control_group = 0.0;  // Share of all customers that never gets a message, 0..1.
    std::string control_salt = "control";
};

}  // namespace winback::policy

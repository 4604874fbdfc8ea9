// May this message go to this customer now? The gates in their fixed order; the first that says
// no gives the reason that is kept.
//
// erased, suppressed, no_consent, control_group, hold_out, goal_reached, sunset, duplicate,
// quiet_hours (hold), frequency_cap (hold or skip). `sunset`, `budget` and `rate` have their
// place in the order; no rule of a playbook can set them yet. Transactional messages skip the
// control group, the hold-out, sunset and the caps, and they do not wait for quiet hours.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/zone.h"
#include "customer/channel.h"
#include "expr/facts.h"
#include "message/state.h"
#include "policy/policies.h"

namespace winback::policy {

// A hold that would last longer than this refuses the message instead: the moment for which it
// was written has passed.
constexpr Duration hold_max = days(7);

// A message of ours that counts against caps.
struct Contact {
    Timestamp at;
    customer::Channel channel = customer::Channel::Email;
};

// All that the gates look at. Times are moments; local rules use `zone`.
struct Standing {
    Timestamp now;
    const Zone* zone = nullptr;  // The customer's, else the workspace's. Never null.
    std::string_view country;    // ISO 3166 code of two letters; may be empty.
    customer::Channel channel = customer::Channel::Email;
    bool transactional = false;
    bool erased = false;
    std::string_view suppression;  // Reason; empty when not suppressed.
    expr::ConsentState consent = expr::ConsentState::Unset;
    Timestamp consent_time;
    std::string_view consent_source;
    std::string_view topic;     // Of the message; empty: the channel alone.
    bool topic_denied = false;  // The customer wants nothing of this topic on the channel.
    double control_bucket = 1;  // experiment::bucket of the control salt.
    bool held_out = false;
    double holdout_bucket = 1;
    double holdout_share = 0;
    bool goal_reached = false;
    bool duplicate = false;             // A message with this key left already.
    std::span<const Contact> contacts;  // Oldest first, of at least the longest window.
};

// One gate's answer, for explain: gates after the first "no" are not asked.
struct GateAnswer {
    std::string gate;  // "no_consent"
    bool passed = false;
    std::string detail;  // The facts: "granted 2011-09-01 by checkout".
};

struct Verdict {
    std::optional<message::RefusalReason> reason;  // Absent: the message may go.
    std::optional<Timestamp> hold_until;           // With a reason: try again then.
    std::vector<GateAnswer> answers;
};

// Pre: standing.zone is not null.
Verdict ask_gates(const Policies& policies, const Standing& standing);

// When the quiet time that covers `now` ends; nothing outside quiet time.
std::optional<Timestamp> quiet_until(const QuietHours& quiet,
                                     const Zone& zone,
                                     std::string_view country,
                                     Timestamp now);

// True for days on which the country's weekend falls; 0 = Sunday. Saturday and Sunday when the
// country is unknown.
bool is_weekend(std::string_view country, int weekday);

}  // namespace winback::policy

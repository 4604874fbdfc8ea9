#include "policy/gate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace winback::policy {
namespace {

using message::RefusalReason;

std::string percent(double share) {
    const auto tenths = static_cast<int>(share * 1000 + 0.5);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string clock_time(const LocalTime& local) {
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return two(local.civil.hour) + ":" + two(local.civil.minute);
}

// Collects answers until one is "no".
class Gates {
public:
    // True when the gate lets the message pass.
    bool ask(RefusalReason reason, bool passed, std::string detail) {
        verdict_.answers.push_back(
            {std::string(message::refusal_reason_name(reason)), passed, std::move(detail)});
        if (!passed) {
            verdict_.reason = reason;
        }
        return passed;
    }
    Verdict take() { return std::move(verdict_); }
    void hold(Timestamp until) { verdict_.hold_until = until; }

private:
    Verdict verdict_;
};

std::string consent_detail(const Standing& s) {
    if (s.topic_denied && s.consent != expr::ConsentState::Denied) {
        return "denied for the topic '" + std::string(s.topic) + "'";
    }
    switch (s.consent) {
        case expr::ConsentState::Unset:
            return "never asked or never answered";
        case expr::ConsentState::Granted:
        case expr::ConsentState::Denied:
            break;
    }
    const std::string state = s.consent == expr::ConsentState::Granted ? "granted" : "denied";
    return state + " " + format_iso8601(s.consent_time) +
           (s.consent_source.empty() ? "" : " by " + std::string(s.consent_source));
}

// The start of the cap's window, exclusive; contacts after it count.
Timestamp window_start(const FrequencyCap& cap, const Zone& zone, Timestamp now) {
    if (!cap.calendar) {
        return subtract(zone, now, cap.window);
    }
    CivilTime day = local_time(zone, now).civil;
    day.hour = day.minute = day.second = day.millisecond = 0;
    if (cap.window.months > 0) {
        day.day = 1;
    } else if (cap.window.days >= 7) {
        const std::int64_t number = days_from_civil(day.year, day.month, day.day);
        const int since_monday = (weekday_from_days(number) + 6) % 7;
        day = civil_from_timestamp({(number - since_monday) * 86'400'000});
    }
    return from_local(zone, day) - milliseconds(1);
}

struct CapState {
    int count = 0;
    Timestamp room_at;  // When the window has room again.
};

CapState cap_state(const FrequencyCap& cap, const Standing& s) {
    CapState state;
    const Timestamp start = window_start(cap, *s.zone, s.now);
    std::vector<Timestamp> counted;
    for (const Contact& contact : s.contacts) {
        const bool same_channel = !cap.channel.has_value() || *cap.channel == contact.channel;
        if (contact.at > start && same_channel) {
            counted.push_back(contact.at);
        }
    }
    state.count = static_cast<int>(counted.size());
    if (state.count >= cap.limit && cap.limit > 0) {
        const auto leaving = counted[counted.size() - static_cast<std::size_t>(cap.limit)];
        state.room_at = cap.calendar ? add(*s.zone, start + milliseconds(1), cap.window)
                                     : add(*s.zone, leaving, cap.window) + milliseconds(1);
    }
    return state;
}

std::string cap_name(const FrequencyCap& cap) {
    const std::string channel = cap.channel.has_value()
                                    ? std::string(customer::channel_name(*cap.channel))
                                    : "all channels";
    return channel + ", " + std::to_string(cap.limit) + " per " + format_calendar_step(cap.window) +
           (cap.calendar ? " of the calendar" : "");
}

// Asks the caps; holds or refuses at the first that is full.
bool ask_caps(const Policies& policies, const Standing& s, Gates& gates) {
    for (const FrequencyCap& cap : policies.caps) {
        const CapState state = cap_state(cap, s);
        const bool room = state.count < cap.limit;
        const std::string detail = cap_name(cap) + ": " + std::to_string(state.count) + " so far";
        if (!gates.ask(RefusalReason::FrequencyCap, room, detail)) {
            const bool can_wait = cap.hold && cap.limit > 0 && state.room_at - s.now <= hold_max;
            if (can_wait) {
                gates.hold(state.room_at);
            }
            return false;
        }
    }
    return true;
}

bool ask_experiments(const Policies& policies, const Standing& s, Gates& gates) {
    const bool control = s.control_bucket < policies.control_group;
    return gates.ask(RefusalReason::ControlGroup, !control,
                     "bucket " + percent(s.control_bucket) + ", control group below " +
                         percent(policies.control_group)) &&
           gates.ask(RefusalReason::HoldOut, !s.held_out,
                     "bucket " + percent(s.holdout_bucket) + ", held out below " +
                         percent(s.holdout_share));
}

bool ask_quiet_hours(const Policies& policies, const Standing& s, Gates& gates) {
    const auto until = quiet_until(policies.quiet_hours, *s.zone, s.country, s.now);
    const std::string local =
        clock_time(local_time(*s.zone, s.now)) + " in " + std::string(zone_name(*s.zone));
    if (!gates.ask(RefusalReason::QuietHours, !until.has_value(), local)) {
        if (*until - s.now <= hold_max) {
            gates.hold(*until);
        }
        return false;
    }
    return true;
}

}  // namespace

bool is_weekend(std::string_view country, int weekday) {
    // Source: CLDR 42 supplemental weekData (weekendStart, weekendEnd).
    constexpr std::array<std::string_view, 14> friday_saturday{
        "BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE"};
    const auto in = [&](const auto& list) {
        return std::find(list.begin(), list.end(), country) != list.end();
    };
    if (in(friday_saturday)) {
        return weekday == 5 || weekday == 6;
    }
    if (country == "IR") {
        return weekday == 5;
    }
    if (country == "AF") {
        return weekday == 4 || weekday == 5;
    }
    if (country == "IN" || country == "UG") {
        return weekday == 0;
    }
    return weekday == 0 || weekday == 6;
}

std::optional<Timestamp> quiet_until(const QuietHours& quiet,
                                     const Zone& zone,
                                     std::string_view country,
                                     Timestamp now) {
    if (!quiet.enabled) {
        return std::nullopt;
    }
    const bool over_midnight = quiet.from_min > quiet.to_min;
    const auto is_quiet = [&](const LocalTime& local) {
        const int minute = local.civil.hour * 60 + local.civil.minute;
        const bool in_span = over_midnight ? minute >= quiet.from_min || minute < quiet.to_min
                                           : minute >= quiet.from_min && minute < quiet.to_min;
        return in_span || (quiet.weekends && is_weekend(country, local.weekday));
    };
    LocalTime local = local_time(zone, now);
    if (!is_quiet(local)) {
        return std::nullopt;
    }
    // The quiet time can only end where the span ends or where a day begins.
    constexpr int days_ahead_max = 4;
    const std::int64_t today =
        days_from_civil(local.civil.year, local.civil.month, local.civil.day);
    for (int ahead = 0; ahead <= days_ahead_max; ++ahead) {
        for (const int minute : {0, quiet.to_min}) {
            CivilTime candidate = civil_from_timestamp({(today + ahead) * 86'400'000});
            candidate.hour = minute / 60;
            candidate.minute = minute % 60;
            const Timestamp at = from_local(zone, candidate);
            if (at > now && !is_quiet(local_time(zone, at))) {
                return at;
            }
        }
    }
    return now + days(days_ahead_max);
}

Verdict ask_gates(const Policies& policies, const Standing& s) {
    WINBACK_CHECK(s.zone != nullptr);
    Gates gates;
    const bool allowed =
        gates.ask(RefusalReason::Erased, !s.erased, s.erased ? "erased by request" : "") &&
        gates.ask(RefusalReason::Suppressed, s.suppression.empty(), std::string(s.suppression)) &&
        gates.ask(RefusalReason::NoConsent,
                  !s.topic_denied && (s.consent == expr::ConsentState::Granted ||
                                      (s.transactional && s.consent != expr::ConsentState::Denied)),
                  consent_detail(s)) &&
        (s.transactional || ask_experiments(policies, s, gates)) &&
        gates.ask(RefusalReason::GoalReached, !s.goal_reached, "") &&
        gates.ask(RefusalReason::Duplicate, !s.duplicate, "");
    if (allowed && !s.transactional) {
        (void)(ask_quiet_hours(policies, s, gates) && ask_caps(policies, s, gates));
    }
    return gates.take();
}

}  // namespace winback::policy

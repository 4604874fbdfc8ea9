#include "policy/gate.h"

#include <gtest/gtest.h>

namespace winback::policy {
namespace {

Timestamp at(std::string_view text) {
    return *parse_iso8601(text);
}

Standing allowed() {
    Standing s;
    s.now = at("2026-01-07T12:00:00Z");  // A Wednesday
    s.zone = *find_zone("Europe/Berlin");
    s.country = "DE";
    s.consent = expr::ConsentState::Granted;
    return s;
}

std::string outcome(const Policies& policies, const Standing& s) {
    const Verdict verdict = ask_gates(policies, s);
    if (!verdict.reason.has_value()) {
        return "go";
    }
    std::string text(message::refusal_reason_name(*verdict.reason));
    if (verdict.hold_until.has_value()) {
        text += " until " + format_iso8601(*verdict.hold_until);
    }
    return text;
}

TEST(Gate, TheFirstReasonInTheOrderIsKept) {
    Policies policies;
    policies.control_group = 0.5;
    Standing s = allowed();
    EXPECT_EQ(outcome(policies, s), "go");
    s.duplicate = true;
    EXPECT_EQ(outcome(policies, s), "duplicate");
    s.goal_reached = true;
    EXPECT_EQ(outcome(policies, s), "goal_reached");
    s.held_out = true;
    EXPECT_EQ(outcome(policies, s), "hold_out");
    s.control_bucket = 0.2;
    EXPECT_EQ(outcome(policies, s), "control_group");
    s.consent = expr::ConsentState::Unset;
    EXPECT_EQ(outcome(policies, s), "no_consent");
    s.suppression = "hard bounce";
    EXPECT_EQ(outcome(policies, s), "suppressed");
    s.erased = true;
    EXPECT_EQ(outcome(policies, s), "erased");
}

TEST(Gate, WaitsUntilMorningInTheCustomersZone) {
    Standing s = allowed();
    s.now = at("2026-01-07T21:30:00+01:00");
    EXPECT_EQ(outcome({}, s), "quiet_hours until 2026-01-08T08:00:00Z");
    s.now = at("2026-01-07T08:59:59+01:00");
    EXPECT_EQ(outcome({}, s), "quiet_hours until 2026-01-07T08:00:00Z");
    s.now = at("2026-01-07T09:00:00+01:00");
    EXPECT_EQ(outcome({}, s), "go");
    s.zone = *find_zone("America/New_York");
    EXPECT_EQ(outcome({}, s), "quiet_hours until 2026-01-07T14:00:00Z");
}

TEST(Gate, WaitsOverTheWeekendOfTheCountry) {
    Policies policies;
    policies.quiet_hours.weekends = true;
    Standing s = allowed();
    s.now = at("2026-01-09T12:00:00Z");  // Friday
    EXPECT_EQ(outcome(policies, s), "go");
    s.now = at("2026-01-10T12:00:00Z");  // Saturday
    EXPECT_EQ(outcome(policies, s), "quiet_hours until 2026-01-12T08:00:00Z");
    s.country = "SA";
    s.zone = *find_zone("Asia/Riyadh");
    s.now = at("2026-01-09T12:00:00Z");
    EXPECT_EQ(outcome(policies, s), "quiet_hours until 2026-01-11T06:00:00Z");
}

TEST(Gate, CapsCountRollingAndCalendarWindows) {
    Policies policies;
    FrequencyCap cap{.channel = customer::Channel::Email, .limit = 2, .window = {.days = 7}};
    policies.caps = {cap};
    Standing s = allowed();
    const std::vector<Contact> contacts{{at("2026-01-01T10:00:00Z")}, {at("2026-01-06T10:00:00Z")}};
    s.contacts = contacts;
    EXPECT_EQ(outcome(policies, s), "frequency_cap");
    policies.caps[0].hold = true;
    EXPECT_EQ(outcome(policies, s), "frequency_cap until 2026-01-08T10:00:00.001Z");
    s.now = at("2026-01-08T10:00:00.001Z");
    EXPECT_EQ(outcome(policies, s), "go");
    policies.caps[0].calendar = true;  // Since Monday 5 January: one.
    s.now = at("2026-01-07T12:00:00Z");
    EXPECT_EQ(outcome(policies, s), "go");
    policies.caps[0].limit = 1;
    EXPECT_EQ(outcome(policies, s), "frequency_cap until 2026-01-11T23:00:00Z");
    policies.caps[0].channel = customer::Channel::Sms;
    EXPECT_EQ(outcome(policies, s), "go");
}

TEST(Gate, TransactionalMessagesSkipExperimentsAndCapsButNotRefusals) {
    Policies policies;
    policies.caps = {{.limit = 1, .window = {.days = 7}}};
    policies.control_group = 1;
    Standing s = allowed();
    s.transactional = true;
    s.held_out = true;
    s.now = at("2026-01-07T23:00:00Z");
    s.consent = expr::ConsentState::Unset;
    const std::vector<Contact> contacts{{s.now - hours(1)}};
    s.contacts = contacts;
    EXPECT_EQ(outcome(policies, s), "go");
    s.consent = expr::ConsentState::Denied;
    EXPECT_EQ(outcome(policies, s), "no_consent");
}

}  // namespace
}  // namespace winback::policy

// What in the base may need somebody's attention, counted in the same pass as everything else.
#pragma once

#include <array>
#include <cstdint>

#include "base/money.h"
#include "report/person.h"

namespace winback::report {

constexpr std::size_t silence_days = 90;

// A count of the last seven days and of the seven days before them.
struct Recent {
    std::uint64_t now = 0;
    std::uint64_t before = 0;
};

struct Signals {
    Recent failed;                   // Messages that the channel did not take.
    Recent sent;                     // And those that it took.
    Recent bounced;                  // Events "Email Bounced".
    Recent complained;               // Events "Email Marked as Spam".
    std::uint64_t vips_at_risk = 0;  // Of the highest fifth by revenue; current a week ago.
    Micros vips_value;               // Their value at risk.
    std::uint64_t identified = 0;
    std::uint64_t without_consent = 0;  // Identified, and nobody asked about e-mail.
    Timestamp last_event = timestamp_min;
    // Order days of customers by how many days ago, 0 is the last 24 hours.
    std::array<std::uint64_t, silence_days> orders_days_ago{};
};

void collect(Signals& signals, const Person& person, const PassOptions& options);
void merge(Signals& into, const Signals& from);

// The longest run of days without any order in the last 90, not counting the one that lasts.
int longest_silence(const Signals& signals);

}  // namespace winback::report

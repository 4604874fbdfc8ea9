#include "base/zone_rule.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/civil.h"

namespace winback {
namespace {

constexpr std::int64_t day_s = 86'400;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes the line apart from its beginning; what does not fit ends it.
class RuleReader {
public:
    explicit RuleReader(std::string_view text) : rest_(text) {}

    std::optional<ZoneRule> run() {
        ZoneRule rule;
        const bool good = name() && offset(rule.standard_s) && name() && summer(rule) &&
                          accept(',') && change(rule.to_summer) && accept(',') &&
                          change(rule.to_standard) && rest_.empty();
        return good ? std::optional(rule) : std::nullopt;
    }

private:
    bool accept(char c) {
        if (!rest_.starts_with(c)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    // "CET", "<+0530>"
    bool name() {
        if (accept('<')) {
            const std::size_t end = rest_.find('>');
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            return end != std::string_view::npos;
        }
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_letter);
        const auto size = static_cast<std::size_t>(end - rest_.begin());
        rest_.remove_prefix(size);
        return size >= 3;
    }

    bool number(int most, int& out) {
        out = 0;
        std::size_t size = 0;
        for (; size < rest_.size() && size < 3 && is_digit(rest_[size]); ++size) {
            out = out * 10 + (rest_[size] - '0');
        }
        rest_.remove_prefix(size);
        return size > 0 && out <= most;
    }

    // "-2:30:15", hours alone or with more.
    bool clock(std::int64_t& seconds) {
        const bool negative = accept('-');
        if (!negative) {
            accept('+');
        }
        int hours = 0;
        int minutes = 0;
        int rest = 0;
        const bool good = number(167, hours) && (!accept(':') || number(59, minutes)) &&
                          (!accept(':') || number(59, rest));
        seconds = (negative ? -1 : 1) * (hours * std::int64_t{3600} + minutes * 60 + rest);
        return good;
    }

    // Written as UTC minus local.
    bool offset(std::int64_t& seconds) {
        const bool good = clock(seconds);
        seconds = -seconds;
        return good && seconds > -26 * 3600 && seconds < 26 * 3600;
    }

    bool summer(ZoneRule& rule) {
        rule.summer_s = rule.standard_s + 3600;
        return rest_.starts_with(',') || offset(rule.summer_s);
    }

    bool change(YearlyChange& change) {
        return date(change) && (!accept('/') || clock(change.second));
    }

    bool date(YearlyChange& change) {
        if (accept('M')) {
            change.form = YearlyChange::Form::Weekday;
            return number(12, change.month) && change.month > 0 && accept('.') &&
                   number(5, change.week) && change.week > 0 && accept('.') &&
                   number(6, change.day);
        }
        const bool julian = accept('J');
        change.form = julian ? YearlyChange::Form::JulianDay : YearlyChange::Form::DayOfYear;
        return number(365, change.day) && (!julian || change.day > 0);
    }

    std::string_view rest_;
};

// Days since 1970.
std::int64_t day_of(const YearlyChange& change, int year) {
    const std::int64_t new_year = days_from_civil(year, 1, 1);
    switch (change.form) {
        case YearlyChange::Form::JulianDay: {
            const bool behind_leap_day = change.day >= 60 && days_in_month(year, 2) == 29;
            return new_year + change.day - (behind_leap_day ? 0 : 1);
        }
        case YearlyChange::Form::DayOfYear:
            return new_year + change.day;
        case YearlyChange::Form::Weekday:
            break;
    }
    const std::int64_t first = days_from_civil(year, change.month, 1);
    const int to_weekday = (change.day - weekday_from_days(first) + 7) % 7;
    std::int64_t in_month = to_weekday + (change.week - 1) * 7;
    if (in_month >= days_in_month(year, change.month)) {
        in_month -= 7;  // There is no fifth.
    }
    return first + in_month;
}

struct Change {
    std::int64_t at_s = 0;
    std::size_t order = 0;      // Of two at one moment the later counts.
    std::int64_t offset_s = 0;  // From then on.
    auto operator<=>(const Change&) const = default;
};

}  // namespace

std::optional<ZoneRule> parse_zone_rule(std::string_view text) {
    return RuleReader(text).run();
}

RuleStretch stretch_at(const ZoneRule& rule, std::int64_t second) {
    const std::int64_t days = second / day_s - (second % day_s < 0 ? 1 : 0);
    const int year = civil_from_timestamp({days * day_s * 1000}).year;
    // A change may lie a week beside its year, and two may be days apart: two years on each side.
    constexpr int reach = 2;
    std::array<Change, 2 * (2 * reach + 1)> changes;
    std::size_t count = 0;
    for (int y = year - reach; y <= year + reach; ++y) {
        const auto at = [&](const YearlyChange& change, std::int64_t offset_before) {
            return day_of(change, y) * day_s + change.second - offset_before;
        };
        changes[count] = {at(rule.to_summer, rule.standard_s), count, rule.summer_s};
        ++count;
        changes[count] = {at(rule.to_standard, rule.summer_s), count, rule.standard_s};
        ++count;
    }
    // Where summer lasts all the year it ends at the moment when that of the next begins.
    std::sort(changes.begin(), changes.end());
    const auto next =
        std::upper_bound(changes.begin(), changes.end(), second,
                         [](std::int64_t s, const Change& change) { return s < change.at_s; });
    WINBACK_CHECK(next != changes.begin() && next != changes.end());
    return {(next - 1)->at_s, next->at_s, (next - 1)->offset_s};
}

}  // namespace winback

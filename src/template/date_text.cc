// Text as a date: parse_date of strftime.h.
#include <array>
#include <charconv>
#include <optional>

#include "base/civil.h"
#include "base/strings.h"
#include "template/strftime.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

constexpr std::size_t date_text_bytes_max = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int month_of(std::string_view word) {
    const CalendarNames& names = english_names();
    for (std::size_t i = 0; i < 12; ++i) {
        if (equals_ignoring_case(word, names.months[i]) ||
            equals_ignoring_case(word, names.months_short[i])) {
            return static_cast<int>(i) + 1;
        }
    }
    return 0;
}

bool is_weekday(std::string_view word) {
    const CalendarNames& names = english_names();
    for (std::size_t i = 0; i < 7; ++i) {
        if (equals_ignoring_case(word, names.days[i]) ||
            equals_ignoring_case(word, names.days_short[i])) {
            return true;
        }
    }
    return false;
}

class DateReader {
public:
    explicit DateReader(std::string_view text) : rest_(trim(text)) {}

    bool read();
    const CivilTime& civil() const { return civil_; }
    std::optional<int> offset_min() const { return offset_min_; }

private:
    std::optional<int> number(std::size_t digits_min, std::size_t digits_max);
    std::string_view word();
    bool accept(char c);
    void skip_spaces();
    bool read_date();
    bool read_iso_date();
    bool read_named_date();
    bool read_clock();
    bool read_offset();

    std::string_view rest_;
    CivilTime civil_;
    std::optional<int> offset_min_;
};

std::optional<int> DateReader::number(std::size_t digits_min, std::size_t digits_max) {
    std::size_t length = 0;
    while (length < rest_.size() && length < digits_max && is_digit(rest_[length])) {
        ++length;
    }
    if (length < digits_min) {
        return std::nullopt;
    }
    int value = 0;
    std::from_chars(rest_.data(), rest_.data() + length, value);
    rest_.remove_prefix(length);
    return value;
}

std::string_view DateReader::word() {
    std::size_t length = 0;
    while (length < rest_.size() && is_letter(rest_[length])) {
        ++length;
    }
    const std::string_view found = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return found;
}

bool DateReader::accept(char c) {
    if (!rest_.starts_with(c)) {
        return false;
    }
    rest_.remove_prefix(1);
    return true;
}

void DateReader::skip_spaces() {
    while (!rest_.empty() && (is_space(rest_[0]) || rest_[0] == ',')) {
        rest_.remove_prefix(1);
    }
}

bool DateReader::read_iso_date() {
    const std::optional<int> year = number(4, 4);
    const char separator = rest_.empty() ? '\0' : rest_[0];
    if (!year || (separator != '-' && separator != '/')) {
        return false;
    }
    rest_.remove_prefix(1);
    const std::optional<int> month = number(1, 2);
    if (!month || !accept(separator)) {
        return false;
    }
    const std::optional<int> day = number(1, 2);
    if (!day || !is_valid_date(*year, *month, *day)) {
        return false;
    }
    civil_.year = *year;
    civil_.month = *month;
    civil_.day = *day;
    return true;
}

// "Fri, 31 Jan 2025", "January 31, 2025", "31 January 2025"
bool DateReader::read_named_date() {
    std::string_view name = word();
    if (is_weekday(name)) {
        skip_spaces();
        name = word();
    }
    std::optional<int> day;
    if (name.empty()) {
        day = number(1, 2);
        skip_spaces();
        name = word();
        skip_spaces();
    } else {
        skip_spaces();
        day = number(1, 2);
        skip_spaces();
    }
    const int month = month_of(name);
    const std::optional<int> year = number(4, 4);
    if (month == 0 || !day || !year || !is_valid_date(*year, month, *day)) {
        return false;
    }
    civil_.year = *year;
    civil_.month = month;
    civil_.day = *day;
    return true;
}

bool DateReader::read_date() {
    const bool iso = rest_.size() >= 5 && is_digit(rest_[0]) && is_digit(rest_[3]) &&
                     (rest_[4] == '-' || rest_[4] == '/');
    return iso ? read_iso_date() : read_named_date();
}

bool DateReader::read_clock() {
    const std::optional<int> hour = number(1, 2);
    if (!hour || !accept(':')) {
        return false;
    }
    const std::optional<int> minute = number(2, 2);
    std::optional<int> second = 0;
    if (accept(':')) {
        second = number(2, 2);
    }
    if (!minute || !second || *hour > 23 || *minute > 59 || *second > 60) {
        return false;
    }
    civil_.hour = *hour;
    civil_.minute = *minute;
    civil_.second = std::min(*second, 59);
    if (accept('.')) {
        const std::size_t before = rest_.size();
        const std::optional<int> fraction = number(1, 9);
        if (!fraction) {
            return false;
        }
        double value = *fraction;
        for (std::size_t i = rest_.size(); i < before; ++i) {
            value /= 10;
        }
        civil_.millisecond = static_cast<int>(value * 1000);
    }
    return true;
}

bool DateReader::read_offset() {
    if (accept('Z') || accept('z')) {
        offset_min_ = 0;
        return true;
    }
    if (rest_.starts_with("UTC") || rest_.starts_with("GMT")) {
        rest_.remove_prefix(3);
        offset_min_ = 0;
        return true;
    }
    const bool minus = rest_.starts_with('-');
    if (!accept('-') && !accept('+')) {
        return false;
    }
    const std::optional<int> hour = number(2, 2);
    accept(':');
    const std::optional<int> minute = number(2, 2);
    if (!hour || !minute || *hour > 18 || *minute > 59) {
        return false;
    }
    offset_min_ = (*hour * 60 + *minute) * (minus ? -1 : 1);
    return true;
}

bool DateReader::read() {
    if (rest_.size() > date_text_bytes_max || !read_date()) {
        return false;
    }
    if (!accept('T')) {
        skip_spaces();
    }
    if (rest_.empty()) {
        return true;
    }
    if (!read_clock()) {
        return false;
    }
    skip_spaces();
    return rest_.empty() || (read_offset() && rest_.empty());
}

std::optional<Moment> seconds_since_1970(std::string_view text, const Zone& zone) {
    std::int64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = end.ec == std::errc{} && end.ptr == text.data() + text.size();
    if (!whole || number < time_limit_low.ms / 1000 || number > time_limit_high.ms / 1000) {
        return std::nullopt;
    }
    return moment_at(Timestamp{} + seconds(number), zone);
}

}  // namespace

std::optional<Moment> parse_date(std::string_view text, const Zone& zone) {
    if (const std::optional<Moment> moment = seconds_since_1970(trim(text), zone)) {
        return moment;
    }
    DateReader reader(text);
    if (!reader.read()) {
        return std::nullopt;
    }
    if (!reader.offset_min()) {
        return moment_at(from_local(zone, reader.civil()), zone);
    }
    const int offset = *reader.offset_min();
    Moment moment;
    moment.time = timestamp_from_civil(reader.civil()) - minutes(offset);
    moment.local.civil = reader.civil();
    moment.local.offset_min = offset;
    moment.local.weekday = weekday_from_days(
        days_from_civil(reader.civil().year, reader.civil().month, reader.civil().day));
    moment.utc = offset == 0;
    return moment;
}

}  // namespace winback::liquid

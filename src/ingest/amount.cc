#include "ingest/amount.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

#include "base/civil.h"
#include "base/strings.h"

namespace winback::ingest {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t amount_max = 9'000'000'000'000 * std::int64_t{1'000'000};
constexpr std::int64_t unit = 1'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number_part(char c) {
    return is_digit(c) || c == '.' || c == ',' || c == '-' || c == '+' || c == '(';
}

// Digits and signs of Arabic and Persian texts, and the blanks and the minus of typographers, as
// ASCII has them. `point` and `group` are what their decimal and thousands signs become.
std::string with_ascii_digits(std::string_view text, char point, char group) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto at = [&](std::size_t n) {
            return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U;
        };
        const unsigned first = at(0);
        const unsigned second = at(1);
        const bool arabic = first == 0xD9 && second >= 0xA0 && second <= 0xA9;
        const bool persian = first == 0xDB && second >= 0xB0 && second <= 0xB9;
        if (arabic || persian) {
            out += static_cast<char>('0' + (second & 0x0FU));
            ++i;
        } else if (first == 0xD9 && (second == 0xAB || second == 0xAC)) {
            out += second == 0xAB ? point : group;
            ++i;
        } else if (first == 0xC2 && second == 0xA0) {
            out += ' ';
            ++i;
        } else if (first == 0xE2 && second == 0x80 && at(2) == 0xAF) {
            out += ' ';
            i += 2;
        } else if (first == 0xE2 && second == 0x88 && at(2) == 0x92) {
            out += '-';
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// Cuts currency signs and codes from both ends, so that a number is left, or nothing. A word
// inside a number is a mistake; a word around it is at most a few bytes of currency.
std::string_view without_currency(std::string_view text) {
    // Signs of other scripts have more bytes.
    const std::size_t sign_bytes_max = is_ascii(text) ? 5 : 14;
    text = trim(text);
    std::size_t begin = 0;
    while (begin < text.size() && begin < sign_bytes_max && !is_number_part(text[begin])) {
        ++begin;
    }
    std::size_t end = text.size();
    while (end > begin && text.size() - end < sign_bytes_max && !is_digit(text[end - 1]) &&
           text[end - 1] != ')') {
        --end;
    }
    return trim(text.substr(begin, end - begin));
}

struct Digits {
    Wide micros = 0;
    int fraction = -1;  // Digits after the point; -1 before it.
    int count = 0;
    bool round_up = false;
};

// False when the number is too large.
bool push(Digits& digits, int digit) {
    ++digits.count;
    if (digits.fraction < 0) {
        digits.micros = digits.micros * 10 + Wide{digit} * unit;
        return digits.micros <= Wide{amount_max};
    }
    std::int64_t scale = unit;
    for (int i = 0; i <= digits.fraction && scale > 0; ++i) {
        scale /= 10;
    }
    digits.micros += Wide{digit} * scale;
    if (digits.fraction == 6) {
        digits.round_up = digit >= 5;
    }
    ++digits.fraction;
    return true;
}

}  // namespace

std::optional<Micros> parse_amount(std::string_view given, bool decimal_comma) {
    std::string ascii;
    if (!is_ascii(given)) {
        ascii = with_ascii_digits(given, decimal_comma ? ',' : '.', decimal_comma ? '.' : ',');
        given = ascii;
    }
    std::string_view text = without_currency(given);
    const bool in_brackets = text.starts_with('(') && text.ends_with(')');
    if (in_brackets) {
        text = text.substr(1, text.size() - 2);
    }
    bool negative = in_brackets;
    if (text.starts_with('-') || text.starts_with('+')) {
        negative = negative != text.starts_with('-');
        text = without_currency(text.substr(1));
    }
    const char point = decimal_comma ? ',' : '.';
    Digits digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_digit(c)) {
            if (!push(digits, c - '0')) {
                return std::nullopt;
            }
        } else if (c == point && digits.fraction < 0) {
            digits.fraction = 0;
        } else {
            const bool groups = c == (decimal_comma ? '.' : ',') || c == ' ' || c == '\'';
            // A group has three digits: "1,5" is a mistake here, not fifteen.
            const bool whole = i + 3 < text.size() && is_digit(text[i + 1]) &&
                               is_digit(text[i + 2]) && is_digit(text[i + 3]) &&
                               (i + 4 == text.size() || !is_digit(text[i + 4]));
            if (!groups || !whole || digits.fraction >= 0 || digits.count == 0) {
                return std::nullopt;
            }
        }
    }
    if (digits.count == 0) {
        return std::nullopt;
    }
    const auto micros = static_cast<std::int64_t>(digits.micros) + (digits.round_up ? 1 : 0);
    return Micros{negative ? -micros : micros};
}

std::optional<Micros> multiply(Micros a, Micros b) {
    const Wide product = Wide{a.value} * Wide{b.value};
    const Wide half = product < 0 ? -unit / 2 : unit / 2;
    const Wide micros = (product + half) / unit;
    if (micros > Wide{amount_max} || micros < -Wide{amount_max}) {
        return std::nullopt;
    }
    return Micros{static_cast<std::int64_t>(micros)};
}

std::optional<Micros> add_amounts(Micros a, Micros b) {
    const Wide sum = Wide{a.value} + Wide{b.value};
    if (sum > Wide{amount_max} || sum < -Wide{amount_max}) {
        return std::nullopt;
    }
    return Micros{static_cast<std::int64_t>(sum)};
}

namespace {

// The Persian calendar: the cycle of 33 years, in which it agrees with the observed one from 1244
// to 1472 of its own years (1865 to 2093).
constexpr int persian_year_min = 1244;
constexpr int persian_year_max = 1472;

bool is_persian_leap(int year) {
    const int place = year % 33;
    return place == 1 || place == 5 || place == 9 || place == 13 || place == 17 || place == 22 ||
           place == 26 || place == 30;
}

// False when there is no such day.
bool to_gregorian(CivilTime& civil) {
    if (civil.year < persian_year_min || civil.year > persian_year_max || civil.month < 1 ||
        civil.month > 12) {
        return false;
    }
    const int length = civil.month <= 6                                  ? 31
                       : civil.month < 12 || is_persian_leap(civil.year) ? 30
                                                                         : 29;
    if (civil.day < 1 || civil.day > length) {
        return false;
    }
    constexpr int known_year = 1403;
    std::int64_t day = days_from_civil(2024, 3, 20);  // The first of Farvardin 1403.
    for (int year = known_year; year < civil.year; ++year) {
        day += is_persian_leap(year) ? 366 : 365;
    }
    for (int year = civil.year; year < known_year; ++year) {
        day -= is_persian_leap(year) ? 366 : 365;
    }
    const int months_before = civil.month - 1;
    day += months_before * 30 + std::min(months_before, 6) + civil.day - 1;
    const CivilTime date = civil_from_timestamp({day * days(1).ms});
    civil.year = date.year;
    civil.month = date.month;
    civil.day = date.day;
    return true;
}

class DateReader {
public:
    DateReader(std::string_view text, const Zone& zone) : text_(text), zone_(zone) {}

    std::optional<Timestamp> read(std::string_view format) {
        constexpr std::string_view persian = "jalali:";
        jalali_ = format.starts_with(persian);
        format.remove_prefix(jalali_ ? persian.size() : 0);
        return matches(format) && pos_ == text_.size() ? result() : std::nullopt;
    }

private:
    // NOLINTNEXTLINE(misc-no-recursion): %F, %T, %D and %R go one level deeper
    bool matches(std::string_view format) {
        for (std::size_t i = 0; i < format.size(); ++i) {
            const char c = format[i];
            if (c == '%' && i + 1 < format.size()) {
                ++i;
                if (!directive(format[i])) {
                    return false;
                }
            } else if (c == ' ') {
                skip_blanks();
            } else if (!accept(c)) {
                return false;
            }
        }
        return true;
    }

    bool directive(char letter) {  // NOLINT(misc-no-recursion): see above
        switch (letter) {
            case 'Y':
                return number(civil_.year, 4);
            case 'y':
                return short_year();
            case 'm':
                return number(civil_.month, 2);
            case 'd':
                return number(civil_.day, 2);
            case 'H':
                return number(civil_.hour, 2);
            case 'I':
                return number(civil_.hour, 2) && civil_.hour >= 1 && civil_.hour <= 12;
            case 'p':
                return half_of_day();
            case 'M':
                return number(civil_.minute, 2);
            case 'S':
                return number(civil_.second, 2);
            case 'f':
                return fraction();
            case 'b':
            case 'B':
                return month_name();
            case 'z':
                return offset();
            case 's':
                return epoch();
            case 'F':
                return matches("%Y-%m-%d");
            case 'T':
                return matches("%H:%M:%S");
            case 'D':
                return matches("%m/%d/%y");
            case 'R':
                return matches("%H:%M");
            case '%':
                return accept('%');
            default:
                return false;
        }
    }

    bool accept(char c) {
        if (pos_ < text_.size() && text_[pos_] == c) {
            ++pos_;
            return true;
        }
        return false;
    }

    void skip_blanks() {
        while (pos_ < text_.size() && (text_[pos_] == ' ' || text_[pos_] == '\t')) {
            ++pos_;
        }
    }

    template <class Number>
    bool number(Number& value, int digits_max) {
        const std::size_t begin = pos_;
        value = 0;
        while (pos_ < text_.size() && is_digit(text_[pos_]) &&
               pos_ - begin < static_cast<std::size_t>(digits_max)) {
            value = value * 10 + (text_[pos_] - '0');
            ++pos_;
        }
        return pos_ > begin;
    }

    // As POSIX: 69..99 are of the last century.
    bool short_year() {
        if (!number(civil_.year, 2)) {
            return false;
        }
        civil_.year += civil_.year < 69 ? 2000 : 1900;
        return true;
    }

    bool half_of_day() {
        const std::string word = to_lower_ascii(text_.substr(pos_, 2));
        afternoon_ = word == "pm";
        twelve_hours_ = true;
        pos_ += word.size();
        return word == "am" || word == "pm";
    }

    bool fraction() {
        int scale = 100;
        const std::size_t begin = pos_;
        for (; pos_ < text_.size() && is_digit(text_[pos_]); ++pos_) {
            civil_.millisecond += (text_[pos_] - '0') * scale;
            scale /= 10;
        }
        return pos_ > begin;
    }

    bool month_name() {
        constexpr std::array<std::string_view, 12> names{
            "january", "february", "march",     "april",   "may",      "june",
            "july",    "august",   "september", "october", "november", "december"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            for (const std::string_view name : {names.at(i), names.at(i).substr(0, 3)}) {
                if (equals_ignoring_case(text_.substr(pos_, name.size()), name)) {
                    civil_.month = static_cast<int>(i) + 1;
                    pos_ += name.size();
                    return true;
                }
            }
        }
        return false;
    }

    bool offset() {
        has_offset_ = true;
        if (accept('Z') || accept('z')) {
            return true;
        }
        const bool negative = pos_ < text_.size() && text_[pos_] == '-';
        int hour = 0;
        int minute = 0;
        if ((!accept('+') && !accept('-')) || !number(hour, 2)) {
            return false;
        }
        if (accept(':') || (pos_ < text_.size() && is_digit(text_[pos_]))) {
            if (!number(minute, 2)) {
                return false;
            }
        }
        offset_min_ = (hour * 60 + minute) * (negative ? -1 : 1);
        return hour <= 23 && minute <= 59;
    }

    bool epoch() {
        std::int64_t count = 0;
        if (!number(count, 12)) {
            return false;
        }
        civil_ = civil_from_timestamp(Timestamp{count * 1000});
        has_offset_ = true;
        return Timestamp{count * 1000} <= time_limit_high;
    }

    std::optional<Timestamp> result() {
        if (twelve_hours_) {
            civil_.hour = civil_.hour % 12 + (afternoon_ ? 12 : 0);
        }
        if (jalali_ && !to_gregorian(civil_)) {
            return std::nullopt;
        }
        if (!is_valid_date(civil_.year, civil_.month, civil_.day) || civil_.year < 1 ||
            civil_.hour > 23 || civil_.minute > 59 || civil_.second > 60) {
            return std::nullopt;
        }
        if (has_offset_) {
            return timestamp_from_civil(civil_) - minutes(offset_min_);
        }
        return from_local(zone_, civil_);
    }

    std::string_view text_;
    const Zone& zone_;
    std::size_t pos_ = 0;
    CivilTime civil_;
    bool afternoon_ = false;
    bool twelve_hours_ = false;
    bool has_offset_ = false;
    int offset_min_ = 0;
    bool jalali_ = false;
};

// The offset of the text itself counts; without one, the wall clock of the zone.
std::optional<Timestamp> parse_iso(std::string_view text, const Zone& zone) {
    const auto utc = parse_iso8601(text);
    if (!utc || *utc < time_limit_low || *utc > time_limit_high) {
        return std::nullopt;
    }
    const std::size_t time = text.find_first_of("Tt ");
    const bool has_offset = time != std::string_view::npos &&
                            text.find_first_of("Zz+-", time) != std::string_view::npos;
    return has_offset ? *utc : from_local(zone, civil_from_timestamp(*utc));
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text,
                                    std::string_view format,
                                    const Zone& zone) {
    std::string ascii;
    if (!is_ascii(text)) {
        ascii = with_ascii_digits(text, '.', ',');
        text = ascii;
    }
    text = trim(text);
    if (format == "iso8601") {
        return parse_iso(text, zone);
    }
    if (format == "epoch_ms") {
        const auto seconds_part = text.size() > 3 ? text.substr(0, text.size() - 3) : "0";
        const auto whole = DateReader(seconds_part, zone).read("%s");
        const auto ms_part = text.size() > 3 ? text.substr(text.size() - 3) : text;
        int ms = 0;
        for (const char c : ms_part) {
            if (!is_digit(c)) {
                return std::nullopt;
            }
            ms = ms * 10 + (c - '0');
        }
        return whole && !text.empty() ? std::optional(*whole + milliseconds(ms)) : std::nullopt;
    }
    return DateReader(text, zone).read(format);
}

bool is_date_format(std::string_view format) {
    if (format == "iso8601" || format == "epoch_ms") {
        return true;
    }
    constexpr std::string_view persian = "jalali:";
    format.remove_prefix(format.starts_with(persian) ? persian.size() : 0);
    bool has_directive = false;
    for (std::size_t i = 0; i < format.size(); ++i) {
        if (format[i] != '%') {
            continue;
        }
        ++i;
        constexpr std::string_view letters = "YymdHIpMSfbBzsFTDR%";
        if (i == format.size() || letters.find(format[i]) == std::string_view::npos) {
            return false;
        }
        has_directive = has_directive || format[i] != '%';
    }
    return has_directive;
}

}  // namespace winback::ingest

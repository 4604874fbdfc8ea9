#include "ingest/amount.h"

#include <array>
#include <cstdint>
#include <limits>

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

// Cuts currency signs and codes from both ends, so that a number is left, or nothing. A word
// inside a number is a mistake; a word around it is at most a few bytes of currency.
std::string_view without_currency(std::string_view text) {
    constexpr std::size_t sign_bytes_max = 5;
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

std::optional<Micros> parse_amount(std::string_view text, bool decimal_comma) {
    text = without_currency(text);
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

class DateReader {
public:
    DateReader(std::string_view text, const Zone& zone) : text_(text), zone_(zone) {}

    std::optional<Timestamp> read(std::string_view format) {
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

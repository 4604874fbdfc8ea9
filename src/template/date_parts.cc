#include "template/date_parts.h"

#include <algorithm>
#include <array>

#include <re2/re2.h>
#include <unicode/uchar.h>

#include "template/text.h"

namespace winback::liquid {
namespace {

using Group = std::optional<std::string_view>;  // Nothing when it took no part in the match.
constexpr std::size_t groups_max = 6;           // With the whole match.
using Groups = std::array<Group, groups_max>;

constexpr std::string_view days = "sun|mon|tue|wed|thu|fri|sat";
constexpr std::string_view months = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec";

bool is_ascii_letter(char c) {
    return c >= 'a' && c <= 'z';
}

// `{days}` and `{months}` stand for their names.
RE2 pattern(std::string_view text) {
    std::string source(text);
    for (const auto& [mark, names] :
         {std::pair<std::string_view, std::string_view>{"{days}", days}, {"{months}", months}}) {
        const std::size_t at = source.find(mark);
        if (at != std::string::npos) {
            source.replace(at, mark.size(), names);
        }
    }
    return RE2(source);
}

// The digits of a text, from the first; beyond any date when there are many.
std::int64_t number(std::string_view text) {
    constexpr std::size_t digits_max = 12;
    const std::size_t start = std::min(text.find_first_of("0123456789"), text.size());
    std::int64_t value = 0;
    for (std::size_t i = start; i < text.size() && is_digit(text[i]); ++i) {
        value = i - start < digits_max ? value * 10 + (text[i] - '0') : value;
    }
    return value;
}

std::int64_t digits_at(std::string_view text, std::size_t from, std::size_t count) {
    return number(text.substr(from, count));
}

// Digits behind a point.
int to_nanosecond(std::string_view digits) {
    std::string nine(digits.substr(0, 9));
    nine.resize(9, '0');
    return static_cast<int>(number(nine));
}

std::int64_t month_number(std::string_view name) {
    return static_cast<std::int64_t>(months.find(name.substr(0, 3)) / 4) + 1;
}

class DateReader {
public:
    explicit DateReader(std::string_view text);

    DateParts read();

private:
    // Looks for the pattern; what matches becomes a space.
    bool take(const RE2& pattern, Groups& groups);
    bool has(bool (*kind)(char)) const { return std::any_of(text_.begin(), text_.end(), kind); }
    bool has(char c) const { return text_.find(c) != std::string::npos; }

    void take_time();
    bool take_date();
    bool take_day_month_year();
    bool take_month_day_year();
    bool take_dashed();
    bool take_japanese();
    bool take_dashed_month();
    bool take_slashed();
    bool take_dotted();
    bool take_week_or_day_of_year();
    bool take_lone_part();
    bool take_digits();
    void read_leading(std::string_view digits, bool minus);
    void read_trailing(std::string_view digits);
    void read_clock(std::string_view digits, bool from_end);
    void take_last_number();
    void set_date(Group year, Group month, Group day, bool before_christ);
    void finish_year();

    std::string text_;
    std::string matched_;  // Groups view it.
    DateParts parts_;
    bool before_christ_ = false;
    bool short_year_ = true;  // Two digits mean 1969 to 2068.
};

// Only what can be part of a date stays; the rest is space.
DateReader::DateReader(std::string_view text) {
    constexpr std::string_view kept = "-+',./:@[]";
    bool space = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view letter = text.substr(at, code_point_length(text.substr(at)));
        at += letter.size();
        const std::optional<char32_t> code = code_point(letter);
        const auto number = static_cast<UChar32>(code.value_or(U' '));
        const bool mark = (U_GET_GC_MASK(number) & U_GC_M_MASK) != 0;
        if (u_isalnum(number) != 0 || mark || kept.find(letter) != std::string_view::npos) {
            text_ += letter;
            space = false;
        } else if (!space) {
            text_ += ' ';
            space = true;
        }
    }
}

bool DateReader::take(const RE2& pattern, Groups& groups) {
    std::array<re2::StringPiece, groups_max> found;
    const auto count = pattern.NumberOfCapturingGroups() + 1;
    if (!pattern.Match(text_, 0, text_.size(), RE2::UNANCHORED, found.data(), count)) {
        return false;
    }
    const auto begin = static_cast<std::size_t>(found[0].data() - text_.data());
    matched_ = text_;
    for (std::size_t i = 0; i < groups_max; ++i) {
        groups[i].reset();
        if (found[i].data() != nullptr) {
            const auto at = static_cast<std::size_t>(found[i].data() - text_.data());
            groups[i] = std::string_view(matched_).substr(at, found[i].size());
        }
    }
    text_.replace(begin, found[0].size(), " ");
    return true;
}

void DateReader::take_time() {
    static const RE2 whole = pattern(
        R"((\d+\s*:\s*\d+(?:\s*:\s*\d+(?:[,.]\d*)?)?(?:\s*[ap](?:m\b|\.m\.))?)"
        R"(|\d+\s*h(?:\s*\d+m?(?:\s*\d+s?)?)?(?:\s*[ap](?:m\b|\.m\.))?|\d+\s*[ap](?:m\b|\.m\.)))"
        R"((?:\s*((?:gmt|utc?)?[-+]\d+(?:[,.:]\d+(?::\d+)?)?)"
        R"(|[\pL.\s]+(?:standard|daylight)\stime\b|[\pL]+(?:\sdst)?\b))?)");
    static const RE2 clock =
        pattern(R"(\A(\d+)h?(?:\s*:?\s*(\d+)m?(?:\s*:?\s*(\d+)(?:[,.](\d+))?s?)?)?)"
                R"((?:\s*([ap])(?:m\b|\.m\.))?)");
    Groups groups;
    if (!take(whole, groups)) {
        return;
    }
    parts_.zone = groups[2].value_or("");
    std::array<re2::StringPiece, groups_max> found;
    const re2::StringPiece text(groups[1]->data(), groups[1]->size());
    if (!clock.Match(text, 0, text.size(), RE2::ANCHOR_START, found.data(), groups_max)) {
        return;
    }
    const auto part = [&](std::size_t i) {
        return std::string_view(found[i].data(), found[i].size());
    };
    parts_.hour = number(part(1));
    if (found[2].data() != nullptr) {
        parts_.minute = number(part(2));
    }
    if (found[3].data() != nullptr) {
        parts_.second = number(part(3));
    }
    if (found[4].data() != nullptr) {
        parts_.nanosecond = to_nanosecond(part(4));
    }
    if (found[5].data() != nullptr) {
        parts_.hour = *parts_.hour % 12 + (part(5) == "p" ? 12 : 0);
    }
}

bool is_apostrophe_or_long(const Group& part) {
    return part && (part->starts_with('\'') || part->size() > 2);
}

// Three numbers are year, month and day, unless their form says that they came in another order.
void DateReader::set_date(Group year, Group month, Group day, bool before_christ) {
    if (year && month && !day) {
        day = month;
        month = year;
        year.reset();
    }
    if (!year && day && (is_apostrophe_or_long(day))) {
        year = day;
        day.reset();
    }
    if (year) {
        const std::size_t start = year->find_first_of("+-0123456789");
        if (start != std::string_view::npos) {
            const std::size_t sign = (*year)[start] == '-' || (*year)[start] == '+' ? 1 : 0;
            const std::size_t end = year->find_first_not_of("0123456789", start + sign);
            if (end != std::string_view::npos) {  // "3rd" is no year.
                const std::string_view digits = year->substr(start, end - start);
                year = day;
                day = digits;
            }
        }
    }
    if (is_apostrophe_or_long(month)) {
        const Group other = year;
        year = month;
        month = day;
        day = other;
    }
    if (is_apostrophe_or_long(day)) {
        std::swap(year, day);
    }
    before_christ_ = before_christ_ || before_christ;
    const std::size_t start = year ? year->find_first_of("+-0123456789") : std::string_view::npos;
    if (start != std::string_view::npos) {
        const char first = (*year)[start];
        const bool sign = first == '-' || first == '+';
        const std::string_view digits = year->substr(start + (sign ? 1 : 0));
        const std::size_t length = std::min(digits.find_first_not_of("0123456789"), digits.size());
        short_year_ = short_year_ && !sign && length <= 2;
        parts_.year = number(digits.substr(0, length)) * (first == '-' ? -1 : 1);
    }
    if (month && std::any_of(month->begin(), month->end(), is_digit)) {
        parts_.month = number(*month);
    }
    if (day && std::any_of(day->begin(), day->end(), is_digit)) {
        parts_.day = number(*day);
    }
}

bool DateReader::take_day_month_year() {
    static const RE2 form =
        pattern(R"(('?\d+)[^-\d\s]*\s*({months})[^-\d\s']*)"
                R"((?:\s*(c(?:e|\.e\.)|b(?:ce|\.c\.e\.)|a(?:d|\.d\.)|b(?:c|\.c\.))?)"
                R"(\s*('?-?\d+(?:(?:st|nd|rd|th)\b)?))?)");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    const std::string month = std::to_string(month_number(*groups[2]));
    set_date(groups[4], month, groups[1], groups[3] && groups[3]->starts_with('b'));
    return true;
}

bool DateReader::take_month_day_year() {
    static const RE2 form = pattern(
        R"(\b({months})[^-\d\s']*\s*('?\d+)[^-\d\s']*)"
        R"((?:\s*,?\s*(c(?:e|\.e\.)|b(?:ce|\.c\.e\.)|a(?:d|\.d\.)|b(?:c|\.c\.))?\s*('?-?\d+))?)");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    const std::string month = std::to_string(month_number(*groups[1]));
    set_date(groups[4], month, groups[2], groups[3] && groups[3]->starts_with('b'));
    return true;
}

bool DateReader::take_dashed() {
    static const RE2 form = pattern(R"(('?[-+]?\d+)-(\d+)-('?-?\d+))");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    set_date(groups[1], groups[2], groups[3], false);
    return true;
}

// Years of the Meiji, Taisho, Showa, Heisei and Reiwa eras: "h31.04.30".
bool DateReader::take_japanese() {
    static const RE2 form = pattern(R"(\b([mtshr])(\d+)\.(\d+)\.(\d+))");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    const char era = groups[1]->front();
    const int before = era == 'm'   ? 1867
                       : era == 't' ? 1911
                       : era == 's' ? 1925
                       : era == 'h' ? 1988
                                    : 2018;
    parts_.year = number(*groups[2]) + before;
    parts_.month = number(*groups[3]);
    parts_.day = number(*groups[4]);
    return true;
}

bool DateReader::take_dashed_month() {
    static const RE2 day_first = pattern(R"(('?-?\d+)-({months})[^-/.]*-('?-?\d+))");
    static const RE2 month_first = pattern(R"(\b({months})[^-/.]*-('?-?\d+)(?:-('?-?\d+))?)");
    Groups groups;
    if (take(day_first, groups)) {
        set_date(groups[3], std::to_string(month_number(*groups[2])), groups[1], false);
        return true;
    }
    if (take(month_first, groups)) {
        set_date(groups[3], std::to_string(month_number(*groups[1])), groups[2], false);
        return true;
    }
    return false;
}

bool DateReader::take_slashed() {
    static const RE2 form = pattern(R"(('?-?\d+)/\s*('?\d+)(?:\D\s*('?-?\d+))?)");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    set_date(groups[1], groups[2], groups[3], false);
    return true;
}

bool DateReader::take_dotted() {
    static const RE2 form = pattern(R"(('?-?\d+)\.\s*('?\d+)\.\s*('?-?\d+))");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    set_date(groups[1], groups[2], groups[3], false);
    return true;
}

// Weeks of ISO 8601 are understood and, as in Time.parse, say nothing about the day.
bool DateReader::take_week_or_day_of_year() {
    static const RE2 week = pattern(R"(\b(\d{2}|\d{4})?-?w(\d{2})(?:-?(\d))?\b)");
    static const RE2 weekday = pattern(R"(-w-(\d)\b)");
    static const RE2 month_day = pattern(R"(--(\d{2})?-(\d{2})\b)");
    static const RE2 month_day_joined = pattern(R"(--(\d{2})(\d{2})?\b)");
    static const RE2 not_year_day = pattern(R"([,.](\d{2}|\d{4})-\d{3}\b)");
    static const RE2 year_day = pattern(R"(\b(\d{2}|\d{4})-(\d{3})\b)");
    static const RE2 not_day = pattern(R"(\d-\d{3}\b)");
    static const RE2 day = pattern(R"(\b-(\d{3})\b)");
    Groups groups;
    if (take(week, groups) || take(weekday, groups)) {
        return true;
    }
    if (take(month_day, groups)) {
        if (groups[1]) {
            parts_.month = number(*groups[1]);
        }
        parts_.day = number(*groups[2]);
        return true;
    }
    if (take(month_day_joined, groups)) {
        parts_.month = number(*groups[1]);
        if (groups[2]) {
            parts_.day = number(*groups[2]);
        }
        return true;
    }
    if (!RE2::PartialMatch(text_, not_year_day) && take(year_day, groups)) {
        parts_.year = number(*groups[1]);
        parts_.day_of_year = number(*groups[2]);
        return true;
    }
    if (!RE2::PartialMatch(text_, not_day) && take(day, groups)) {
        parts_.day_of_year = number(*groups[1]);
        return true;
    }
    return false;
}

// "'25", "march", "3rd"
bool DateReader::take_lone_part() {
    static const RE2 year = pattern(R"('(\d+)\b)");
    static const RE2 month = pattern(R"(\b({months})\S*)");
    static const RE2 day = pattern(R"((\d+)(st|nd|rd|th)\b)");
    Groups groups;
    if (has(is_digit) && take(year, groups)) {
        parts_.year = number(*groups[1]);
        return true;
    }
    if (has(is_ascii_letter) && take(month, groups)) {
        parts_.month = month_number(*groups[1]);
        return true;
    }
    if (has(is_digit) && take(day, groups)) {
        parts_.day = number(*groups[1]);
        return true;
    }
    return false;
}

// "hhmmss" of 2, 4 or 6 digits, or with `from_end` "mmss" and "ss", whose fraction follows.
void DateReader::read_clock(std::string_view digits, bool from_end) {
    const std::size_t size = digits.size();
    if (size != 2 && size != 4 && size != 6) {
        return;
    }
    if (from_end) {
        parts_.second = digits_at(digits, size - 2, 2);
        parts_.minute = size >= 4 ? digits_at(digits, size - 4, 2) : parts_.minute;
        parts_.hour = size >= 6 ? digits_at(digits, 0, 2) : parts_.hour;
        return;
    }
    parts_.hour = digits_at(digits, 0, 2);
    parts_.minute = size >= 4 ? digits_at(digits, 2, 2) : parts_.minute;
    parts_.second = size >= 6 ? digits_at(digits, 4, 2) : parts_.second;
}

// Digits in one run, read from the front: how many there are says what they mean.
void DateReader::read_leading(std::string_view digits, bool minus) {
    const std::size_t size = digits.size();
    const std::int64_t sign = minus ? -1 : 1;
    const auto at = [&](std::size_t from, std::size_t count) {
        return digits_at(digits, from, count);
    };
    if (size == 2) {
        parts_.day = at(0, 2);
    } else if (size == 3) {
        parts_.day_of_year = at(0, 3);
    } else if (size == 4) {
        parts_.month = at(0, 2);
        parts_.day = at(2, 2);
    } else if (size == 5 || size == 7) {
        parts_.year = at(0, size - 3) * sign;
        parts_.day_of_year = at(size - 3, 3);
    } else if (size == 6) {
        parts_.year = at(0, 2) * sign;
        parts_.month = at(2, 2);
        parts_.day = at(4, 2);
    } else if (size % 2 == 0) {
        parts_.year = at(0, 4) * sign;
        parts_.month = at(4, 2);
        parts_.day = at(6, 2);
        short_year_ = false;
        if (size > 8) {
            read_clock(digits.substr(8), false);
        }
    }
}

// The same when a fraction of a second follows: read from the end.
void DateReader::read_trailing(std::string_view digits) {
    const std::size_t size = digits.size();
    const auto at = [&](std::size_t from_end, std::size_t count) {
        return digits_at(digits, size - from_end, count);
    };
    if (size > 8 && size % 2 != 0) {
        return;
    }
    parts_.second = at(2, 2);
    if (size >= 3) {
        parts_.minute = size == 3 ? at(3, 1) : at(4, 2);
    }
    if (size >= 5) {
        parts_.hour = size == 5 ? at(5, 1) : at(6, 2);
    }
    if (size >= 7) {
        parts_.day = size == 7 ? at(7, 1) : at(8, 2);
    }
    if (size >= 10) {
        parts_.month = at(10, 2);
    }
    if (size == 12) {
        parts_.year = at(12, 2);
    } else if (size == 14) {
        parts_.year = at(14, 4);
        short_year_ = false;
    }
}

// "20250131", "20250131T090000Z", "0900"
bool DateReader::take_digits() {
    static const RE2 form = pattern(R"(([-+]?)(\d{2,14})(?:\s*t?\s*(\d{2,6})?(?:[,.](\d*))?)?)"
                                    R"((?:\s*(z\b|[-+]\d{1,4}\b|\[[-+]?\d[^\]]*\]))?)");
    Groups groups;
    if (!take(form, groups)) {
        return false;
    }
    const bool minus = groups[1] == "-";
    if (!groups[3] && groups[4]) {
        read_trailing(*groups[2]);
        if (minus && groups[2]->size() >= 12 && parts_.year) {
            parts_.year = -*parts_.year;
        }
    } else {
        read_leading(*groups[2], minus);
    }
    if (groups[3]) {
        read_clock(*groups[3], groups[4].has_value());
    }
    if (groups[4]) {
        parts_.nanosecond = to_nanosecond(*groups[4]);
    }
    if (groups[5]) {
        std::string_view zone = *groups[5];
        if (zone.starts_with('[')) {
            zone = zone.substr(1, zone.size() - 2);
            zone = zone.substr(zone.find(':') == std::string_view::npos ? 0 : zone.find(':') + 1);
        }
        parts_.zone = zone;
    }
    return true;
}

bool DateReader::take_date() {
    const bool digit = has(is_digit);
    const bool letter = has(is_ascii_letter);
    if (digit && letter && (take_day_month_year() || take_month_day_year())) {
        return true;
    }
    if (digit && has('-') && take_dashed()) {
        return true;
    }
    if (digit && has('.') && take_japanese()) {
        return true;
    }
    if (digit && letter && has('-') && take_dashed_month()) {
        return true;
    }
    if (digit && has('/') && take_slashed()) {
        return true;
    }
    if (digit && has('.') && take_dotted()) {
        return true;
    }
    if (digit && take_week_or_day_of_year()) {
        return true;
    }
    return take_lone_part() || (digit && take_digits());
}

// One number that is left is the day of a time, or the hour of a day.
void DateReader::take_last_number() {
    static const RE2 form = pattern(R"(\A\s*(\d{1,2})\s*\z)");
    Groups groups;
    if (!take(form, groups)) {
        return;
    }
    const std::int64_t left = number(*groups[1]);
    if (parts_.hour && !parts_.day && left >= 1 && left <= 31) {
        parts_.day = left;
    }
    if (parts_.day && !parts_.hour && left <= 24) {
        parts_.hour = left;
    }
}

void DateReader::finish_year() {
    constexpr std::int64_t first_of_1900 = 69;
    if (!parts_.year) {
        return;
    }
    if (before_christ_) {
        parts_.year = 1 - *parts_.year;
    }
    if (short_year_ && *parts_.year >= 0 && *parts_.year <= 99) {
        *parts_.year += *parts_.year >= first_of_1900 ? 1900 : 2000;
    }
}

DateParts DateReader::read() {
    static const RE2 weekday = pattern(R"(\b({days})[^-/\d\s]*)");
    static const RE2 before_christ = pattern(R"(\b(bc\b|bce\b|b\.c\.|b\.c\.e\.))");
    Groups groups;
    if (has(is_ascii_letter)) {
        take(weekday, groups);
    }
    if (has(is_digit)) {
        take_time();
    }
    take_date();
    if (has(is_ascii_letter) && take(before_christ, groups)) {
        before_christ_ = true;
    }
    if (has(is_digit)) {
        take_last_number();
    }
    finish_year();
    return parts_;
}

}  // namespace

DateParts read_date_parts(std::string_view text) {
    return DateReader(text).read();
}

}  // namespace winback::liquid

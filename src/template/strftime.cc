#include "template/strftime.h"

#include <array>
#include <charconv>

#include "base/civil.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

constexpr int width_max = 64;

// "%-5d": how one directive is to be padded and cased.
struct Directive {
    char padding = '\0';  // '-', '_' or '0'; the directive's own when '\0'.
    bool upper = false;
    bool swap_case = false;
    int colons = 0;
    int width = -1;
    char name = '\0';
};

class Formatter {
public:
    Formatter(std::string& out, const Moment& moment, const CalendarNames& names)
        : out_(out), moment_(moment), civil_(moment.local.civil), names_(names) {}

    void run(std::string_view format);

private:
    // False when there is no such directive.
    bool date_part(const Directive& d);
    bool clock_part(const Directive& d);
    bool week_part(const Directive& d);
    bool combination(const Directive& d);
    void number(const Directive& d, std::int64_t value, int digits, char padding = '0');
    void text(const Directive& d, std::string_view value);
    void offset(const Directive& d);
    int day_of_year() const;
    int week_from(int first_weekday) const;
    struct IsoWeek {
        int year;
        int week;
    };
    IsoWeek iso_week() const;

    std::string& out_;
    const Moment& moment_;
    const CivilTime& civil_;
    const CalendarNames& names_;
};

Directive read_directive(std::string_view format, std::size_t& at) {
    Directive d;
    for (; at < format.size(); ++at) {
        const char c = format[at];
        if (c == '-' || c == '_' || (c == '0' && d.width < 0)) {
            d.padding = c;
        } else if (c == '^') {
            d.upper = true;
        } else if (c == '#') {
            d.swap_case = true;
        } else if (c == ':') {
            ++d.colons;
        } else if (c >= '0' && c <= '9') {
            d.width = std::min(std::max(d.width, 0) * 10 + (c - '0'), width_max);
        } else {
            d.name = c;
            ++at;
            break;
        }
    }
    return d;
}

void Formatter::run(std::string_view format) {
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t percent = std::min(format.find('%', at), format.size());
        out_ += format.substr(at, percent - at);
        at = percent;
        if (at == format.size()) {
            return;
        }
        ++at;
        const Directive d = read_directive(format, at);
        if (d.name == '%') {
            out_ += '%';
        } else if (!date_part(d) && !clock_part(d) && !week_part(d) && !combination(d)) {
            out_ += format.substr(percent, at - percent);
        }
    }
}

void Formatter::number(const Directive& d, std::int64_t value, int digits, char padding) {
    const char pad = d.padding == '\0' ? padding : d.padding;
    const bool negative = value < 0;
    std::string text = std::to_string(negative ? -value : value);
    const auto width = static_cast<std::size_t>(d.width >= 0 ? d.width : digits);
    if (pad != '-' && text.size() < width) {
        text.insert(0, width - text.size(), pad == '_' ? ' ' : '0');
    }
    out_ += negative ? "-" : "";
    out_ += text;
}

void Formatter::text(const Directive& d, std::string_view value) {
    std::string cased;
    if (d.upper || (d.swap_case && d.name != 'p')) {
        append_upper(cased, value, "");
    } else if (d.swap_case) {
        append_lower(cased, value, "");
    } else {
        cased = value;
    }
    const auto width = static_cast<std::size_t>(std::max(d.width, 0));
    if (cased.size() < width) {
        out_.append(width - cased.size(), d.padding == '0' ? '0' : ' ');
    }
    out_ += cased;
}

void Formatter::offset(const Directive& d) {
    const int minutes = moment_.local.offset_min;
    const int size = minutes < 0 ? -minutes : minutes;
    const Directive plain;
    out_ += minutes < 0 ? '-' : '+';
    number(plain, size / 60, 2);
    out_ += d.colons > 0 ? ":" : "";
    number(plain, size % 60, 2);
    out_ += d.colons > 1 ? ":00" : "";
}

bool Formatter::date_part(const Directive& d) {
    const auto month = static_cast<std::size_t>(civil_.month - 1);
    const auto weekday = static_cast<std::size_t>(moment_.local.weekday);
    switch (d.name) {
        case 'Y':
            number(d, civil_.year, 1);
            return true;
        case 'C':
            number(d, civil_.year / 100, 2);
            return true;
        case 'y':
            number(d, civil_.year % 100, 2);
            return true;
        case 'm':
            number(d, civil_.month, 2);
            return true;
        case 'B':
            text(d, names_.months[month]);
            return true;
        case 'b':
        case 'h':
            text(d, names_.months_short[month]);
            return true;
        case 'd':
            number(d, civil_.day, 2);
            return true;
        case 'e':
            number(d, civil_.day, 2, '_');
            return true;
        case 'j':
            number(d, day_of_year(), 3);
            return true;
        case 'A':
            text(d, names_.days[weekday]);
            return true;
        case 'a':
            text(d, names_.days_short[weekday]);
            return true;
        default:
            return false;
    }
}

bool Formatter::clock_part(const Directive& d) {
    const int hour12 = civil_.hour % 12 == 0 ? 12 : civil_.hour % 12;
    const std::string& half = civil_.hour < 12 ? names_.am : names_.pm;
    std::string lower;
    switch (d.name) {
        case 'H':
            number(d, civil_.hour, 2);
            return true;
        case 'k':
            number(d, civil_.hour, 2, '_');
            return true;
        case 'I':
            number(d, hour12, 2);
            return true;
        case 'l':
            number(d, hour12, 2, '_');
            return true;
        case 'M':
            number(d, civil_.minute, 2);
            return true;
        case 'S':
            number(d, civil_.second, 2);
            return true;
        case 'L':
            number(d, civil_.millisecond, 3);
            return true;
        case 'N': {
            Directive plain;
            number(plain, civil_.millisecond, 3);
            out_.append(static_cast<std::size_t>(d.width < 0 ? 6 : std::max(d.width - 3, 0)), '0');
            return true;
        }
        case 'p':
            text(d, half);
            return true;
        case 'P':
            lower.clear();
            append_lower(lower, half, "");
            text(d, lower);
            return true;
        case 'z':
            offset(d);
            return true;
        case 'Z':
            if (moment_.utc) {
                text(d, "UTC");
            } else {
                offset(d);
            }
            return true;
        case 's':
            number(d, moment_.time.ms / 1000 - (moment_.time.ms % 1000 < 0 ? 1 : 0), 1);
            return true;
        default:
            return false;
    }
}

bool Formatter::week_part(const Directive& d) {
    const int weekday = moment_.local.weekday;
    switch (d.name) {
        case 'u':
            number(d, weekday == 0 ? 7 : weekday, 1);
            return true;
        case 'w':
            number(d, weekday, 1);
            return true;
        case 'G':
            number(d, iso_week().year, 1);
            return true;
        case 'g':
            number(d, iso_week().year % 100, 2);
            return true;
        case 'V':
            number(d, iso_week().week, 2);
            return true;
        case 'U':
            number(d, week_from(0), 2);
            return true;
        case 'W':
            number(d, week_from(1), 2);
            return true;
        default:
            return false;
    }
}

// Directives that stand for several others.
bool Formatter::combination(const Directive& d) {
    std::string_view format;
    switch (d.name) {
        case 'n':
            format = "\n";
            break;
        case 't':
            format = "\t";
            break;
        case 'F':
            format = "%Y-%m-%d";
            break;
        case 'D':
        case 'x':
            format = "%m/%d/%y";
            break;
        case 'T':
        case 'X':
            format = "%H:%M:%S";
            break;
        case 'R':
            format = "%H:%M";
            break;
        case 'r':
            format = "%I:%M:%S %p";
            break;
        case 'c':
            format = "%a %b %e %H:%M:%S %Y";
            break;
        case 'v':
            format = "%e-%^b-%Y";
            break;
        case '+':
            format = "%a %b %e %H:%M:%S %Z %Y";
            break;
        default:
            return false;
    }
    std::string expanded;
    Formatter(expanded, moment_, names_).run(format);
    text(d, expanded);
    return true;
}

int Formatter::day_of_year() const {
    return static_cast<int>(days_from_civil(civil_.year, civil_.month, civil_.day) -
                            days_from_civil(civil_.year, 1, 1)) +
           1;
}

// Weeks begin on `first_weekday`; days before the year's first such day are in week 0.
int Formatter::week_from(int first_weekday) const {
    const int since_week_start = (moment_.local.weekday - first_weekday + 7) % 7;
    return (day_of_year() - 1 - since_week_start + 7) / 7;
}

// ISO 8601: the week belongs to the year that holds its Thursday.
Formatter::IsoWeek Formatter::iso_week() const {
    const std::int64_t today = days_from_civil(civil_.year, civil_.month, civil_.day);
    const std::int64_t thursday = today - (moment_.local.weekday + 6) % 7 + 3;
    const CivilTime civil = civil_from_timestamp(Timestamp{} + days(thursday));
    const auto week = (thursday - days_from_civil(civil.year, 1, 1)) / 7 + 1;
    return {civil.year, static_cast<int>(week)};
}

}  // namespace

Moment moment_at(Timestamp time, const Zone& zone) {
    return {time, local_time(zone, time), &zone == &utc_zone()};
}

void append_strftime(std::string& out,
                     std::string_view format,
                     const Moment& moment,
                     const CalendarNames& names) {
    Formatter(out, moment, names).run(format);
}

void append_strftime(std::string& out, std::string_view format, Timestamp time, const Zone& zone) {
    append_strftime(out, format, moment_at(time, zone), english_names());
}

}  // namespace winback::liquid

#include "template/strftime.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/civil.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

constexpr int width_max = 1024;

enum class Letters : std::uint8_t { AsTheyAre, Upper, Lower };

// "%-5d": how one directive is to be padded and cased.
struct Directive {
    char padding = '\0';  // '_' or '0'; the directive's own when '\0'.
    bool unpadded = false;
    bool upper = false;
    bool swap_case = false;
    int colons = 0;
    int width = 0;  // 0: the directive's own.
    char name = '\0';
};

class Formatter {
public:
    Formatter(std::string& out, const Moment& moment, const DateStyle& style)
        : out_(out), moment_(moment), style_(style), day_(style.day) {
        if (!style.has_day) {
            day_ = {moment.civil.year, moment.civil.month, moment.civil.day, gregorian_day()};
        }
    }

    bool run(std::string_view format);

private:
    // False when there is no such directive.
    bool date_part(const Directive& d);
    bool clock_part(const Directive& d);
    bool half_or_zone(const Directive& d);
    bool week_part(const Directive& d);
    bool combination(const Directive& d);
    void year(const Directive& d, std::int64_t value) { number(d, value, value < 0 ? 5 : 4); }
    void number(const Directive& d, std::int64_t value, int digits, char padding = '0');
    void digits(std::string_view ascii);
    void fraction(const Directive& d, int digits);
    void text(const Directive& d, std::string_view value, Letters letters);
    void name(const Directive& d, std::string_view value);
    void offset(const Directive& d);
    int gregorian_day() const;
    int week_from(int first_weekday) const;
    struct IsoWeek {
        int year;
        int week;
    };
    IsoWeek iso_week() const;

    std::string& out_;
    const Moment& moment_;
    const DateStyle& style_;
    CalendarDay day_;
};

bool is_one_of(char c, std::string_view letters) {
    return letters.find(c) != std::string_view::npos;
}

// Pre: format[at - 1] is '%'. Nothing when what follows is no directive; `at` is behind it then.
// Without a name when the format ends too early.
std::optional<Directive> read_directive(std::string_view format, std::size_t& at) {
    Directive d;
    while (at < format.size()) {
        const char c = format[at++];
        const bool flag = is_one_of(c, "-_^#");
        if (flag && d.width > 0) {
            return std::nullopt;  // Flags come before the width.
        }
        if (c == '-') {
            d.unpadded = true;
            d.padding = '\0';
        } else if (c == '_') {
            d.padding = c;
        } else if (c == '^') {
            d.upper = true;
        } else if (c == '#') {
            d.swap_case = true;
        } else if (c == ':') {
            d.colons = 1;
            while (at < format.size() && format[at] == ':') {
                ++d.colons;
                ++at;
            }
            if (at == format.size() || format[at] != 'z' || d.colons > 3) {
                at -= static_cast<std::size_t>(d.colons - 1);
                return std::nullopt;
            }
        } else if (c >= '0' && c <= '9') {
            d.padding = c == '0' && d.width == 0 ? '0' : d.padding;
            d.width = std::min(d.width * 10 + (c - '0'), width_max);
        } else if (c == 'E' || c == 'O') {
            const std::string_view extended = c == 'E' ? "cCxXyY" : "deHkIlmMSuUVwWy";
            if (at == format.size() || !is_one_of(format[at], extended)) {
                return std::nullopt;
            }
        } else {
            d.name = c;
            return d;
        }
    }
    return d;  // Without a name.
}

bool Formatter::run(std::string_view format) {
    for (std::size_t at = 0; at < format.size();) {
        const std::size_t percent = std::min(format.find('%', at), format.size());
        out_ += format.substr(at, percent - at);
        at = percent;
        if (at == format.size()) {
            break;
        }
        ++at;
        const std::optional<Directive> d = read_directive(format, at);
        if (d && d->name == '\0') {
            return false;
        }
        if (!d || (!date_part(*d) && !clock_part(*d) && !half_or_zone(*d) && !week_part(*d) &&
                   !combination(*d))) {
            out_ += format.substr(percent, at - percent);
        }
    }
    return true;
}

void Formatter::digits(std::string_view ascii) {
    if (style_.zero == U'0') {
        out_ += ascii;
        return;
    }
    for (const char c : ascii) {
        if (c >= '0' && c <= '9') {
            append_code_point(out_, style_.zero + static_cast<char32_t>(c - '0'));
        } else {
            out_ += c;
        }
    }
}

void Formatter::number(const Directive& d, std::int64_t value, int digits_min, char padding) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    std::string_view form(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    const char pad = d.padding == '\0' ? padding : d.padding;
    const auto width = static_cast<std::size_t>(d.unpadded    ? 1
                                                : d.width > 0 ? d.width
                                                              : digits_min);
    const std::size_t missing = width > form.size() ? width - form.size() : 0;
    if (pad == '0') {
        if (form.starts_with('-')) {
            out_ += '-';
            form.remove_prefix(1);
        }
        for (std::size_t i = 0; i < missing; ++i) {
            digits("0");
        }
    } else {
        out_.append(missing, ' ');
    }
    digits(form);
}

void Formatter::fraction(const Directive& d, int digits_default) {
    const int wanted = d.width > 0 ? d.width : digits_default;
    std::string nine = std::to_string(moment_.nanosecond);
    nine.insert(0, 9 - nine.size(), '0');
    nine.resize(static_cast<std::size_t>(wanted), '0');
    digits(nine);
}

void Formatter::text(const Directive& d, std::string_view value, Letters letters) {
    const std::int64_t length = code_point_count(value);
    if (!d.unpadded && d.width > length) {
        out_.append(static_cast<std::size_t>(d.width - length), d.padding == '0' ? '0' : ' ');
    }
    if (letters == Letters::Upper) {
        append_upper(out_, value, style_.locale);
    } else if (letters == Letters::Lower) {
        append_lower(out_, value, style_.locale);
    } else {
        out_ += value;
    }
}

// Of a month or a day: # means capitals, too.
void Formatter::name(const Directive& d, std::string_view value) {
    text(d, value, d.upper || d.swap_case ? Letters::Upper : Letters::AsTheyAre);
}

// %z is +hhmm, %:z +hh:mm, %::z +hh:mm:ss, %:::z +hh and more only where it is needed.
void Formatter::offset(const Directive& d) {
    const int size = std::abs(moment_.offset_s);
    const bool utc = moment_.zone_name == Moment::ZoneName::Utc;
    const bool minus = moment_.offset_s < 0 || (utc && d.unpadded);
    int parts = d.colons == 0 ? 2 : d.colons + 1;
    if (d.colons == 3) {
        parts = size % 3600 == 0 ? 1 : size % 60 == 0 ? 2 : 3;
    }
    const int behind = (parts - 1) * (d.colons > 0 ? 3 : 2);
    const int width = d.width - behind;
    const std::string hours = std::to_string(size / 3600);
    const auto digits_wanted = static_cast<std::size_t>(std::max(width - 1, 2));
    const std::size_t missing = digits_wanted - std::min(hours.size(), digits_wanted);
    const bool spaces = d.padding == '_';
    out_.append(spaces ? missing : 0, ' ');
    out_ += minus ? '-' : '+';
    for (std::size_t i = 0; !spaces && i < missing; ++i) {
        digits("0");
    }
    digits(hours);
    const Directive plain;
    for (int part = 1; part < parts; ++part) {
        out_ += d.colons > 0 ? ":" : "";
        number(plain, part == 1 ? size / 60 % 60 : size % 60, 2);
    }
}

bool Formatter::date_part(const Directive& d) {
    const auto month = static_cast<std::size_t>(day_.month - 1);
    const auto weekday = static_cast<std::size_t>(moment_.weekday);
    const int century = day_.year / 100 - (day_.year % 100 < 0 ? 1 : 0);
    switch (d.name) {
        case 'Y':
            year(d, day_.year);
            return true;
        case 'C':
            number(d, century, 2);
            return true;
        case 'y':
            number(d, day_.year - century * 100, 2);
            return true;
        case 'm':
            number(d, day_.month, 2);
            return true;
        case 'B':
            name(d, style_.names->months[month]);
            return true;
        case 'b':
        case 'h':
            name(d, style_.names->months_short[month]);
            return true;
        case 'd':
            number(d, day_.day, 2);
            return true;
        case 'e':
            number(d, day_.day, 2, '_');
            return true;
        case 'j':
            number(d, day_.day_of_year, 3);
            return true;
        case 'A':
            name(d, style_.names->days[weekday]);
            return true;
        case 'a':
            name(d, style_.names->days_short[weekday]);
            return true;
        default:
            return false;
    }
}

bool Formatter::clock_part(const Directive& d) {
    const CivilTime& civil = moment_.civil;
    const int hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12;
    switch (d.name) {
        case 'H':
            number(d, civil.hour, 2);
            return true;
        case 'k':
            number(d, civil.hour, 2, '_');
            return true;
        case 'I':
            number(d, hour12, 2);
            return true;
        case 'l':
            number(d, hour12, 2, '_');
            return true;
        case 'M':
            number(d, civil.minute, 2);
            return true;
        case 'S':
            number(d, civil.second, 2);
            return true;
        case 'L':
            fraction(d, 3);
            return true;
        case 'N':
            fraction(d, 9);
            return true;
        case 's': {
            const std::int64_t ms = moment_.time.ms;
            number(d, ms / 1000 - (ms % 1000 < 0 ? 1 : 0), 1);
            return true;
        }
        default:
            return false;
    }
}

bool Formatter::half_or_zone(const Directive& d) {
    const std::string& half = moment_.civil.hour < 12 ? style_.names->am : style_.names->pm;
    const Letters letters = d.swap_case ? Letters::Lower
                            : d.upper   ? Letters::Upper
                                        : Letters::AsTheyAre;
    switch (d.name) {
        case 'p':
            text(d, half, letters);
            return true;
        case 'P':
            text(d, half, d.swap_case || d.upper ? Letters::Upper : Letters::Lower);
            return true;
        case 'z':
            offset(d);
            return true;
        case 'Z':
            if (moment_.zone_name == Moment::ZoneName::Offset) {
                offset(d);
            } else if (moment_.zone_name != Moment::ZoneName::None) {
                text(d, "UTC", letters);
            }
            return true;
        case '%':
            text(d, "%", Letters::AsTheyAre);
            return true;
        case 'n':
            text(d, "\n", Letters::AsTheyAre);
            return true;
        case 't':
            text(d, "\t", Letters::AsTheyAre);
            return true;
        default:
            return false;
    }
}

bool Formatter::week_part(const Directive& d) {
    const int weekday = moment_.weekday;
    switch (d.name) {
        case 'u':
            number(d, weekday == 0 ? 7 : weekday, 1);
            return true;
        case 'w':
            number(d, weekday, 1);
            return true;
        case 'G':
            year(d, iso_week().year);
            return true;
        case 'g':
            number(d, (iso_week().year % 100 + 100) % 100, 2);
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
            format = "%e-%^b-%4Y";
            break;
        default:
            return false;
    }
    if (d.width == 0 && !d.upper) {
        run(format);
        return true;
    }
    std::string expanded;
    Formatter(expanded, moment_, style_).run(format);
    Directive padded = d;
    padded.unpadded = false;
    text(padded, expanded, d.upper ? Letters::Upper : Letters::AsTheyAre);
    return true;
}

int Formatter::gregorian_day() const {
    const CivilTime& civil = moment_.civil;
    return static_cast<int>(days_from_civil(civil.year, civil.month, civil.day) -
                            days_from_civil(civil.year, 1, 1)) +
           1;
}

// Weeks begin on `first_weekday`; days before the year's first such day are in week 0.
int Formatter::week_from(int first_weekday) const {
    const int since_week_start = (moment_.weekday - first_weekday + 7) % 7;
    return (day_.day_of_year - 1 - since_week_start + 7) / 7;
}

// ISO 8601: the week belongs to the year that holds its Thursday.
Formatter::IsoWeek Formatter::iso_week() const {
    const CivilTime& civil = moment_.civil;
    const std::int64_t today = days_from_civil(civil.year, civil.month, civil.day);
    const std::int64_t thursday = today - (moment_.weekday + 6) % 7 + 3;
    const CivilTime of_week = civil_from_timestamp(Timestamp{} + days(thursday));
    const auto week = (thursday - days_from_civil(of_week.year, 1, 1)) / 7 + 1;
    return {of_week.year, static_cast<int>(week)};
}

int weekday_of(const CivilTime& civil) {
    return weekday_from_days(days_from_civil(civil.year, civil.month, civil.day));
}

int nanosecond_of(Timestamp time) {
    return static_cast<int>((time.ms % 1000 + 1000) % 1000) * 1'000'000;
}

}  // namespace

Moment moment_at(Timestamp time, const Zone& zone) {
    if (&zone == &utc_zone()) {
        Moment moment = moment_at_offset(time, 0);
        moment.zone_name = Moment::ZoneName::UtcZone;
        return moment;
    }
    constexpr int seconds_per_minute = 60;
    const LocalTime local = local_time(zone, time);
    return {time,
            nanosecond_of(time),
            local.civil,
            local.weekday,
            local.offset_min * seconds_per_minute,
            Moment::ZoneName::Offset};
}

Moment moment_at_offset(Timestamp time, int offset_s) {
    const CivilTime civil = civil_from_timestamp(time + seconds(offset_s));
    return {time, nanosecond_of(time), civil, weekday_of(civil), offset_s, Moment::ZoneName::None};
}

bool append_strftime(std::string& out,
                     std::string_view format,
                     const Moment& moment,
                     const DateStyle& style) {
    return Formatter(out, moment, style).run(format);
}

void append_strftime(std::string& out, std::string_view format, Timestamp time, const Zone& zone) {
    append_strftime(out, format, moment_at(time, zone), DateStyle{});
}

}  // namespace winback::liquid

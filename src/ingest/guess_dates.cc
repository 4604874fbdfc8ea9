#include <algorithm>
#include <array>

#include "base/strings.h"
#include "ingest/amount.h"
#include "ingest/guess_parts.h"

namespace winback::ingest {
namespace {

// Dates of shops: whoever sold something before 1990 has it in another form.
constexpr Timestamp earliest{631'152'000'000};  // 1990-01-01
constexpr Timestamp latest{4'102'444'800'000};  // 2100-01-01
constexpr std::size_t quick_look = 12;
constexpr std::size_t formats_max = 4;

enum class Order : std::uint8_t { Neutral, DayFirst, MonthFirst };

struct Candidate {
    std::string format;
    Order order = Order::Neutral;
    std::size_t read = 0;
};

const std::vector<Candidate>& candidates() {
    static const std::vector<Candidate> all = [] {
        constexpr std::array<std::string_view, 8> clocks{"",           " %H:%M:%S",    " %H:%M",
                                                         " %I:%M %p",  " %I:%M:%S %p", ", %H:%M",
                                                         ", %I:%M %p", " - %H:%M"};
        struct Date {
            std::string_view format;
            Order order;
        };
        constexpr std::array<Date, 19> dates{{{"%d.%m.%Y", Order::DayFirst},
                                              {"%d/%m/%Y", Order::DayFirst},
                                              {"%m/%d/%Y", Order::MonthFirst},
                                              {"%d-%m-%Y", Order::DayFirst},
                                              {"%m-%d-%Y", Order::MonthFirst},
                                              {"%Y/%m/%d", Order::Neutral},
                                              {"%Y.%m.%d", Order::Neutral},
                                              {"%Y%m%d", Order::Neutral},
                                              {"%d.%m.%y", Order::DayFirst},
                                              {"%d/%m/%y", Order::DayFirst},
                                              {"%m/%d/%y", Order::MonthFirst},
                                              {"%b %d, %Y", Order::Neutral},
                                              {"%b %d %Y", Order::Neutral},
                                              {"%d %b %Y", Order::Neutral},
                                              {"%d-%b-%Y", Order::Neutral},
                                              {"%B %d, %Y", Order::Neutral},
                                              {"%d %B %Y", Order::Neutral},
                                              {"jalali:%Y/%m/%d", Order::Neutral},
                                              {"jalali:%Y-%m-%d", Order::Neutral}}};
        std::vector<Candidate> out{{"iso8601"},
                                   {"%Y-%m-%d %H:%M:%S %z"},
                                   {"%Y-%m-%d %H:%M"},
                                   {"%Y-%m-%d %I:%M:%S %p"},
                                   {"%Y-%m-%d %I:%M %p"}};
        for (const Date& date : dates) {
            for (const std::string_view clock : clocks) {
                out.push_back({std::string(date.format) + std::string(clock), date.order});
            }
        }
        out.push_back({"%s"});
        out.push_back({"epoch_ms"});
        return out;
    }();
    return all;
}

bool has_digits_of(std::string_view text, std::size_t count) {
    return text.size() == count &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A four-digit year reads "24", too, as the year 24; the bounds refuse it.
std::optional<Timestamp> read(std::string_view cell, const std::string& format) {
    const std::size_t digits = format == "%s"         ? 10
                               : format == "epoch_ms" ? 13
                               : format == "%Y%m%d"   ? 8
                                                      : 0;
    if (digits != 0 && !has_digits_of(trim(cell), digits)) {
        return std::nullopt;
    }
    const auto time = parse_date(cell, format, utc_zone());
    return time && *time >= earliest && *time <= latest ? time : std::nullopt;
}

std::size_t count_read(const std::vector<std::string>& cells, const std::string& format) {
    return static_cast<std::size_t>(std::count_if(
        cells.begin(), cells.end(), [&](const auto& cell) { return read(cell, format); }));
}

// How often the time goes back from one row to the next; files stand in the order of time, or
// against it.
std::size_t disorder(const std::vector<std::string>& cells, const std::string& format) {
    std::size_t rises = 0;
    std::size_t falls = 0;
    std::optional<Timestamp> last;
    for (const std::string& cell : cells) {
        const auto time = read(cell, format);
        if (time && last) {
            rises += *time > *last ? 1U : 0U;
            falls += *time < *last ? 1U : 0U;
        }
        last = time ? time : last;
    }
    return std::min(rises, falls);
}

// Those that read something, best first.
std::vector<Candidate> readers(const std::vector<std::string>& cells) {
    std::vector<Candidate> out;
    for (const Candidate& candidate : candidates()) {
        const std::size_t step = std::max<std::size_t>(1, cells.size() / quick_look);
        bool any = false;
        for (std::size_t i = 0; i < cells.size() && !any; i += step) {
            any = read(cells[i], candidate.format).has_value();
        }
        if (any) {
            out.push_back(candidate);
            out.back().read = count_read(cells, candidate.format);
        }
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Candidate& a, const Candidate& b) { return a.read > b.read; });
    return out;
}

// The share of the cells that formats of one order read, and those formats.
DateGuess with_order(const std::vector<std::string>& cells,
                     const std::vector<Candidate>& found,
                     Order order) {
    DateGuess guess;
    std::vector<bool> done(cells.size(), false);
    std::size_t count = 0;
    for (const Candidate& candidate : found) {
        if (candidate.order != Order::Neutral && candidate.order != order) {
            continue;
        }
        bool helps = false;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!done[i] && read(cells[i], candidate.format)) {
                done[i] = true;
                helps = true;
                ++count;
            }
        }
        if (helps) {
            guess.formats.push_back(candidate.format);
        }
        if (guess.formats.size() == formats_max || count == cells.size()) {
            break;
        }
    }
    guess.share =
        cells.empty() ? 0 : static_cast<double>(count) / static_cast<double>(cells.size());
    return guess;
}

}  // namespace

DateGuess guess_dates(const std::vector<std::string>& cells, bool month_first_country) {
    const std::vector<Candidate> found = readers(cells);
    DateGuess day = with_order(cells, found, Order::DayFirst);
    DateGuess month = with_order(cells, found, Order::MonthFirst);
    if (day.formats == month.formats || day.share > month.share) {
        return day;
    }
    if (month.share > day.share) {
        return month;
    }
    // Both read every row. The order of the rows is a hint, and people are asked all the same.
    const std::size_t day_disorder = disorder(cells, day.formats.front());
    const std::size_t month_disorder = disorder(cells, month.formats.front());
    const bool month_first =
        day_disorder == month_disorder ? month_first_country : month_disorder < day_disorder;
    DateGuess& guess = month_first ? month : day;
    guess.ambiguous = true;
    return guess;
}

}  // namespace winback::ingest

#include "base.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "dice.h"

namespace winback::segments {
namespace {

constexpr double day_ms = 86'400'000;
constexpr std::size_t rows_max = 20'000;

std::uint8_t name_of(Dice& dice) {
    constexpr std::array<double, 6> up_to{0.55, 0.80, 0.86, 0.90, 0.98, 1.0};
    const double x = dice.share();
    return static_cast<std::uint8_t>(std::lower_bound(up_to.begin(), up_to.end(), x) -
                                     up_to.begin());
}

// Most people come back to two or three categories.
std::uint8_t category_of(Dice& dice, std::size_t own) {
    const std::size_t any = dice.share() < 0.6 ? own + dice.below(2) : dice.below(12);
    return static_cast<std::uint8_t>(any % categories.size());
}

Row row_of(Dice& dice, Timestamp time, std::uint8_t name, double worth, std::size_t own) {
    Row row{.time = time, .name = name};
    if (name == cart_updated || name == order_completed) {
        row.total = static_cast<std::int32_t>(
            std::clamp(worth * std::exp(0.4 * dice.normal()) * 100, 100.0, 2e8));
    }
    if (name == product_viewed || name == cart_updated || name == order_completed) {
        row.category = category_of(dice, own);
    }
    row.machine = name == email_opened && dice.share() < 0.4;
    return row;
}

}  // namespace

std::string customer_id(std::uint32_t n) {
    char text[16];
    std::snprintf(text, sizeof text, "c%08u", n);
    return text;
}

Person person_of(const BaseOptions& options, std::uint32_t n) {
    Dice dice((options.seed << 32U) ^ (n * 0x9e3779b97f4a7c15U) ^ 0x5e6);
    Person person;
    const double place = dice.share();
    person.country = static_cast<std::uint8_t>(
        std::min<std::size_t>(static_cast<std::size_t>(place * place * 7.5), countries.size() - 1));
    const double wealth = dice.share();
    person.plan = wealth < 0.8 ? 0 : wealth < 0.95 ? 1 : 2;
    constexpr double spread = 1.5;
    const double much =
        options.events_each * std::exp(spread * dice.normal() - spread * spread / 2);
    const auto count = std::clamp<std::size_t>(static_cast<std::size_t>(much), 1, rows_max);
    const double age_days = options.days * std::pow(dice.share(), 1.3);
    const double stays_days = std::min(age_days, dice.exponential(500));
    const double worth = 35 * std::exp(0.8 * dice.normal());
    const std::size_t own = dice.below(categories.size());
    const auto begin = options.until.ms - static_cast<std::int64_t>(age_days * day_ms);
    std::vector<std::int64_t> times(count);
    for (std::int64_t& time : times) {
        time = begin + static_cast<std::int64_t>(dice.share() * stays_days * day_ms);
    }
    std::sort(times.begin(), times.end());
    person.rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        person.rows.push_back(row_of(dice, {times[i]}, name_of(dice), worth, own));
        const bool buys = person.rows.back().name == cart_updated && dice.share() < 0.4;
        if (buys && person.rows.size() < rows_max) {
            const auto later = static_cast<std::int64_t>(dice.exponential(0.4) * day_ms) + 1;
            if (times[i] + later <= options.until.ms) {
                Row order = row_of(dice, {times[i] + later}, order_completed, worth, own);
                person.rows.push_back(order);
            }
        }
    }
    std::stable_sort(person.rows.begin(), person.rows.end(),
                     [](const Row& a, const Row& b) { return a.time < b.time; });
    return person;
}

}  // namespace winback::segments

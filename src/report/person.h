// One customer while a report passes over them: what every number needs, read once.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/shard.h"
#include "report/period.h"
#include "report/state.h"

namespace winback::report {

// The moments that one pass looks at, the same for all shards.
struct PassOptions {
    Timestamp now;
    Duration shop_gap;
    // Nobody ordered yet: customers are grouped by when they were first seen, and active means
    // that they did anything.
    bool by_seen = false;
    int first_weekday = 1;  // With which day a week begins; 0 = Sunday. By the shop's country.
};

constexpr std::size_t moment_count = 1 + period_count;
// Now, then one of each period before now.
constexpr std::array<Timestamp, moment_count> moments_of(Timestamp now) {
    return {now, now - length_of(Period::Week), now - length_of(Period::Month),
            now - length_of(Period::Quarter)};
}

// What the models expect of a customer, as of a moment.
struct Forecast {
    double p_order = 0;        // Within the horizon of the models.
    double value_at_risk = 0;  // As the score of that name.
    double next_year = 0;      // Revenue within 365 days.
};
// Orders at or after `at` are not known. All 0 without a model or an order.
Forecast forecast(const std::optional<model::FittedModels>& models,
                  OrderDays order_days,
                  Timestamp at);

struct Person {
    const engine::Shard* shard = nullptr;
    customer::CustomerIndex index = 0;
    std::vector<customer::Customers::OrderDay> order_days;
    Timestamp first_seen;
    Timestamp last_seen;
    Standing standing;                         // Now.
    std::array<Forecast, moment_count> ahead;  // At moments_of(now), as of their local midnights.

    // Orders in another currency than the workspace's: `order_days` and `ahead` are without money,
    // so that no sum mixes currencies.
    bool foreign = false;

    const customer::Customers& customers() const { return shard->customers(); }
    // Any event in [from, to].
    bool was_seen(Timestamp from, Timestamp to, const std::vector<std::string>& names) const;
};

// `midnights` are those of moments_of(options.now). `currency` is the workspace's; empty: not
// known.
Person read_person(const engine::Shard& shard,
                   customer::CustomerIndex customer,
                   const PassOptions& options,
                   const std::array<Timestamp, moment_count>& midnights,
                   std::string_view currency);

}  // namespace winback::report

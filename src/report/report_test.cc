// The numbers of a small shop, computed by hand, and the same numbers from any number of shards.
#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "base/zone.h"
#include "report/attention.h"
#include "report/overview.h"
#include "report/rhythm.h"

namespace winback::report {
namespace {

constexpr Timestamp now{days(1000).ms};  // 1972-09-27

class Shop {
public:
    explicit Shop(std::uint32_t shards) {
        for (std::uint32_t s = 0; s < shards; ++s) {
            shards_.emplace_back(static_cast<engine::ShardId>(s), shards);
        }
    }
    void take(const std::string& customer,
              std::string name,
              Timestamp at,
              double revenue = 0,
              const std::string& currency = "") {
        event::Event event;
        event.message_id = "m" + std::to_string(++sequence_);
        event.user_id = customer;
        event.name = std::move(name);
        event.time = at;
        if (revenue > 0) {
            event.properties.set("revenue", revenue);
        }
        if (!currency.empty()) {
            event.properties.set("currency", currency);
        }
        step(engine::shard_of(customer, static_cast<std::uint32_t>(shards_.size())),
             engine::EventArrived{event});
    }
    void order(const std::string& customer, int day, double revenue) {
        take(customer, "Order Completed", {days(day).ms}, revenue);
    }
    void count_in(const std::string& currency) {
        auto definitions = std::make_shared<engine::Definitions>();
        definitions->version = 1;
        definitions->workspace.currency = currency;
        definitions->workspace.zone = &utc_zone();
        for (std::size_t s = 0; s < shards_.size(); ++s) {
            step(static_cast<engine::ShardId>(s), engine::DefinitionsLoaded{definitions});
        }
    }
    void fit(const model::FittedModels& models) {
        for (std::size_t s = 0; s < shards_.size(); ++s) {
            step(static_cast<engine::ShardId>(s), engine::ModelsFitted{models});
        }
        models_ = models;
    }
    Totals totals(customer::CustomerIndex slice = 1000) const {
        Totals sum;
        for (const engine::Shard& shard : shards_) {
            const auto size = static_cast<customer::CustomerIndex>(shard.customers().size());
            for (customer::CustomerIndex from = 0; from == 0 || from < size; from += slice) {
                Totals part;
                collect(part, shard, options_, from, std::min(size, from + slice));
                merge(sum, part);
            }
        }
        return sum;
    }
    ValueMap overview(customer::CustomerIndex slice = 1000) const {
        return overview_value(totals(slice), nullptr, models_, options_);
    }
    PassOptions options_{.now = now, .shop_gap = days(30), .by_seen = false};

private:
    void step(engine::ShardId shard, decltype(engine::Input::body) body) {
        engine::Effects effects;
        shards_[shard].step({.sequence = ++sequence_, .at = now, .body = std::move(body)}, effects);
    }
    std::vector<engine::Shard> shards_;
    std::uint64_t sequence_ = 0;
    std::optional<model::FittedModels> models_;
};

Shop small_shop() {
    Shop shop(3);
    for (const int day : {900, 930, 960, 990}) {
        shop.order("ada", day, 10);
    }
    shop.order("bob", 950, 20);
    shop.order("cem", 800, 5);
    shop.order("cem", 830, 5);
    shop.order("dan", 900, 40);
    shop.order("eve", 875, 30);
    shop.take("fay", "Page Viewed", {days(980).ms});
    return shop;
}

// "value before of" of a measure; "-" for what is null.
std::string measure(const ValueMap& overview, const std::string& period, const std::string& id) {
    const ValueMap& measures = *overview.find("measures")->as_map();
    for (const Value& value : *measures.find(period)->as_map()->find("list")->as_list()) {
        const ValueMap& map = *value.as_map();
        if (*map.find("id")->as_string() == id) {
            return to_json(*map.find("value")) + " " + to_json(*map.find("before")) + " " +
                   to_json(*map.find("of"));
        }
    }
    return "none";
}

TEST(Report, CountsStatesAndWhoMovedWhere) {
    const Totals totals = small_shop().totals();
    const auto count = [&](CustomerState state) {
        return totals.states[static_cast<std::size_t>(state)].customers;
    };
    EXPECT_EQ(count(CustomerState::Active), 1U);   // ada
    EXPECT_EQ(count(CustomerState::New), 1U);      // bob
    EXPECT_EQ(count(CustomerState::AtRisk), 1U);   // dan
    EXPECT_EQ(count(CustomerState::Lapsed), 2U);   // cem, eve
    EXPECT_EQ(count(CustomerState::NoOrder), 1U);  // fay
    const Flow& month = totals.flows[1];
    const auto moved = [&](CustomerState from, CustomerState to) {
        return month.cells[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
    };
    EXPECT_EQ(moved(CustomerState::AtRisk, CustomerState::Lapsed).customers, 1U);  // eve
    EXPECT_EQ(moved(CustomerState::AtRisk, CustomerState::Lapsed).revenue, micros_from_double(30));
    EXPECT_EQ(moved(CustomerState::Unknown, CustomerState::NoOrder).customers, 1U);
    EXPECT_EQ(moved(CustomerState::Lapsed, CustomerState::Lapsed).customers, 1U);
    EXPECT_EQ(month.now.base, 4U);     // ada, bob, dan, eve
    EXPECT_EQ(month.now.kept, 3U);     // all but eve
    EXPECT_EQ(month.before.base, 4U);  // ada, cem, dan, eve
    EXPECT_EQ(month.before.kept, 3U);  // all but cem
}

TEST(Report, ComputesTheMeasuresWithTheirDenominators) {
    const ValueMap overview = small_shop().overview();
    EXPECT_EQ(measure(overview, "month", "retention"), "0.75 0.75 4");
    EXPECT_EQ(measure(overview, "month", "churn"), "0.25 0.25 4");
    EXPECT_EQ(measure(overview, "month", "repeat_rate"), "0.4 0.4 5");  // ada and cem of five
    EXPECT_EQ(measure(overview, "month", "frequency"), "1.8 1.6 5");    // 9 and 8 orders
    EXPECT_EQ(measure(overview, "month", "order_value"), "10 15 1");
    EXPECT_EQ(measure(overview, "month", "lifetime_so_far"), "28 26 5");
    EXPECT_EQ(measure(overview, "quarter", "order_value"), "12.5 21.25 4");
    EXPECT_EQ(measure(overview, "month", "lifetime"), "none");  // No models.
    // All were first seen a week ago or earlier; ada and cem came back a week later.
    EXPECT_EQ(measure(overview, "month", "day_7"), to_json(Value(2.0 / 6)) + " 0.4 6");
}

TEST(Report, CohortsBeginWithTheFirstOrderAndKeepTheirRevenue) {
    const Totals totals = small_shop().totals();
    // 1972-06-19 is day 900; ada ordered in June, July, August and September.
    const int june = 1972 * 12 + 5;
    ASSERT_TRUE(totals.cohorts.months.contains(june));
    const Cohort& cohort = totals.cohorts.months.at(june);
    EXPECT_EQ(cohort.customers, 2U);  // ada, dan
    ASSERT_EQ(cohort.cells.size(), 4U);
    EXPECT_EQ(cohort.cells[0].revenue, micros_from_double(50));
    EXPECT_EQ(cohort.cells[1].customers, 1U);
    EXPECT_EQ(cohort.cells[3].revenue, micros_from_double(10));
}

TEST(Report, AWeekBeginsWithTheDayThatItIsTold) {
    constexpr int sunday = 0;
    for (int first = sunday; first <= 6; ++first) {
        // 1 January 1970 was a Thursday.
        const Timestamp begin{days(first <= 4 ? first - 4 : first - 11).ms};
        const int week = place_of(utc_zone(), begin, first).week;
        EXPECT_EQ(place_of(utc_zone(), {begin.ms - 1}, first).week, week - 1) << first;
        EXPECT_EQ(place_of(utc_zone(), {begin.ms + days(7).ms - 1}, first).week, week) << first;
        EXPECT_EQ(place_of(utc_zone(), {0}, first).week, 0) << first;

        Shop shop = small_shop();
        shop.options_.first_weekday = first;
        const ValueMap overview = shop.overview();
        const ValueMap& cohorts = *overview.find("cohorts")->as_map();
        ASSERT_FALSE(cohorts.find("week")->as_list()->empty());
        for (const Value& row : *cohorts.find("week")->as_list()) {
            const auto day = parse_iso8601(*row.as_map()->find("from")->as_string());
            ASSERT_TRUE(day.has_value());
            EXPECT_EQ(weekday_from_days(day->ms / days(1).ms), first);
        }
    }
    Shop shop = small_shop();
    EXPECT_EQ(*shop.overview().find("cohorts")->as_map()->find("week_begins"), Value("monday"));
    shop.options_.first_weekday = sunday;
    EXPECT_EQ(*shop.overview().find("cohorts")->as_map()->find("week_begins"), Value("sunday"));
}

// Kei and Yui pay in yen and lapsed; none of it is added to the pounds of the others.
TEST(Report, AddsNoAmountsOfOtherCurrencies) {
    const Totals before = small_shop().totals();
    for (const bool known : {true, false}) {
        Shop shop = small_shop();
        for (const std::string who : {"kei", "yui"}) {
            shop.take(who, "Order Completed", {days(875).ms}, 70'000, "JPY");
        }
        if (known) {
            shop.count_in("GBP");
        }
        const Totals totals = shop.totals();
        EXPECT_EQ(totals.other_currency, known ? 2U : 0U);
        EXPECT_EQ(totals.states[static_cast<std::size_t>(CustomerState::Lapsed)].customers, 4U);
        const double yen = known ? 0 : 140'000;
        EXPECT_EQ(totals.revenue, before.revenue + micros_from_double(yen));
        const auto lost = totals.flows[1].cells[static_cast<std::size_t>(CustomerState::AtRisk)]
                                               [static_cast<std::size_t>(CustomerState::Lapsed)];
        EXPECT_EQ(lost.customers, 3U);
        EXPECT_EQ(lost.revenue, micros_from_double(30 + yen));
    }
}

TEST(Report, PaybackIsTheFirstMonthThatBroughtTheCost) {
    Cohorts cohorts;
    cohorts.months[10] = {.customers = 2,
                          .cells = {{2, micros_from_double(20)}, {1, micros_from_double(10)}}};
    cohorts.months[11] = {.customers = 2, .cells = {{2, micros_from_double(40)}}};
    // Months 0: 60 of 4 customers. Month 1 is over for the first cohort alone: 10 of 2.
    EXPECT_EQ(payback_month(cohorts, 12, micros_from_double(15)), 0);
    EXPECT_EQ(payback_month(cohorts, 12, micros_from_double(16)), 1);
    EXPECT_EQ(payback_month(cohorts, 12, micros_from_double(21)), std::nullopt);
}

TEST(Report, RetentionIsWorthWhatTheFormulaSays) {
    Measures measures;
    measures.kept = {.customers = 100, .sum = micros_from_double(10'000), .squares = 1'000'000};
    measures.lapsed = {.customers = 50, .sum = micros_from_double(500), .squares = 5'000};
    const auto worth = worth_of_retention({.base = 200, .kept = 160}, measures);
    ASSERT_TRUE(worth.has_value());
    EXPECT_NEAR(worth->customers, 200 * 0.8 * 0.05, 1e-9);
    EXPECT_NEAR(worth->amount, 8 * (100 - 10), 1e-9);
    // Both groups have no spread: what is left is the chance of the rate.
    EXPECT_NEAR(worth->high - worth->amount,
                1.959964 * 200 * 90 * 0.05 * std::sqrt(0.8 * 0.2 / 200), 1e-9);
    EXPECT_FALSE(worth_of_retention({.base = 0, .kept = 0}, measures).has_value());
    measures.lapsed = {};
    EXPECT_FALSE(worth_of_retention({.base = 200, .kept = 160}, measures).has_value());
}

// Small steps of a fixed sequence; no two runs differ.
class Steps {
public:
    std::uint64_t below(std::uint64_t n) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return (state_ >> 33U) % n;
    }

private:
    std::uint64_t state_ = 42;
};

void fill(Shop& shop) {
    Steps steps;
    for (int c = 0; c < 400; ++c) {
        const std::string id = "c" + std::to_string(c);
        auto day = static_cast<int>(500 + steps.below(480));
        shop.take(id, "Page Viewed", {days(day).ms});
        for (std::uint64_t n = steps.below(6); n > 0 && day < 1000; --n) {
            shop.order(id, day, 1 + static_cast<double>(steps.below(10'000)) / 100);
            day += 1 + static_cast<int>(steps.below(120));
        }
    }
    model::FittedModels models;
    models.version = 1;
    models.parameters = {.r = 0.5, .alpha = 6, .a = 0.9, .b = 1.6};
    models.value = {.parameters = {.p = 6.25, .q = 3.7, .gamma = 15}, .population_mean = 40};
    shop.fit(models);
}

// Sums of squares are added in another order, so the ends of the interval are compared apart.
std::map<std::string, double> take_intervals(ValueMap& overview) {
    std::map<std::string, double> ends;
    ValueMap measures = *overview.find("measures")->as_map();
    for (const std::string_view period : period_names) {
        ValueMap one = *measures.find(period)->as_map();
        ValueMap worth = *one.find("worth")->as_map();
        for (const char* end : {"low", "high"}) {
            ends[std::string(period) + end] = worth.find(end)->number_or(0);
            worth.erase(end);
        }
        one.set("worth", worth);
        measures.set(std::string(period), one);
    }
    overview.set("measures", measures);
    return ends;
}

TEST(Report, IsTheSameForAnyNumberOfShardsAndSlices) {
    Shop one(1);
    fill(one);
    ValueMap expected = one.overview();
    const auto ends = take_intervals(expected);
    for (const std::uint32_t shards : {1U, 2U, 8U}) {
        for (const customer::CustomerIndex slice : {7U, 1000U}) {
            Shop many(shards);
            fill(many);
            ValueMap overview = many.overview(slice);
            for (const auto& [name, end] : take_intervals(overview)) {
                EXPECT_NEAR(end, ends.at(name), std::abs(end) * 1e-9) << name;
            }
            EXPECT_EQ(to_json(overview), to_json(expected)) << shards << " " << slice;
        }
    }
}

TEST(Report, EverybodyIsInOneStateAndOneCellOfEachFlow) {
    Shop shop(4);
    fill(shop);
    const Totals totals = shop.totals();
    for (const Flow& flow : totals.flows) {
        for (std::size_t to = 0; to < customer_state_count; ++to) {
            std::uint64_t sum = 0;
            for (const auto& row : flow.cells) {
                sum += row[to].customers;
            }
            EXPECT_EQ(sum, totals.states[to].customers);
        }
        EXPECT_LE(flow.now.kept, flow.now.base);
    }
}

std::string kinds(const AttentionInputs& inputs) {
    std::string out;
    for (const Notice& notice : attention(inputs)) {
        out += std::string(urgency_name(notice.urgency)) + " " + notice.kind + "\n";
    }
    return out;
}

TEST(Attention, NamesWhatIsWrongTheMostUrgentFirst) {
    Totals totals;
    totals.measures.moments[0].buyers = 10;
    totals.messages["in_doubt"] = 2;
    totals.signals.failed.now = 1;
    totals.signals.sent.now = 99;
    totals.signals.vips_at_risk = 3;
    const std::optional<model::FittedModels> none;
    const AttentionInputs inputs{.totals = &totals,
                                 .definitions = nullptr,
                                 .models = &none,
                                 .now = now,
                                 .replay = false,
                                 .disk_free_share = 0.05,
                                 .calibration = std::pair(150.0, 100.0),
                                 .fit_failed = true};
    EXPECT_EQ(kinds(inputs), "now disk\nnow in_doubt\nsoon failing\nsoon vips\nadvice no_model\n")
        << "no older model can stay in use before the first fit";
    totals.signals.failed.now = 50;
    EXPECT_TRUE(kinds(inputs).starts_with("now disk\nnow in_doubt\nnow failing\n"));
}

TEST(Attention, SilenceIsMeasuredByTheShopsOwn) {
    Totals totals;
    const std::optional<model::FittedModels> none;
    AttentionInputs inputs{.totals = &totals,
                           .definitions = nullptr,
                           .models = &none,
                           .now = now,
                           .replay = false,
                           .disk_free_share = {},
                           .calibration = {},
                           .fit_failed = false};
    for (std::size_t day = 3; day < silence_days; day += 3) {
        totals.signals.orders_days_ago[day] = 1;
    }
    totals.signals.last_event = now - days(2);
    EXPECT_EQ(longest_silence(totals.signals), 2);
    EXPECT_EQ(kinds(inputs), "");
    totals.signals.last_event = now - days(3);
    EXPECT_EQ(kinds(inputs), "now silent\n");
    inputs.replay = true;
    EXPECT_EQ(kinds(inputs), "");
}

TEST(Attention, IsBoundedAndCleanWhenAllIsWell) {
    Totals totals;
    std::optional<model::FittedModels> models = model::FittedModels{};
    models->fitted_until = now - days(1);
    totals.measures.moments[0].buyers = 10;
    AttentionInputs inputs{.totals = &totals,
                           .definitions = nullptr,
                           .models = &models,
                           .now = now,
                           .replay = false,
                           .disk_free_share = 0.5,
                           .calibration = std::pair(110.0, 100.0),
                           .fit_failed = false};
    EXPECT_EQ(kinds(inputs), "");
    models->fitted_until = now - days(46);
    EXPECT_EQ(kinds(inputs), "soon old_model\n");
    inputs.fit_failed = true;
    EXPECT_EQ(kinds(inputs), "soon fit_failed\nsoon old_model\n");
}

}  // namespace
}  // namespace winback::report

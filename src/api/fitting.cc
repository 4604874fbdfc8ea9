#include "api/fitting.h"

#include <algorithm>
#include <mutex>

#include "base/civil.h"
#include "ingest/orders.h"
#include "model/mbg_nbd.h"
#include "model/rfm_score.h"

namespace winback::api {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

std::vector<model::RfmFacts> rfm_facts(const std::vector<model::CustomerSummary>& customers) {
    std::vector<model::RfmFacts> facts;
    for (const model::CustomerSummary& c : customers) {
        facts.push_back({.days_since_last = (c.summary.age - c.summary.recency) *
                                            model::days_per(model::TimeUnit::Week),
                         .orders = c.summary.repeats + 1,
                         .revenue = c.first_value + c.summary.repeats * c.summary.mean_value});
    }
    return facts;
}

}  // namespace

std::string day_name(std::int32_t day) {
    return format_iso8601({day * ms_per_day}).substr(0, 10);
}

OrderList orders_of(host::Host& host) {
    std::vector<std::vector<model::Order>> parts(host.shard_count());
    host.query([&](const host::ShardView& view) {
        const customer::Customers& customers = view.shard.customers();
        std::vector<model::Order>& part = parts[view.id];
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            for (const auto& day : customers.order_days(c)) {
                part.push_back({.customer = c, .day = day.day, .amount = to_double(day.revenue)});
            }
        }
    });
    OrderList list;
    std::uint32_t offset = 0;
    list.last_day = 0;
    for (std::vector<model::Order>& part : parts) {
        std::uint32_t customers = 0;
        for (model::Order& order : part) {
            customers = std::max(customers, order.customer + 1);
            order.customer += offset;
            list.last_day = std::max(list.last_day, order.day);
            list.orders.push_back(order);
        }
        offset += customers;
    }
    return list;
}

Result<OrderList> orders_of_file(const std::string& path) {
    WINBACK_TRY(const ingest::Orders read, ingest::read_orders(path));
    if (read.mistake_count > 0) {
        return Error{ErrorCode::InvalidArgument,
                     path + ":" + std::to_string(read.mistakes.front().line) + ": " +
                         read.mistakes.front().message + " (" + std::to_string(read.mistake_count) +
                         " such lines; mend them first)"};
    }
    OrderList list;
    for (const ingest::Order& order : read.orders) {
        const auto day = static_cast<std::int32_t>(order.time.ms / ms_per_day -
                                                   (order.time.ms % ms_per_day < 0 ? 1 : 0));
        list.orders.push_back(
            {.customer = order.customer, .day = day, .amount = to_double(order.amount)});
        list.last_day = std::max(list.last_day, day);
    }
    return list;
}

Result<model::FittedModels> fit_for_decisions(const std::vector<model::Order>& orders,
                                              std::int32_t until_day,
                                              std::uint64_t version) {
    const model::Period period{.until = until_day, .unit = model::TimeUnit::Week};
    WINBACK_TRY(const std::vector<model::CustomerSummary> customers,
                model::summarise(orders, period));
    const std::vector<model::RepeatSummary> rows = model::repeat_summaries(customers);
    WINBACK_TRY(const model::mbg_nbd::Fit fit, model::mbg_nbd::fit(rows));
    model::FittedModels models;
    models.version = version;
    models.parameters = fit.parameters;
    models.unit = period.unit;
    models.fitted_until = {(until_day + std::int64_t{1}) * ms_per_day - 1};  // Names that day.
    models.customers = customers.size();
    models.log_likelihood = fit.report.log_likelihood;
    models.notes = fit.report.notes;
    const auto value =
        model::gamma_gamma::fit(rows, {.finite_mean = true, .winsorise_quantile = 0.995});
    if (value.has_value()) {
        models.value = {.parameters = value->parameters, .population_mean = value->population_mean};
    }
    const auto edges = model::rfm_edges(rfm_facts(customers));
    if (edges.has_value()) {
        models.rfm = *edges;
    }
    return models;
}

Result<model::Calibration> calibrate(const std::vector<model::Order>& orders,
                                     std::int32_t until_day,
                                     int holdout_days) {
    const model::Period period{
        .until = until_day, .unit = model::TimeUnit::Week, .holdout_days = holdout_days};
    WINBACK_TRY(const std::vector<model::CustomerSummary> customers,
                model::summarise(orders, period));
    WINBACK_TRY(const model::mbg_nbd::Fit fit,
                model::mbg_nbd::fit(model::repeat_summaries(customers)));
    return model::calibrate(model::TransactionModel::MbgNbd, fit.parameters, customers, period);
}

}  // namespace winback::api

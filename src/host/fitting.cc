#include "host/fitting.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "host/fits.h"
#include "model/mbg_nbd.h"
#include "model/rfm_score.h"

namespace winback::host {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;
constexpr customer::CustomerIndex slice_customers = 4'096;

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

void tell(const FitProgress& progress, FitStep step, double share) {
    if (progress) {
        progress(step, share);
    }
}

void read_slice(const ShardView& view,
                customer::CustomerIndex from,
                customer::CustomerIndex to,
                std::uint32_t offset,
                OrderList& list) {
    const customer::Customers& customers = view.shard.customers();
    for (customer::CustomerIndex c = from; c < to; ++c) {
        for (const auto& day : customers.order_days(c)) {
            list.orders.push_back(
                {.customer = offset + c, .day = day.day, .amount = to_double(day.revenue)});
            list.last_day = std::max(list.last_day, day.day);
        }
    }
}

// What a row of history says of a fit that succeeded.
void describe(const DecisionFit& fit, ValueMap& row) {
    const Value report = model::to_value(fit.report);
    for (const Field& field : *report.as_map()) {
        row.set(field.first, field.second);
    }
    row.set("version", static_cast<std::int64_t>(fit.models.version));
    row.set("unit", model::name_of(fit.models.unit));
    if (fit.models.value.has_value()) {
        const auto& value = fit.models.value->parameters;
        ValueMap gamma;
        gamma.set("p", value.p);
        gamma.set("q", value.q);
        gamma.set("gamma", value.gamma);
        row.set("value", std::move(gamma));
    }
}

}  // namespace

std::string_view fit_step_name(FitStep step) {
    constexpr std::array<std::string_view, fit_step_count> names{"reading", "fitting", "checking",
                                                                 "loading"};
    return names[static_cast<std::size_t>(step)];
}

OrderList orders_of(Host& host, const FitProgress& progress) {
    OrderList list;
    std::uint32_t offset = 0;
    for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
        tell(progress, FitStep::Reading, static_cast<double>(s) / host.shard_count());
        customer::CustomerIndex from = 0;
        std::size_t size = 1;
        while (from < size) {
            host.query_shard(static_cast<engine::ShardId>(s), [&](const ShardView& view) {
                size = view.shard.customers().size();
                const auto to = static_cast<customer::CustomerIndex>(
                    std::min<std::size_t>(size, std::size_t{from} + slice_customers));
                read_slice(view, from, to, offset, list);
                from = to;
            });
            if (size == 0) {
                break;
            }
        }
        offset += from;
    }
    return list;
}

Result<DecisionFit> fit_for_decisions(const std::vector<model::Order>& orders,
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
    return DecisionFit{.models = std::move(models), .report = fit.report};
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

Status refit(Host& host,
             const OrderList& orders,
             std::int32_t until_day,
             std::string_view by,
             const FitProgress& progress) {
    const auto started = std::chrono::steady_clock::now();
    const std::optional<model::FittedModels> known = host.models();
    ValueMap row;
    row.set("by", by);
    row.set("until", Timestamp{(until_day + std::int64_t{1}) * ms_per_day - 1});
    tell(progress, FitStep::Fitting, 0);
    const Result<DecisionFit> fit = fit_for_decisions(
        orders.orders, until_day, known.has_value() ? known->version + 1 : std::uint64_t{1});
    Status status = fit.has_value() ? Status(Ok{}) : Status(fit.error());
    if (fit.has_value()) {
        describe(*fit, row);
        tell(progress, FitStep::Checking, 0);
        const int horizon = fit->models.horizon_days;
        const Result<model::Calibration> check =
            calibrate(orders.orders, until_day - horizon, horizon);
        if (check.has_value()) {
            row.set("check", model::to_value(*check));
        } else {
            row.set("unchecked", check.error().message);
        }
        tell(progress, FitStep::Loading, 0);
        status = host.load_models(fit->models);
    }
    if (!status.has_value()) {
        row.set("error", status.error().message);
    }
    row.set("seconds",
            std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
    if (const Status kept = append_fit(host.store(), host.now(), std::move(row));
        !kept.has_value()) {
        return kept;
    }
    return status;
}

}  // namespace winback::host

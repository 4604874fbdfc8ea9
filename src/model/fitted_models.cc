#include "model/fitted_models.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace winback::model {
namespace {

constexpr std::uint8_t format_version = 1;
constexpr double ms_per_day = 86'400'000;

double horizon_of(const FittedModels& models, double horizon_days) {
    return horizon_days / days_per(models.unit);
}

// Far wider than any fit, and narrow enough that no quotient of two overflows.
bool is_parameter(double x) {
    return x >= 1e-100 && x <= 1e100;
}

bool is_possible(const FittedModels& models) {
    const BetaGeometric& p = models.parameters;
    const bool orders =
        is_parameter(p.r) && is_parameter(p.alpha) && is_parameter(p.a) && is_parameter(p.b);
    const bool horizon = models.horizon_days > 0 && models.horizon_days <= horizon_days_max;
    if (!orders || !horizon || !std::isfinite(models.log_likelihood)) {
        return false;
    }
    if (models.rfm) {
        for (const QuintileEdges& edges :
             {models.rfm->days_since_last, models.rfm->orders, models.rfm->revenue}) {
            for (const double edge : edges) {
                if (!std::isfinite(edge)) {
                    return false;
                }
            }
        }
    }
    if (!models.value) {
        return true;
    }
    const gamma_gamma::Parameters& v = models.value->parameters;
    return is_parameter(v.p) && is_parameter(v.q) && is_parameter(v.gamma) &&
           std::isfinite(models.value->population_mean) && models.value->population_mean >= 0;
}

}  // namespace

RepeatSummary summary_of(const FittedModels& models, const OrderHistory& history) {
    WINBACK_CHECK(history.order_days > 0);
    const double unit_ms = ms_per_day * days_per(models.unit);
    RepeatSummary summary;
    summary.repeats = static_cast<double>(history.order_days - 1);
    if (summary.repeats > 0) {
        const Duration active = history.last - history.first;
        summary.recency = std::max(0.0, static_cast<double>(active.ms) / unit_ms);
        summary.mean_value = history.mean_repeat_value;
    }
    const Duration age = history.now - history.first;
    summary.age = std::max(summary.recency, static_cast<double>(age.ms) / unit_ms);
    return summary;
}

double p_alive(const FittedModels& models, const OrderHistory& history) {
    if (history.order_days == 0) {
        return 0;
    }
    return p_alive(models.kind, models.parameters, summary_of(models, history));
}

double p_order(const FittedModels& models, const OrderHistory& history) {
    return p_order(models, history, models.horizon_days);
}

double p_order(const FittedModels& models, const OrderHistory& history, double horizon_days) {
    if (history.order_days == 0) {
        return 0;
    }
    return p_order_within(models.kind, models.parameters, summary_of(models, history),
                          horizon_of(models, horizon_days));
}

double expected_orders(const FittedModels& models, const OrderHistory& history) {
    return expected_orders(models, history, models.horizon_days);
}

double expected_orders(const FittedModels& models,
                       const OrderHistory& history,
                       double horizon_days) {
    if (history.order_days == 0) {
        return 0;
    }
    return expected_orders(models.kind, models.parameters, summary_of(models, history),
                           horizon_of(models, horizon_days));
}

std::optional<double> expected_order_value(const FittedModels& models,
                                           const OrderHistory& history) {
    if (!models.value) {
        return std::nullopt;
    }
    if (history.order_days == 0) {
        return 0;
    }
    const auto repeats = static_cast<double>(history.order_days - 1);
    const double mean = std::max(0.0, history.mean_repeat_value);
    const double value = gamma_gamma::expected_value(models.value->parameters, repeats, mean);
    return std::isfinite(value) ? value : models.value->population_mean;
}

std::optional<double> expected_value(const FittedModels& models, const OrderHistory& history) {
    const auto value = expected_order_value(models, history);
    return value ? std::optional(*value * expected_orders(models, history)) : std::nullopt;
}

void encode(ByteWriter& out, const FittedModels& models) {
    out.u8(format_version);
    out.u64(models.version);
    out.u8(static_cast<std::uint8_t>(models.kind));
    for (const double x :
         {models.parameters.r, models.parameters.alpha, models.parameters.a, models.parameters.b}) {
        out.f64(x);
    }
    out.u8(static_cast<std::uint8_t>(models.unit));
    out.i64(models.horizon_days);
    out.boolean(models.value.has_value());
    if (models.value) {
        out.f64(models.value->parameters.p);
        out.f64(models.value->parameters.q);
        out.f64(models.value->parameters.gamma);
        out.f64(models.value->population_mean);
    }
    out.boolean(models.rfm.has_value());
    if (models.rfm) {
        for (const QuintileEdges& edges :
             {models.rfm->days_since_last, models.rfm->orders, models.rfm->revenue}) {
            for (const double edge : edges) {
                out.f64(edge);
            }
        }
    }
    out.time(models.fitted_until);
    out.u64(models.customers);
    out.f64(models.log_likelihood);
    out.u64(models.notes.size());
    for (const std::string& note : models.notes) {
        out.text(note);
    }
}

Result<FittedModels> decode_fitted_models(ByteReader& in) {
    const Error corrupt{ErrorCode::Corrupt, "fitted models cannot be read"};
    if (in.u8() != format_version) {
        return Error{ErrorCode::Corrupt, "fitted models are of an unknown version"};
    }
    FittedModels models;
    models.version = in.u64();
    const std::uint8_t kind = in.u8();
    for (double* x : {&models.parameters.r, &models.parameters.alpha, &models.parameters.a,
                      &models.parameters.b}) {
        *x = in.f64();
    }
    const std::uint8_t unit = in.u8();
    const std::int64_t horizon = in.i64();
    if (kind > static_cast<std::uint8_t>(TransactionModel::BgNbd) ||
        unit > static_cast<std::uint8_t>(TimeUnit::Week) || horizon > horizon_days_max ||
        horizon < 1) {
        return corrupt;
    }
    models.kind = static_cast<TransactionModel>(kind);
    models.unit = static_cast<TimeUnit>(unit);
    models.horizon_days = static_cast<int>(horizon);
    if (in.boolean()) {
        models.value.emplace();
        models.value->parameters.p = in.f64();
        models.value->parameters.q = in.f64();
        models.value->parameters.gamma = in.f64();
        models.value->population_mean = in.f64();
    }
    if (in.boolean()) {
        models.rfm.emplace();
        for (QuintileEdges* edges :
             {&models.rfm->days_since_last, &models.rfm->orders, &models.rfm->revenue}) {
            for (double& edge : *edges) {
                edge = in.f64();
            }
        }
    }
    models.fitted_until = in.time();
    models.customers = in.u64();
    models.log_likelihood = in.f64();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        models.notes.emplace_back(in.text());
    }
    if (!in.ok() || !is_possible(models)) {
        return corrupt;
    }
    return models;
}

namespace {

Value edges_value(const QuintileEdges& edges) {
    ValueList list;
    for (const double edge : edges) {
        list.emplace_back(edge);
    }
    return {std::move(list)};
}

}  // namespace

Value to_value(const FittedModels& models) {
    ValueMap parameters;
    parameters.set("r", models.parameters.r);
    parameters.set("alpha", models.parameters.alpha);
    parameters.set("a", models.parameters.a);
    parameters.set("b", models.parameters.b);
    ValueMap map;
    map.set("version", static_cast<std::int64_t>(models.version));
    map.set("model", name_of(models.kind));
    map.set("unit", name_of(models.unit));
    map.set("parameters", std::move(parameters));
    map.set("horizon_days", models.horizon_days);
    if (models.rfm) {
        ValueMap rfm;
        rfm.set("days_since_last", edges_value(models.rfm->days_since_last));
        rfm.set("orders", edges_value(models.rfm->orders));
        rfm.set("revenue", edges_value(models.rfm->revenue));
        map.set("rfm_edges", std::move(rfm));
    }
    map.set("fitted_until", models.fitted_until);
    map.set("customers", static_cast<std::int64_t>(models.customers));
    map.set("log_likelihood", models.log_likelihood);
    ValueList notes;
    for (const std::string& note : models.notes) {
        notes.emplace_back(note);
    }
    map.set("notes", std::move(notes));
    if (models.value) {
        ValueMap value;
        value.set("p", models.value->parameters.p);
        value.set("q", models.value->parameters.q);
        value.set("gamma", models.value->parameters.gamma);
        value.set("population_mean", models.value->population_mean);
        map.set("value", std::move(value));
    }
    return map;
}

std::string_view name_of(TransactionModel model) {
    return model == TransactionModel::MbgNbd ? "mbg-nbd" : "bg-nbd";
}

std::string_view name_of(TimeUnit unit) {
    return unit == TimeUnit::Week ? "week" : "day";
}

}  // namespace winback::model

#include "model/fit.h"

#include <cmath>

namespace winback::model {
namespace {

std::string whole(double number) {
    return std::to_string(std::llround(number));
}

Value count_value(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15) {
        return Value(std::int64_t{std::llround(number)});
    }
    return Value(number);
}

}  // namespace

Value to_value(const FitReport& report) {
    ValueMap parameters;
    ValueMap errors;
    for (const Parameter& parameter : report.parameters) {
        parameters.set(parameter.name, parameter.value);
        errors.set(parameter.name, parameter.standard_error);
    }
    ValueList notes;
    for (const std::string& note : report.notes) {
        notes.emplace_back(note);
    }
    ValueMap map;
    map.set("model", report.model);
    map.set("parameters", std::move(parameters));
    map.set("standard_errors", std::move(errors));
    map.set("log_likelihood", report.log_likelihood);
    map.set("converged", report.converged);
    map.set("customers", count_value(report.customers));
    map.set("repeat_customers", count_value(report.repeat_customers));
    map.set("distinct_rows", count_value(report.distinct_rows));
    map.set("gradient_norm", report.gradient_norm);
    map.set("evaluations", report.evaluations);
    map.set("notes", std::move(notes));
    return map;
}

Status check_enough(double customers, double repeat_customers, const FitOptions& options) {
    if (customers < options.customers_min) {
        return Error{ErrorCode::InvalidArgument,
                     "too few customers to fit a model: " + whole(customers) + ", needed " +
                         whole(options.customers_min)};
    }
    if (repeat_customers < options.repeat_customers_min) {
        return Error{
            ErrorCode::InvalidArgument,
            "too few customers with a repeat order to fit a model: " + whole(repeat_customers) +
                " of " + whole(customers) + ", needed " + whole(options.repeat_customers_min)};
    }
    return Ok{};
}

}  // namespace winback::model

// The Models page: what predictions rest on, and how true they were.
#include <algorithm>
#include <cmath>
#include <optional>

#include "api/audit.h"
#include "api/model_job.h"
#include "ui/frame.h"
#include "ui/plot.h"
#include "ui/routes.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr std::size_t ticks = 5;  // Lines across a chart, with that of 0.
constexpr std::size_t fits_shown = 24;

class Words {
public:
    Words(const Pages& pages, const Frame& frame) : pages_(pages), frame_(frame) {}

    std::string share(double value) const {
        return pages_.text(frame_, "models.axis_share", {{"share", value}});
    }
    std::string number(double value) const {
        return pages_.text(frame_, "models.axis_number", {{"number", value}});
    }
    std::string text(std::string_view key,
                     const std::vector<liquid::TextArgument>& arguments = {}) const {
        return pages_.text(frame_, key, arguments);
    }
    bool mirrored() const { return frame_.direction == "rtl"; }

private:
    const Pages& pages_;
    const Frame& frame_;
};

// The newest check against orders that the fit had not seen.
const ValueMap* newest_check(const ValueMap& tree) {
    const ValueList& fits = list_at(tree, "fits");
    for (auto fit = fits.rbegin(); fit != fits.rend(); ++fit) {
        const Value* check = fit->as_map()->find("check");
        if (check != nullptr && check->as_map() != nullptr) {
            return check->as_map();
        }
    }
    const Value* replayed = tree.find("calibration");
    return replayed == nullptr ? nullptr : replayed->as_map();
}

void add_check(const Words& words, const ValueMap& check, ValueMap& data) {
    std::vector<BarPair> pairs;
    ValueList rows;
    double highest = 0;
    for (const Value& value : list_at(check, "by_probability")) {
        ValueMap row = *value.as_map();
        const double customers = number_at(row, "customers");
        const double predicted = share_of(number_at(row, "predicted"), customers);
        const double actual = share_of(number_at(row, "actual"), customers);
        highest = std::max({highest, predicted, actual});
        pairs.push_back({text_at(row, "group"), predicted, actual});
        row.set("predicted_share", predicted);
        row.set("actual_share", actual);
        rows.emplace_back(std::move(row));
    }
    PlotFrame frame{.mirrored = words.mirrored(), .label = {}, .ticks = {}, .top = 1};
    frame.top = std::min(1.0, round_top(highest));
    for (std::size_t i = 0; i < ticks; ++i) {
        frame.ticks.push_back(words.share(frame.top * static_cast<double>(i) / double{ticks - 1}));
    }
    for (BarPair& pair : pairs) {
        pair.name = words.number(std::strtod(pair.name.c_str(), nullptr));
    }
    const std::string label = words.text("models.deciles_label");
    frame.label = label;
    data.set("decile_chart", pairs.empty() ? std::string() : pair_chart(pairs, frame));
    data.set("deciles", std::move(rows));
    data.set("check", check);
    const double ratio =
        share_of(number_at(check, "predicted_orders"), number_at(check, "actual_orders"));
    data.set("check_ratio", ratio > 0 ? Value(ratio) : Value());
}

// One line over the fits that have the figure; nothing for fewer than two.
std::string course(const Words& words,
                   const ValueList& fits,
                   std::string_view figure,
                   std::string_view label_key) {
    std::vector<double> points;
    double highest = 0;
    for (const Value& fit : fits) {
        const Value* value = fit.as_map()->find(figure);
        if (value == nullptr || value->is_null()) {
            continue;
        }
        points.push_back(value->number_or(0));
        highest = std::max(highest, points.back());
    }
    if (points.size() < 2) {
        return {};
    }
    const std::string label =
        words.text(label_key, {{"count", static_cast<std::int64_t>(points.size())}});
    PlotFrame frame{
        .mirrored = words.mirrored(), .label = label, .ticks = {}, .top = round_top(highest)};
    for (std::size_t i = 0; i < ticks; ++i) {
        frame.ticks.push_back(words.number(frame.top * static_cast<double>(i) / double{ticks - 1}));
    }
    return line_chart(points, frame);
}

void add_history(const Words& words, const ValueMap& tree, ValueMap& data) {
    ValueList fits = list_at(tree, "fits");
    if (fits.size() > fits_shown) {
        fits.erase(fits.begin(), fits.end() - static_cast<std::ptrdiff_t>(fits_shown));
    }
    for (Value& value : fits) {
        ValueMap& fit = *value.as_map();
        const ValueMap check = map_at(fit, "check");  // A copy: `fit` grows below.
        const double actual = number_at(check, "actual_orders");
        if (!check.empty() && actual > 0) {
            fit.set("brier", number_at(check, "brier"));
            fit.set("auc", number_at(check, "auc"));
            fit.set("ratio", number_at(check, "predicted_orders") / actual);
        }
    }
    data.set("error_chart", course(words, fits, "brier", "models.error_label"));
    data.set("drift_chart", course(words, fits, "ratio", "models.drift_label"));
    if (!fits.empty()) {
        data.set("first_until", *fits.front().as_map()->find("until"));
        data.set("last_until", *fits.back().as_map()->find("until"));
    }
    std::reverse(fits.begin(), fits.end());
    data.set("fits", std::move(fits));
}

// Each parameter with its standard error, when the last fit that succeeded gave one.
void add_parameters(const ValueMap& tree, ValueMap& data) {
    const ValueMap& models = map_at(tree, "models");
    const ValueList& fits = list_at(tree, "fits");
    const ValueMap* fit = nullptr;
    for (const Value& value : fits) {
        const bool of_these = number_at(*value.as_map(), "version") == number_at(models, "version");
        fit = of_these && value.as_map()->find("error") == nullptr ? value.as_map() : fit;
    }
    ValueList rows;
    for (const auto& [name, value] : map_at(models, "parameters")) {
        ValueMap row;
        row.set("name", name);
        row.set("value", value);
        const Value* error = fit == nullptr ? nullptr : map_at(*fit, "standard_errors").find(name);
        row.set("error", error == nullptr ? Value() : *error);
        rows.emplace_back(std::move(row));
    }
    data.set("parameters", std::move(rows));
    data.set("fit", fit == nullptr ? Value() : Value(*fit));
}

}  // namespace

http::Response models_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "models.title");
    frame.active = "models";
    frame.styles = {"overview_css"};
    const ValueMap tree = api::describe_models(desk);
    ValueMap data = tree;
    const Words words(pages, frame);
    if (const ValueMap* check = newest_check(tree)) {
        add_check(words, *check, data);
    }
    add_history(words, tree, data);
    add_parameters(tree, data);
    return pages.render(200, "models", frame, data);
}

void add_model_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_form(
        router, desk, pages, "/models/fit", "admin",
        [](api::Desk& at, const Pages&, const http::Request&, const http::Pairs&,
           const host::Key& who) {
            const bool started = at.part<api::ModelJob>().start();
            if (started) {
                api::record_change(at, who, {.what = "models.fit"});
            }
            return see_other(started ? "/models?said=fit_started" : "/models?said=fit_running");
        });
}

}  // namespace winback::ui

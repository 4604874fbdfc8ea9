#include "cli/print_overview.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/money.h"
#include "cli/terminal.h"

namespace winback::cli {
namespace {

constexpr int bar_width = 30;
constexpr std::size_t top_lines_max = 8;

std::uint64_t count_at(const ValueMap& map, std::string_view key) {
    return static_cast<std::uint64_t>(std::max(0.0, number_at(map, key)));
}

class Page {
public:
    Page(const ValueMap& overview, const Value& calibration, bool replay)
        : overview_(overview),
          calibration_(calibration),
          replay_(replay),
          currency_(text_at(overview, "currency")) {}

    std::string print() {
        head();
        states();
        worth_winning_back();
        segments();
        journeys();
        messages();
        cohorts();
        models();
        calibration();
        return std::move(out_);
    }

private:
    template <class... Parts>
    void line(fmt::format_string<Parts...> format, Parts&&... parts) {
        out_ += fmt::format(format, std::forward<Parts>(parts)...);
        out_ += "\n";
    }
    void title(std::string_view text) { line("\n{}", text); }

    std::string money(double amount) const {
        return currency_ + " " + format_amount(micros_from_double(amount), currency_);
    }

    void head() {
        const std::string name = text_at(overview_, "workspace");
        line("\n{}, {}", name.empty() ? "winback" : name, text_at(overview_, "now").substr(0, 10));
        line("{} customers, {} orders, {}; {} came back at least once",
             thousands(count_at(overview_, "customers")), thousands(count_at(overview_, "orders")),
             money(number_at(overview_, "revenue")),
             percent(number_at(overview_, "repeat_customers") /
                     std::max(1.0, number_at(overview_, "customers"))));
        if (const std::uint64_t others = count_at(overview_, "other_currency"); others > 0) {
            line(
                "amounts are in {}; {} of the customers pay in another currency, theirs are left "
                "out",
                currency_, thousands(others));
        }
    }

    void states() {
        title("Who is leaving");
        const double all = std::max(1.0, number_at(overview_, "customers"));
        std::vector<std::vector<std::string>> rows;
        constexpr std::array<std::pair<std::string_view, std::string_view>, 6> names{
            {{"new", "new"},
             {"active", "active"},
             {"returned", "returned"},
             {"at_risk", "at risk"},
             {"lapsed", "lapsed"},
             {"no_order", "no order"}}};
        for (const auto& [key, name] : names) {
            const ValueMap& state = map_at(map_at(overview_, "states"), key);
            const double share = number_at(state, "customers") / all;
            rows.push_back({std::string(name), bar(share, bar_width),
                            thousands(count_at(state, "customers")), percent(share),
                            money(number_at(state, "value_at_risk"))});
        }
        out_ += table(rows, "  rrr");
        line("  value at risk within the next 90 days, in all: {}",
             money(number_at(overview_, "value_at_risk")));
        line("  usual gap of the shop: {:.0f} days; at risk after 2 usual gaps, lapsed after 4",
             number_at(overview_, "shop_gap_days"));
    }

    void worth_winning_back() {
        const ValueList& top = list_at(overview_, "worth_winning_back");
        if (top.empty()) {
            return;
        }
        title("Who is worth winning back");
        std::vector<std::vector<std::string>> rows{
            {"customer", "silent", "usually", "P(order)", "at risk", "segments"}};
        for (std::size_t i = 0; i < std::min(top.size(), top_lines_max); ++i) {
            const ValueMap& c = *top[i].as_map();
            std::string segments;
            for (const Value& segment : list_at(c, "segments")) {
                segments += (segments.empty() ? "" : ", ") + *segment.as_string();
            }
            rows.push_back({text_at(c, "id"), fmt::format("{:.0f} d", number_at(c, "silent_days")),
                            fmt::format("{:.0f} d", number_at(c, "usual_gap_days")),
                            percent(number_at(c, "p_order"), 0),
                            money(number_at(c, "value_at_risk")), segments});
        }
        out_ += table(rows, " rrrr ");
    }

    void segments() {
        const ValueList& list = list_at(overview_, "segments");
        if (list.empty()) {
            return;
        }
        title("Segments");
        std::vector<std::vector<std::string>> rows;
        for (const Value& value : list) {
            const ValueMap& segment = *value.as_map();
            rows.push_back({text_at(segment, "name"), thousands(count_at(segment, "customers")),
                            text_at(segment, "description")});
        }
        out_ += table(rows, " r ");
    }

    void journeys() {
        const ValueList& list = list_at(overview_, "journeys");
        if (list.empty()) {
            return;
        }
        title("Journeys: returned within the goal window, assigned against held out");
        std::vector<std::vector<std::string>> rows{{"journey", "assigned", "returned", "held out",
                                                    "returned", "difference", "95 % interval"}};
        for (const Value& value : list) {
            const ValueMap& journey = *value.as_map();
            const ValueMap& assigned = map_at(journey, "assigned");
            const ValueMap& holdout = map_at(journey, "holdout");
            const ValueMap& lift = map_at(journey, "lift");
            rows.push_back({text_at(journey, "name"), thousands(count_at(assigned, "customers")),
                            percent(number_at(lift, "assigned_rate")),
                            thousands(count_at(holdout, "customers")),
                            percent(number_at(lift, "holdout_rate")),
                            fmt::format("{:+.1f} %", number_at(lift, "difference") * 100),
                            fmt::format("{:+.1f} % .. {:+.1f} %", number_at(lift, "low") * 100,
                                        number_at(lift, "high") * 100)});
        }
        out_ += table(rows, " rrrrrr");
        if (replay_) {
            line(
                "  A replay delivers nothing, so this is an A/A test: assigned and held out differ "
                "by chance\n  alone, and the intervals should cover zero.");
        }
    }

    void messages() {
        const ValueMap& counts = map_at(overview_, "messages");
        if (counts.empty()) {
            return;
        }
        title("Messages");
        std::vector<std::vector<std::string>> rows;
        for (const Field& field : counts) {
            rows.push_back(
                {field.first, thousands(static_cast<std::uint64_t>(field.second.number_or(0)))});
        }
        out_ += table(rows, " r");
    }

    void cohorts() {
        const ValueList& list = list_at(map_at(overview_, "cohorts"), "month");
        if (list.empty()) {
            return;
        }
        title("Retention: share of each month's new customers who ordered in later months");
        std::vector<std::vector<std::string>> rows{{"first order", "customers"}};
        std::size_t columns = 0;
        for (const Value& value : list) {
            const ValueMap& cohort = *value.as_map();
            const double size = std::max(1.0, number_at(cohort, "customers"));
            std::vector<std::string> row{text_at(cohort, "from").substr(0, 7),
                                         thousands(count_at(cohort, "customers"))};
            const ValueList& cells = list_at(cohort, "cells");
            for (std::size_t i = 1; i < cells.size(); ++i) {
                row.push_back(
                    fmt::format("{:.0f}", number_at(*cells[i].as_map(), "customers") / size * 100));
            }
            columns = std::max(columns, row.size());
            rows.push_back(std::move(row));
        }
        for (std::size_t i = 2; i < columns; ++i) {
            rows[0].push_back(fmt::format("+{}", i - 1));
        }
        out_ += table(rows, " " + std::string(columns, 'r'));
        line("  in %; the last month of each row is not over");
    }

    void models() {
        const ValueMap& models = map_at(overview_, "models");
        if (models.empty()) {
            return;
        }
        title("Model");
        std::string parameters;
        for (const Field& field : map_at(models, "parameters")) {
            parameters += fmt::format("  {} {:.4g}", field.first, field.second.number_or(0));
        }
        line("  {} on {} customers until {}:{}; log-likelihood {:.3f}", text_at(models, "model"),
             thousands(count_at(models, "customers")),
             text_at(models, "fitted_until").substr(0, 10), parameters,
             number_at(models, "log_likelihood"));
        for (const Value& note : list_at(models, "notes")) {
            line("  note: {}", *note.as_string());
        }
        const ValueMap& edges = map_at(models, "rfm_edges");
        for (const Field& field : edges) {
            std::string text;
            for (const Value& edge : *field.second.as_list()) {
                text += fmt::format("  {:.4g}", edge.number_or(0));
            }
            line("  quintile edges of {}:{}", field.first, text);
        }
    }

    void calibration() {
        const ValueMap* tree = calibration_.as_map();
        if (tree == nullptr) {
            return;
        }
        title("Calibration: fitted on the time before, against what then happened");
        std::vector<std::vector<std::string>> rows{
            {"repeat orders before", "customers", "predicted", "actual"}};
        for (const Value& value : list_at(*tree, "by_repeats")) {
            const ValueMap& row = *value.as_map();
            rows.push_back({text_at(row, "group"), thousands(count_at(row, "customers")),
                            fmt::format("{:.1f}", number_at(row, "predicted")),
                            fmt::format("{:.0f}", number_at(row, "actual"))});
        }
        out_ += table(rows, " rrr");
        line("  orders in {:.0f} days: predicted {:.0f}, actual {:.0f}; Brier {:.4f}, AUC {:.4f}",
             number_at(*tree, "horizon_days"), number_at(*tree, "predicted_orders"),
             number_at(*tree, "actual_orders"), number_at(*tree, "brier"), number_at(*tree, "auc"));
    }

    const ValueMap& overview_;
    const Value& calibration_;
    bool replay_;
    std::string currency_;
    std::string out_;
};

}  // namespace

std::string print_overview(const ValueMap& overview, const Value& calibration, bool replay) {
    return Page(overview, calibration, replay).print();
}

}  // namespace winback::cli

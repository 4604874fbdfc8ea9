#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/civil.h"
#include "cli/commands.h"
#include "cli/fitting.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "model/bg_nbd.h"
#include "model/mbg_nbd.h"

namespace winback::cli {
namespace {

Result<model::FitReport> fit_model(std::string_view name,
                                   const std::vector<model::RepeatSummary>& rows) {
    if (name == "mbg-nbd") {
        WINBACK_TRY(const auto fit, model::mbg_nbd::fit(rows));
        return fit.report;
    }
    if (name == "bg-nbd") {
        WINBACK_TRY(const auto fit, model::bg_nbd::fit(rows));
        return fit.report;
    }
    WINBACK_TRY(const auto fit, model::gamma_gamma::fit(rows));
    return fit.report;
}

void print_report(const model::FitReport& report, const std::string& unit, double seconds) {
    fmt::print("{}  ({} as the unit of time, {:.3f} s)\n", report.model, unit, seconds);
    std::vector<std::vector<std::string>> rows;
    for (const model::Parameter& parameter : report.parameters) {
        const bool known = std::isfinite(parameter.standard_error);
        rows.push_back({parameter.name, fmt::format("{:.7g}", parameter.value),
                        known ? fmt::format("± {:.3g}", parameter.standard_error) : ""});
    }
    fmt::print("{}", table(rows, " rr"));
    fmt::print("  log-likelihood {:.6f}, {}; {} customers, {} of them repeat\n",
               report.log_likelihood, report.converged ? "converged" : "NOT converged",
               thousands(static_cast<std::uint64_t>(report.customers)),
               thousands(static_cast<std::uint64_t>(report.repeat_customers)));
    for (const std::string& note : report.notes) {
        fmt::print("  note: {}\n", note);
    }
}

Result<std::int32_t> until_day(const std::string& text, std::int32_t last_day) {
    if (text.empty()) {
        return last_day;
    }
    WINBACK_TRY(const Timestamp time, parse_iso8601(text));
    return static_cast<std::int32_t>(time.ms / days(1).ms);
}

Status save(host::Host& host, const host::OrderList& orders, std::int32_t until) {
    WINBACK_TRY(const Ok loaded, host::refit(host, orders, until, "command"));
    static_cast<void>(loaded);
    host.run_until_idle();
    return host.close();
}

}  // namespace

int run_fit(const FitArguments& arguments) {
    if (arguments.data.empty() == arguments.orders.empty()) {
        fail({ErrorCode::InvalidArgument, "fit needs one of --data DIR and --orders FILE.csv"});
        return exit_usage;
    }
    if (arguments.save && arguments.data.empty()) {
        fail(
            {ErrorCode::InvalidArgument, "--save keeps a fit in a data folder; name it by --data"});
        return exit_usage;
    }
    std::unique_ptr<host::Host> host;
    if (!arguments.data.empty()) {
        auto opened = open_folder(arguments.data, false);
        if (!opened.has_value()) {
            return fail(opened.error());
        }
        host = *std::move(opened);
    }
    Result<host::OrderList> list = host != nullptr ? Result<host::OrderList>(host::orders_of(*host))
                                                   : orders_of_file(arguments.orders);
    if (!list.has_value()) {
        return fail(list.error());
    }
    const auto until = until_day(arguments.until, list->last_day);
    if (!until.has_value()) {
        return fail(until.error());
    }
    const auto started = std::chrono::steady_clock::now();
    const auto customers = model::summarise(
        list->orders,
        {.until = *until,
         .unit = arguments.unit == "day" ? model::TimeUnit::Day : model::TimeUnit::Week});
    if (!customers.has_value()) {
        return fail(customers.error());
    }
    const auto report = fit_model(arguments.model, model::repeat_summaries(*customers));
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    if (!report.has_value()) {
        return fail(report.error());
    }
    if (arguments.json) {
        ValueMap tree = *model::to_value(*report).as_map();
        tree.set("seconds", seconds);
        tree.set("unit", arguments.unit);
        tree.set("until", day_name(*until));
        fmt::print("{}\n", to_json(tree));
    } else {
        print_report(*report, arguments.unit, seconds);
    }
    if (arguments.save) {
        if (const Status saved = save(*host, *list, *until); !saved.has_value()) {
            return fail(saved.error());
        }
    }
    return exit_ok;
}

}  // namespace winback::cli

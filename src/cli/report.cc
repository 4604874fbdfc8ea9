#include <fmt/format.h>

#include "api/customers.h"
#include "api/desk.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/print_overview.h"
#include "cli/terminal.h"
#include "host/setting.h"

namespace winback::cli {
namespace {

std::string as_text(const Value& value) {
    const std::string* text = value.as_string();
    return text != nullptr ? *text : to_json(value);
}

void print_map(std::string_view title, const ValueMap& map) {
    if (map.empty()) {
        return;
    }
    fmt::print("\n{}\n", title);
    std::vector<std::vector<std::string>> rows;
    for (const Field& field : map) {
        if (!field.second.is_null()) {
            rows.push_back({field.first, as_text(field.second)});
        }
    }
    fmt::print("{}", table(rows, "  "));
}

}  // namespace

int run_report(const ReportArguments& arguments) {
    auto opened = open_folder(arguments.data, false, "GET /api/v1/overview");
    if (!opened.has_value()) {
        return fail(opened.error());
    }
    host::Host& host = **opened;
    api::Desk desk(host, {.threads = 0});
    const auto overview = desk.overview();
    const auto calibration = host::read_setting(host.store(), host::calibration_setting);
    if (!calibration.has_value()) {
        return fail(calibration.error());
    }
    if (arguments.json) {
        ValueMap tree = overview->tree;
        tree.set("calibration", *calibration);
        fmt::print("{}\n", to_json(tree));
    } else {
        fmt::print("{}",
                   print_overview(overview->tree, *calibration, !host.origin().replay_of.empty()));
    }
    return exit_ok;
}

int run_customer_show(const CustomerArguments& arguments) {
    auto opened = open_folder(arguments.data, false, "GET /api/v1/customers/" + arguments.id);
    if (!opened.has_value()) {
        return fail(opened.error());
    }
    api::Desk desk(**opened, {.threads = 0});
    auto customer = api::describe_customer(desk, arguments.id);
    if (!customer.has_value()) {
        return fail(customer.error());
    }
    const auto timeline = api::describe_timeline(desk, arguments.id, {.limit = 50});
    if (!timeline.has_value()) {
        return fail(timeline.error());
    }
    const ValueList& entries = *timeline->find("entries")->as_list();
    if (arguments.json) {
        customer->set("timeline", entries);
        fmt::print("{}\n", to_json(*customer));
        return exit_ok;
    }
    ValueMap facts;
    for (const Field& field : *customer) {
        const ValueMap* part = field.second.as_map();
        if (part != nullptr) {
            print_map(field.first, *part);
        } else if (field.second.as_list() == nullptr) {
            facts.set(field.first, field.second);
        }
    }
    print_map("customer", facts);
    fmt::print("\ntimeline, newest first\n");
    for (const Value& entry : entries) {
        fmt::print("  {}\n", to_json(entry));
    }
    return exit_ok;
}

}  // namespace winback::cli

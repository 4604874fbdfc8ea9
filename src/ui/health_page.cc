// Whether the server works, for people.
#include <algorithm>

#include "api/health_watch.h"
#include "host/host.h"
#include "ui/charts.h"
#include "ui/line_charts.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

// How much of a disk is full, and how worried one must be.
void add_disk(ValueMap& watch) {
    ValueMap disk = *watch.find("disk")->as_map();
    const double used = disk.find("bytes")->number_or(0);
    const double left = disk.find("free_bytes")->number_or(0);
    disk.set("bar", share_bar(used + left <= 0 ? 0 : used / (used + left)));
    watch.set("disk", std::move(disk));
}

std::int64_t worries_of(const ValueMap& health, const ValueMap& watch) {
    std::int64_t worries = 0;
    const ValueMap& sender = *watch.find("sender")->as_map();
    worries += text_at(sender, "last_error").empty() ? 0 : 1;
    worries += *watch.find("disk")->as_map()->find("low")->as_bool() ? 1 : 0;
    worries += list_at(health, "quarantined").empty() ? 0 : 1;
    worries +=
        health.find("lag_inputs")->number_or(0) > static_cast<double>(api::lag_high_inputs) ? 1 : 0;
    return worries;
}

}  // namespace

http::Response health_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "health";
    frame.title = pages.text(frame, "health.title");
    frame.styles = {"desk_css"};
    ValueMap data = api::health_tree(desk);
    ValueMap watch = *data.find("watch")->as_map();
    std::vector<std::uint64_t> minutes;
    std::uint64_t most = 0;
    for (const Value& minute : list_at(watch, "minutes")) {
        const double inputs = minute.as_map()->find("inputs")->number_or(0);
        minutes.push_back(static_cast<std::uint64_t>(std::max(inputs, 0.0)));
        most = std::max(most, minutes.back());
    }
    watch.set("busiest", static_cast<std::int64_t>(most));
    watch.set("chart", spark_bars(minutes, api::minutes_kept, pages.text(frame, "health.chart")));
    add_disk(watch);
    data.set("worries", worries_of(data, watch));
    data.set("watch", std::move(watch));
    return pages.render(200, "health", frame, data);
}

}  // namespace winback::ui

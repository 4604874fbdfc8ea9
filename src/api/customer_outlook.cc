#include "api/customer_outlook.h"

#include <algorithm>
#include <string_view>

#include "model/fitted_models.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr int course_points = 60;
constexpr int ahead_points = 12;
constexpr std::int64_t course_days_max = 3'650;

ValueMap point(Timestamp at, double orders) {
    ValueMap map;
    map.set("at", at);
    map.set("orders", orders);
    return map;
}

double days_between(Timestamp from, Timestamp to) {
    return static_cast<double>((to - from).ms) / static_cast<double>(days(1).ms);
}

// What a new customer is expected to order from the day of their first order on.
ValueList typical_course(const model::FittedModels& models, Timestamp first, Timestamp now) {
    const Timestamp from = std::max(first, now - days(course_days_max));
    const model::OrderHistory fresh{.order_days = 1, .first = first, .last = first, .now = first};
    ValueList list;
    for (int i = 0; i <= course_points; ++i) {
        const Timestamp at = from + milliseconds((now - from).ms / course_points * i);
        const double days_since = std::min(days_between(first, at), 3'650.0);
        list.emplace_back(
            point(at, days_since <= 0 ? 1 : 1 + model::expected_orders(models, fresh, days_since)));
    }
    return list;
}

ValueList course_ahead(const model::FittedModels& models, const model::OrderHistory& history) {
    const auto orders = static_cast<double>(history.order_days);
    ValueList list;
    for (int i = 0; i <= ahead_points; ++i) {
        const double ahead = static_cast<double>(models.horizon_days) * i / ahead_points;
        const auto ms = static_cast<std::int64_t>(ahead * static_cast<double>(days(1).ms));
        list.emplace_back(
            point(history.now + milliseconds(ms),
                  i == 0 ? orders : orders + model::expected_orders(models, history, ahead)));
    }
    return list;
}

std::string_view kind_name(journey::StepKind kind) {
    return kind == journey::StepKind::Wait      ? "wait"
           : kind == journey::StepKind::Branch  ? "branch"
           : kind == journey::StepKind::Message ? "message"
                                                : "exit";
}

ValueMap step_ahead(const journey::Enrollment& entry, const journey::Journey* journey) {
    ValueMap map;
    map.set("at", entry.wake_at);
    map.set("kind", "step");
    map.set("journey", entry.journey);
    add_name(map, entry.journey, journey);
    map.set("held_out", entry.held_out);
    if (journey == nullptr || entry.step >= journey->steps.size()) {
        return map;
    }
    // After a wait comes the step behind it.
    const journey::Step* step = &journey->steps[entry.step];
    if (step->kind == journey::StepKind::Wait && step->next < journey->steps.size()) {
        step = &journey->steps[step->next];
    }
    map.set("step", step->id);
    map.set("step_kind", kind_name(step->kind));
    return map;
}

void add_steps(const host::ShardView& view, CustomerIndex c, ValueList& list) {
    const engine::DefinitionsPtr definitions = view.shard.definitions();
    for (const journey::Enrollment& entry : view.shard.enrollments(c)) {
        const bool waits = entry.state == journey::EnrollmentState::Running &&
                           entry.wake_at != timestamp_max && entry.wake_at > view.now;
        if (waits) {
            list.emplace_back(step_ahead(
                entry, definitions == nullptr ? nullptr : definitions->journey(entry.journey)));
        }
    }
    for (const engine::MessageRecord& record : view.shard.messages(c)) {
        if (record.state == message::MessageState::Held && record.release_at > view.now) {
            ValueMap map;
            map.set("at", record.release_at);
            map.set("kind", "held");
            map.set("message", to_hex(record.key));
            map.set("journey", record.journey);
            map.set("step", record.step);
            list.emplace_back(std::move(map));
        }
    }
}

void add_segments(const host::ShardView& view, CustomerIndex c, ValueList& list) {
    const engine::DefinitionsPtr definitions = view.shard.definitions();
    if (definitions == nullptr || !view.shard.customers().has_events(c)) {
        return;
    }
    for (const segment::Segment& segment : definitions->segments) {
        const expr::Outcome outcome =
            view.shard.query(segment.condition, definitions->symbols)->outcome(c, view.now);
        if (outcome.valid_until == timestamp_max || outcome.valid_until <= view.now) {
            continue;
        }
        ValueMap map;
        map.set("at", outcome.valid_until);
        map.set("kind", "segment");
        map.set("segment", segment.id);
        add_name(map, segment.id, &segment);
        map.set("member", outcome.holds);
        list.emplace_back(std::move(map));
    }
}

}  // namespace

Value course_value(const host::ShardView& view, CustomerIndex c) {
    const auto order_days = view.shard.customers().order_days(c);
    if (order_days.empty()) {
        return {};
    }
    const auto start_of = [](std::int32_t day) {
        return Timestamp{std::int64_t{day} * days(1).ms};
    };
    model::OrderHistory history{.order_days = order_days.size(),
                                .first = start_of(order_days.front().day),
                                .last = start_of(order_days.back().day),
                                .now = view.now};
    constexpr std::size_t steps_max = 500;
    const std::size_t skip = order_days.size() - std::min(order_days.size(), steps_max);
    ValueList actual;
    for (std::size_t i = skip; i < order_days.size(); ++i) {
        actual.emplace_back(point(start_of(order_days[i].day), static_cast<double>(i + 1)));
    }
    ValueMap map;
    map.set("actual", std::move(actual));
    const auto& models = view.shard.models();
    const bool known = models.has_value() && history.first <= view.now;
    map.set("typical", known ? typical_course(*models, history.first, view.now) : ValueList{});
    map.set("ahead", known ? course_ahead(*models, history) : ValueList{});
    return map;
}

ValueList upcoming_value(const host::ShardView& view, CustomerIndex c) {
    ValueList list;
    add_steps(view, c, list);
    add_segments(view, c, list);
    const auto at = [](const Value& value) { return *value.as_map()->find("at")->as_time(); };
    std::stable_sort(list.begin(), list.end(),
                     [&](const Value& a, const Value& b) { return at(a) < at(b); });
    list.resize(std::min(list.size(), upcoming_max));
    return list;
}

}  // namespace winback::api

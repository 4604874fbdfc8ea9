// The events that webhooks tell, and how what the engine decided becomes them.
//
// An event holds ids and what happened, never names, addresses or texts of messages: whoever
// receives it asks the API with rights of its own.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "engine/effect.h"
#include "engine/input.h"
#include "engine/shard.h"

namespace winback::webhook {

inline constexpr std::array<std::string_view, 15> event_types{
    "message.sent",         "message.refused",     "message.failed",  "message.in_doubt",
    "consent.changed",      "customer.suppressed", "customer.erased", "segment.entered",
    "segment.left",         "journey.entered",     "journey.exited",  "journey.finished",
    "journey.goal_reached", "playbook.loaded",     "import.finished"};
// What the button sends; every endpoint gets it when it is asked for.
constexpr std::string_view test_event = "webhook.test";

bool is_event_type(std::string_view type);

struct Event {
    std::string type;
    std::string customer;  // Empty when it is about no one.
    Timestamp at;
    ValueMap data;
};

// {"type":"segment.entered","timestamp":"2026-01-01T00:00:00.000Z","data":{...}}
std::string event_body(const Event& event);

// Pre: `shard` has stepped the input.
std::vector<Event> events_of(const engine::Input& input,
                             const engine::Effects& effects,
                             const engine::Shard& shard);

}  // namespace winback::webhook

// A journey: who enters, what happens step by step, when it ends, what it is for.
//
// Steps stand in one flat list; a step names the next one by its index, so a branch is a jump.
// The list is acyclic (every jump goes forward), so a customer passes each step at most once
// and `steps_max` bounds the work that one input can cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/words.h"
#include "base/zone.h"
#include "customer/channel.h"
#include "expr/condition.h"

namespace winback::journey {

constexpr std::size_t steps_max = 200;

enum class StepKind : std::uint8_t { Wait, Branch, Message, Exit };

struct Step {
    std::string id;  // Unique within the journey and stable over versions: part of message keys.
    StepKind kind = StepKind::Exit;
    std::uint32_t next = 0;                    // Wait, Message; Branch: when the condition holds.
    std::uint32_t otherwise = 0;               // Branch: when it does not.
    CalendarStep wait;                         // Wait
    std::optional<expr::Condition> condition;  // Branch
    std::string template_id;                   // Message
    customer::Channel channel = customer::Channel::Email;  // Message
    std::string offer_id;                                  // Message; empty when it carries none.
};

// What the journey is to bring about: an event within a time after entering.
struct Goal {
    std::string event = "Order Completed";
    std::optional<expr::Condition> where;  // On the customer, at the moment of the event.
    CalendarStep within{.days = 30};
};

struct Reentry {
    bool allowed = false;
    CalendarStep after{.days = 180};  // At the earliest, counted from the last entry.
};

struct Journey {
    std::string id;
    std::string name;  // In the language of the workspace.
    std::string description;
    Words names;  // The same in each language that the playbook has them in.
    Words descriptions;
    std::string segment;                  // Entered when this segment is joined.
    bool enter_members_at_start = false;  // Also who is in it when the journey is first loaded.
    double holdout = 0.10;                // Share left alone, 0..1.
    std::string salt;                     // With the journey's id decides who is held out.
    Reentry reentry;
    std::vector<expr::Condition> exits;  // Left when one of them holds.
    Goal goal;
    std::vector<Step> steps;    // Entered at index 0.
    std::uint64_t version = 0;  // Hash of the definition's text; customers keep theirs.
};

}  // namespace winback::journey

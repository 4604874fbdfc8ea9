// What may be wrong with an event that was taken, as far as one can see by looking at those that
// arrive: nothing here changes what becomes of it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"

namespace winback::api {

struct EventProblem {
    std::string code;     // snake_case, stable; the pages have a text for each.
    std::string message;  // For people, with what to do.
    std::string subject;  // What it is about: the name of a property, a name that was meant.
    bool is_remark =
        false;  // Worth knowing and nothing to mend: a back-fill is late by its nature.
};

// All codes there are: of `EventProblems`, of events and of bodies that are rejected.
std::vector<std::string_view> event_problem_codes();

// Remembers names, types and message ids of the events it was shown. One thread.
class EventProblems {
public:
    // `stated`: the timestamp as it was sent, with its quotes; empty when there was none.
    // `shop_currency`: that of the workspace; empty when it is not known.
    std::vector<EventProblem> look(const event::Event& event,
                                   std::string_view stated,
                                   Timestamp received,
                                   std::string_view shop_currency = "");

private:
    void look_at_types(const event::Event& event, std::vector<EventProblem>& found);

    static constexpr std::size_t ids_max = 4096;
    static constexpr std::size_t properties_max = 4096;
    std::set<std::string, std::less<>> ids_;
    std::deque<std::string> ids_in_order_;
    std::map<std::string, std::string, std::less<>> types_;  // By event name and property.
};

}  // namespace winback::api

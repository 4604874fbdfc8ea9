// A named condition; the customers for whom it holds now are its members.
#pragma once

#include <string>
#include <vector>

#include "base/words.h"
#include "expr/condition.h"

namespace winback::segment {

struct Segment {
    std::string id;    // "lapsing"
    std::string name;  // For people, in the language of the workspace.
    std::string description;
    Words names;  // The same in each language that the playbook has them in.
    Words descriptions;
    expr::Condition condition;
    // Whether those for whom it holds because it was changed enter its journeys, as those do who
    // come by an event or by time.
    bool newcomers_enter = false;
};

// In an order in which each segment comes after those that it refers to by in_segment(..).
// The playbook refuses cycles, so such an order exists.
using Segments = std::vector<Segment>;

}  // namespace winback::segment

// Counts of any condition, and diagnostics as trees.
#pragma once

#include <string>
#include <string_view>

#include "api/desk.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::api {

// How many customers a condition holds for now.
struct Count {
    std::string canonical;
    std::uint64_t customers = 0;
    std::uint64_t of = 0;
    Timestamp now;
    Diagnostics diagnostics;  // With errors nothing was counted.
    // False: it reads a property of events that no definition reads, which is not in memory, and
    // nothing was counted.
    bool kept = true;
};
// Checked against the loaded playbook.
Count count_condition(Desk& desk, std::string_view condition);

ValueList diagnostics_value(const Diagnostics& diagnostics);

}  // namespace winback::api

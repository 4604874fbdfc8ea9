// Journeys as they stand: who is where, what was sent, what it brought.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::api {

constexpr int journey_months_shown_max = 24;

// {now, version, journeys: [...]}: those of the playbook in its order, then those that only their
// passages remember. Blocks.
ValueMap list_journeys(Desk& desk);

// One of them with its steps, conditions, months and versions. Fails with NotFound.
Result<ValueMap> describe_journey(Desk& desk, std::string_view id);

// Names of the steps of journeys in earlier versions of the playbook, compiled when asked for.
class JourneySteps {
public:
    explicit JourneySteps(Desk& desk) : desk_(desk) {}
    // Their ids in order; none when the version or the journey is not known any more.
    std::vector<std::string> steps(std::uint64_t version, std::string_view journey);
    // Empty when the version, the journey or the step is not known any more.
    std::string name(std::uint64_t version, std::string_view journey, std::uint32_t step);

private:
    using ById = std::map<std::string, std::vector<std::string>, std::less<>>;

    Desk& desk_;
    std::mutex mutex_;
    std::map<std::uint64_t, ById> versions_;
};

}  // namespace winback::api

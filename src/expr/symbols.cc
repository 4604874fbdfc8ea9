#include <algorithm>

#include "expr/facts.h"

namespace winback::expr {
namespace {

// The lists are short and used only while compiling.
std::uint32_t index_of(std::vector<std::string>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
        return static_cast<std::uint32_t>(found - names.begin());
    }
    names.emplace_back(name);
    return static_cast<std::uint32_t>(names.size() - 1);
}

}  // namespace

TraitId Symbols::trait(std::string_view name) {
    return index_of(traits, name);
}

EventSetId Symbols::event_set(const std::vector<std::string>& patterns) {
    for (std::size_t i = 0; i < event_sets.size(); ++i) {
        if (event_sets[i].patterns == patterns) {
            return static_cast<EventSetId>(i);
        }
    }
    event_sets.push_back({patterns, {}});
    return static_cast<EventSetId>(event_sets.size() - 1);
}

std::uint32_t Symbols::field(EventSetId set, std::string_view name) {
    return index_of(event_sets.at(set).fields, name);
}

SegmentId Symbols::segment(std::string_view name) {
    return index_of(segments, name);
}

ScoreId Symbols::score(std::string_view name) {
    return index_of(scores, name);
}

}  // namespace winback::expr

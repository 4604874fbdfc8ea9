#include "engine/definitions.h"

#include <algorithm>

namespace winback::engine {

const journey::Journey* Definitions::journey(std::string_view id) const {
    const auto found = std::find_if(journeys.begin(), journeys.end(),
                                    [&](const journey::Journey& j) { return j.id == id; });
    return found == journeys.end() ? nullptr : &*found;
}

const segment::Segment* Definitions::segment(std::string_view id) const {
    const auto found = std::find_if(segments.begin(), segments.end(),
                                    [&](const segment::Segment& s) { return s.id == id; });
    return found == segments.end() ? nullptr : &*found;
}

}  // namespace winback::engine

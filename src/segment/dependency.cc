#include "segment/dependency.h"

#include <algorithm>
#include <numeric>

#include "event/names.h"

namespace winback::segment {

bool selects(std::string_view pattern, std::string_view event_name) {
    if (pattern == "*") {
        return true;
    }
    if (pattern.ends_with(".*")) {
        return event_name.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    return pattern == event_name;
}

bool moves_trait(std::string_view event_name, std::string_view trait) {
    if (trait.starts_with("first_seen") || trait.starts_with("last_seen")) {
        return true;
    }
    if (trait.starts_with("orders.") || trait.starts_with("refunds.")) {
        return event_name.starts_with("Order ");
    }
    if (trait.starts_with("subscription.")) {
        return event_name.starts_with("Subscription ");
    }
    return false;  // Attributes: the engine looks at all segments when one changes.
}

Dependencies::Dependencies(const Segments& segments, const expr::Symbols& symbols)
    : segments_(segments), symbols_(symbols), all_(segments.size()) {
    std::iota(all_.begin(), all_.end(), 0U);
    std::vector<std::string_view> scored;  // Those referred to stand before who refers to them.
    for (const Segment& segment : segments_) {
        const auto& refers = segment.condition.segments;
        const bool reads = !segment.condition.scores.empty() ||
                           std::any_of(refers.begin(), refers.end(), [&](expr::SegmentId id) {
                               return std::find(scored.begin(), scored.end(),
                                                symbols_.segments[id]) != scored.end();
                           });
        reads_scores_.push_back(reads);
        if (reads) {
            scored.push_back(segment.id);
        }
    }
}

bool Dependencies::reads(const Segment& segment, std::string_view event_name) const {
    const expr::Condition& condition = segment.condition;
    const bool by_event = std::any_of(
        condition.event_sets.begin(), condition.event_sets.end(), [&](expr::EventSetId id) {
            const auto& patterns = symbols_.event_sets[id].patterns;
            return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
                return selects(pattern, event_name);
            });
        });
    const bool by_trait =
        std::any_of(condition.traits.begin(), condition.traits.end(),
                    [&](expr::TraitId id) { return moves_trait(event_name, symbols_.traits[id]); });
    const bool by_score = !condition.scores.empty() && event_name.starts_with("Order ");
    return by_event || by_trait || by_score;
}

const std::vector<std::uint32_t>& Dependencies::of_event(std::string_view name) {
    const auto known = by_name_.find(std::string(name));
    if (known != by_name_.end()) {
        return known->second;
    }
    std::vector<std::uint32_t> affected;
    std::vector<std::string> affected_ids;
    for (std::uint32_t i = 0; i < segments_.size(); ++i) {
        const Segment& segment = segments_[i];
        const auto& refers = segment.condition.segments;
        const bool by_segment = std::any_of(refers.begin(), refers.end(), [&](expr::SegmentId id) {
            return std::find(affected_ids.begin(), affected_ids.end(), symbols_.segments[id]) !=
                   affected_ids.end();
        });
        if (by_segment || reads(segment, name)) {
            affected.push_back(i);
            affected_ids.push_back(segment.id);
        }
    }
    return by_name_.emplace(name, std::move(affected)).first->second;
}

}  // namespace winback::segment

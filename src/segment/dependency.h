// Which segments an event can change, so that no other is evaluated for it.
//
// A segment is looked at for an event when its condition selects that event's name, reads a
// derived trait that the event moves, reads a score (which orders move), or refers to a segment
// that is looked at. It may be looked at in vain, never missed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "expr/facts.h"
#include "segment/segment.h"

namespace winback::segment {

class Dependencies {
public:
    // Keeps references: both must outlive this and stay unchanged.
    Dependencies(const Segments& segments, const expr::Symbols& symbols);

    // Positions in `segments`, ascending, which is the order in which to evaluate them.
    const std::vector<std::uint32_t>& of_event(std::string_view name);
    const std::vector<std::uint32_t>& all() const { return all_; }
    // Whether the segment at the position reads a score, itself or by way of other segments.
    bool reads_scores(std::uint32_t position) const { return reads_scores_[position]; }

private:
    bool reads(const Segment& segment, std::string_view event_name) const;

    const Segments& segments_;
    const expr::Symbols& symbols_;
    std::vector<std::uint32_t> all_;
    std::vector<bool> reads_scores_;
    // Only looked up, never iterated. Bounded by the number of event names in a shard.
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_name_;
};

// True when a pattern ("name", "prefix.*", "*") selects an event of this name.
bool selects(std::string_view pattern, std::string_view event_name);

// True when an event of this name can move the derived trait.
bool moves_trait(std::string_view event_name, std::string_view trait);

}  // namespace winback::segment

// Up to three sets as circles over each other in a frame that is everybody, each part with its
// number, which leads to the people in it. The circles are of one size: the numbers count, not the
// areas.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace winback::ui {

struct OverlapPart {
    unsigned inside = 0;  // A bit for each set, the first lowest; 0: in none.
    std::string number;   // As the reader's language writes it.
    std::string address;
    std::string label;  // Read out: "in Lapsing, not in Best customers: 12"
};

// `sets`: 1 to 3. The first set is A, where the reader begins to read. Numbers without an address
// are no links.
std::string overlap_chart(int sets,
                          std::span<const OverlapPart> parts,
                          std::string_view label,
                          bool mirrored);

}  // namespace winback::ui

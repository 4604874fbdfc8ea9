// RFM quintiles: each customer scored 1 (worst) to 5 (best) on recency, frequency, monetary value.
//
// The edges are learned from a base and shown to people, so a score can always be explained by
// two numbers. Equal values always get equal scores; where many customers share a value (as
// one-time buyers do) a class may therefore be larger than a fifth, and some classes empty.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/result.h"

namespace winback::model {

struct RfmFacts {
    double days_since_last = 0;  // Fewer is better.
    double orders = 0;
    double revenue = 0;
};

// The largest value of the first four classes, ascending: the 20th, 40th, 60th and 80th percentile
// of the base by nearest rank. A value is in the first class whose edge it does not exceed, else
// in the fifth.
using QuintileEdges = std::array<double, 4>;

struct RfmEdges {
    QuintileEdges days_since_last{};
    QuintileEdges orders{};
    QuintileEdges revenue{};
    bool operator==(const RfmEdges&) const = default;
};

struct RfmScore {
    int recency = 0;  // 5: ordered most lately.
    int frequency = 0;
    int monetary = 0;
    bool operator==(const RfmScore&) const = default;
};

// Fails with InvalidArgument when the base is empty or holds a number that is not finite.
Result<RfmEdges> rfm_edges(std::span<const RfmFacts> base);

RfmScore rfm_score(const RfmEdges& edges, const RfmFacts& facts);

}  // namespace winback::model

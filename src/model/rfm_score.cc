#include "model/rfm_score.h"

#include <algorithm>
#include <cmath>

namespace winback::model {
namespace {

QuintileEdges edges_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    QuintileEdges edges{};
    for (std::size_t k = 0; k < edges.size(); ++k) {
        const std::size_t rank = (values.size() * (k + 1) + 4) / 5;  // Rounded up, from 1.
        edges[k] = values[rank - 1];
    }
    return edges;
}

int class_of(const QuintileEdges& edges, double value) {
    int result = 1;
    for (const double edge : edges) {
        result += value > edge ? 1 : 0;
    }
    return result;
}

}  // namespace

Result<RfmEdges> rfm_edges(std::span<const RfmFacts> base) {
    if (base.empty()) {
        return Error{ErrorCode::InvalidArgument, "quintiles need at least one customer"};
    }
    std::vector<double> days;
    std::vector<double> orders;
    std::vector<double> revenue;
    for (const RfmFacts& facts : base) {
        if (!std::isfinite(facts.days_since_last + facts.orders + facts.revenue)) {
            return Error{ErrorCode::InvalidArgument, "quintiles need finite numbers"};
        }
        days.push_back(facts.days_since_last);
        orders.push_back(facts.orders);
        revenue.push_back(facts.revenue);
    }
    return RfmEdges{edges_of(std::move(days)), edges_of(std::move(orders)),
                    edges_of(std::move(revenue))};
}

RfmScore rfm_score(const RfmEdges& edges, const RfmFacts& facts) {
    return {6 - class_of(edges.days_since_last, facts.days_since_last),
            class_of(edges.orders, facts.orders), class_of(edges.revenue, facts.revenue)};
}

}  // namespace winback::model

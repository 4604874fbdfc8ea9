// States then and now, who moved, and by how much the measures changed.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "report/state.h"
#include "ui/flow_chart.h"
#include "ui/overview.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

using report::customer_state_count;
using report::past_state_count;

constexpr std::array<std::string_view, past_state_count> classes{
    "s-new", "s-active", "s-returned", "s-at-risk", "s-lapsed", "s-no-order", "s-unknown"};

struct Cell {
    double customers = 0;
    double revenue = 0;
};
using Matrix = std::array<std::array<Cell, customer_state_count>, past_state_count>;

std::string_view state_name(std::size_t i) {
    return report::customer_state_name(static_cast<report::CustomerState>(i));
}

Matrix matrix_of(const ValueMap& flow) {
    Matrix matrix;
    for (const Value& value : list_at(flow, "cells")) {
        const ValueMap& map = *value.as_map();
        const auto from = report::parse_customer_state(text_at(map, "from"));
        const auto to = report::parse_customer_state(text_at(map, "to"));
        matrix[static_cast<std::size_t>(*from)][static_cast<std::size_t>(*to)] = {
            .customers = number_at(map, "customers"), .revenue = number_at(map, "revenue")};
    }
    return matrix;
}

double then_count(const Matrix& matrix, std::size_t from) {
    double sum = 0;
    for (const Cell& cell : matrix[from]) {
        sum += cell.customers;
    }
    return sum;
}

double now_count(const Matrix& matrix, std::size_t to) {
    double sum = 0;
    for (const auto& row : matrix) {
        sum += row[to].customers;
    }
    return sum;
}

class Words {
public:
    Words(const Pages& pages, const Frame& frame) : pages_(pages), frame_(frame) {}
    std::string state(std::size_t i) const {
        return pages_.text(frame_, "state." + std::string(state_name(i)));
    }
    std::string number(double count) const {
        return pages_.text(frame_, "overview.number", {{"count", whole(count)}});
    }
    std::string label(const Matrix& matrix) const;
    bool mirrored() const { return frame_.direction == "rtl"; }

private:
    const Pages& pages_;
    const Frame& frame_;
};

// The three largest movements, in words.
std::string Words::label(const Matrix& matrix) const {
    struct Move {
        std::size_t from;
        std::size_t to;
        double customers;
    };
    std::vector<Move> moves;
    for (std::size_t from = 0; from < past_state_count; ++from) {
        for (std::size_t to = 0; to < customer_state_count; ++to) {
            if (from != to && matrix[from][to].customers > 0) {
                moves.push_back({from, to, matrix[from][to].customers});
            }
        }
    }
    std::stable_sort(moves.begin(), moves.end(),
                     [](const Move& a, const Move& b) { return a.customers > b.customers; });
    std::string out = pages_.text(frame_, "overview.flows_label");
    for (std::size_t i = 0; i < std::min<std::size_t>(moves.size(), 3); ++i) {
        out += " " + pages_.text(frame_, "overview.flow_label",
                                 {{"from", state(moves[i].from)},
                                  {"to", state(moves[i].to)},
                                  {"count", whole(moves[i].customers)}});
    }
    return out;
}

std::string chart_of(const Words& words, const Matrix& matrix) {
    std::vector<FlowNode> then;
    std::vector<FlowNode> now;
    std::vector<FlowRibbon> ribbons;
    for (std::size_t from = 0; from < past_state_count; ++from) {
        then.push_back({classes[from], words.state(from), words.number(then_count(matrix, from))});
        for (std::size_t to = 0; to < customer_state_count; ++to) {
            if (matrix[from][to].customers > 0) {
                ribbons.push_back({from, to, matrix[from][to].customers});
            }
        }
    }
    for (std::size_t to = 0; to < customer_state_count; ++to) {
        now.push_back({classes[to], words.state(to), words.number(now_count(matrix, to))});
    }
    return flow_chart(then, now, ribbons, words.mirrored(), words.label(matrix));
}

ValueList state_rows(const ValueMap& tree, const Matrix& matrix) {
    ValueList rows;
    const double customers = number_at(tree, "customers");
    for (std::size_t i = 0; i < customer_state_count; ++i) {
        ValueMap row = map_at(map_at(tree, "states"), state_name(i));
        const double now = number_at(row, "customers");
        row.set("id", state_name(i));
        row.set("css", classes[i]);
        row.set("share", share_of(now, customers));
        row.set("change", whole(now - then_count(matrix, i)));
        rows.emplace_back(std::move(row));
    }
    return rows;
}

ValueList move_rows(const Matrix& matrix) {
    ValueList rows;
    for (std::size_t from = 0; from < past_state_count; ++from) {
        const double all = then_count(matrix, from);
        if (all <= 0) {
            continue;
        }
        ValueMap row;
        row.set("id", state_name(from));
        row.set("css", classes[from]);
        row.set("customers", whole(all));
        ValueList cells;
        for (std::size_t to = 0; to < customer_state_count; ++to) {
            ValueMap cell;
            cell.set("to", state_name(to));
            cell.set("customers", whole(matrix[from][to].customers));
            cell.set("revenue", matrix[from][to].revenue);
            cell.set("stays", from == to);
            cells.emplace_back(std::move(cell));
        }
        row.set("cells", std::move(cells));
        rows.emplace_back(std::move(row));
    }
    return rows;
}

// Of a measure that is better when it falls.
bool falls_well(std::string_view id) {
    return id == "churn" || id == "payback";
}

}  // namespace

void add_flows(const Pages& pages,
               const Frame& frame,
               const ValueMap& tree,
               std::string_view period,
               ValueMap& data) {
    const ValueMap& flow = map_at(map_at(tree, "flows"), period);
    const Matrix matrix = matrix_of(flow);
    const Words words(pages, frame);
    data.set("flow_chart", chart_of(words, matrix));
    data.set("state_rows", state_rows(tree, matrix));
    data.set("moves", move_rows(matrix));
    const Value* since = flow.find("since");
    data.set("since", since == nullptr ? Value() : *since);
    if (since != nullptr && since->as_time() != nullptr) {
        data.set("since_text", format_iso8601(*since->as_time()));
    }
    double lapsed = 0;
    double back = 0;
    for (std::size_t from = 0; from < past_state_count; ++from) {
        const auto state = static_cast<report::CustomerState>(from);
        lapsed += report::is_kept(state) ? matrix[from][4].customers : 0;
        back += matrix[from][2].customers * (from == 2 ? 0 : 1);
    }
    data.set("newly_lapsed", whole(lapsed));
    data.set("newly_returned", whole(back));
}

void add_measures(const ValueMap& tree, std::string_view period, ValueMap& data) {
    const ValueMap& measures = map_at(map_at(tree, "measures"), period);
    ValueList list;
    for (const Value& value : list_at(measures, "list")) {
        ValueMap measure = *value.as_map();
        const Value* now = measure.find("value");
        const Value* before = measure.find("before");
        const bool both = !now->is_null() && !before->is_null();
        const double was = before->number_or(0);
        const bool is_share = text_at(measure, "kind") == "share";
        double change = both ? now->number_or(0) - was : 0;
        if (both && !is_share) {
            change = was != 0 ? change / was : 0;
        }
        const bool moved = both && std::abs(change) >= 0.0005;
        measure.set("change", moved ? Value(change) : Value());
        measure.set("good", (change > 0) != falls_well(text_at(measure, "id")));
        list.emplace_back(std::move(measure));
    }
    data.set("measure_list", std::move(list));
    const Value* worth = measures.find("worth");
    data.set("worth", worth == nullptr ? Value() : *worth);
    data.set("value_at_risk_before", number_at(measures, "value_at_risk_before"));
}

}  // namespace winback::ui

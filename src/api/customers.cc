// The thin list of customers: filtered and ordered shard by shard, then merged.
#include "api/customers.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "host/host.h"
#include "report/overview.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using customer::Customers;

// A place in the list. Ordered by value at risk, falling, then by id; a list by id gives all
// rows the value 0.
struct Place {
    double value = 0;
    std::string id;
    bool operator<(const Place& other) const {
        return value != other.value ? value > other.value : id < other.id;
    }
};

struct Row {
    Place place;
    ValueMap tree;
};

struct Part {
    std::vector<Row> rows;
    std::uint64_t matching = 0;
};

std::string text_of(const Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? std::string() : *text;
}

std::string name_of(const Customers& customers, CustomerIndex customer) {
    std::string name = text_of(customers.trait(customer, "name"));
    if (name.empty()) {
        name = text_of(customers.trait(customer, "first_name"));
        const std::string last = text_of(customers.trait(customer, "last_name"));
        name += name.empty() || last.empty() ? "" : " ";
        name += last;
    }
    return name;
}

bool contains(std::string_view text, std::string_view lower_part) {
    return to_lower_ascii(text).find(lower_part) != std::string::npos;
}

// Looks through one shard and keeps the first `limit + 1` places after `after`.
class Search {
public:
    Search(const CustomerFilter& filter,
           std::optional<report::CustomerState> state,
           std::optional<Place> after,
           const Overview& overview,
           host::ShardView view)
        : filter_(filter),
          state_(state),
          after_(std::move(after)),
          search_(to_lower_ascii(filter.search)),
          shop_gap_(overview.shop_gap),
          view_(view),
          customers_(view.shard.customers()) {}

    Part run() {
        Part part;
        std::vector<std::pair<Place, CustomerIndex>> places;
        for (CustomerIndex c = 0; c < customers_.size(); ++c) {
            if (!matches(c)) {
                continue;
            }
            ++part.matching;
            Place place{value_of(c), std::string(customers_.id(c))};
            if (!after_ || *after_ < place) {
                places.emplace_back(std::move(place), c);
            }
            if (places.size() > 4 * (filter_.limit + 1)) {
                shorten(places);
            }
        }
        shorten(places);
        for (auto& [place, c] : places) {
            part.rows.push_back({std::move(place), row_of(c)});
        }
        return part;
    }

private:
    using Places = std::vector<std::pair<Place, CustomerIndex>>;

    void shorten(Places& places) const {
        std::sort(places.begin(), places.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
        places.resize(std::min(places.size(), filter_.limit + 1));
    }

    double value_of(CustomerIndex c) const {
        return filter_.order == CustomerOrder::ById
                   ? 0
                   : view_.shard.score(c, "value_at_risk", view_.now).number_or(0);
    }

    bool matches(CustomerIndex c) const {
        if (!customers_.merged_into(c).empty() || customers_.erased(c)) {
            return false;
        }
        if (state_ && report::standing_of(customers_, c, shop_gap_, view_.now).state != *state_) {
            return false;
        }
        if (!search_.empty() && !contains(customers_.id(c), search_) &&
            !contains(text_of(customers_.trait(c, "email")), search_) &&
            !contains(name_of(customers_, c), search_)) {
            return false;
        }
        if (filter_.segment.empty()) {
            return true;
        }
        const std::vector<std::string> segments = view_.shard.segments_of(c);
        return std::find(segments.begin(), segments.end(), filter_.segment) != segments.end();
    }

    ValueMap row_of(CustomerIndex c) const {
        const report::Standing standing = report::standing_of(customers_, c, shop_gap_, view_.now);
        const customer::Orders orders = customers_.orders(c);
        ValueMap row;
        row.set("id", customers_.id(c));
        row.set("name", name_of(customers_, c));
        row.set("email", customers_.trait(c, "email"));
        row.set("state", report::customer_state_name(standing.state));
        row.set("orders", std::int64_t{orders.count});
        row.set("revenue", to_double(orders.revenue));
        row.set("p_order", view_.shard.score(c, "p_order", view_.now));
        row.set("value_at_risk", view_.shard.score(c, "value_at_risk", view_.now));
        row.set("last_order", orders.count == 0 ? Value() : Value(orders.last));
        return row;
    }

    const CustomerFilter& filter_;
    std::optional<report::CustomerState> state_;
    std::optional<Place> after_;
    std::string search_;
    Duration shop_gap_;
    host::ShardView view_;
    const Customers& customers_;
};

Result<std::optional<report::CustomerState>> state_of(std::string_view name) {
    if (name.empty()) {
        return std::optional<report::CustomerState>();
    }
    std::string names;
    for (std::size_t i = 0; i < report::customer_state_count; ++i) {
        const auto state = static_cast<report::CustomerState>(i);
        if (report::customer_state_name(state) == name) {
            return std::optional(state);
        }
        names += (i == 0 ? "" : ", ") + std::string(report::customer_state_name(state));
    }
    return Error{ErrorCode::InvalidArgument, "there is no such state; the states are " + names};
}

// Where the page before ended: its last customer may stand elsewhere by now, the page goes on
// from where they stand.
Result<std::optional<Place>> after_of(Desk& desk, const CustomerFilter& filter) {
    if (filter.after.empty()) {
        return std::optional<Place>();
    }
    Place place{0, filter.after};
    bool found = filter.order == CustomerOrder::ById;
    if (!found) {
        desk.host().query_customer(filter.after, [&](host::ShardView view) {
            if (const auto c = view.shard.customers().find(filter.after)) {
                found = true;
                place.value = view.shard.score(*c, "value_at_risk", view.now).number_or(0);
            }
        });
    }
    if (!found) {
        return Error{ErrorCode::InvalidArgument, "'after' is not the id of a customer"};
    }
    return std::optional(std::move(place));
}

}  // namespace

Result<ValueMap> list_customers(Desk& desk, const CustomerFilter& filter) {
    WINBACK_TRY(const auto state, state_of(filter.state));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const bool known = definitions != nullptr && definitions->segment(filter.segment) != nullptr;
    if (!filter.segment.empty() && !known) {
        return Error{ErrorCode::NotFound, "there is no such segment"};
    }
    WINBACK_TRY(const std::optional<Place> after, after_of(desk, filter));
    const OverviewPtr overview = desk.overview();
    std::vector<Part> parts(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        parts[view.id] = Search(filter, state, after, *overview, view).run();
    });
    Part all;
    for (Part& part : parts) {
        all.matching += part.matching;
        std::move(part.rows.begin(), part.rows.end(), std::back_inserter(all.rows));
    }
    std::sort(all.rows.begin(), all.rows.end(),
              [](const Row& a, const Row& b) { return a.place < b.place; });
    const bool more = all.rows.size() > filter.limit;
    all.rows.resize(std::min(all.rows.size(), filter.limit));
    ValueMap tree;
    tree.set("matching", static_cast<std::int64_t>(all.matching));
    tree.set("after", more ? Value(all.rows.back().place.id) : Value());
    ValueList list;
    for (Row& row : all.rows) {
        list.emplace_back(std::move(row.tree));
    }
    tree.set("customers", std::move(list));
    return tree;
}

}  // namespace winback::api

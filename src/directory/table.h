// What lists need of every customer of a shard, in columns beside the shard, so that a list of a
// million customers neither waits for the shards nor stops them.
//
// Kept current by those who changed (`look`). Scores hold for a day, so they are a column that is
// computed anew when the local day or the models change, some customers at a time. States hold
// until somebody's next one. docs/design/directory.md
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "directory/columns.h"
#include "directory/fold.h"
#include "directory/states.h"
#include "directory/texts.h"
#include "engine/shard.h"
#include "report/overview.h"
#include "report/rhythm.h"
#include "report/state.h"

namespace winback::directory {

// All but Id fall: the largest first, who has none last.
enum class Order : std::uint8_t {
    Id,
    ValueAtRisk,
    Chance,  // Of an order within the models' horizon.
    Revenue,
    Orders,
    LastOrder,
    FirstSeen,
    LastSeen,
};
inline constexpr std::array<std::string_view, 8> order_names{
    "id", "value_at_risk", "p_order", "revenue", "orders", "last_order", "first_seen", "last_seen"};
std::optional<Order> parse_order(std::string_view name);

struct Filter {
    Needle needle;
    std::optional<report::CustomerState> state;
    std::optional<std::size_t> segment;  // Position in the definitions.
    std::uint8_t recency = 0;            // 1 to 5; 0: any.
    std::uint8_t frequency = 0;
    std::uint8_t monetary = 0;
    std::string tag;
    std::optional<customer::Channel> channel;  // Whose consent is `consent`.
    expr::ConsentState consent = expr::ConsentState::Unset;
    std::optional<bool> suppressed;
    bool anybody() const;  // No condition but the needle.
};

// Where somebody stands in a list: best fit first, then by key, then by id.
struct Place {
    Fit fit = Fit::Exact;
    double key = 0;  // Falling; Order::Id gives all 0.
    std::string id;
    bool operator<(const Place& other) const;
};

struct Question {
    Filter filter;
    Order order = Order::ValueAtRisk;
    bool rising = false;
    std::size_t limit = 0;
    std::optional<Place> after;   // Only who stands behind it.
    std::optional<Place> before;  // Only who stands before it; others count as matching.
    Timestamp now;
    Duration shop_gap;
};

// As lists show it: the trait of that name, or first and last name. Empty: none is known.
std::string name_of(const customer::Customers& customers, CustomerIndex customer);

// One who was found, as lists show them.
struct Row {
    Place place;
    CustomerIndex customer = 0;
    std::string name;
    std::string email;
    report::CustomerState state = report::CustomerState::NoOrder;
    std::uint32_t orders = 0;
    double revenue = 0;
    std::string currency;  // Of revenue and value; empty: no order named one.
    std::optional<double> p_order;
    std::optional<double> value_at_risk;
    std::optional<Timestamp> last_order;
    std::optional<Timestamp> first_seen;
    std::optional<Timestamp> last_seen;
    std::uint8_t recency = 0;  // 0: none.
    std::uint8_t frequency = 0;
    std::uint8_t monetary = 0;
    bool suppressed = false;
    std::vector<std::string> tags;
};

struct Found {
    std::vector<Row> rows;  // In order, at most `limit`.
    std::uint64_t matching = 0;
};

// A list out of the tables of several shards. Once it is full, the next table is asked only for who
// stands before its last.
class Gathering {
public:
    struct Hit {
        engine::ShardId shard = 0;
        Row row;
    };
    explicit Gathering(Question question) : question_(std::move(question)) {}
    Question& next() { return question_; }  // What to ask the next table.
    void add(engine::ShardId shard, Found found);
    std::vector<Hit> hits;  // In order, at most the question's limit.
    std::uint64_t matching = 0;

private:
    Question question_;
};

struct Cell {
    std::uint64_t customers = 0;
    double value_at_risk = 0;
};
using Grid = std::array<std::array<Cell, 5>, 5>;

// The whole base as the entry to it.
struct Summary {
    std::uint64_t customers = 0;
    std::array<Cell, report::customer_state_count> states;
    Grid recency_frequency;  // [recency - 1][frequency - 1]
    Grid recency_monetary;
    Grid frequency_monetary;
    std::uint64_t scored = 0;  // Who stand in the grids.
    std::map<std::string, std::uint64_t> tags;
    void add(const Summary& other);
};

class Table {
public:
    // Takes in who changed, and who is new. True when scores are still to be computed: look again.
    bool look(const engine::Shard& shard, std::span<const CustomerIndex> changed, Timestamp now);

    // Whether states are at hand for this moment, and making them so: lists and sums by state are
    // right either way, and three times as fast with them.
    bool has_states(Duration shop_gap, Timestamp now) const;
    void renew_states(Duration shop_gap, Timestamp now);

    // `among` names those who may be found, by index; null: all.
    Found find(const Question& question, const std::vector<bool>* among) const;
    // Everybody who fits, by id; for exports.
    std::vector<CustomerIndex> all(const Question& question, const std::vector<bool>* among) const;
    Row row(CustomerIndex customer, const Question& question) const;
    bool shows(CustomerIndex customer) const;  // Not merged or erased since.
    void sum(Summary& summary, Timestamp now, Duration shop_gap) const;
    // The definitions by which the positions of segments count; null before the first.
    const engine::DefinitionsPtr& definitions() const { return definitions_; }
    // The gaps between orders, from which the shop's usual gap follows. Counted anew when the
    // orders of an eighth of the customers have changed, and every day.
    const report::GapCounts& gaps() const { return gaps_; }
    std::size_t size() const { return columns_.size(); }
    std::size_t memory_bytes() const;

private:
    static constexpr unsigned consent_bits = 2;  // Of a channel in Columns::consents.

    // True when the orders, and so scores and gaps, are others.
    bool take(const engine::Shard& shard, CustomerIndex customer, Timestamp now);
    bool take_orders(const engine::Shard& shard, CustomerIndex customer, Timestamp now);
    void take_tags(const engine::Shard& shard, CustomerIndex customer);
    void take_members(const engine::Shard& shard, CustomerIndex customer);
    void score(const engine::Shard& shard, CustomerIndex customer, Timestamp now);
    bool score_some(const engine::Shard& shard, Timestamp now);
    void rank_new();
    // Calls use(state_of): by the column while it holds, else computed for each.
    template <class Use>
    void with_states(Duration shop_gap, Timestamp now, Use use) const;
    // By index, 1 for who is shown and fits all but the needle.
    std::vector<std::uint8_t> fitting(const Question& question,
                                      const std::vector<bool>* among) const;
    // Of the first one whose id is not below `id`, or above it.
    std::uint32_t rank_behind(std::string_view id, bool with_it) const;

    Columns columns_;
    States states_;
    Texts texts_;
    std::vector<std::uint64_t> members_;  // words_ per customer.
    std::size_t words_ = 0;
    engine::DefinitionsPtr definitions_;
    absl::flat_hash_map<CustomerIndex, std::vector<std::string>> tags_;
    std::vector<CustomerIndex> by_id_;  // Those who are shown.
    std::vector<CustomerIndex> new_;    // Not in by_id_ yet.
    bool gone_ = false;                 // Somebody in by_id_ is shown no longer.
    report::GapCounts gaps_;
    std::size_t changes_since_gaps_ = 0;
    Timestamp scored_for_ = timestamp_min;  // The local day.
    std::uint64_t models_version_ = 0;
    std::size_t score_next_ = 0;  // Those before have the scores of the day.
};

}  // namespace winback::directory

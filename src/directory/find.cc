// Lists out of the columns: who fits, and who of them stands first.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "customer/order_book.h"
#include "directory/table.h"

namespace winback::directory {
namespace {

std::optional<Timestamp> time_or_none(Timestamp time) {
    return time == timestamp_min || time == timestamp_max ? std::nullopt : std::optional(time);
}

double key_of_time(Timestamp time) {
    return time == timestamp_min || time == timestamp_max ? no_score : static_cast<double>(time.ms);
}

// Calls then(key) with the function that gives the key of a customer. The order is looked at once,
// not for everybody.
template <class Then>
void with_key(const Columns& columns, const Question& question, Then then) {
    const auto by = [&](const auto& column, auto key_of) {
        then([&, key_of](CustomerIndex customer) {
            const double key = key_of(column[customer]);
            // Who has none stands last in either direction.
            return question.rising && std::isfinite(key) ? -key : key;
        });
    };
    const auto number = [](auto value) { return static_cast<double>(value); };
    switch (question.order) {
        case Order::Id:
            return then([](CustomerIndex) { return 0.0; });
        case Order::ValueAtRisk:
            return by(columns.value_at_risk, number);
        case Order::Chance:
            return by(columns.p_order, number);
        case Order::Revenue:
            return by(columns.revenue, number);
        case Order::Orders:
            return by(columns.orders, number);
        case Order::LastOrder:
            return by(columns.last_order, key_of_time);
        case Order::FirstSeen:
            return by(columns.first_seen, key_of_time);
        case Order::LastSeen:
            return by(columns.last_seen, key_of_time);
    }
}

// Clears the mark of everybody for whom `fits` does not hold. Asks of everybody: that is faster
// than to look first who is left.
template <class Fits>
void keep(std::vector<std::uint8_t>& mask, Fits fits) {
    for (std::size_t c = 0; c < mask.size(); ++c) {
        mask[c] = static_cast<std::uint8_t>(mask[c] & static_cast<unsigned>(fits(c)));
    }
}

void add_cell(Grid& grid, std::uint8_t row, std::uint8_t column, double value) {
    Cell& cell = grid[row - std::size_t{1}][column - std::size_t{1}];
    ++cell.customers;
    cell.value_at_risk += value;
}

void add_grid(Grid& into, const Grid& from) {
    for (std::size_t i = 0; i < into.size(); ++i) {
        for (std::size_t j = 0; j < into[i].size(); ++j) {
            into[i][j].customers += from[i][j].customers;
            into[i][j].value_at_risk += from[i][j].value_at_risk;
        }
    }
}

struct Candidate {
    Fit fit = Fit::Exact;
    double key = 0;
    std::uint32_t rank = 0;
    CustomerIndex customer = 0;
    bool operator<(const Candidate& other) const {
        if (fit != other.fit) {
            return fit < other.fit;
        }
        return key != other.key ? key > other.key : rank < other.rank;
    }
};

// The first `limit` of those who are offered, of those that stand behind `after` and before `end`.
class Best {
public:
    Best(std::size_t limit, std::optional<Candidate> after, std::optional<Candidate> end)
        : limit_(limit), after_(after), end_(end) {}

    // For sure not among the first: spares looking for the rank.
    bool too_late(Fit fit, double key) const { return end_ && fit >= end_->fit && key < end_->key; }
    bool too_late(const Candidate& candidate) const { return end_ && !(candidate < *end_); }
    void offer(const Candidate& candidate) {
        if (too_late(candidate) || (after_ && candidate < *after_)) {
            return;
        }
        best_.push_back(candidate);
        if (best_.size() > 2 * limit_ + slack) {
            shorten();
        }
    }
    std::size_t size() const { return best_.size(); }
    std::vector<Candidate> in_order() {
        shorten();
        std::sort(best_.begin(), best_.end());
        return std::move(best_);
    }

private:
    static constexpr std::size_t slack = 64;

    void shorten() {
        if (best_.size() > limit_) {
            const auto nth = best_.begin() + static_cast<std::ptrdiff_t>(limit_);
            std::nth_element(best_.begin(), nth, best_.end());
            end_ = *nth;  // Whoever comes must stand before the first that is left out.
            best_.erase(nth, best_.end());
        }
    }

    std::size_t limit_;
    std::optional<Candidate> after_;
    std::optional<Candidate> end_;
    std::vector<Candidate> best_;
};

}  // namespace

std::optional<Order> parse_order(std::string_view name) {
    const auto* const found = std::find(order_names.begin(), order_names.end(), name);
    return found == order_names.end()
               ? std::nullopt
               : std::optional(static_cast<Order>(found - order_names.begin()));
}

bool Filter::anybody() const {
    return !state && !segment && recency == 0 && frequency == 0 && monetary == 0 && tag.empty() &&
           !channel && !suppressed;
}

bool Place::operator<(const Place& other) const {
    if (fit != other.fit) {
        return fit < other.fit;
    }
    return key != other.key ? key > other.key : id < other.id;
}

void Gathering::add(engine::ShardId shard, Found found) {
    matching += found.matching;
    const auto middle = static_cast<std::ptrdiff_t>(hits.size());
    for (Row& row : found.rows) {
        hits.push_back({shard, std::move(row)});
    }
    std::inplace_merge(hits.begin(), hits.begin() + middle, hits.end(),
                       [](const Hit& a, const Hit& b) { return a.row.place < b.row.place; });
    if (hits.size() >= question_.limit && question_.limit > 0) {
        hits.erase(hits.begin() + static_cast<std::ptrdiff_t>(question_.limit), hits.end());
        question_.before = hits.back().row.place;
    }
}

template <class Use>
void Table::with_states(Duration shop_gap, Timestamp now, Use use) const {
    if (states_.hold(columns_, shop_gap, now)) {
        use([&](CustomerIndex customer) { return states_.of(customer); });
    } else {
        use([&](CustomerIndex customer) { return columns_.state_of(customer, shop_gap, now); });
    }
}

void Table::renew_states(Duration shop_gap, Timestamp now) {
    states_.renew(columns_, shop_gap, now);
}

bool Table::has_states(Duration shop_gap, Timestamp now) const {
    return states_.hold(columns_, shop_gap, now);
}

// Filter by filter, so that only the columns that are asked for are read.
std::vector<std::uint8_t> Table::fitting(const Question& question,
                                         const std::vector<bool>* among) const {
    const Filter& filter = question.filter;
    std::vector<std::uint8_t> mask = columns_.shown;
    if (among != nullptr) {
        keep(mask, [&](std::size_t c) { return c < among->size() && (*among)[c]; });
    }
    if (filter.segment) {
        const std::size_t word = *filter.segment / 64;
        const std::uint64_t bit = std::uint64_t{1} << (*filter.segment % 64);
        keep(mask, [&](std::size_t c) { return (members_[c * words_ + word] & bit) != 0; });
    }
    const std::array<std::uint8_t, 3> wanted{filter.recency, filter.frequency, filter.monetary};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != 0) {
            keep(mask, [&](std::size_t c) { return columns_.rfm[c][i] == wanted[i]; });
        }
    }
    if (filter.channel) {
        const unsigned shift = static_cast<unsigned>(*filter.channel) * consent_bits;
        const auto consent = static_cast<unsigned>(filter.consent);
        keep(mask, [&](std::size_t c) { return (columns_.consents[c] >> shift & 3U) == consent; });
    }
    if (filter.suppressed) {
        keep(mask,
             [&](std::size_t c) { return (columns_.suppressed[c] != 0) == *filter.suppressed; });
    }
    if (!filter.tag.empty()) {
        std::vector<std::uint8_t> tagged(mask.size());
        for (const auto& [customer, tags] : tags_) {
            tagged[customer] =
                std::find(tags.begin(), tags.end(), filter.tag) != tags.end() ? 1 : 0;
        }
        keep(mask, [&](std::size_t c) { return tagged[c] != 0; });
    }
    if (filter.state) {
        with_states(question.shop_gap, question.now, [&](auto state_of) {
            keep(mask, [&](std::size_t c) {
                return state_of(static_cast<CustomerIndex>(c)) == *filter.state;
            });
        });
    }
    return mask;
}

std::uint32_t Table::rank_behind(std::string_view id, bool with_it) const {
    const auto id_of = [&](CustomerIndex c) { return texts_.at(c).id; };
    const auto place =
        with_it
            ? std::upper_bound(by_id_.begin(), by_id_.end(), id,
                               [&](std::string_view a, CustomerIndex c) { return a < id_of(c); })
            : std::lower_bound(by_id_.begin(), by_id_.end(), id,
                               [&](CustomerIndex c, std::string_view a) { return id_of(c) < a; });
    return static_cast<std::uint32_t>(place - by_id_.begin());
}

Found Table::find(const Question& question, const std::vector<bool>* among) const {
    const auto candidate_at = [&](const std::optional<Place>& place, bool with_it) {
        return place ? std::optional(
                           Candidate{place->fit, place->key, rank_behind(place->id, with_it), 0})
                     : std::nullopt;
    };
    const std::optional<Candidate> after = candidate_at(question.after, true);
    Best best(question.limit, after, candidate_at(question.before, false));
    const bool everybody = question.filter.anybody() && among == nullptr;
    std::vector<std::uint8_t> chosen;
    if (!everybody) {
        chosen = fitting(question, among);
    }
    const std::vector<std::uint8_t>& mask = everybody ? columns_.shown : chosen;
    Found found;
    with_key(columns_, question, [&](auto key_of) {
        if (!question.filter.needle.words.empty()) {
            texts_.search(question.filter.needle, mask, [&](CustomerIndex c, Fit fit) {
                ++found.matching;
                best.offer({fit, key_of(c), columns_.rank[c], c});
            });
            return;
        }
        found.matching =
            everybody ? by_id_.size() : std::accumulate(mask.begin(), mask.end(), std::uint64_t{0});
        if (question.order == Order::Id) {
            const bool from_there = after && after->fit == Fit::Exact && after->key == 0;
            for (std::size_t rank = from_there ? after->rank : 0; rank < by_id_.size(); ++rank) {
                const CustomerIndex c = by_id_[rank];
                const Candidate next{Fit::Exact, 0, static_cast<std::uint32_t>(rank), c};
                if (best.size() == question.limit || best.too_late(next)) {
                    return;
                }
                if (mask[c] != 0) {
                    best.offer(next);
                }
            }
            return;
        }
        for (CustomerIndex c = 0; c < mask.size(); ++c) {
            if (mask[c] == 0) {
                continue;
            }
            if (const double key = key_of(c); !best.too_late(Fit::Exact, key)) {
                best.offer({Fit::Exact, key, columns_.rank[c], c});
            }
        }
    });
    for (const Candidate& candidate : best.in_order()) {
        Row row = this->row(candidate.customer, question);
        row.place.fit = candidate.fit;
        found.rows.push_back(std::move(row));
    }
    return found;
}

std::vector<CustomerIndex> Table::all(const Question& question,
                                      const std::vector<bool>* among) const {
    const std::vector<std::uint8_t> mask = fitting(question, among);
    std::vector<CustomerIndex> all;
    if (question.filter.needle.words.empty()) {
        std::copy_if(by_id_.begin(), by_id_.end(), std::back_inserter(all),
                     [&](CustomerIndex c) { return mask[c] != 0; });
        return all;
    }
    texts_.search(question.filter.needle, mask, [&](CustomerIndex c, Fit) { all.push_back(c); });
    std::sort(all.begin(), all.end(), [&](CustomerIndex a, CustomerIndex b) {
        return columns_.rank[a] < columns_.rank[b];
    });
    return all;
}

bool Table::shows(CustomerIndex customer) const {
    return customer < columns_.size() && columns_.shown[customer] != 0;
}

Row Table::row(CustomerIndex customer, const Question& question) const {
    const Shown shown = texts_.at(customer);
    Row row{.place = {Fit::Exact, 0, std::string(shown.id)},
            .customer = customer,
            .name = std::string(shown.name),
            .email = std::string(shown.email)};
    with_key(columns_, question, [&](auto key_of) { row.place.key = key_of(customer); });
    row.state = columns_.state_of(customer, question.shop_gap, question.now);
    row.orders = columns_.orders[customer];
    row.revenue = columns_.revenue[customer];
    row.currency = customer::unpack_currency(columns_.currency[customer]);
    const auto score_or_none = [](double score) {
        return score < 0 ? std::nullopt : std::optional(score);
    };
    row.p_order = score_or_none(columns_.p_order[customer]);
    row.value_at_risk = score_or_none(columns_.value_at_risk[customer]);
    row.last_order = time_or_none(columns_.last_order[customer]);
    row.first_seen = time_or_none(columns_.first_seen[customer]);
    row.last_seen = time_or_none(columns_.last_seen[customer]);
    row.recency = columns_.rfm[customer][0];
    row.frequency = columns_.rfm[customer][1];
    row.monetary = columns_.rfm[customer][2];
    row.suppressed = columns_.suppressed[customer] != 0;
    if (const auto tags = tags_.find(customer); tags != tags_.end()) {
        row.tags = tags->second;
    }
    return row;
}

void Table::sum(Summary& summary, Timestamp now, Duration shop_gap) const {
    const std::uint32_t own =
        definitions_ == nullptr ? 0 : customer::pack_currency(definitions_->workspace.currency);
    // Amounts of another currency than the workspace's are not added up.
    const auto is_foreign = [&](CustomerIndex c) {
        return own != 0 && columns_.currency[c] != 0 && columns_.currency[c] != own;
    };
    with_states(shop_gap, now, [&](auto state_of) {
        for (CustomerIndex c = 0; c < columns_.size(); ++c) {
            if (columns_.shown[c] == 0) {
                continue;
            }
            const double value = is_foreign(c) ? 0.0 : std::max(columns_.value_at_risk[c], 0.0);
            const std::array<std::uint8_t, 3> rfm = columns_.rfm[c];
            ++summary.customers;
            Cell& state = summary.states[static_cast<std::size_t>(state_of(c))];
            ++state.customers;
            state.value_at_risk += value;
            if (rfm[0] != 0) {
                ++summary.scored;
                add_cell(summary.recency_frequency, rfm[0], rfm[1], value);
                add_cell(summary.recency_monetary, rfm[0], rfm[2], value);
                add_cell(summary.frequency_monetary, rfm[1], rfm[2], value);
            }
        }
    });
    for (const auto& [customer, tags] : tags_) {
        for (const std::string& tag : tags) {
            ++summary.tags[tag];
        }
    }
}

void Summary::add(const Summary& other) {
    customers += other.customers;
    scored += other.scored;
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i].customers += other.states[i].customers;
        states[i].value_at_risk += other.states[i].value_at_risk;
    }
    add_grid(recency_frequency, other.recency_frequency);
    add_grid(recency_monetary, other.recency_monetary);
    add_grid(frequency_monetary, other.frequency_monetary);
    for (const auto& [tag, count] : other.tags) {
        tags[tag] += count;
    }
}

}  // namespace winback::directory

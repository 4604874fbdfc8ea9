#include "directory/table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/zone.h"

namespace winback::directory {
namespace {

// Scores computed anew in one look: a few milliseconds.
constexpr std::size_t scores_per_look = 500;
constexpr unsigned consent_bits = 2;

std::string text_of(const Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? std::string() : *text;
}

std::string name_of(const customer::Customers& customers, CustomerIndex customer) {
    std::string name = text_of(customers.trait(customer, "name"));
    if (name.empty()) {
        name = text_of(customers.trait(customer, "first_name"));
        const std::string last = text_of(customers.trait(customer, "last_name"));
        name += name.empty() || last.empty() ? "" : " ";
        name += last;
    }
    return name;
}

Timestamp day_of(const engine::Shard& shard, Timestamp now) {
    const engine::DefinitionsPtr definitions = shard.definitions();
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    CivilTime midnight = local_time(zone, now).civil;
    midnight.hour = midnight.minute = midnight.second = midnight.millisecond = 0;
    return from_local(zone, midnight);
}

std::optional<Timestamp> time_or_none(Timestamp time) {
    return time == timestamp_min || time == timestamp_max ? std::nullopt : std::optional(time);
}

double key_of_time(Timestamp time) {
    return time == timestamp_min || time == timestamp_max ? -std::numeric_limits<double>::infinity()
                                                          : static_cast<double>(time.ms);
}

double key_of_score(double score) {
    return score < 0 ? -std::numeric_limits<double>::infinity() : score;
}

std::uint8_t quintile(const Value& value) {
    return static_cast<std::uint8_t>(value.number_or(0));
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

bool Table::Candidate::operator<(const Candidate& other) const {
    if (fit != other.fit) {
        return fit < other.fit;
    }
    return key != other.key ? key > other.key : rank < other.rank;
}

// As report::standing_now, from what the columns keep of the order days.
report::CustomerState Table::state_of(const Columns& row, Duration shop_gap, Timestamp now) {
    using report::CustomerState;
    if (row.last_day == timestamp_min) {
        return CustomerState::NoOrder;
    }
    const auto usual = [&](Duration own) {
        return std::max(own.ms > 0 ? own : shop_gap, report::usual_gap_min).ms;
    };
    const std::int64_t gap = usual(row.own_gap);
    const std::int64_t silent = std::max<std::int64_t>((now - row.last_day).ms, 0);
    if (silent > gap * report::at_risk_after_gaps) {
        return silent > gap * report::lapsed_after_gaps ? CustomerState::Lapsed
                                                        : CustomerState::AtRisk;
    }
    if (row.silence_before.ms == 0) {
        return CustomerState::New;
    }
    return row.silence_before.ms > usual(row.gap_before) * report::lapsed_after_gaps
               ? CustomerState::Returned
               : CustomerState::Active;
}

bool Table::look(const engine::Shard& shard,
                 std::span<const CustomerIndex> changed,
                 Timestamp now) {
    const std::size_t before = columns_.size();
    const std::size_t size = shard.customers().size();
    columns_.resize(size);
    texts_.resize(size);
    const bool other_definitions = shard.definitions() != definitions_;
    if (other_definitions) {
        definitions_ = shard.definitions();
        words_ = definitions_ == nullptr ? 0 : (definitions_->segments.size() + 63) / 64;
        members_.assign(size * words_, 0);
    } else {
        members_.resize(size * words_);
    }
    const Timestamp day = day_of(shard, now);
    changes_since_gaps_ += changed.size();
    if (day != scored_for_ || (changes_since_gaps_ > 0 && changes_since_gaps_ * 8 >= size)) {
        changes_since_gaps_ = 0;
        gaps_ = report::count_gaps(shard);
    }
    const std::uint64_t version = shard.models().has_value() ? shard.models()->version : 0;
    if (day != scored_for_ || version != models_version_) {
        scored_for_ = day;
        models_version_ = version;
        score_next_ = 0;
        if (before == 0) {
            score_next_ = size;  // All are new and get theirs below.
        }
    }
    const auto take_one = [&](CustomerIndex customer) {
        // Scores follow from the orders alone: a page view costs none.
        if (take(shard, customer, now)) {
            score(shard, customer, now);
        }
    };
    for (std::size_t c = before; c < size; ++c) {
        take_one(static_cast<CustomerIndex>(c));
    }
    for (const CustomerIndex customer : changed) {
        if (customer < before) {
            take_one(customer);
        }
    }
    if (other_definitions) {
        for (std::size_t c = 0; c < size; ++c) {
            take_members(shard, static_cast<CustomerIndex>(c));
        }
    }
    rank_new();
    return score_some(shard, now);
}

bool Table::score_some(const engine::Shard& shard, Timestamp now) {
    const std::size_t end = std::min(columns_.size(), score_next_ + scores_per_look);
    for (; score_next_ < end; ++score_next_) {
        score(shard, static_cast<CustomerIndex>(score_next_), now);
    }
    return score_next_ < columns_.size();
}

bool Table::take(const engine::Shard& shard, CustomerIndex customer, Timestamp now) {
    const customer::Customers& customers = shard.customers();
    Columns& row = columns_[customer];
    const bool was_hidden = row.hidden;
    row.hidden = customers.erased(customer) || !customers.merged_into(customer).empty();
    take_tags(shard, customer);
    take_members(shard, customer);
    if (row.hidden) {
        gone_ = gone_ || !was_hidden;
        row = Columns{};
        texts_.put(customer, {});
        return false;
    }
    if (was_hidden) {
        new_.push_back(customer);
    }
    const bool ordered = take_orders(shard, customer, now);
    row.first_seen = customers.first_seen(customer);
    row.last_seen = customers.last_seen(customer);
    row.suppressed = customers.suppressed(customer);
    row.consents = 0;
    for (std::size_t i = 0; i < customer::channel_count; ++i) {
        const auto state = customers.consent(customer, static_cast<customer::Channel>(i)).state;
        row.consents = static_cast<std::uint8_t>(row.consents | static_cast<unsigned>(state)
                                                                    << (i * consent_bits));
    }
    const std::string name = name_of(customers, customer);
    const std::string email = text_of(customers.trait(customer, "email"));
    const std::string phone = text_of(customers.trait(customer, "phone"));
    texts_.put(customer, {customers.id(customer), email, name, phone});
    return ordered;
}

bool Table::take_orders(const engine::Shard& shard, CustomerIndex customer, Timestamp now) {
    const customer::Customers& customers = shard.customers();
    Columns& row = columns_[customer];
    const customer::Orders orders = customers.orders(customer);
    const bool same = row.orders == orders.count && row.revenue == to_double(orders.revenue) &&
                      (orders.count == 0 || row.last_order == orders.last);
    if (same) {
        return false;
    }
    row.orders = orders.count;
    row.revenue = to_double(orders.revenue);
    row.last_order = row.last_day = timestamp_min;
    row.own_gap = row.silence_before = row.gap_before = Duration{};
    if (orders.count == 0) {
        return true;
    }
    row.last_order = orders.last;
    const auto order_days = customers.order_days(customer);
    if (order_days.empty()) {
        return true;
    }
    const report::OrderDays all(order_days);
    row.last_day = all.back().first_time;
    const auto own = [](const report::Standing& standing) {
        return standing.own_gap ? standing.usual_gap : Duration{};
    };
    row.own_gap = own(report::standing_now(all, {}, std::max(now, row.last_day)));
    if (all.size() > 1) {
        const report::OrderDays before = all.first(all.size() - 1);
        row.silence_before = std::max(row.last_day - before.back().first_time, milliseconds(1));
        row.gap_before = own(report::standing_now(before, {}, row.last_day));
    }
    return true;
}

void Table::take_tags(const engine::Shard& shard, CustomerIndex customer) {
    std::vector<std::string> tags =
        columns_[customer].hidden ? std::vector<std::string>()
                                  : shard.customers().labels(customer, customer::tags_attribute);
    if (tags.empty()) {
        tags_.erase(customer);
    } else {
        tags_[customer] = std::move(tags);
    }
}

void Table::take_members(const engine::Shard& shard, CustomerIndex customer) {
    const std::span<const std::uint64_t> bits = shard.membership(customer);
    std::copy_n(bits.begin(), std::min(bits.size(), words_),
                members_.begin() + static_cast<std::ptrdiff_t>(customer * words_));
}

void Table::score(const engine::Shard& shard, CustomerIndex customer, Timestamp now) {
    Columns& row = columns_[customer];
    row.value_at_risk = row.p_order = -1;
    row.rfm[0] = row.rfm[1] = row.rfm[2] = 0;
    if (row.hidden || row.orders == 0 || !shard.models().has_value()) {
        return;
    }
    const auto of = [&](std::string_view name) { return shard.score(customer, name, now); };
    row.value_at_risk = of("value_at_risk").number_or(-1);
    row.p_order = of("p_order").number_or(-1);
    if (shard.models()->rfm.has_value()) {
        row.rfm[0] = quintile(of("recency"));
        row.rfm[1] = quintile(of("frequency"));
        row.rfm[2] = quintile(of("monetary"));
    }
}

// Ids are unique and stay with their index, so those who are known keep their order.
void Table::rank_new() {
    if (new_.empty() && !gone_) {
        return;
    }
    gone_ = false;
    const auto less = [&](CustomerIndex a, CustomerIndex b) {
        return texts_.at(a).id < texts_.at(b).id;
    };
    std::erase_if(by_id_, [&](CustomerIndex c) { return columns_[c].hidden; });
    std::sort(new_.begin(), new_.end(), less);
    const auto middle = static_cast<std::ptrdiff_t>(by_id_.size());
    by_id_.insert(by_id_.end(), new_.begin(), new_.end());
    std::inplace_merge(by_id_.begin(), by_id_.begin() + middle, by_id_.end(), less);
    new_.clear();
    for (std::uint32_t rank = 0; rank < by_id_.size(); ++rank) {
        columns_[by_id_[rank]].rank = rank;
    }
}

double Table::key_of(const Columns& row, const Question& question) const {
    const auto key = [&] {
        switch (question.order) {
            case Order::Id:
                return 0.0;
            case Order::ValueAtRisk:
                return key_of_score(row.value_at_risk);
            case Order::Chance:
                return key_of_score(row.p_order);
            case Order::Revenue:
                return row.revenue;
            case Order::Orders:
                return static_cast<double>(row.orders);
            case Order::LastOrder:
                return key_of_time(row.last_order);
            case Order::FirstSeen:
                return key_of_time(row.first_seen);
            case Order::LastSeen:
                return key_of_time(row.last_seen);
        }
        return 0.0;
    }();
    // Who has none stands last in either direction.
    return question.rising && std::isfinite(key) ? -key : key;
}

std::vector<bool> Table::tagged(const Filter& filter) const {
    std::vector<bool> tagged;
    if (!filter.tag.empty()) {
        tagged.resize(columns_.size());
        for (const auto& [customer, tags] : tags_) {
            tagged[customer] = std::find(tags.begin(), tags.end(), filter.tag) != tags.end();
        }
    }
    return tagged;
}

bool Table::passes(const Question& question,
                   const std::vector<bool>& tagged,
                   const std::vector<bool>* among,
                   CustomerIndex customer) const {
    const Columns& row = columns_[customer];
    const Filter& filter = question.filter;
    if (row.hidden) {
        return false;
    }
    if (among != nullptr && (customer >= among->size() || !(*among)[customer])) {
        return false;
    }
    if (filter.anybody()) {
        return true;
    }
    if (filter.state && state_of(row, question.shop_gap, question.now) != *filter.state) {
        return false;
    }
    if (filter.segment) {
        const std::uint64_t word = members_[customer * words_ + *filter.segment / 64];
        if ((word >> (*filter.segment % 64) & 1U) == 0) {
            return false;
        }
    }
    const auto differs = [](std::uint8_t wanted, std::uint8_t is) {
        return wanted != 0 && wanted != is;
    };
    if (differs(filter.recency, row.rfm[0]) || differs(filter.frequency, row.rfm[1]) ||
        differs(filter.monetary, row.rfm[2])) {
        return false;
    }
    if (filter.channel && (row.consents >> (static_cast<unsigned>(*filter.channel) * consent_bits) &
                           3U) != static_cast<unsigned>(filter.consent)) {
        return false;
    }
    return (!filter.suppressed || *filter.suppressed == row.suppressed) &&
           (filter.tag.empty() || tagged[customer]);
}

template <class Visit>
void Table::visit(const Question& question, const std::vector<bool>* among, Visit visit) const {
    const std::vector<bool> tagged = this->tagged(question.filter);
    if (!question.filter.needle.words.empty()) {
        texts_.search(question.filter.needle, [&](CustomerIndex customer, Fit fit) {
            if (passes(question, tagged, among, customer)) {
                visit(customer, fit);
            }
        });
        return;
    }
    for (CustomerIndex customer = 0; customer < columns_.size(); ++customer) {
        if (passes(question, tagged, among, customer)) {
            visit(customer, Fit::Exact);
        }
    }
}

Found Table::find(const Question& question, const std::vector<bool>* among) const {
    std::optional<Candidate> after;
    if (question.after) {
        const auto place = std::upper_bound(
            by_id_.begin(), by_id_.end(), question.after->id,
            [&](const std::string& id, CustomerIndex c) { return id < texts_.at(c).id; });
        // Of equal key all up to and with this id stand before: ranks below `place` do.
        after = Candidate{question.after->fit, question.after->key,
                          static_cast<std::uint32_t>(place - by_id_.begin()), 0};
    }
    Found found;
    std::vector<Candidate> best;
    std::optional<Candidate> worst;
    const auto shorten = [&] {
        if (best.size() > question.limit) {
            const auto nth = best.begin() + static_cast<std::ptrdiff_t>(question.limit);
            std::nth_element(best.begin(), nth, best.end());
            best.erase(nth, best.end());
            worst = *std::max_element(best.begin(), best.end());
        }
    };
    visit(question, among, [&](CustomerIndex customer, Fit fit) {
        ++found.matching;
        const Columns& row = columns_[customer];
        const Candidate candidate{fit, key_of(row, question), row.rank, customer};
        if ((after && candidate < *after) || (worst && *worst < candidate)) {
            return;
        }
        best.push_back(candidate);
        if (best.size() > 2 * question.limit + 64) {
            shorten();
        }
    });
    shorten();
    std::sort(best.begin(), best.end());
    for (const Candidate& candidate : best) {
        Row row = this->row(candidate.customer, question);
        row.place.fit = candidate.fit;
        found.rows.push_back(std::move(row));
    }
    return found;
}

std::vector<CustomerIndex> Table::all(const Question& question,
                                      const std::vector<bool>* among) const {
    std::vector<CustomerIndex> all;
    visit(question, among, [&](CustomerIndex customer, Fit) { all.push_back(customer); });
    std::sort(all.begin(), all.end(), [&](CustomerIndex a, CustomerIndex b) {
        return columns_[a].rank < columns_[b].rank;
    });
    return all;
}

Row Table::row(CustomerIndex customer, const Question& question) const {
    const Columns& columns = columns_[customer];
    const Shown shown = texts_.at(customer);
    Row row{.place = {Fit::Exact, key_of(columns, question), std::string(shown.id)},
            .customer = customer,
            .name = std::string(shown.name),
            .email = std::string(shown.email)};
    row.state = state_of(columns, question.shop_gap, question.now);
    row.orders = columns.orders;
    row.revenue = columns.revenue;
    if (columns.p_order >= 0) {
        row.p_order = static_cast<double>(columns.p_order);
    }
    if (columns.value_at_risk >= 0) {
        row.value_at_risk = columns.value_at_risk;
    }
    row.last_order = time_or_none(columns.last_order);
    row.first_seen = time_or_none(columns.first_seen);
    row.last_seen = time_or_none(columns.last_seen);
    row.recency = columns.rfm[0];
    row.frequency = columns.rfm[1];
    row.monetary = columns.rfm[2];
    row.suppressed = columns.suppressed;
    if (const auto tags = tags_.find(customer); tags != tags_.end()) {
        row.tags = tags->second;
    }
    return row;
}

void Table::sum(Summary& summary, Timestamp now, Duration shop_gap) const {
    for (const Columns& row : columns_) {
        if (row.hidden) {
            continue;
        }
        const double value = std::max(row.value_at_risk, 0.0);
        ++summary.customers;
        Cell& state = summary.states[static_cast<std::size_t>(state_of(row, shop_gap, now))];
        ++state.customers;
        state.value_at_risk += value;
        if (row.rfm[0] != 0) {
            ++summary.scored;
            add_cell(summary.recency_frequency, row.rfm[0], row.rfm[1], value);
            add_cell(summary.recency_monetary, row.rfm[0], row.rfm[2], value);
            add_cell(summary.frequency_monetary, row.rfm[1], row.rfm[2], value);
        }
    }
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

std::size_t Table::memory_bytes() const {
    constexpr std::size_t tags_entry = 120;
    return columns_.capacity() * sizeof(Columns) + texts_.memory_bytes() +
           members_.capacity() * sizeof(std::uint64_t) + tags_.size() * tags_entry +
           by_id_.capacity() * sizeof(CustomerIndex);
}

}  // namespace winback::directory

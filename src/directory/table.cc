#include "directory/table.h"

#include <algorithm>

#include "base/zone.h"
#include "customer/order_book.h"

namespace winback::directory {
namespace {

// Scores computed anew in one look: a few milliseconds.
constexpr std::size_t scores_per_look = 500;

std::string text_of(const Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? std::string() : *text;
}

Timestamp day_of(const engine::Shard& shard, Timestamp now) {
    const engine::DefinitionsPtr definitions = shard.definitions();
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    CivilTime midnight = local_time(zone, now).civil;
    midnight.hour = midnight.minute = midnight.second = midnight.millisecond = 0;
    return from_local(zone, midnight);
}

std::uint8_t quintile(const Value& value) {
    return static_cast<std::uint8_t>(value.number_or(0));
}

}  // namespace

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
    const bool other_day = day != scored_for_;
    const std::uint64_t version = shard.models().has_value() ? shard.models()->version : 0;
    if (other_day || version != models_version_) {
        scored_for_ = day;
        models_version_ = version;
        score_next_ = 0;
        if (before == 0) {
            score_next_ = size;  // All are new and get theirs below.
        }
    }
    const auto take_one = [&](CustomerIndex customer) {
        // Scores and gaps follow from the orders alone: a page view costs none.
        if (take(shard, customer, now)) {
            score(shard, customer, now);
            ++changes_since_gaps_;
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
    if (other_day || (changes_since_gaps_ > 0 && changes_since_gaps_ * 8 >= size)) {
        changes_since_gaps_ = 0;
        gaps_ = report::count_gaps(shard);
    }
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
    const bool was_shown = columns_.shown[customer] != 0;
    const bool is_shown = !customers.erased(customer) && customers.merged_into(customer).empty();
    columns_.shown[customer] = is_shown ? 1 : 0;
    take_tags(shard, customer);
    take_members(shard, customer);
    if (!is_shown) {
        gone_ = gone_ || was_shown;
        const bool had_orders = columns_.orders[customer] != 0;
        columns_.clear(customer);
        states_.change(columns_, customer);
        texts_.put(customer, {});
        return had_orders;
    }
    if (!was_shown) {
        new_.push_back(customer);
    }
    const bool ordered = take_orders(shard, customer, now);
    if (ordered) {
        states_.change(columns_, customer);
    }
    columns_.first_seen[customer] = customers.first_seen(customer);
    columns_.last_seen[customer] = customers.last_seen(customer);
    columns_.suppressed[customer] = customers.suppressed(customer) ? 1 : 0;
    unsigned consents = 0;
    for (std::size_t i = 0; i < customer::channel_count; ++i) {
        const auto state = customers.consent(customer, static_cast<customer::Channel>(i)).state;
        consents |= static_cast<unsigned>(state) << (i * consent_bits);
    }
    columns_.consents[customer] = static_cast<std::uint8_t>(consents);
    const std::string name = name_of(customers, customer);
    const std::string email = text_of(customers.trait(customer, "email"));
    const std::string phone = text_of(customers.trait(customer, "phone"));
    texts_.put(customer, {customers.id(customer), email, name, phone});
    return ordered;
}

bool Table::take_orders(const engine::Shard& shard, CustomerIndex customer, Timestamp now) {
    const customer::Customers& customers = shard.customers();
    const customer::Orders orders = customers.orders(customer);
    const bool same = columns_.orders[customer] == orders.count &&
                      columns_.revenue[customer] == to_double(orders.revenue) &&
                      (orders.count == 0 || columns_.last_order[customer] == orders.last);
    if (same) {
        return false;
    }
    columns_.orders[customer] = orders.count;
    columns_.revenue[customer] = to_double(orders.revenue);
    columns_.currency[customer] =
        customer::pack_currency(text_of(customers.trait(customer, "orders.currency")));
    columns_.last_order[customer] = timestamp_min;
    Columns::Silence& silence = columns_.silence[customer] = {};
    Columns::Before& before = columns_.before[customer] = {};
    if (orders.count == 0) {
        return true;
    }
    columns_.last_order[customer] = orders.last;
    const auto order_days = customers.order_days(customer);
    if (order_days.empty()) {
        return true;
    }
    const report::OrderDays all(order_days);
    silence.last_day = all.back().first_time;
    const auto own = [](const report::Standing& standing) {
        return standing.own_gap ? standing.usual_gap : Duration{};
    };
    silence.own_gap = own(report::standing_now(all, {}, std::max(now, silence.last_day)));
    if (all.size() > 1) {
        const report::OrderDays earlier = all.first(all.size() - 1);
        before.silence = std::max(silence.last_day - earlier.back().first_time, milliseconds(1));
        before.gap = own(report::standing_now(earlier, {}, silence.last_day));
    }
    return true;
}

void Table::take_tags(const engine::Shard& shard, CustomerIndex customer) {
    std::vector<std::string> tags =
        columns_.shown[customer] == 0
            ? std::vector<std::string>()
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
    columns_.value_at_risk[customer] = columns_.p_order[customer] = no_score;
    columns_.rfm[customer] = {};
    const bool scored = columns_.shown[customer] != 0 && columns_.orders[customer] != 0 &&
                        shard.models().has_value();
    if (!scored) {
        return;
    }
    const auto of = [&](std::string_view name) { return shard.score(customer, name, now); };
    columns_.value_at_risk[customer] = of("value_at_risk").number_or(no_score);
    columns_.p_order[customer] = of("p_order").number_or(no_score);
    if (shard.models()->rfm.has_value()) {
        columns_.rfm[customer] = {quintile(of("recency")), quintile(of("frequency")),
                                  quintile(of("monetary"))};
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
    std::erase_if(by_id_, [&](CustomerIndex c) { return columns_.shown[c] == 0; });
    std::sort(new_.begin(), new_.end(), less);
    const auto middle = static_cast<std::ptrdiff_t>(by_id_.size());
    by_id_.insert(by_id_.end(), new_.begin(), new_.end());
    std::inplace_merge(by_id_.begin(), by_id_.begin() + middle, by_id_.end(), less);
    new_.clear();
    for (std::uint32_t rank = 0; rank < by_id_.size(); ++rank) {
        columns_.rank[by_id_[rank]] = rank;
    }
}

std::size_t Table::memory_bytes() const {
    constexpr std::size_t tags_entry = 120;
    return columns_.memory_bytes() + states_.memory_bytes() + texts_.memory_bytes() +
           members_.capacity() * sizeof(std::uint64_t) + tags_.size() * tags_entry +
           by_id_.capacity() * sizeof(CustomerIndex);
}

}  // namespace winback::directory

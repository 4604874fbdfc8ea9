// The parts of Customers. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "customer/attributes.h"
#include "customer/consent_log.h"
#include "customer/customers.h"
#include "customer/history.h"
#include "customer/id_table.h"
#include "customer/message_ids.h"
#include "customer/order_book.h"
#include "customer/row.h"
#include "customer/seen_times.h"
#include "customer/traits.h"

namespace winback::customer {

// The newest time of something by customer; costs nothing while nobody has one.
class NewestTimes {
public:
    Timestamp at(CustomerIndex customer) const {
        return customer < times_.size() ? times_[customer] : timestamp_min;
    }
    void raise(CustomerIndex customer, Timestamp time) {
        if (time <= at(customer)) {
            return;
        }
        if (customer >= times_.size()) {
            times_.resize(customer + std::size_t{1}, timestamp_min);
        }
        times_[customer] = time;
    }
    void forget(CustomerIndex customer) {
        if (customer < times_.size()) {
            times_[customer] = timestamp_min;
        }
    }
    void fit() { times_.shrink_to_fit(); }
    std::size_t memory_bytes() const { return times_.capacity() * sizeof(Timestamp); }

private:
    std::vector<Timestamp> times_;
};

struct Customers::Impl {
    struct Suppression {
        std::string reason;
        Timestamp time;
    };

    IdTable ids;
    std::vector<std::uint8_t> flags;
    SeenTimes seen;
    OrderBook orders;
    ConsentLog consents;
    Attributes attributes;
    // Newest identify and newest context so far: what is older only fills gaps.
    NewestTimes traits_time;
    NewestTimes context_time;
    Column locale;
    Column time_zone;
    absl::flat_hash_map<CustomerIndex, std::string> merged_into;
    absl::flat_hash_map<CustomerIndex, std::vector<std::string>> absorbed;
    absl::flat_hash_map<CustomerIndex, Suppression> suppressions;
    History history;
    MessageIds message_ids;

    bool has(CustomerIndex customer, RowFlag flag) const { return (flags[customer] & flag) != 0; }
    void raise(CustomerIndex customer, RowFlag flag) {
        flags[customer] = static_cast<std::uint8_t>(flags[customer] | flag);
    }
    void lower(CustomerIndex customer, RowFlag flag) {
        flags[customer] = static_cast<std::uint8_t>(flags[customer] & ~flag);
    }
    // Pre: sorted, within the limits. False when they could not be kept (500 attributes).
    bool put_labels(CustomerIndex customer,
                    std::string_view attribute,
                    const std::vector<std::string>& labels);
    void add_columns();
    void fit();  // Gives back storage that no customer uses.
    // Everything but the id and the flags Merged and Erased.
    void forget_facts(CustomerIndex customer);

    // traits.cc
    TraitSource trait_source(const std::string& name) const;
    // Pre: `source` is what `name` stands for.
    Value trait(CustomerIndex customer, const TraitSource& source, const std::string& name) const;
    Value trait(CustomerIndex customer, Derived derived) const;
    Value language(CustomerIndex customer) const;
    Value country(CustomerIndex customer) const;
    std::string_view locale_of(CustomerIndex customer) const;
    std::vector<OrderDay> order_days(CustomerIndex customer) const;
    Rhythm rhythm(CustomerIndex customer) const;
    Value order_trait(CustomerIndex customer, Derived derived) const;
    Value subscription(CustomerIndex customer, Derived derived) const;
    Value subscribed_time(CustomerIndex customer, Derived derived) const;
    OrderTables order_tables() const;

    // apply.cc
    void take_context(CustomerIndex customer, const event::Event& event, Applied& applied);
    void take_traits(CustomerIndex customer, const event::Event& event, Applied& applied);
    void take_consents(CustomerIndex customer, const event::Event& event, Applied& applied);
    void state_consent(CustomerIndex customer,
                       std::string_view channel,
                       const Value& stated,
                       const event::Event& event,
                       Applied& applied);
    bool set_topic_consent(CustomerIndex customer,
                           Channel channel,
                           std::string_view topic,
                           const Consent& consent);
    void deny(CustomerIndex customer,
              Channel channel,
              std::string_view source,
              Timestamp time,
              Applied& applied);
    void suppress(CustomerIndex customer, std::string_view reason, Timestamp at);

    // rows.cc
    Row row_of(CustomerIndex customer) const;
    void add_row(CustomerIndex customer, const Row& row);
    void join_labels(CustomerIndex customer, std::string_view attribute, const Value& others);
    void add_absorbed(CustomerIndex customer, const std::string& id);
    EventRows events_of(CustomerIndex customer, const EventTable& table) const;
    void add_events(CustomerIndex customer, const EventRows& events);
};

}  // namespace winback::customer

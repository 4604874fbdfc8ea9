// What the orders of a customer add up to, kept as the orders come.
//
// Everything here is a function of the customer's events in memory: orders count once per
// order_id (the earliest one), amounts in another currency than the customer's are not added. An
// order that comes in order of time is added; any other makes the customer's sums anew.
// See docs/design/customers.md for the formulas.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "customer/customers.h"
#include "customer/event_table.h"

namespace winback::customer {

// The tables that orders and refunds are read from; null when there were none yet.
struct OrderTables {
    const EventTable* completed = nullptr;
    const EventTable* refunded = nullptr;
};

// One order that counts.
struct OrderLine {
    Timestamp time;
    std::uint64_t order_key = 0;  // Hash of the order_id; 0 when not given: every such counts.
    std::uint32_t currency = 0;   // As pack_currency.
    Micros revenue;
    std::optional<Micros> margin;
};

// A currency code as a number; 0 when it has not three letters.
std::uint32_t pack_currency(std::string_view code);
std::string unpack_currency(std::uint32_t packed);

// The customer's orders that count, oldest first.
std::vector<OrderLine> order_lines(const EventTable* completed, std::uint32_t customer);

// Numbers, and texts that are numbers.
std::optional<Micros> amount_of(const Cell& cell);

// Of an event that was not put into a table: `revenue`, else total - shipping - tax, else nothing.
Micros revenue_of(const event::Event& event);

std::int64_t utc_day(Timestamp time);

class OrderBook {
public:
    struct Sums {
        Orders orders;
        std::uint32_t currency = 0;  // Three letters packed; 0: none was given.
    };
    // After an Order Completed (its time) or an Order Refunded was put into its table.
    void order_added(const OrderTables& tables, std::uint32_t customer, Timestamp time);
    void refund_added(const OrderTables& tables, std::uint32_t customer);
    // Everything anew, for instance after two histories became one.
    void recount(const OrderTables& tables, std::uint32_t customer);
    // For histories that are too long to be in memory as a whole.
    void add(std::uint32_t customer, const Sums& other);

    Sums sums(std::uint32_t customer) const;
    void put(std::uint32_t customer, const Sums& sums);
    void forget(std::uint32_t customer) { put(customer, {}); }
    void fit() {
        slots_.shrink_to_fit();
        records_.shrink_to_fit();
    }
    std::size_t memory_bytes() const;

private:
    // Sums without padding: there is one for each customer who ordered.
    struct Record {
        Micros revenue;
        Micros margin;
        Micros refunded;
        Timestamp first;
        Timestamp last;
        std::uint32_t count = 0;
        std::uint32_t days = 0;
        std::uint32_t refund_count = 0;
        std::uint32_t currency = 0;  // Three letters take 24 bits; the top bit: margin is known.
    };
    static Record pack(const Sums& sums);
    static Sums unpack(const Record& record);
    Record& open(std::uint32_t customer);

    std::vector<std::uint32_t> slots_;  // Record + 1; 0 when there are none.
    std::vector<Record> records_;
    std::vector<std::uint32_t> free_;
};

}  // namespace winback::customer

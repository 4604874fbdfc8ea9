// The plain list of orders that models are fitted on: customer_id,date,amount.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/time.h"

namespace winback::ingest {

constexpr std::size_t orders_max = 100'000'000;
constexpr std::size_t order_mistakes_max = 100;  // Later ones are counted only.

struct Order {
    std::uint32_t customer = 0;  // Index into Orders::customers.
    Timestamp time;              // Midnight UTC of a date without a time of day.
    Micros amount;
};

struct OrderMistake {
    std::uint64_t line = 0;
    std::string message;
};

struct Orders {
    std::vector<std::string> customers;  // In the order of their first lines.
    std::vector<Order> orders;           // In the order of the file.
    std::vector<OrderMistake> mistakes;  // Lines that were left out.
    std::uint64_t mistake_count = 0;
};

// Reads a CSV file, plain or gzip, with the columns customer_id, date (ISO 8601) and amount in
// any order; others are passed over. Fails when the file cannot be read or a column is missing.
Result<Orders> read_orders(const std::string& path);

}  // namespace winback::ingest

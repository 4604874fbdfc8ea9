// A made-up base of customers and what they did, the same for the same seed, with which segments
// are counted here and in databases.
//
// How much somebody does is log-normal: the median customer has a third of the mean, the busiest
// one in ten thousand two hundred times as much. The shop grows, people leave, and carts are often
// followed by an order within hours.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace winback::segments {

struct BaseOptions {
    std::uint32_t customers = 1'000'000;
    std::uint32_t events_each = 50;  // On average.
    std::uint64_t seed = 1;
    Timestamp until;  // No event is later.
    int days = 730;   // None is earlier than so many days before.
};

inline constexpr std::array<std::string_view, 6> names{"Page Viewed",  "Product Viewed",
                                                       "Cart Updated", "Order Completed",
                                                       "Email Opened", "Email Clicked"};
inline constexpr std::array<std::string_view, 12> categories{"toys",   "books", "garden", "kitchen",
                                                             "sports", "shoes", "coats",  "music",
                                                             "games",  "lamps", "tools",  "tea"};
inline constexpr std::array<std::string_view, 6> countries{"TR", "DE", "GB", "IR", "AE", "FR"};
inline constexpr std::array<std::string_view, 3> plans{"none", "silver", "gold"};

constexpr std::uint8_t page_viewed = 0;
constexpr std::uint8_t product_viewed = 1;
constexpr std::uint8_t cart_updated = 2;
constexpr std::uint8_t order_completed = 3;
constexpr std::uint8_t email_opened = 4;

struct Row {
    Timestamp time;
    std::uint8_t name = 0;      // In `names`.
    std::int32_t total = 0;     // Cents; carts and orders, else 0.
    std::uint8_t category = 0;  // In `categories`; products, carts and orders.
    bool machine = false;       // Opened by a mail program, not by a person.
};

struct Person {
    std::uint8_t country = 0;
    std::uint8_t plan = 0;
    std::vector<Row> rows;  // Oldest first, at least one, at most 20,000.
};

std::string customer_id(std::uint32_t n);

// Depends on the options and n alone.
Person person_of(const BaseOptions& options, std::uint32_t n);

}  // namespace winback::segments

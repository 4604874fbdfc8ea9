// A made-up shop of any size, the same for the same seed: customers with names, addresses and
// consent, and their orders, spread as those of real shops are.
//
// How often a customer orders is drawn from a gamma distribution (most order once or twice, a few
// every week), how long they stay from an exponential one, what an order is worth from a log-normal
// one of their own: the assumptions of MBG/NBD and Gamma-Gamma, so that fits find something.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "event/event.h"

namespace winback::shop {

struct ShopOptions {
    std::uint64_t customers = 1'000'000;
    std::uint64_t seed = 1;
    Timestamp until;       // The newest event is not later than this.
    int days = 730;        // The oldest is not earlier than this many days before.
    int orders_max = 200;  // Of one customer.
};

// "user-00000042": the ids that bench/load sends events for.
std::string customer_id(std::uint64_t n);

// Everything that customer n did, oldest first. Depends on the options and n alone.
std::vector<event::Event> events_of(const ShopOptions& options, std::uint64_t n);

}  // namespace winback::shop

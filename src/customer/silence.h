// Of whom nothing was heard for long: who is erased when a workspace keeps customers for a time
// (docs/design/keeping.md).
//
// Heard of is what a customer did (the last time they were seen) and what they allowed or refused,
// by an event or by one of our pages. Messages of ours and reports on them do not count. Who was
// never seen, such as an address that came with a list, counts from the latest event about them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "customer/customers.h"

namespace winback::customer {

// Told by the sending service, not done by the customer.
inline constexpr std::array<std::string_view, 2> not_by_customer{"Email Delivered",
                                                                 "Email Bounced"};

// Valid until the customers change.
class Silence {
public:
    explicit Silence(const Customers& customers);

    // Nothing was heard of them at `since` or later. False for who was merged or erased, and for
    // who is only named so far: there is no moment to count from.
    bool holds(CustomerIndex customer, Timestamp since) const;

private:
    Timestamp latest_about(CustomerIndex customer) const;

    const Customers& customers_;
    std::vector<std::string> names_;  // Of events that count for who was never seen.
};

}  // namespace winback::customer

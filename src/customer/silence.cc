#include "customer/silence.h"

#include <algorithm>

namespace winback::customer {

Silence::Silence(const Customers& customers)
    : customers_(customers), names_(customers.event_names()) {
    std::erase_if(names_, [](const std::string& name) {
        return std::find(not_by_customer.begin(), not_by_customer.end(), name) !=
               not_by_customer.end();
    });
}

bool Silence::holds(CustomerIndex customer, Timestamp since) const {
    const Timestamp seen = customers_.last_seen(customer);
    if (seen >= since || !customers_.has_events(customer) || customers_.erased(customer) ||
        !customers_.merged_into(customer).empty()) {
        return false;
    }
    for (std::size_t i = 0; i < channel_count; ++i) {
        const Consent consent = customers_.consent(customer, static_cast<Channel>(i));
        if (consent.state != expr::ConsentState::Unset && consent.time >= since) {
            return false;
        }
    }
    if (seen != timestamp_min) {
        return true;
    }
    const Timestamp latest = latest_about(customer);
    return latest != timestamp_min && latest < since;
}

Timestamp Silence::latest_about(CustomerIndex customer) const {
    Timestamp latest = timestamp_min;
    for (const std::string& name : names_) {
        const std::vector<Timestamp> times = customers_.event_times(customer, name);
        latest = times.empty() ? latest : std::max(latest, times.back());
    }
    return latest;
}

}  // namespace winback::customer

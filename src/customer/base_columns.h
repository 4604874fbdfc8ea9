// The columns and event tables behind Customers, for who looks at all customers at once
// (segment/scan.h). One customer at a time is asked through facts.h.
//
// Everything given out is valid until the next change of the customers.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "customer/customers.h"
#include "customer/event_table.h"
#include "customer/traits.h"

namespace winback::customer {

class BaseColumns {
public:
    explicit BaseColumns(const Customers& customers) : customers_(customers) {}

    std::size_t size() const { return customers_.size(); }

    // In the order of their names, which is the order of events of one moment.
    std::vector<const EventTable*> tables(const std::vector<std::string>& patterns) const;

    // A trait as CustomerFacts gives it.
    struct Trait {
        std::string name;
        TraitSource source;
        // Null, or where the value is decided: the cell is the value itself, or (`by_text`) the
        // value depends on nothing but the cell's text when that is not empty.
        const Column* column = nullptr;
        bool by_text = false;
    };
    Trait trait(const std::string& name) const;
    Value value(CustomerIndex customer, const Trait& trait) const;
    expr::ConsentState consent(CustomerIndex customer, std::string_view channel) const;

private:
    const Customers& customers_;
};

}  // namespace winback::customer

// Answers a condition's questions about one customer from the columns.
#pragma once

#include <memory>
#include <vector>

#include "customer/customers.h"
#include "expr/facts.h"

namespace winback::customer {

// The names of a playbook mapped to the columns and histories of one shard. Made once per
// playbook and shard; follows attributes and event names that appear later by itself.
class Binding {
public:
    explicit Binding(const expr::Symbols& symbols);  // Keeps a reference.
    ~Binding();
    Binding(Binding&&) noexcept;
    Binding& operator=(Binding&&) noexcept;

private:
    friend class CustomerFacts;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Traits, events and consents; the engine's own Facts adds messages, segments and scores. What was
// answered once is remembered: the customers must not change while these facts live.
class CustomerFacts : public expr::Facts {
public:
    CustomerFacts(const Customers& customers,
                  Binding& binding,
                  CustomerIndex customer,
                  Timestamp now,
                  const Zone& zone);
    Timestamp now() const override { return now_; }
    const Zone& zone() const override { return zone_; }
    Value trait(expr::TraitId id) const override;
    expr::EventView events(expr::EventSetId id) const override;
    std::size_t events_work(expr::EventSetId id) const override;
    expr::ConsentState consent(std::string_view channel) const override;
    std::vector<expr::ConsentChange> consent_changes(std::string_view channel) const override;

protected:
    CustomerIndex customer() const { return customer_; }

private:
    const Customers& customers_;
    Binding& binding_;
    CustomerIndex customer_;
    Timestamp now_;
    const Zone& zone_;
    std::uint64_t number_;  // Of all facts that the binding answered.
};

}  // namespace winback::customer

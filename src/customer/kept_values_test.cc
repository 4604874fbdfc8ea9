// Values of any type, of attributes and of properties of events, as they are kept.
#include <gtest/gtest.h>

#include "customer/base_columns.h"
#include "customer/customers.h"

namespace winback::customer {
namespace {

TEST(KeptValues, WhatSomebodysAttributeIsDependsOnNobodyElse) {
    Customers customers;
    std::vector<Value> told{Value(7),        Value("7"),        Value(true),  Value(2.5),
                            Value("gold"),   Value(),           Value("red"), Value(ValueList{"a"}),
                            Value("a text"), Value(ValueMap{}), Value(false), Value(1e300)};
    for (std::size_t i = 0; i < told.size(); ++i) {
        event::Event identify;
        identify.kind = event::EventKind::Identify;
        identify.name = "Identified";
        identify.time = Timestamp{1'700'000'000'000};
        identify.properties.set("mix", told[i]);
        const CustomerIndex customer = customers.find_or_add("c" + std::to_string(i));
        EXPECT_TRUE(customers.apply(customer, identify, identify.time).conflicts.empty());
        // Also after those that came before were encoded for the sake of a list.
        for (std::size_t k = 0; k <= i; ++k) {
            EXPECT_EQ(customers.trait(static_cast<CustomerIndex>(k), "mix"), told[k]) << i << k;
        }
    }
}

TEST(KeptValues, KeepsListsOfEventsUpToTheirLimit) {
    Customers customers;
    customers.plan_fields({.sets = {{.patterns = {"bought"}, .fields = {"products"}}}});
    const CustomerIndex ann = customers.find_or_add("ann");
    const auto buy = [&](std::size_t products, std::int64_t at) {
        ValueList list;
        for (std::size_t i = 0; i < products; ++i) {
            ValueMap product;
            product.set("name", std::string(50, 'x'));
            list.emplace_back(std::move(product));
        }
        event::Event event;
        event.name = "bought";
        event.time = Timestamp{at};
        event.message_id = std::to_string(at);
        event.properties.set("products", std::move(list));
        customers.apply(ann, event, event.time);
    };
    for (const std::size_t products : {0U, 1U, 542U, 1'000U, 1'200U, 60'000U}) {
        buy(products, static_cast<std::int64_t>(1'700'000'000'000 + products));
    }
    const EventTable& table = *BaseColumns(customers).tables({"bought"}).front();
    const Column& column = table.column(table.field("products"));
    std::string kept;
    for (std::size_t row = 0; row < column.size(); ++row) {
        const Value value = value_of(column.at(row));
        kept += value.as_list() == nullptr ? "- " : std::to_string(value.as_list()->size()) + " ";
    }
    EXPECT_EQ(kept, "0 1 542 1000 - - ");
}

}  // namespace
}  // namespace winback::customer

// The derived traits: what they are called and of which type they are.
// docs/design/customers.md defines each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/value.h"

namespace winback::customer {

enum class Derived : std::uint8_t {
    FirstSeen,
    FirstSeenWeb,
    FirstSeenApp,
    FirstSeenShop,
    LastSeen,
    LastSeenWeb,
    LastSeenApp,
    LastSeenShop,
    OrdersCount,
    OrdersDays,
    OrdersRevenue,
    OrdersMargin,
    OrdersAverage,
    OrdersCurrency,
    OrdersFirst,
    OrdersLast,
    OrdersGap,
    OrdersGapLow,
    OrdersGapHigh,
    RefundsCount,
    RefundsAmount,
    SubscriptionState,
    SubscriptionPlan,
    SubscriptionStarted,
    SubscriptionCancelled,
    SubscriptionRenewals,
    SubscriptionSince,
    SubscriptionBefore,
    Language,
    TimeZone,
    Country,
};

struct DerivedTrait {
    Derived id;
    std::string_view name;
    ValueType type;
};

// What a trait's name stands for in one shard. A name that no attribute has yet is Unknown.
struct TraitSource {
    enum class Kind : std::uint8_t { Unknown, Derived, Attribute, Path };
    Kind kind = Kind::Unknown;
    Derived derived = Derived::FirstSeen;
    std::uint32_t attribute = 0;
};

// In the order of the enumerators.
std::span<const DerivedTrait> derived_traits();
std::optional<Derived> find_derived(std::string_view name);

}  // namespace winback::customer

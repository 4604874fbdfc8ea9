// The tree of values that a message's template reads: `customer`, `orders`, `scores`,
// `workspace`, `offer`, and the links. docs/design/messages.md lists every name.
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/value.h"
#include "base/zone.h"
#include "customer/customers.h"
#include "engine/definitions.h"
#include "journey/enrollment.h"
#include "journey/journey.h"

namespace winback::engine {

struct ContextRequest {
    const Definitions* definitions = nullptr;
    const customer::Customers* customers = nullptr;
    customer::CustomerIndex customer = 0;
    const Offer* offer = nullptr;  // Null when the message carries none.
    std::uint32_t entry = 0;
    std::string_view journey;
    std::string_view channel;
    std::string_view topic;
    Hash128 key;  // Of the message.
    Timestamp now;
};

ValueMap message_context(const ContextRequest& request);

// Its parts.
ValueMap customer_context(const customer::Customers& customers,
                          customer::CustomerIndex customer,
                          Timestamp now);
ValueMap workspace_context(const Workspace& workspace);
// `code` is the customer's own.
ValueMap offer_context(const Offer& offer, std::string code, Timestamp now);

// The customer's own zone when it is known and valid, else the workspace's.
const Zone& zone_of(const customer::Customers& customers,
                    customer::CustomerIndex customer,
                    const Workspace& workspace);

// "SAVE10-7F3K2Q": prefix and a code that depends on customer, journey and entry alone.
std::string offer_code(const Offer& offer,
                       std::string_view customer_id,
                       std::string_view journey,
                       std::uint32_t entry);

}  // namespace winback::engine

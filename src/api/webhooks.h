// Webhooks as trees, for answers and pages.
#pragma once

#include "api/desk.h"
#include "base/value.h"
#include "host/keys.h"
#include "webhook/courier.h"

namespace winback::api {

// Without its secret.
ValueMap webhook_value(const webhook::Endpoint& endpoint, std::size_t waiting);
// `whole`: with the body.
ValueMap delivery_value(const webhook::Listed& listed, bool whole);

// Into the audit trail. `before` and `after` may be null. Of the address only the host is told: the
// rest may be a secret of the receiver's.
void record_webhook_change(Desk& desk,
                           const host::Key& who,
                           std::string_view what,
                           const webhook::Endpoint* before,
                           const webhook::Endpoint* after);
// Deliveries that somebody sends again, or a test: `told` says which or how many.
void record_webhook_act(
    Desk& desk, const host::Key& who, std::string_view what, std::string_view id, Value told);

}  // namespace winback::api

// Webhooks as trees, for answers and pages.
#pragma once

#include "base/value.h"
#include "webhook/courier.h"

namespace winback::api {

// Without its secret.
ValueMap webhook_value(const webhook::Endpoint& endpoint, std::size_t waiting);
// `whole`: with the body.
ValueMap delivery_value(const webhook::Listed& listed, bool whole);

}  // namespace winback::api

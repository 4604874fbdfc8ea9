// One customer's future: what was to be expected of them, and what would happen next.
#pragma once

#include "base/value.h"
#include "host/host.h"

namespace winback::api {

constexpr std::size_t upcoming_max = 3;

// Cumulative order days: {actual: [{at, orders}], typical: [...], ahead: [...]}. `typical` is what
// the model expects of a new customer of this shop from the day of their first order; `ahead`, from
// now to the model's horizon, is what it expects of this one. Null without orders; `typical` and
// `ahead` are empty without a model.
Value course_value(const host::ShardView& view, customer::CustomerIndex customer);

// The earliest moments at which something can happen by the mere passing of time: {at, kind, ...}
// with kind `step` (journey, name, step, step_kind), `held` (message: key, journey, step) or
// `segment` (segment, name, member: whether the customer is in it now).
ValueList upcoming_value(const host::ShardView& view, customer::CustomerIndex customer);

}  // namespace winback::api

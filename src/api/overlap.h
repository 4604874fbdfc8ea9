// One to three sets of customers over each other: how many are in each part, and how many outside.
//
// A set is a segment ("segment:lapsing") or a static list ("list:newsletter"). Every part has the
// condition that describes it, so that it can be opened, exported or made a segment of its own.
#pragma once

#include <string>
#include <vector>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::api {

constexpr std::size_t overlap_sets_min = 1;
constexpr std::size_t overlap_sets_max = 3;

// {customers, sets: [{key, kind, id, name, customers}], parts: [{inside: [bool…], customers,
// condition}], outside: {customers, condition}, together: {union, intersection, difference:
// {customers, condition}}}. Parts are in the order of binary numbers, the first set lowest; who is
// in no set is `outside`. Exact; one pass over the base. Fails with InvalidArgument and says how it
// must be, with NotFound for a set that does not exist, and with Unavailable while another playbook
// is being loaded.
Result<ValueMap> overlap_of(Desk& desk, const std::vector<std::string>& keys);

}  // namespace winback::api

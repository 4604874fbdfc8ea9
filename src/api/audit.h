// The audit trail over HTTP: how changes are written down, and how they are read.
#pragma once

#include <string>
#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "host/audit.h"
#include "host/keys.h"
#include "http/request.h"

namespace winback::api {

struct Change {
    std::string_view what;  // "template.save": the kind of the target, a dot, what was done.
    // An id. When `what` begins with "customer." it is the customer's id, and the trail gets its
    // keyed hash: it outlives the customer.
    std::string target;
    // What differs, and no more: no secrets, no texts about customers.
    Value before;  // Null when there was nothing.
    Value after;
};

// Writes down a change that was made; who made it is taken from the request. Durable when it
// returns, so it blocks: on the desk's threads. A trail that cannot be written means that the
// folder cannot be, which ends the process elsewhere; here it is said on stderr.
void record_change(Desk& desk, const http::Request& request, const Change& change);
// The same where the key that a request showed is at hand.
void record_change(Desk& desk, const host::Key& who, const Change& change);
void record_change(Desk& desk, const host::Actor& who, const Change& change);

host::Actor actor_of(const host::Key& key);

// The filter of a query: who, what, target or customer (an id), from, to (ISO 8601; a day is one
// of the workspace's zone, `to` the whole day), below, limit. Fails with InvalidArgument.
Result<host::AuditFilter> audit_filter_of(Desk& desk, const http::Request& request);
// {entries: [...], next, chain: {whole, entries, since, first_broken, problem, head}}
Result<ValueMap> describe_audit(Desk& desk, const host::AuditFilter& filter);
// The customer whose hash this is; looks through all of them. Empty when there is none.
std::string customer_of_target(Desk& desk, std::string_view target);

}  // namespace winback::api

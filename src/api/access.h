// Who may do what: API tokens and signed-in browsers, by scope.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "host/keys.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

constexpr std::string_view session_cookie = "winback_session";

// What a key may be allowed, from the least to the most: numbers; customers' names, addresses and
// ids; drafts, notes and tests; letting messages go out; everything.
inline constexpr std::string_view scopes[] = {"read", "personal", "write", "send", "admin"};

// Whether the key reaches the scope.
bool may(const host::Key& key, std::string_view scope);

// The user behind a session, or who made a token; empty: nobody knows.
const std::string& person_of(const host::Key& key);

// Keys live by the wall clock, even where a replayed folder has a time of its own.
Timestamp wall_clock();

// The key that a request shows: a token in `Authorization: Bearer`, else the session's cookie.
// A token that is shown and wrong is not made good by a cookie.
std::optional<host::Key> key_of(const http::Request& request, const host::Keys& keys);

// The answer to a request that may not do this: 401 without a valid key, 403 when its scopes do
// not reach. Nothing when it may. `scope` is one of host::all_scopes (host/users.h); whoever has
// any of them may "read", which is numbers alone.
std::optional<http::Response> refuse(const http::Request& request,
                                     const host::Keys& keys,
                                     std::string_view scope);

// For parts of an answer: whether who asks may see or do this too.
bool may(const http::Request& request, const host::Keys& keys, std::string_view scope);

// As refuse, for a change, which comes as JSON: 415 otherwise. A form of another site cannot send
// this type, so a cookie alone does not act.
std::optional<http::Response> refuse_change(const http::Request& request,
                                            const host::Keys& keys,
                                            std::string_view scope);

}  // namespace winback::api

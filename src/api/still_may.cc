#include "api/still_may.h"

#include <string>

#include "api/access.h"
#include "host/host.h"
#include "http/authorization.h"

namespace winback::api {
namespace {

bool has_ended(const host::Key& key, Timestamp now) {
    const bool idle = key.kind == host::KeyKind::Session && key.last_used != timestamp_min &&
                      now - key.last_used > host::session_idle_max;
    return idle || key.expires <= now;
}

std::string secret_of(const http::Request& request) {
    if (const std::string* header = request.header("authorization")) {
        const Result<http::Authorization> shown = http::parse_authorization(*header);
        return shown ? shown->token : std::string();
    }
    return request.cookie(session_cookie).value_or("");
}

}  // namespace

StillMay still_may(Desk& desk, const http::Request& request, std::string_view scope) {
    const host::Keys& keys = desk.host().keys();
    const Timestamp began = wall_clock();
    const std::optional<host::Key> key = key_of(request, keys);
    const host::KeyKind kind = key ? key->kind : host::KeyKind::Api;
    return [&keys, kind, began, secret = secret_of(request), scope = std::string(scope)] {
        // As of the beginning: a look now would be a use. Whether there is such a key, and what it
        // may, is told as it is at this moment all the same.
        const std::optional<host::Key> found = keys.find(kind, secret, began);
        return found && !has_ended(*found, wall_clock()) && may(*found, scope);
    };
}

}  // namespace winback::api

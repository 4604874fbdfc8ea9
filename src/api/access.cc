#include "api/access.h"

#include <chrono>
#include <string>

#include "base/strings.h"
#include "http/authorization.h"

namespace winback::api {

Timestamp wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

std::optional<host::Key> key_of(const http::Request& request, const host::Keys& keys) {
    if (const std::string* header = request.header("authorization")) {
        const Result<http::Authorization> shown = http::parse_authorization(*header);
        if (!shown || shown->scheme != http::AuthorizationScheme::Bearer) {
            return std::nullopt;
        }
        return keys.find(host::KeyKind::Api, shown->token, wall_clock());
    }
    const std::optional<std::string> cookie = request.cookie(session_cookie);
    return cookie ? keys.find(host::KeyKind::Session, *cookie, wall_clock()) : std::nullopt;
}

const std::string& person_of(const host::Key& key) {
    return key.user.empty() ? key.maker : key.user;
}

bool may(const host::Key& key, std::string_view scope) {
    return key.allows(scope);
}

std::optional<http::Response> refuse(const http::Request& request,
                                     const host::Keys& keys,
                                     std::string_view scope) {
    const std::optional<host::Key> key = key_of(request, keys);
    if (!key) {
        http::Response response =
            http::error(401, "unauthorized",
                        "send a token as 'Authorization: Bearer at_...'; make one with: winback "
                        "key create --kind api");
        response.set("WWW-Authenticate", "Bearer");
        return response;
    }
    if (!may(*key, scope)) {
        return http::error(403, "forbidden",
                           "this key lacks the scope '" + std::string(scope) + "'");
    }
    return std::nullopt;
}

bool may(const http::Request& request, const host::Keys& keys, std::string_view scope) {
    const std::optional<host::Key> key = key_of(request, keys);
    return key && key->allows(scope);
}

std::optional<http::Response> refuse_change(const http::Request& request,
                                            const host::Keys& keys,
                                            std::string_view scope) {
    if (auto refusal = refuse(request, keys, scope)) {
        return refusal;
    }
    const std::string* type = request.header("content-type");
    if (type == nullptr || !to_lower_ascii(*type).starts_with("application/json")) {
        return http::error(415, "unsupported_media_type", "send application/json");
    }
    return std::nullopt;
}

}  // namespace winback::api

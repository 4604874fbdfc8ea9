#include "api/own_account.h"

#include "api/access.h"
#include "api/audit.h"
#include "api/visitor.h"
#include "host/host.h"

namespace winback::api {

Status change_own_password(Desk& desk,
                           const host::Key& who,
                           const host::User& user,
                           std::string_view password) {
    WINBACK_TRY([[maybe_unused]] const Ok set, desk.host().users().set_password(user.id, password));
    record_change(desk, who,
                  {.what = "user.password", .target = user.id, .before = {}, .after = "changed"});
    return Ok{};
}

Result<std::vector<std::string>> confirm_own_totp(Desk& desk,
                                                  const host::Key& who,
                                                  const host::User& user,
                                                  std::string_view code) {
    WINBACK_TRY(std::vector<std::string> codes,
                desk.host().users().confirm_totp(user.id, code, wall_clock()));
    record_change(desk, who,
                  {.what = "user.totp", .target = user.id, .before = false, .after = true});
    static_cast<void>(desk.host().keys().revoke_of(user.id, who.id));
    return codes;
}

bool renew_session(Desk& desk,
                   const http::Request& request,
                   const host::User& user,
                   http::Response& response) {
    static_cast<void>(desk.host().keys().revoke_of(user.id));
    const auto session =
        desk.host().keys().start_session(user.id, browser_of(request), wall_clock());
    http::set_cookie(response, {.name = std::string(session_cookie),
                                .value = session ? session->secret : std::string(),
                                .max_age_seconds = host::session_lifetime.ms / 1000,
                                .secure = over_tls(request)});
    return session.has_value();
}

}  // namespace winback::api

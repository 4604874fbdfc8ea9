// What people change of how they sign in: the same by the page /settings/me and by its routes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "api/entrance.h"
#include "base/result.h"
#include "host/keys.h"
#include "host/users.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

namespace winback::api {

// In the audit trail under `who`. Pre: the present password was asked for (Entrance::confirm).
// Fails as Users::set_password. Blocks: it hashes.
Status change_own_password(Desk& desk,
                           const host::Key& who,
                           const host::User& user,
                           std::string_view password);
// The recovery codes, shown once; all other sessions have ended. Fails as Users::confirm_totp.
Result<std::vector<std::string>> confirm_own_totp(Desk& desk,
                                                  const host::Key& who,
                                                  const host::User& user,
                                                  std::string_view code);
// Ends all sessions of the user, and gives the browser that asks a new one with `response`. False
// when there is none: they sign in again.
bool renew_session(Desk& desk,
                   const http::Request& request,
                   const host::User& user,
                   http::Response& response);

// PUT /api/v1/me/password, POST /api/v1/me/totp and what follows it: of a session alone. The
// entrance is that of the pages, so that guesses of a password count once.
void add_own_account_routes(http::Router& router, const std::shared_ptr<Entrance>& entrance);

}  // namespace winback::api

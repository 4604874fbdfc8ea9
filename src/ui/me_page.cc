// Settings: what people say of themselves, how they prove it, and where they are signed in.
#include "api/access.h"
#include "api/audit.h"
#include "api/entrance.h"
#include "api/people.h"
#include "api/visitor.h"
#include "host/host.h"
#include "host/totp.h"
#include "ui/qr_code.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

http::Response show(
    api::Desk& desk, const Pages& pages, const http::Request& request, int status, ValueMap data) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "me.title");
    frame.active = "settings";
    frame.styles = {"people_css"};
    const std::optional<host::Key> key = api::key_of(request, desk.host().keys());
    data.set("sessions", key ? api::sessions_value(desk, *key) : ValueList{});
    const std::optional<host::User> user =
        key ? desk.host().users().find(key->user) : std::optional<host::User>();
    data.set("has_user", user.has_value());
    data.set("languages", languages_value());
    if (user) {
        data.set("user", api::user_value(*user));
        data.set("recovery_codes_left", static_cast<std::int64_t>(user->recovery_codes_left));
        const auto secret = desk.host().users().pending_totp(user->id);
        if (secret && !user->has_totp) {
            const std::string issuer = "winback " + *frame.workspace.find("name")->as_string();
            data.set("totp_secret", host::to_base32(*secret));
            data.set("totp_code", qr_code(host::totp_uri(*secret, issuer, user->email),
                                          pages.text(frame, "me.qr_label")));
        }
    }
    http::Response response = pages.render(status, "me", frame, data);
    response.compressible = false;  // It may hold secrets.
    return response;
}

http::Response show_problem(api::Desk& desk,
                            const Pages& pages,
                            const http::Request& request,
                            std::string_view where,
                            std::string_view what) {
    ValueMap data;
    data.set("problem_at", where);
    data.set("problem", what);
    return show(desk, pages, request, 400, std::move(data));
}

// Nothing when the present password is the right one. Guesses count as at sign-in, so that a
// browser that was left open is no place to try passwords out.
std::optional<http::Response> refuse_password(api::Entrance& entrance,
                                              const Pages& pages,
                                              const http::Request& request,
                                              const http::Pairs& form,
                                              const host::User& user,
                                              std::string_view where) {
    const api::Entry entry = entrance.confirm(request, user, field_of(form, "present"));
    if (entry.kind == api::Entry::Kind::SignedIn) {
        return std::nullopt;
    }
    if (entry.kind != api::Entry::Kind::Wait) {
        return show_problem(entrance.desk(), pages, request, where, "wrong");
    }
    const std::int64_t seconds = (entry.wait.ms + 999) / 1000;
    ValueMap data;
    data.set("problem_at", where);
    data.set("problem", "wait");
    data.set("seconds", seconds);
    http::Response response = show(entrance.desk(), pages, request, 429, std::move(data));
    response.set("Retry-After", std::to_string(seconds));
    return response;
}

// Forms of a user: a browser that came by a link of the command line has none.
using Act = http::Response (*)(api::Desk&,
                               const Pages&,
                               const http::Request&,
                               const http::Pairs&,
                               const host::Key&,
                               const host::User&);
void add_own_form(http::Router& router,
                  const DeskPtr& desk,
                  const PagesPtr& pages,
                  std::string_view pattern,
                  Act act) {
    add_form(router, desk, pages, pattern, "read",
             [act](api::Desk& at, const Pages& all, const http::Request& request,
                   const http::Pairs& form, const host::Key& who) {
                 const std::optional<host::User> user = at.host().users().find(who.user);
                 return user ? act(at, all, request, form, who, *user)
                             : problem(all, frame_of(at, request), 403);
             });
}

// Only what people may say of themselves: a role that somebody adds to the form is not read.
http::Response save_profile(api::Desk& desk,
                            const Pages& pages,
                            const http::Request& request,
                            const http::Pairs& form,
                            const host::Key& who,
                            const host::User& user) {
    host::User wanted = user;
    wanted.name = field_of(form, "name");
    wanted.language = field_of(form, "language");
    wanted.calendar = field_of(form, "calendar");
    const Result<host::User> saved = api::change_profile(desk, who, user, wanted);
    if (!saved) {
        return show_problem(desk, pages, request, "profile", "name");
    }
    http::Response response = see_other("/settings/me?said=saved");
    set_language(response, saved->language);
    return response;
}

// A new secret for this browser, and the end of all others.
http::Response renew_session(api::Desk& desk,
                             const http::Request& request,
                             const host::User& user,
                             std::string_view path) {
    static_cast<void>(desk.host().keys().revoke_of(user.id));
    const auto session =
        desk.host().keys().start_session(user.id, api::browser_of(request), api::wall_clock());
    http::Response response = see_other(session ? path : "/sign-in");
    http::set_cookie(response, {.name = std::string(api::session_cookie),
                                .value = session ? session->secret : std::string(),
                                .max_age_seconds = host::session_lifetime.ms / 1000,
                                .secure = api::over_tls(request)});
    return response;
}

http::Response change_password(api::Entrance& entrance,
                               const Pages& pages,
                               const http::Request& request,
                               const http::Pairs& form,
                               const host::Key& who,
                               const host::User& user) {
    if (auto refusal = refuse_password(entrance, pages, request, form, user, "password")) {
        return *std::move(refusal);
    }
    api::Desk& desk = entrance.desk();
    host::Users& users = desk.host().users();
    if (const Status set = users.set_password(user.id, field_of(form, "password")); !set) {
        const bool known = set.error().code == ErrorCode::InvalidArgument;
        return show_problem(desk, pages, request, "password",
                            known ? std::string_view(set.error().message) : "failed");
    }
    api::record_change(
        desk, who, {.what = "user.password", .target = user.id, .before = {}, .after = "changed"});
    return renew_session(desk, request, user, "/settings/me?said=password_changed");
}

http::Response begin_totp(api::Desk& desk,
                          const Pages& pages,
                          const http::Request& request,
                          const http::Pairs& /*form*/,
                          const host::Key& /*who*/,
                          const host::User& user) {
    const auto begun = desk.host().users().begin_totp(user.id);
    return begun ? see_other("/settings/me#totp")
                 : problem(pages, frame_of(desk, request), http::error(begun.error()).status);
}

// The secret that counts from now on: whoever finds a browser left open must not bind their own.
http::Response confirm_totp(api::Entrance& entrance,
                            const Pages& pages,
                            const http::Request& request,
                            const http::Pairs& form,
                            const host::Key& who,
                            const host::User& user) {
    if (auto refusal = refuse_password(entrance, pages, request, form, user, "totp")) {
        return *std::move(refusal);
    }
    api::Desk& desk = entrance.desk();
    const auto codes =
        desk.host().users().confirm_totp(user.id, field_of(form, "code"), api::wall_clock());
    if (!codes) {
        return show_problem(desk, pages, request, "totp", "code");
    }
    api::record_change(desk, who,
                       {.what = "user.totp", .target = user.id, .before = false, .after = true});
    static_cast<void>(desk.host().keys().revoke_of(user.id, who.id));
    ValueList list;
    for (const std::string& code : *codes) {
        list.emplace_back(code);
    }
    ValueMap data;
    data.set("recovery_codes", std::move(list));
    return show(desk, pages, request, 200, std::move(data));
}

http::Response end_totp(api::Entrance& entrance,
                        const Pages& pages,
                        const http::Request& request,
                        const http::Pairs& form,
                        const host::Key& who,
                        const host::User& user) {
    if (auto refusal = refuse_password(entrance, pages, request, form, user, "totp")) {
        return *std::move(refusal);
    }
    api::Desk& desk = entrance.desk();
    const Status ended = api::end_totp_of(desk, who, user.id);
    return ended ? see_other("/settings/me?said=saved")
                 : problem(pages, frame_of(desk, request), http::error(ended.error()).status);
}

// A session of the reader's own, whichever id the form names.
http::Response end_session(api::Desk& desk,
                           const Pages& pages,
                           const http::Request& request,
                           const http::Pairs& /*form*/,
                           const host::Key& who,
                           const host::User& /*user*/) {
    const Status ended = api::end_own_session(desk, who, request.param("id"));
    return ended ? see_other("/settings/me?said=session_ended")
                 : problem(pages, frame_of(desk, request), http::error(ended.error()).status);
}

http::Response end_all(api::Desk& desk,
                       const Pages& /*pages*/,
                       const http::Request& request,
                       const http::Pairs& /*form*/,
                       const host::Key& who,
                       const host::User& user) {
    static_cast<void>(api::end_sessions_of(desk, who, user.id));
    http::Response response = see_other("/sign-in");
    forget_session(response, request);
    return response;
}

// In the entrance's own thread, where guesses wait for each other.
using PasswordAct = http::Response (*)(api::Entrance&,
                                       const Pages&,
                                       const http::Request&,
                                       const http::Pairs&,
                                       const host::Key&,
                                       const host::User&);
void add_password_form(http::Router& router,
                       const DeskPtr& desk,
                       const PagesPtr& pages,
                       const EntrancePtr& entrance,
                       std::string_view pattern,
                       PasswordAct act) {
    add_form(router, desk, pages, pattern, "read",
             [entrance, act](api::Desk& at, const Pages& all, const http::Request& request,
                             const http::Pairs& form, const host::Key& who) {
                 const std::optional<host::User> user = at.host().users().find(who.user);
                 return user ? act(*entrance, all, request, form, who, *user)
                             : problem(all, frame_of(at, request), 403);
             },
             {.room = entrance->room()});
}

}  // namespace

http::Response me_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return show(desk, pages, request, 200, {});
}

// Settings begin with what everybody has.
http::Response settings_page(api::Desk& /*desk*/,
                             const Pages& /*pages*/,
                             const http::Request& /*request*/) {
    return see_other("/settings/me");
}

void add_own_forms(http::Router& router,
                   const DeskPtr& desk,
                   const PagesPtr& pages,
                   const EntrancePtr& entrance) {
    add_own_form(router, desk, pages, "/settings/me", save_profile);
    add_password_form(router, desk, pages, entrance, "/settings/me/password", change_password);
    add_own_form(router, desk, pages, "/settings/me/totp", begin_totp);
    add_password_form(router, desk, pages, entrance, "/settings/me/totp/confirm", confirm_totp);
    add_password_form(router, desk, pages, entrance, "/settings/me/totp/end", end_totp);
    add_own_form(router, desk, pages, "/settings/me/sessions/:id/end", end_session);
    add_own_form(router, desk, pages, "/settings/me/sessions/end", end_all);
}

}  // namespace winback::ui

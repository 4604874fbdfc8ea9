// The way in and out: password and code, one-time links, the first user, sign-out.
#include "api/access.h"
#include "api/entrance.h"
#include "api/form_token.h"
#include "api/people.h"
#include "api/visitor.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

constexpr std::size_t body_bytes_max = 8 * 1024;
constexpr std::string_view after_sign_in = "/";

void set_session(http::Response& response, const http::Request& request, std::string secret) {
    http::set_cookie(response, {.name = std::string(api::session_cookie),
                                .value = std::move(secret),
                                .max_age_seconds = host::session_lifetime.ms / 1000,
                                .secure = api::over_tls(request)});
}

void set_code_cookie(http::Response& response, const http::Request& request, std::string secret) {
    const bool gone = secret.empty();
    http::set_cookie(response, {.name = std::string(api::code_cookie),
                                .value = std::move(secret),
                                .max_age_seconds = gone ? -1 : host::code_lifetime.ms / 1000,
                                .secure = api::over_tls(request)});
}

http::Response show(const Pages& pages,
                    const http::Request& request,
                    int status,
                    std::string_view name,
                    ValueMap data) {
    Frame frame = visitor_frame(request);
    frame.title =
        pages.text(frame, name == "sign_in_code" ? "sign_in.code_title" : "sign_in.title");
    http::Response response = pages.render(status, name, frame, data);
    // What was typed stands in the page, and a link's secret.
    response.compressible = false;
    return response;
}

// What to say of an entry that led nowhere: a key of the texts, and seconds to wait.
void describe(ValueMap& data, const api::Entry& entry) {
    constexpr std::string_view words[] = {"", "", "wrong", "expired", "wait", "failed"};
    std::string problem(words[static_cast<std::size_t>(entry.kind)]);
    if (entry.kind == api::Entry::Kind::Failed) {
        for (const std::string_view known :
             {"too_short", "too_long", "too_common", "about_you", "not_text"}) {
            problem = entry.problem == known ? std::string(known) : problem;
        }
    }
    data.set("problem", problem);
    data.set("details", entry.problem);
    data.set("seconds", (entry.wait.ms + 999) / 1000);
}

int status_of(const api::Entry& entry) {
    switch (entry.kind) {
        case api::Entry::Kind::Wait:
            return 429;
        case api::Entry::Kind::Failed:
            return 400;
        case api::Entry::Kind::Wrong:
        case api::Entry::Kind::Expired:
        case api::Entry::Kind::SignedIn:
        case api::Entry::Kind::NeedsCode:
            break;
    }
    return 403;
}

// An entry that led on: to the page that was asked for, or to the code.
http::Response go_on(const http::Request& request, api::Entry entry, std::string_view next) {
    const bool in = entry.kind == api::Entry::Kind::SignedIn;
    http::Response response =
        see_other(in ? std::string(next) : "/sign-in/code?next=" + http::percent_encode(next));
    if (in) {
        set_session(response, request, std::move(entry.secret));
        set_code_cookie(response, request, "");
        set_language(response, entry.language);
    } else {
        set_code_cookie(response, request, std::move(entry.secret));
    }
    response.set("Referrer-Policy", "no-referrer");
    return response;
}

bool leads_on(const api::Entry& entry) {
    return entry.kind == api::Entry::Kind::SignedIn || entry.kind == api::Entry::Kind::NeedsCode;
}

http::Response show_sign_in(
    api::Desk& desk, const Pages& pages, const http::Request& request, int status, ValueMap data) {
    data.set("nobody", desk.host().users().empty());
    return show(pages, request, status, "sign_in", std::move(data));
}

http::Response expired_link(api::Entrance& entrance,
                            const Pages& pages,
                            const http::Request& request) {
    entrance.desk().part<api::Refusals>().count(api::Refusal::Link);
    ValueMap data;
    data.set("purpose", "expired");
    return show(pages, request, 403, "sign_in_link", std::move(data));
}

// The page of a link that asks for something before it is used up.
http::Response show_link(const Pages& pages,
                         const http::Request& request,
                         int status,
                         std::string_view purpose,
                         ValueMap data) {
    data.set("purpose", purpose);
    return show(pages, request, status, "sign_in_link", std::move(data));
}

http::Response sign_in_page(api::Entrance& entrance,
                            const Pages& pages,
                            const http::Request& request) {
    api::Desk& desk = entrance.desk();
    const std::string* token = request.query_value("token");
    if (token == nullptr) {
        ValueMap data;
        data.set("next", api::own_path(field_of(request.query, "next")));
        return show_sign_in(desk, pages, request, 200, std::move(data));
    }
    const std::optional<host::Key> link = entrance.link(*token);
    const bool too_late =
        link && link->purpose == host::purpose_first && !desk.host().users().empty();
    if (!link || link->purpose == host::purpose_code || too_late) {
        return expired_link(entrance, pages, request);
    }
    ValueMap data;
    data.set("link", *token);
    if (!link->purpose.empty()) {
        // The first link stands for nobody yet: its name is the server's word, not a person's.
        data.set("name", link->purpose == host::purpose_first ? std::string() : link->name);
        return show_link(pages, request, 200, link->purpose, std::move(data));
    }
    // A look with HEAD must not use the link up.
    if (request.method != "GET") {
        return show_sign_in(desk, pages, request, 200, {});
    }
    api::Entry entry = entrance.by_link(request, *token);
    return leads_on(entry) ? go_on(request, std::move(entry), "/")
                           : expired_link(entrance, pages, request);
}

using Enter = http::Response (*)(api::Entrance&,
                                 const Pages&,
                                 const http::Request&,
                                 const http::Pairs&);

http::Response by_password(api::Entrance& entrance,
                           const Pages& pages,
                           const http::Request& request,
                           const http::Pairs& form) {
    const std::string email = field_of(form, "email");
    const std::string next = api::own_path(field_of(form, "next"));
    api::Entry entry = entrance.by_password(request, email, field_of(form, "password"));
    if (leads_on(entry)) {
        return go_on(request, std::move(entry), next);
    }
    ValueMap data;
    data.set("email", email);
    data.set("next", next);
    describe(data, entry);
    http::Response response =
        show_sign_in(entrance.desk(), pages, request, status_of(entry), std::move(data));
    if (entry.kind == api::Entry::Kind::Wait) {
        response.set("Retry-After", std::to_string((entry.wait.ms + 999) / 1000));
    }
    return response;
}

http::Response by_code(api::Entrance& entrance,
                       const Pages& pages,
                       const http::Request& request,
                       const http::Pairs& form) {
    const std::string next = api::own_path(field_of(form, "next"));
    api::Entry entry = entrance.by_code(request, field_of(form, "code"));
    if (leads_on(entry)) {
        return go_on(request, std::move(entry), next);
    }
    ValueMap data;
    data.set("next", next);
    describe(data, entry);
    return show(pages, request, status_of(entry), "sign_in_code", std::move(data));
}

http::Response by_link(api::Entrance& entrance,
                       const Pages& pages,
                       const http::Request& request,
                       const http::Pairs& form) {
    const std::string secret = field_of(form, "link");
    const std::string password = field_of(form, "password");
    const std::optional<host::Key> link = entrance.link(secret);
    if (!link) {
        return expired_link(entrance, pages, request);
    }
    const bool first = link->purpose == host::purpose_first;
    // Of a form only these fields are read: a role that somebody adds is not looked at.
    host::User wanted;
    wanted.name = field_of(form, "name");
    wanted.email = field_of(form, "email");
    wanted.language = visitor_frame(request).language;
    wanted.calendar = wanted.language == "fa" ? "persian" : "gregorian";
    api::Entry entry = first ? entrance.first_user(request, secret, wanted, password)
                             : entrance.choose_password(request, secret, password);
    if (leads_on(entry)) {
        return go_on(request, std::move(entry), after_sign_in);
    }
    if (entry.kind == api::Entry::Kind::Expired) {
        return expired_link(entrance, pages, request);
    }
    ValueMap data;
    data.set("link", secret);
    data.set("name", first ? wanted.name : link->name);
    data.set("email", wanted.email);
    describe(data, entry);
    return show_link(pages, request, status_of(entry), link->purpose, std::move(data));
}

// Before sign-in there is no session to carry a token: the browser says where a form came from.
void add_entry(http::Router& router,
               const EntrancePtr& entrance,
               const PagesPtr& pages,
               std::string_view pattern,
               Enter enter) {
    router.add("POST", pattern,
               [entrance, pages, enter](const http::RequestPtr& request, const http::Reply& reply) {
                   const Result<http::Pairs> form = http::parse_query(request->body);
                   if (!form || !api::from_own_site(*request)) {
                       reply(problem(*pages, visitor_frame(*request), form ? 403 : 400));
                       return;
                   }
                   const bool taken = entrance->room()->post(
                       [entrance = entrance.get(), pages, enter, request, reply, fields = *form] {
                           reply(enter(*entrance, *pages, *request, fields));
                       });
                   if (!taken) {
                       reply(problem(*pages, visitor_frame(*request), 503));
                   }
               },
               {.body_bytes_max = body_bytes_max});
}

http::Response sign_out(api::Desk& desk, const Pages& pages, const http::Request& request) {
    const std::optional<host::Key> key = api::key_of(request, desk.host().keys());
    if (key && key->kind == host::KeyKind::Session) {
        const Result<http::Pairs> form = http::parse_query(request.body);
        if (!form || !api::is_form_token(request, field_of(*form, "token"))) {
            return problem(pages, frame_of(desk, request), form ? 403 : 400);
        }
        // Gone already is as good.
        static_cast<void>(api::end_session(desk, *key, key->id));
    }
    http::Response response = http::redirect("/sign-in");
    forget_session(response, request);
    return response;
}

}  // namespace

void forget_session(http::Response& response, const http::Request& request) {
    http::set_cookie(response, {.name = std::string(api::session_cookie),
                                .value = "",
                                .max_age_seconds = -1,
                                .secure = api::over_tls(request)});
}

http::Response ask_to_sign_in(api::Desk& desk, const Pages& pages, const http::Request& request) {
    ValueMap data;
    data.set("next", request.method == "GET" ? api::own_path(request.target) : "/");
    return show_sign_in(desk, pages, request, 401, std::move(data));
}

void add_sign_in_routes(http::Router& router,
                        const DeskPtr& desk,
                        const PagesPtr& pages,
                        const EntrancePtr& entrance) {
    const auto add_shown = [&](std::string_view pattern, auto answer) {
        router.add("GET", pattern,
                   api::Desk::handler(
                       desk, [entrance, pages, answer](api::Desk&, const http::Request& request) {
                           return answer(*entrance, *pages, request);
                       }));
    };
    add_shown("/sign-in", sign_in_page);
    add_shown("/sign-in/code", [](api::Entrance&, const Pages& all, const http::Request& request) {
        ValueMap data;
        data.set("next", api::own_path(field_of(request.query, "next")));
        return show(all, request, 200, "sign_in_code", std::move(data));
    });
    add_entry(router, entrance, pages, "/sign-in", by_password);
    add_entry(router, entrance, pages, "/sign-in/code", by_code);
    add_entry(router, entrance, pages, "/sign-in/link", by_link);
    router.add(
        "POST", "/sign-out",
        [desk, pages](const http::RequestPtr& request, const http::Reply& reply) {
            if (!api::from_own_site(*request)) {
                reply(problem(*pages, visitor_frame(*request), 403));
                return;
            }
            api::Desk& at = *desk;
            if (!at.post([&at, pages, request, reply] { reply(sign_out(at, *pages, *request)); })) {
                reply(problem(*pages, visitor_frame(*request), 503));
            }
        },
        {.body_bytes_max = body_bytes_max});
}

}  // namespace winback::ui

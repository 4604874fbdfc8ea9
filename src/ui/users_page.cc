// Settings: who works here, what they may do, and the links by which they come in.
#include "api/access.h"
#include "api/people.h"
#include "api/public_address.h"
#include "host/host.h"
#include "ui/form_errors.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

// What the page says above the list: a link that was made, or what was wrong in the form.
http::Response show(
    api::Desk& desk, const Pages& pages, const http::Request& request, int status, ValueMap data) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "users.title");
    frame.active = "settings";
    frame.styles = {"people_css"};
    const ValueMap people = api::users_value(desk);
    const ValueList& list = *people.find("users")->as_list();
    std::int64_t active = 0;
    for (const Value& user : list) {
        active += *user.as_map()->find("active")->as_bool() ? 1 : 0;
    }
    if (data.find("typed") == nullptr) {
        ValueMap usual;
        usual.set("role", host::role_name(host::Role::Marketer));
        data.set("typed", std::move(usual));
    }
    data.set("active_users", active);
    data.set("users", list);
    ValueList roles;
    for (const host::Role role : host::all_roles) {
        roles.emplace_back(host::role_name(role));
    }
    data.set("roles", std::move(roles));
    http::Response response = pages.render(status, "users", frame, data);
    response.compressible = false;  // It may hold a link.
    return response;
}

http::Response show_link(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const api::UserWithLink& made) {
    ValueMap data;
    data.set("link", api::public_address(desk.host(), request) + "/sign-in?token=" + made.secret);
    data.set("link_for", made.user.name);
    data.set("link_expires", made.expires);
    return show(desk, pages, request, 200, std::move(data));
}

http::Response show_error(api::Desk& desk,
                          const Pages& pages,
                          const http::Request& request,
                          const Error& error,
                          const http::Pairs& form) {
    ValueMap data;
    data.set("wrong", form_error(FormKind::User, error));
    if (!form.empty()) {
        ValueMap typed;
        for (const std::string_view name : {"name", "email", "role", "personal", "active"}) {
            typed.set(std::string(name), field_of(form, name));
        }
        // Of the form of one user in the list, else of the invitation below it.
        const std::string user(request.param("id"));
        typed.set("user", user);
        data.set(user.empty() ? "typed" : "typed_change", std::move(typed));
    }
    return show(desk, pages, request, http::error(error).status, std::move(data));
}

http::Response invite(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const http::Pairs& form,
                      const host::Key& who) {
    host::User wanted;
    wanted.name = field_of(form, "name");
    wanted.email = field_of(form, "email");
    wanted.role = host::parse_role(field_of(form, "role")).value_or(host::Role::Viewer);
    wanted.personal = !field_of(form, "personal").empty();
    wanted.language = frame_of(desk, request).language;
    wanted.calendar = wanted.language == "fa" ? "persian" : "gregorian";
    const auto made = api::invite_user(desk, who, wanted);
    return made ? show_link(desk, pages, request, *made)
                : show_error(desk, pages, request, made.error(), form);
}

http::Response change(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const http::Pairs& form,
                      const host::Key& who) {
    const std::optional<host::Role> role = host::parse_role(field_of(form, "role"));
    if (!role) {
        return problem(pages, frame_of(desk, request), 400);
    }
    const auto changed = api::change_user_rights(desk, who, request.param("id"), *role,
                                                 !field_of(form, "personal").empty(),
                                                 !field_of(form, "active").empty());
    return changed ? see_other("/settings/users?said=saved")
                   : show_error(desk, pages, request, changed.error(), form);
}

http::Response make_link(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const http::Pairs& /*form*/,
                         const host::Key& who) {
    const auto made = api::make_user_link(desk, who, request.param("id"));
    return made ? show_link(desk, pages, request, *made)
                : show_error(desk, pages, request, made.error(), {});
}

http::Response end_totp(api::Desk& desk,
                        const Pages& pages,
                        const http::Request& request,
                        const http::Pairs& /*form*/,
                        const host::Key& who) {
    const Status ended = api::end_totp_of(desk, who, request.param("id"));
    return ended ? see_other("/settings/users?said=saved")
                 : show_error(desk, pages, request, ended.error(), {});
}

}  // namespace

http::Response users_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return show(desk, pages, request, 200, {});
}

void add_user_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_form(router, desk, pages, "/settings/users", "admin", invite);
    add_form(router, desk, pages, "/settings/users/:id", "admin", change);
    add_form(router, desk, pages, "/settings/users/:id/link", "admin", make_link);
    add_form(router, desk, pages, "/settings/users/:id/totp", "admin", end_totp);
}

}  // namespace winback::ui

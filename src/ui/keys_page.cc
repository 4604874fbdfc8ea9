// Settings: keys by which sites send events and programs read and write.
#include <charconv>

#include "api/access.h"
#include "api/people.h"
#include "host/host.h"
#include "ui/form_errors.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

http::Response show(
    api::Desk& desk, const Pages& pages, const http::Request& request, int status, ValueMap data) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "keys.title");
    frame.active = "settings";
    frame.styles = {"people_css"};
    ValueList writing;
    ValueList reading;
    const ValueMap keys = api::keys_value(desk);
    for (const Value& key : *keys.find("keys")->as_list()) {
        const bool writes = *key.as_map()->find("kind")->as_string() == "write";
        (writes ? writing : reading).push_back(key);
    }
    data.set("write_keys", std::move(writing));
    data.set("tokens", std::move(reading));
    ValueList scopes;
    for (const std::string_view scope : host::all_scopes) {
        scopes.emplace_back(scope);
    }
    data.set("scopes", std::move(scopes));
    http::Response response = pages.render(status, "keys", frame, data);
    response.compressible = false;  // It may hold a secret.
    return response;
}

http::Response create(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const http::Pairs& form,
                      const host::Key& who) {
    const bool api = field_of(form, "kind") == "api";
    std::vector<std::string> scopes;
    for (const auto& [name, value] : form) {
        if (api && name == "scope" && scopes.size() < host::all_scopes.size()) {
            scopes.push_back(value);
        }
    }
    std::int64_t days = 0;
    const std::string text = field_of(form, "days");
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), days);
    const bool readable =
        text.empty() || (fault == std::errc() && end == text.data() + text.size());
    const auto created = api::create_key(desk, who, api ? host::KeyKind::Api : host::KeyKind::Write,
                                         field_of(form, "name"), scopes, readable ? days : -1);
    ValueMap data;
    if (!created) {
        data.set("wrong", form_error(FormKind::Key, created.error()));
        ValueMap typed;
        typed.set("name", field_of(form, "name"));
        typed.set("days", text);
        ValueList chosen;
        for (const std::string& scope : scopes) {
            chosen.emplace_back(scope);
        }
        typed.set("scopes", std::move(chosen));
        data.set(api ? "typed_token" : "typed_key", std::move(typed));
        return show(desk, pages, request, http::error(created.error()).status, std::move(data));
    }
    data.set("secret", created->secret);
    data.set("secret_name", created->key.name);
    return show(desk, pages, request, 200, std::move(data));
}

http::Response revoke(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const http::Pairs& /*form*/,
                      const host::Key& who) {
    const Status revoked = api::revoke_key(desk, who, request.param("id"));
    return revoked ? see_other("/settings/keys?said=key_revoked")
                   : problem(pages, frame_of(desk, request), http::error(revoked.error()).status);
}

}  // namespace

http::Response keys_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return show(desk, pages, request, 200, {});
}

void add_key_forms(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_form(router, desk, pages, "/settings/keys", "admin", create);
    add_form(router, desk, pages, "/settings/keys/:id/revoke", "admin", revoke);
}

}  // namespace winback::ui

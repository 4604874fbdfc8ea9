// Changes of one customer, views and downloads over HTTP.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/customer_actions.h"
#include "api/customer_export.h"
#include "api/routes.h"
#include "api/views.h"
#include "host/host.h"
#include "http/url.h"

namespace winback::api {
namespace {

std::string text_at(const nlohmann::json& body, const char* name) {
    const auto found = body.find(name);
    return found == body.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

http::Response done(const Status& status) {
    return status ? http::json(200, R"({"success":true})") : http::error(status.error());
}

using Change = http::Response (*)(const Acting& acting,
                                  const http::Request& request,
                                  const nlohmann::json& body);

http::Response note(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    return done(add_note(acting, text_at(body, "text")));
}

http::Response note_delete(const Acting& acting,
                           const http::Request& request,
                           const nlohmann::json&) {
    return done(delete_note(acting, std::string(request.param("note"))));
}

http::Response tag(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    return done(set_tag(acting, text_at(body, "tag"), true));
}

http::Response untag(const Acting& acting, const http::Request& request, const nlohmann::json&) {
    return done(set_tag(acting, request.param("tag"), false));
}

http::Response suppression(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    const auto wanted = body.find("suppressed");
    if (wanted == body.end() || !wanted->is_boolean()) {
        return http::error(Error{ErrorCode::InvalidArgument, "'suppressed' is true or false"});
    }
    return done(set_suppressed(acting, wanted->get<bool>(), text_at(body, "reason")));
}

http::Response consent(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    return done(change_consent(acting, text_at(body, "channel"), text_at(body, "state"),
                               text_at(body, "reason"), text_at(body, "topic")));
}

http::Response erase(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    return done(erase_customer(acting, text_at(body, "confirm"), text_at(body, "reason")));
}

http::Response view_list(Desk& desk, const http::Request& request) {
    const auto who = key_of(request, desk.host().keys());
    Result<ValueList> views = list_views(desk, *who);
    if (!views) {
        return http::error(views.error());
    }
    ValueMap tree;
    tree.set("views", *std::move(views));
    return json_answer(std::move(tree));
}

// {name, query, shared}: the query of a list's address.
http::Response view_save(const Acting& acting, const http::Request&, const nlohmann::json& body) {
    http::Request address;
    Result<http::Pairs> query = http::parse_query(text_at(body, "query"));
    if (!query) {
        return http::error(query.error());
    }
    address.query = *std::move(query);
    const Result<CustomerFilter> filter = customer_filter_of(address);
    if (!filter) {
        return http::error(filter.error());
    }
    const auto shared = body.find("shared");
    const Result<std::string> id =
        save_view(acting.desk, acting.who, text_at(body, "name"), *filter,
                  shared != body.end() && shared->is_boolean() && shared->get<bool>());
    if (!id) {
        return http::error(id.error());
    }
    ValueMap tree;
    tree.set("id", *id);
    return json_answer(std::move(tree));
}

http::Response view_delete(const Acting& acting,
                           const http::Request& request,
                           const nlohmann::json&) {
    return done(delete_view(acting.desk, acting.who, request.param("view")));
}

// The conventions have seen to the key and the body (conventions.h).
void add(http::Router& router,
         const DeskPtr& desk,
         std::string_view method,
         const std::string& pattern,
         std::string_view scope,
         Change change) {
    add_change(router, desk, method, pattern, scope,
               [change](Desk& at, const http::Request& request) {
                   const auto who = key_of(request, at.host().keys());
                   nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
                   if (body.is_discarded()) {
                       body = nlohmann::json::object();
                   }
                   return who ? change({at, *who, std::string(request.param("id"))}, request, body)
                              : http::error(401, "unauthorized", "sign in again");
               });
}

}  // namespace

void add_customer_routes(http::Router& router, const DeskPtr& desk) {
    const std::string one = "/api/v1/customers/:id";
    add(router, desk, "POST", one + "/notes", "write", note);
    add(router, desk, "DELETE", one + "/notes/:note", "write", note_delete);
    add(router, desk, "POST", one + "/tags", "write", tag);
    add(router, desk, "DELETE", one + "/tags/:tag", "write", untag);
    add(router, desk, "POST", one + "/suppression", "write", suppression);
    add(router, desk, "POST", one + "/consent", "write", consent);
    add(router, desk, "POST", one + "/erase", "admin", erase);
    add(router, desk, "POST", "/api/v1/views", "personal", view_save);
    add(router, desk, "DELETE", "/api/v1/views/:view", "personal", view_delete);
    add_guarded(router, desk, "/api/v1/views", "personal", view_list);
    const std::weak_ptr<Desk> weak = desk;
    add_guarded(router, desk, "/api/v1/customers/export", "personal",
                [weak](Desk&, const http::Request& request) {
                    return export_customers(weak.lock(), request);
                });
    add_guarded(router, desk, "/api/v1/customers/:id/export", "personal",
                [weak](Desk&, const http::Request& request) {
                    return export_customer(weak.lock(), request);
                });
}

}  // namespace winback::api

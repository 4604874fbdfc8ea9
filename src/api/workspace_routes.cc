// The workspace for programs: what the page /settings/workspace shows and changes.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/playbook_versions.h"
#include "api/routes.h"
#include "api/sweep.h"
#include "api/templates.h"
#include "api/workspace.h"
#include "base/hash.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

// The members of a description, as they are changed. Pre: the body keeps its schema.
ValueMap changes_of(const json& body) {
    ValueMap changes;
    for (const auto& [name, value] : body.items()) {
        if (value.is_string()) {
            changes.set(name, value.get<std::string>());
        }
    }
    if (const auto quiet = body.find("quiet"); quiet != body.end()) {
        const auto yes = [&](const char* name) { return quiet->at(name).get<bool>(); };
        if (quiet->contains("on")) {
            changes.set("quiet_on", yes("on") ? "yes" : "no");
        }
        if (quiet->contains("weekends")) {
            changes.set("quiet_weekends", yes("weekends") ? "true" : "false");
        }
        for (const char* name : {"from", "to"}) {
            if (quiet->contains(name)) {
                changes.set("quiet_" + std::string(name), quiet->at(name).get<std::string>());
            }
        }
    }
    if (const auto keep = body.find("keep"); keep != body.end()) {
        for (const auto& [name, value] : keep->items()) {
            changes.set("keep_" + name, value.get<std::string>());
        }
    }
    if (const auto share = body.find("control_share"); share != body.end()) {
        changes.set("control_percent", json(share->get<double>() * 100).dump());
    }
    return changes;
}

// Where a member of a change stands in the body.
std::string pointer_of(const std::string& member) {
    if (member.starts_with("quiet_")) {
        return "/quiet/" + member.substr(std::string_view("quiet_").size());
    }
    if (member.starts_with("keep_")) {
        return "/keep/" + member.substr(std::string_view("keep_").size());
    }
    return member == "control_percent" ? "/control_share" : "/" + member;
}

http::Response described(Desk& desk, const std::string& folder_problem = {}) {
    ValueMap tree = describe_workspace(desk);
    const Value* version = tree.find("version");
    if (version == nullptr) {
        return http::error(Error{ErrorCode::NotFound,
                                 "no playbook is loaded, so there is no "
                                 "workspace; start the server with --playbook"});
    }
    const auto number = static_cast<std::uint64_t>(*version->as_int());
    if (!folder_problem.empty()) {
        tree.set("folder_problem", folder_problem);
    }
    http::Response response = json_answer(std::move(tree));
    set_version(response, number);
    return response;
}

http::Response described_keep(Desk& desk, const http::Request& request) {
    const std::string* silent = request.query_value("silent_customers");
    if (silent != nullptr) {
        ValueMap changes;
        changes.set("keep_silent_customers", *silent);
        if (const auto fault = workspace_fault(changes)) {
            return invalid_request("silent_customers", fault->message);
        }
    }
    ValueMap tree = describe_keep(desk, silent == nullptr ? std::nullopt : std::optional(*silent));
    return tree.empty() ? described(desk) : json_answer(std::move(tree));
}

http::Response change(TemplateDesk& templates, const http::Request& request) {
    Desk& desk = templates.desk();
    const engine::DefinitionsPtr present = desk.host().definitions();
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    if (present == nullptr || !who) {
        return described(desk);
    }
    const auto version = version_in_if_match(request);
    if (!version) {
        return http::error(version.error());
    }
    const ValueMap changes = changes_of(json::parse(request.body, nullptr, false));
    if (const auto fault = workspace_fault(changes)) {
        return invalid_request(pointer_of(fault->member), fault->message);
    }
    const Result<PlaybookSaved> saved = save_workspace(
        desk, templates.writer(), *who, version->value_or(present->version), changes);
    if (!saved) {
        // A version that never was is no version that was changed.
        return version->has_value() && saved.error().code == ErrorCode::NotFound
                   ? http::error(412, "precondition_failed", saved.error().message)
                   : http::error(saved.error());
    }
    if (saved->kind == PlaybookSaved::Kind::Conflict && version->has_value()) {
        return http::error(412, "precondition_failed",
                           saved->file + " was changed since this version; read it again");
    }
    return saved->kind == PlaybookSaved::Kind::Saved ||
                   saved->kind == PlaybookSaved::Kind::Unchanged
               ? described(desk, saved->folder_problem)
               : playbook_outcome(*saved);
}

}  // namespace

void add_workspace_routes(http::Router& router,
                          const DeskPtr& desk,
                          const std::shared_ptr<TemplateDesk>& templates) {
    add_guarded(router, desk, "/api/v1/workspace", "read",
                [](Desk& at, const http::Request&) { return described(at); });
    add_guarded(router, desk, "/api/v1/workspace/keep", "read", described_keep);
    add_change(
        router, desk, "PATCH", "/api/v1/workspace", "admin",
        [templates](Desk&, const http::Request& request) { return change(*templates, request); });
}

}  // namespace winback::api

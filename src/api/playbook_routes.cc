// The playbook for programs: versions, differences, check results, and making another one count.
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/playbook_versions.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

Result<std::uint64_t> number_of(std::string_view text, std::string_view name) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, number);
    if (fault != std::errc() || stopped != end || text.empty()) {
        return Error{ErrorCode::InvalidArgument, "'" + std::string(name) + "' is a whole number"};
    }
    return number;
}

Result<std::uint64_t> query_number(const http::Request& request, std::string_view name) {
    const std::string* text = request.query_value(name);
    return text == nullptr ? Result<std::uint64_t>(0) : number_of(*text, name);
}

// A version in the path that is no number does not exist.
Result<std::uint64_t> version_of(const http::Request& request) {
    const Result<std::uint64_t> version = number_of(request.param("version"), "version");
    return version && *version > 0
               ? version
               : Result<std::uint64_t>(Error{ErrorCode::NotFound, "there is no such version"});
}

Result<ValueMap> present(Desk& desk, const http::Request&) {
    const std::shared_ptr<const PlaybookCheck> check = desk.part<PlaybookChecks>().get();
    ValueMap tree;
    tree.set("version", static_cast<std::int64_t>(check->version));
    tree.set("errors", check->errors);
    tree.set("warnings", check->warnings);
    tree.set("diagnostics", check->diagnostics);
    return tree;
}

Result<ValueMap> versions(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::size_t limit,
                limit_of(request, versions_limit_default, versions_limit_max));
    WINBACK_TRY(const std::uint64_t before, query_number(request, "before"));
    return list_versions(desk, before, limit);
}

Result<ValueMap> one(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::uint64_t version, version_of(request));
    WINBACK_TRY(const std::uint64_t against, query_number(request, "against"));
    return describe_version(desk, version, against);
}

Result<ValueMap> file(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::uint64_t version, version_of(request));
    const std::string* path = request.query_value("path");
    return playbook_file(desk, version, path == nullptr ? std::string_view() : *path);
}

http::Response answer_of(Result<ValueMap> tree) {
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

// {version, print, note}: of the proposal that the caller has seen.
http::Response accept(TemplateDesk& templates, const http::Request& request, std::uint64_t from) {
    const std::optional<host::Key> who = key_of(request, templates.desk().host().keys());
    const json body = json::parse(request.body, nullptr, false);
    const bool whole = who && body.is_object() && body.contains("version") &&
                       body.contains("print") && body["version"].is_number_unsigned() &&
                       body["print"].is_string();
    if (!whole) {
        return http::error(
            Error{ErrorCode::InvalidArgument, "'version' and 'print' are those of the proposal"});
    }
    const bool noted = body.contains("note") && body["note"].is_string();
    const Result<PlaybookSaved> saved =
        accept_proposal(templates,
                        {.base = body["version"].get<std::uint64_t>(),
                         .version = from,
                         .print = body["print"].get<std::string>(),
                         .note = noted ? body["note"].get<std::string>() : std::string()},
                        *who);
    return saved ? playbook_outcome(*saved) : http::error(saved.error());
}

}  // namespace

http::Response playbook_outcome(const PlaybookSaved& saved) {
    ValueMap tree;
    tree.set("version", static_cast<std::int64_t>(saved.version));
    switch (saved.kind) {
        case PlaybookSaved::Kind::Saved:
        case PlaybookSaved::Kind::Unchanged:
            tree.set("changed", saved.kind == PlaybookSaved::Kind::Saved);
            tree.set("folder_problem",
                     saved.folder_problem.empty() ? Value() : Value(saved.folder_problem));
            return json_answer(std::move(tree));
        case PlaybookSaved::Kind::Waits:
            return waits_answer(saved.approval);
        case PlaybookSaved::Kind::Mistakes:
            tree.set("code", "invalid_playbook");
            tree.set("message", "the playbook has mistakes; nothing was changed");
            tree.set("diagnostics", template_diagnostics_value(saved.diagnostics, saved.files, {}));
            return http::json(400, to_json(std::move(tree)));
        case PlaybookSaved::Kind::Conflict:
            tree.set("code", "conflict");
            tree.set("message", "it has changed since it was looked at; look at it again");
            break;
        case PlaybookSaved::Kind::FolderChanged:
            tree.set("code", "folder_changed");
            tree.set("message", saved.file +
                                    " was changed in the playbook's folder since the server read "
                                    "it; read the folder first");
            break;
    }
    return http::json(409, to_json(std::move(tree)));
}

void add_playbook_routes(http::Router& router,
                         const DeskPtr& desk,
                         const std::shared_ptr<TemplateDesk>& templates) {
    const auto add = [&](std::string_view pattern, auto read) {
        add_guarded(router, desk, pattern, "read", [read](Desk& at, const http::Request& request) {
            return answer_of(read(at, request));
        });
    };
    add("/api/v1/playbook", present);
    add("/api/v1/playbook/versions", versions);
    add("/api/v1/playbook/versions/:version", one);
    add("/api/v1/playbook/versions/:version/file", file);
    add("/api/v1/playbook/versions/:version/proposal",
        [templates](Desk&, const http::Request& request) -> Result<ValueMap> {
            WINBACK_TRY(const std::uint64_t version, version_of(request));
            WINBACK_TRY(PlaybookProposal proposal, propose_version(*templates, version));
            return std::move(proposal.tree);
        });
    add("/api/v1/playbook/folder", [templates](Desk&, const http::Request&) -> Result<ValueMap> {
        WINBACK_TRY(PlaybookProposal proposal, propose_folder(*templates));
        return std::move(proposal.tree);
    });
    // What makes another playbook count lets other messages go out.
    add_change(router, desk, "POST", "/api/v1/playbook/load", "send",
               [templates](Desk&, const http::Request& request) {
                   return accept(*templates, request, 0);
               });
    add_change(router, desk, "POST", "/api/v1/playbook/versions/:version/restore", "send",
               [templates](Desk&, const http::Request& request) {
                   const Result<std::uint64_t> version = version_of(request);
                   return version ? accept(*templates, request, *version)
                                  : http::error(version.error());
               });
}

}  // namespace winback::api

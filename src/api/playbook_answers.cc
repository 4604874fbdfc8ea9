#include "api/playbook_answers.h"

#include "api/conventions.h"
#include "api/playbook_versions.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

http::Response refused(const PlaybookSaved& saved, std::string_view code) {
    ValueMap tree;
    int status = 409;
    tree.set("code", "conflict");
    tree.set("version", static_cast<std::int64_t>(saved.version));
    switch (saved.kind) {
        case PlaybookSaved::Kind::Mistakes:
            status = 400;
            tree.set("code", code);
            tree.set("message", "the text has mistakes; nothing was changed");
            tree.set("diagnostics",
                     template_diagnostics_value(saved.diagnostics, saved.files, saved.file));
            break;
        case PlaybookSaved::Kind::Conflict:
            tree.set("message", saved.file + " was saved by somebody else in the meantime");
            break;
        case PlaybookSaved::Kind::FolderChanged:
            tree.set("code", "folder_changed");
            tree.set("message", saved.file +
                                    " was changed in the playbook's folder since the server read "
                                    "it; start the server again to load it");
            break;
        case PlaybookSaved::Kind::Saved:
        case PlaybookSaved::Kind::Unchanged:
        case PlaybookSaved::Kind::Waits:
            break;
    }
    return http::json(status, to_json(std::move(tree)));
}

bool is_conditional(const http::Request& request) {
    return request.header("if-match") != nullptr;
}

}  // namespace

Result<std::uint64_t> base_version_of(Desk& desk,
                                      const http::Request& request,
                                      const nlohmann::json& body) {
    const auto named = body.find("version");
    if (named != body.end() && named->is_number_unsigned()) {
        return named->get<std::uint64_t>();
    }
    WINBACK_TRY(const std::optional<std::uint64_t> version, version_in_if_match(request));
    if (!version && !is_conditional(request)) {
        return Error{ErrorCode::InvalidArgument,
                     "'version' or If-Match says which version of the playbook was changed"};
    }
    return version ? *version : present_version(desk);
}

http::Response saved_answer(TemplateDesk& templates,
                            const http::Request& request,
                            const PlaybookSaved& saved,
                            std::string_view code) {
    if (saved.kind == PlaybookSaved::Kind::Waits) {
        return waits_answer(saved.approval);
    }
    if (saved.kind != PlaybookSaved::Kind::Saved && saved.kind != PlaybookSaved::Kind::Unchanged) {
        http::Response response = refused(saved, code);
        // RFC 9110 §13.1.1: what If-Match asks for is not so.
        const bool precondition =
            saved.kind == PlaybookSaved::Kind::Conflict && is_conditional(request);
        response.status = precondition ? 412 : response.status;
        return response;
    }
    return json_answer(saved_value(templates, saved));
}

ValueMap saved_value(TemplateDesk& templates, const PlaybookSaved& saved) {
    ValueMap tree;
    tree.set("version", static_cast<std::int64_t>(saved.version));
    tree.set("changed", saved.kind == PlaybookSaved::Kind::Saved);
    tree.set("in_folder",
             !templates.options().playbook_folder.empty() && saved.folder_problem.empty());
    tree.set("folder_problem",
             saved.folder_problem.empty() ? Value() : Value(saved.folder_problem));
    tree.set("diagnostics", template_diagnostics_value(saved.diagnostics, saved.files, saved.file));
    return tree;
}

http::Response not_saved_answer(Desk& desk,
                                const http::Request& request,
                                std::uint64_t base_version,
                                const Error& error) {
    const bool unknown = is_conditional(request) && error.code == ErrorCode::NotFound &&
                         !desk.host().playbook_files(base_version).has_value();
    return unknown ? http::error(412, "precondition_failed",
                                 "there is no such version of the playbook; read it again")
                   : http::error(error);
}

}  // namespace winback::api

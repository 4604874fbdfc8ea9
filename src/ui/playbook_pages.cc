// The playbook: its versions, what each changed, and making another one count.
#include "api/playbook_versions.h"
#include "api/tree.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::size_t versions_shown = 20;

Frame playbook_frame(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "playbook";
    frame.title = pages.text(frame, "playbook.title");
    frame.styles = {"desk_css", "editor_css"};
    return frame;
}

std::string version_path(std::int64_t version) {
    return "/playbook/versions/" + std::to_string(version);
}

// Sums of the lines of a list of changed files.
void add_sums(ValueMap& map) {
    std::int64_t added = 0;
    std::int64_t removed = 0;
    const ValueList& files = list_at(map, "difference");
    for (const Value& file : files) {
        added += *file.as_map()->find("added")->as_int();
        removed += *file.as_map()->find("removed")->as_int();
    }
    map.set("changed_files", static_cast<std::int64_t>(files.size()));
    map.set("added", added);
    map.set("removed", removed);
}

void add_file_paths(ValueMap& data) {
    const std::string base = version_path(*data.find("version")->as_int()) + "/file?path=";
    ValueList files;
    for (const Value& value : list_at(data, "files")) {
        ValueMap file = *value.as_map();
        file.set("href", base + http::percent_encode(text_at(file, "path")));
        files.emplace_back(std::move(file));
    }
    data.set("files", std::move(files));
}

http::Response overview_of(api::TemplateDesk& templates,
                           const Pages& pages,
                           const http::Request& request) {
    api::Desk& desk = templates.desk();
    const Frame frame = playbook_frame(desk, pages, request);
    Result<ValueMap> data =
        api::list_versions(desk, api::number_of(field_of(request.query, "before")), versions_shown);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    ValueList versions;
    for (const Value& value : list_at(*data, "versions")) {
        ValueMap version = *value.as_map();
        add_sums(version);
        version.set("path", version_path(*version.find("version")->as_int()));
        versions.emplace_back(std::move(version));
    }
    data->set("versions", std::move(versions));
    data->set("later_page", request.query_value("before") != nullptr);
    const auto check = desk.part<api::PlaybookChecks>().latest();
    data->set("checking", check == nullptr);
    data->set("errors", check == nullptr ? 0 : check->errors);
    data->set("warnings", check == nullptr ? 0 : check->warnings);
    data->set("diagnostics", check == nullptr ? ValueList() : check->diagnostics);
    data->set("folder", templates.writer().folder());
    data->set("waiting", waiting_value(desk));
    return pages.render(200, "playbook", frame, *data);
}

http::Response version_of(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = playbook_frame(desk, pages, request);
    Result<ValueMap> data =
        api::describe_version(desk, api::number_of(request.param("version")),
                              api::number_of(field_of(request.query, "against")));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    add_sums(*data);
    add_file_paths(*data);
    frame.title = pages.text(frame, "playbook.version", {{"number", *data->find("version")}});
    data->set("path", version_path(*data->find("version")->as_int()));
    data->set("is_present", *data->find("version") == *data->find("present"));
    return pages.render(200, "playbook_version", frame, *data);
}

http::Response file_of(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = playbook_frame(desk, pages, request);
    Result<ValueMap> data = api::playbook_file(desk, api::number_of(request.param("version")),
                                               field_of(request.query, "path"));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = text_at(*data, "path");
    data->set("version_path", version_path(*data->find("version")->as_int()));
    return pages.render(200, "playbook_file", frame, *data);
}

// What would change, with a form that carries it out. `note`: what came of the last try.
http::Response proposal_page(api::TemplateDesk& templates,
                             const Pages& pages,
                             const http::Request& request,
                             std::uint64_t version,
                             std::string_view note,
                             int status) {
    Frame frame = playbook_frame(templates.desk(), pages, request);
    Result<api::PlaybookProposal> proposal =
        version == 0 ? api::propose_folder(templates) : api::propose_version(templates, version);
    if (!proposal) {
        return problem(pages, frame, http::error(proposal.error()).status);
    }
    ValueMap& data = proposal->tree;
    add_sums(data);
    data.set("folder", templates.writer().folder());
    data.set("note", note);
    data.set("four_eyes", is_four_eyes(templates.desk()));
    data.set("waiting", waiting_value(templates.desk()));
    data.set("action", version == 0
                           ? std::string("/playbook/folder")
                           : version_path(static_cast<std::int64_t>(version)) + "/restore");
    frame.title = version == 0 ? pages.text(frame, "playbook.folder_title")
                               : pages.text(frame, "playbook.restore_title",
                                            {{"number", static_cast<std::int64_t>(version)}});
    return pages.render(status, "playbook_proposal", frame, data);
}

http::Response take(api::TemplateDesk& templates,
                    const Pages& pages,
                    const http::Request& request,
                    const http::Pairs& form,
                    const host::Key& who,
                    std::uint64_t version) {
    const Result<api::PlaybookSaved> saved =
        api::accept_proposal(templates,
                             {.base = api::number_of(field_of(form, "version")),
                              .version = version,
                              .print = field_of(form, "print"),
                              .note = field_of(form, "note")},
                             who);
    if (!saved) {
        return problem(pages, frame_of(templates.desk(), request),
                       http::error(saved.error()).status);
    }
    switch (saved->kind) {
        case api::PlaybookSaved::Kind::Saved:
            return see_other(saved->folder_problem.empty()
                                 ? "/playbook?said=playbook_loaded"
                                 : "/playbook?said=playbook_loaded_alone");
        case api::PlaybookSaved::Kind::Unchanged:
            return see_other("/playbook?said=playbook_unchanged");
        case api::PlaybookSaved::Kind::Waits:
            return see_other(waits_path(saved->approval));
        case api::PlaybookSaved::Kind::Mistakes:
            return proposal_page(templates, pages, request, version, "mistakes", 400);
        case api::PlaybookSaved::Kind::Conflict:
            return proposal_page(templates, pages, request, version, "conflict", 409);
        case api::PlaybookSaved::Kind::FolderChanged:
            return proposal_page(templates, pages, request, version, "folder_changed", 409);
    }
    return problem(pages, frame_of(templates.desk(), request), 500);
}

}  // namespace

void add_playbook_routes(http::Router& router,
                         const DeskPtr& desk,
                         const PagesPtr& pages,
                         const TemplateDeskPtr& templates) {
    add_page(router, desk, pages, "/playbook", "read",
             [templates](api::Desk&, const Pages& all, const http::Request& request) {
                 return overview_of(*templates, all, request);
             });
    add_page(router, desk, pages, "/playbook/versions/:version", "read", version_of);
    add_page(router, desk, pages, "/playbook/versions/:version/file", "read", file_of);
    add_page(router, desk, pages, "/playbook/folder", "send",
             [templates](api::Desk&, const Pages& all, const http::Request& request) {
                 return proposal_page(*templates, all, request, 0, "", 200);
             });
    add_page(router, desk, pages, "/playbook/versions/:version/restore", "send",
             [templates](api::Desk&, const Pages& all, const http::Request& request) {
                 const std::uint64_t version = api::number_of(request.param("version"));
                 return version == 0 ? problem(all, frame_of(templates->desk(), request), 404)
                                     : proposal_page(*templates, all, request, version, "", 200);
             });
    add_form(router, desk, pages, "/playbook/folder", "send",
             [templates](api::Desk&, const Pages& all, const http::Request& request,
                         const http::Pairs& form, const host::Key& who) {
                 return take(*templates, all, request, form, who, 0);
             });
    add_form(router, desk, pages, "/playbook/versions/:version/restore", "send",
             [templates](api::Desk&, const Pages& all, const http::Request& request,
                         const http::Pairs& form, const host::Key& who) {
                 const std::uint64_t version = api::number_of(request.param("version"));
                 return version == 0 ? problem(all, frame_of(templates->desk(), request), 404)
                                     : take(*templates, all, request, form, who, version);
             });
}

}  // namespace winback::ui

// Deleting a segment: a page that says who uses it and what would happen, and the deed.
#include "api/access.h"
#include "api/segment_editor.h"
#include "api/segments.h"
#include "base/words.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/form_errors.h"
#include "ui/routes.h"
#include "ui/save_note.h"
#include "ui/segment_data.h"
#include "ui/segment_uses.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

http::Response confirm(api::Desk& desk,
                       const Pages& pages,
                       const http::Request& request,
                       Note note) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.styles = {"desk_css"};
    const std::string_view id = request.param("id");
    Result<ValueMap> data = api::describe_segment(desk, id);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = pages.text(frame, "segment_delete.title",
                             {{"name", spoken_text(*data, "name", frame.language)}});
    const auto who = api::key_of(request, desk.host().keys());
    data->set("views", segment_views(desk, who, id));
    data->set("four_eyes", is_four_eyes(desk));
    data->set("note", note.kind);
    data->set("details", std::move(note.details));
    return pages.render(note.status, "segment_delete", frame, *data);
}

http::Response remove(api::TemplateDesk& templates,
                      const Pages& pages,
                      const http::Request& request,
                      const http::Pairs& form,
                      const host::Key& who) {
    api::Desk& desk = templates.desk();
    const Result<api::PlaybookSaved> saved = api::delete_segment(
        templates, request.param("id"), segment_state(request, form).version, who);
    if (!saved) {
        return confirm(desk, pages, request,
                       {.status = http::error(saved.error()).status,
                        .kind = "failed",
                        .details = form_error(FormKind::Segment, saved.error())});
    }
    switch (saved->kind) {
        case api::PlaybookSaved::Kind::Saved:
        case api::PlaybookSaved::Kind::Unchanged: {
            const bool alone =
                templates.options().playbook_folder.empty() || !saved->folder_problem.empty();
            return see_other(std::string("/segments?said=segment_deleted") +
                             (alone ? "_alone" : ""));
        }
        case api::PlaybookSaved::Kind::Waits:
            return see_other(waits_path(saved->approval));
        case api::PlaybookSaved::Kind::Mistakes:
        case api::PlaybookSaved::Kind::Conflict:
        case api::PlaybookSaved::Kind::FolderChanged:
            break;
    }
    return confirm(desk, pages, request, note_of_refusal(*saved));
}

}  // namespace

void add_segment_delete_routes(http::Router& router,
                               const DeskPtr& desk,
                               const PagesPtr& pages,
                               const TemplateDeskPtr& templates) {
    constexpr std::string_view pattern = "/segments/:id/delete";
    add_page(router, desk, pages, pattern, "write",
             [](api::Desk& at, const Pages& all, const http::Request& request) {
                 return confirm(at, all, request, {});
             });
    add_form(router, desk, pages, pattern, "write",
             [templates](api::Desk& /*at*/, const Pages& all, const http::Request& request,
                         const http::Pairs& form, const host::Key& who) {
                 return remove(*templates, all, request, form, who);
             });
}

}  // namespace winback::ui

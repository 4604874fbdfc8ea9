// The pages that write a segment, and what their form does. They work without JavaScript; with it
// the editor asks the API instead of posting the form.
#include "api/condition_draft.h"
#include "api/preview_turns.h"
#include "api/segment_editor.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/form_errors.h"
#include "ui/routes.h"
#include "ui/save_note.h"
#include "ui/segment_data.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

http::Response editor(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const SegmentState& state,
                      Note note) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.wide = true;
    frame.styles = {"desk_css", "editor_css", "segment_editor_css"};
    frame.scripts = {"code_lines_js",     "segment_names_js", "segment_moments_js",
                     "segment_values_js", "segment_items_js", "segment_lines_js",
                     "segment_words_js",  "segment_rows_js",  "editor_js",
                     "segment_editor_js"};
    Result<ValueMap> data = segment_editor_data(desk, request, state);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = pages.text(frame, state.is_new ? "segment_editor.new" : "segment_editor.edit");
    if (!state.is_new) {
        frame.title += ": " + text_at(*data, "saved_name");
    }
    data->set("note", note.kind);
    data->set("details", std::move(note.details));
    http::Response response = pages.render(note.status, "segment_editor", frame, *data);
    response.compressible = false;  // Names stand in it that somebody else may have chosen.
    return response;
}

http::Response show(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return editor(desk, pages, request, segment_state(request, request.query),
                  note_of_address(request));
}

http::Response count(api::TemplateDesk& templates,
                     const Pages& pages,
                     const http::Request& request,
                     const http::Pairs& form,
                     const host::Key& /*who*/) {
    return editor(templates.desk(), pages, request, segment_state(request, form), {});
}

Note refusal(const Error& error) {
    return {.status = http::error(error).status,
            .kind = "failed",
            .details = form_error(FormKind::Segment, error)};
}

Result<api::MadeSegment> save_or_make(api::TemplateDesk& templates,
                                      const SegmentState& state,
                                      const host::Key& who) {
    api::SegmentDraft draft{.id = state.id,
                            .name = state.name,
                            .description = state.description,
                            .condition = state.condition.value_or(""),
                            .newcomers_enter = state.newcomers_enter};
    if (state.is_new) {
        return api::make_segment(templates, draft, who);
    }
    WINBACK_TRY(api::PlaybookSaved saved, api::save_segment(templates, draft, state.version, who));
    return api::MadeSegment{.id = state.id, .saved = std::move(saved)};
}

http::Response save(api::TemplateDesk& templates,
                    const Pages& pages,
                    const http::Request& request,
                    const http::Pairs& form,
                    const host::Key& who) {
    api::Desk& desk = templates.desk();
    const SegmentState state = segment_state(request, form);
    const std::string condition = state.condition.value_or("");
    if (!api::draft_of_text(desk, condition, state.id).compiled.condition) {
        return editor(desk, pages, request, state,
                      refusal({ErrorCode::InvalidArgument, "the condition has mistakes"}));
    }
    const Result<api::MadeSegment> made = save_or_make(templates, state, who);
    if (!made) {
        return editor(desk, pages, request, state, refusal(made.error()));
    }
    const api::PlaybookSaved& saved = made->saved;
    switch (saved.kind) {
        case api::PlaybookSaved::Kind::Saved:
        case api::PlaybookSaved::Kind::Unchanged:
            return see_other("/segments/" + http::percent_encode(made->id) + "/edit?" +
                             saved_query(templates, saved));
        case api::PlaybookSaved::Kind::Waits:
            return see_other(waits_path(saved.approval));
        case api::PlaybookSaved::Kind::Mistakes:
        case api::PlaybookSaved::Kind::Conflict:
        case api::PlaybookSaved::Kind::FolderChanged:
            break;
    }
    return editor(desk, pages, request, state, note_of_refusal(saved));
}

using Act = http::Response (*)(
    api::TemplateDesk&, const Pages&, const http::Request&, const http::Pairs&, const host::Key&);

}  // namespace

void add_segment_editor_routes(http::Router& router,
                               const DeskPtr& desk,
                               const PagesPtr& pages,
                               const TemplateDeskPtr& templates) {
    const auto add = [&](std::string_view pattern, Act act, std::shared_ptr<api::Desk> room) {
        add_form(router, desk, pages, pattern, "write",
                 [templates, act](api::Desk& /*at*/, const Pages& all, const http::Request& request,
                                  const http::Pairs& form, const host::Key& who) {
                     return act(*templates, all, request, form, who);
                 },
                 {.body_bytes_max = std::size_t{64} * 1024, .room = std::move(room)});
    };
    for (const std::string page : {"/segments/new", "/segments/:id/edit"}) {
        add_page(router, desk, pages, page, "write", show);
        add(page + "/preview", count, desk->part<api::PreviewTurns>().room());
        add(page + "/save", save, nullptr);
    }
    add_segment_delete_routes(router, desk, pages, templates);
}

}  // namespace winback::ui

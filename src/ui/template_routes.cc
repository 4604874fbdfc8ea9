// The pages of templates and what their forms do. Everything works without JavaScript; with it
// the editor asks the API instead of posting the form.
#include "api/access.h"
#include "api/form_token.h"
#include "api/template_previews.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/form_errors.h"
#include "ui/page_data.h"
#include "ui/save_note.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

Frame template_frame(api::Desk& desk, const http::Request& request, std::string title) {
    Frame frame = frame_of(desk, request);
    frame.active = "templates";
    frame.title = std::move(title);
    return frame;
}

http::Response editor(api::TemplateDesk& templates,
                      const Pages& pages,
                      const http::Request& request,
                      const EditorState& state,
                      Note note) {
    Frame frame = template_frame(templates.desk(), request, spoken_id(state.draft.id));
    frame.wide = true;
    frame.styles = {"editor_css"};
    frame.scripts = {"code_lines_js", "customer_search_js", "editor_js", "template_editor_js"};
    EditorState shown = state;
    if (!api::may(request, templates.desk().host().keys(), "personal")) {
        shown.reader.customer.clear();  // Made-up readers only.
    }
    Result<ValueMap> data = template_editor_data(templates, request, shown);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    data->set("note", note.kind);
    data->set("waiting",
              waiting_value(templates.desk(), {.journey = {}, .template_id = state.draft.id}));
    data->set("details", std::move(note.details));
    http::Response response = pages.render(note.status, "template", frame, *data);
    allow_frames(response);
    return response;
}

http::Response show(api::TemplateDesk& templates,
                    const Pages& pages,
                    const http::Request& request) {
    return editor(templates, pages, request, editor_state(request, request.query),
                  note_of_address(request));
}

http::Response save(api::TemplateDesk& templates,
                    const Pages& pages,
                    const http::Request& request,
                    const http::Pairs& form,
                    const host::Key& who) {
    const EditorState state = editor_state(request, form);
    const Result<api::PlaybookSaved> saved = templates.save(state.draft, state.version, who);
    if (!saved) {
        return editor(templates, pages, request, state,
                      {.status = http::error(saved.error()).status,
                       .kind = "failed",
                       .details = form_error(FormKind::Template, saved.error())});
    }
    switch (saved->kind) {
        case api::PlaybookSaved::Kind::Saved:
        case api::PlaybookSaved::Kind::Unchanged:
            return http::redirect(editor_path(state) + "&" + saved_query(templates, *saved));
        case api::PlaybookSaved::Kind::Waits:
            return see_other(waits_path(saved->approval));
        case api::PlaybookSaved::Kind::Mistakes:
        case api::PlaybookSaved::Kind::Conflict:
        case api::PlaybookSaved::Kind::FolderChanged:
            break;
    }
    return editor(templates, pages, request, state, note_of_refusal(*saved));
}

http::Response send_test(api::TemplateDesk& templates,
                         const Pages& pages,
                         const http::Request& request,
                         const http::Pairs& form,
                         const host::Key& who) {
    const EditorState state = editor_state(request, form);
    const Result<std::vector<api::TestOutcome>> outcomes =
        templates.send_test(state.draft, state.reader, api::addresses_in(state.recipients), who);
    Note note{.status = 200, .kind = "tested", .details = {}};
    if (!outcomes) {
        note.status = http::error(outcomes.error()).status;
        note.kind = "failed";
        note.details = form_error(FormKind::Template, outcomes.error());
        return editor(templates, pages, request, state, std::move(note));
    }
    ValueList results;
    for (const api::TestOutcome& outcome : *outcomes) {
        ValueMap map;
        map.set("to", outcome.to);
        map.set("state", outcome.state);
        map.set("detail", outcome.detail);
        results.emplace_back(std::move(map));
    }
    note.details.set("results", std::move(results));
    return editor(templates, pages, request, state, std::move(note));
}

http::Response preview(api::TemplateDesk& templates,
                       const Pages& pages,
                       const http::Request& request,
                       const http::Pairs& form,
                       const host::Key& who) {
    const api::TemplatePreviews::Turn turn(templates.desk().part<api::TemplatePreviews>(), who);
    return turn.mine() ? editor(templates, pages, request, editor_state(request, form), {})
                       : problem(pages, frame_of(templates.desk(), request), 503);
}

// A message in its frame. `allow-same-origin` lets the page around it keep the place to which its
// reader has scrolled; scripts stay forbidden twice, by the policy and by the frame's sandbox.
http::Response draft(api::TemplateDesk& templates,
                     const Pages& pages,
                     const http::Request& request) {
    const auto who = api::key_of(request, templates.desk().host().keys());
    const std::shared_ptr<const std::string> html =
        who ? templates.drafts().find(who->id, request.param("name")) : nullptr;
    if (html == nullptr) {
        return problem(pages, frame_of(templates.desk(), request), 404);
    }
    const std::string* scheme = request.query_value("scheme");
    http::Response response =
        http::html(200, scheme == nullptr ? *html : in_scheme(*html, *scheme == "dark"));
    show_in_frame(response, request, "sandbox allow-same-origin");
    return response;
}

// The saved message for one reader, alone: what other pages show in a frame. Who may not know
// customers sees a made-up one.
http::Response message_alone(api::TemplateDesk& templates,
                             const Pages& pages,
                             const http::Request& request) {
    EditorState state = editor_state(request, request.query);
    if (!api::may(request, templates.desk().host().keys(), "personal")) {
        state.reader.customer.clear();
    }
    Result<ValueMap> data = template_editor_data(templates, request, state);
    const Value* preview = data ? data->find("preview") : nullptr;
    const Value* message = preview != nullptr ? preview->as_map()->find("message") : nullptr;
    const ValueMap* parts = message != nullptr ? message->as_map() : nullptr;
    if (parts == nullptr) {
        return problem(pages, frame_of(templates.desk(), request), 404);
    }
    const std::string html = text_at(*parts, "html");
    http::Response response =
        html.empty() ? http::text(200, text_at(*parts, "text")) : http::html(200, html);
    show_in_frame(response, request, "sandbox");
    return response;
}

using Act = http::Response (*)(
    api::TemplateDesk&, const Pages&, const http::Request&, const http::Pairs&, const host::Key&);

}  // namespace

void add_template_routes(http::Router& router,
                         const DeskPtr& desk,
                         const PagesPtr& pages,
                         const TemplateDeskPtr& templates) {
    add_page(router, desk, pages, "/templates", "read",
             [templates](api::Desk& at, const Pages& all, const http::Request& request) {
                 Frame frame = template_frame(at, request, "");
                 frame.title = all.text(frame, "templates.title");
                 frame.styles = {"editor_css"};
                 return all.render(200, "templates", frame,
                                   template_list_data(*templates, request));
             });
    add_page(router, desk, pages, "/templates/:id", "read",
             [templates](api::Desk& /*at*/, const Pages& all, const http::Request& request) {
                 return show(*templates, all, request);
             });
    add_page(router, desk, pages, "/templates/:id/message", "read",
             [templates](api::Desk& /*at*/, const Pages& all, const http::Request& request) {
                 return message_alone(*templates, all, request);
             });
    add_page(router, desk, pages, "/drafts/:name", "read",
             [templates](api::Desk& /*at*/, const Pages& all, const http::Request& request) {
                 return draft(*templates, all, request);
             });
    const auto add = [&](std::string_view pattern, std::string_view scope, Act act,
                         std::shared_ptr<api::Desk> room) {
        add_form(router, desk, pages, pattern, scope,
                 [templates, act](api::Desk& /*at*/, const Pages& all, const http::Request& request,
                                  const http::Pairs& form, const host::Key& who) {
                     return act(*templates, all, request, form, who);
                 },
                 {.body_bytes_max = api::template_body_bytes_max, .room = std::move(room)});
    };
    add("/templates/:id/preview", "read", preview, desk->part<api::TemplatePreviews>().room());
    add("/templates/:id/save", "write", save, nullptr);
    add("/templates/:id/test", "write", send_test, templates->post_room());
}

}  // namespace winback::ui

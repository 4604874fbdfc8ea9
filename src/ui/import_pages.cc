// The pages of imports: upload a file, see what it seems to say, correct that, and let it run.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "api/access.h"
#include "api/audit.h"
#include "api/form_token.h"
#include "api/imports.h"
#include "host/host.h"
#include "http/upload.h"
#include "ui/form_errors.h"
#include "ui/import_data.h"
#include "ui/page_data.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

using ImportsPtr = std::shared_ptr<api::Imports>;

Frame import_frame(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "import";
    frame.title = pages.text(frame, "import.title");
    frame.styles = {"import_css"};
    return frame;
}

http::Response list_page(api::Imports& imports,
                         api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const ValueMap& error = {}) {
    ValueMap data;
    data.set("imports", imports.list());
    data.set("wrong", error);
    http::Response response =
        pages.render(error.empty() ? 200 : 400, "import", import_frame(desk, pages, request), data);
    response.compressible = false;
    return response;
}

std::string path_of(std::string_view id) {
    return "/import/" + std::string(id);
}

http::Response file_page(api::Imports& imports,
                         api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const ValueMap& error = {}) {
    Frame frame = import_frame(desk, pages, request);
    Result<ValueMap> data = imports.describe(request.param("id"));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = text_at(*data, "name") + " · " + frame.title;
    add_import_choices(*data);
    const std::string state = text_at(*data, "state");
    const bool open =
        state == "ready" || state == "failed" || state == "cancelled" || state == "interrupted";
    data->set("open", open);
    data->set("wrong", error);
    if (open && text_at(*data, "problem").empty() && data->find("problems")->as_list()->empty()) {
        const Result<ValueMap> preview = imports.preview(request.param("id"));
        data->set("preview", preview ? Value(*preview) : Value());
        data->set("preview_error", preview ? "" : preview.error().message);
    }
    http::Response response = pages.render(error.empty() ? 200 : 400, "import_file", frame, *data);
    response.compressible = false;
    return response;
}

// Posts of one import: an action, then the page again.
using Act = Status (*)(api::Imports&, const std::string& id, const http::Pairs& form);

Status change_plan(api::Imports& imports, const std::string& id, const http::Pairs& form) {
    WINBACK_TRY(const ValueMap described, imports.describe(id));
    return imports.change_plan(id, plan_changes(described, form));
}

Status write_mapping(api::Imports& imports, const std::string& id, const http::Pairs& form) {
    std::string text = field_of(form, "mapping");
    std::erase(text, '\r');  // Forms end lines with both.
    return imports.write_mapping(id, std::move(text));
}

// The button stands below the form whose mapping counts and brings it along: what was corrected
// there is saved first, and nothing starts while it is wrong.
Status start(api::Imports& imports, const std::string& id, const http::Pairs& form) {
    if (http::find_pair(form, "mapping") != nullptr) {
        WINBACK_TRY([[maybe_unused]] const Ok written, write_mapping(imports, id, form));
    } else if (std::any_of(form.begin(), form.end(),
                           [](const auto& field) { return field.first != "token"; })) {
        WINBACK_TRY([[maybe_unused]] const Ok changed, change_plan(imports, id, form));
    }
    WINBACK_TRY(const ValueMap preview, imports.preview(id));
    if (!preview.find("mistakes")->as_list()->empty()) {
        return Error{ErrorCode::InvalidArgument, "the mapping has mistakes; see the preview"};
    }
    return imports.start(id);
}

Status cancel(api::Imports& imports, const std::string& id, const http::Pairs&) {
    return imports.cancel(id);
}

void add_act(http::Router& router,
             const DeskPtr& desk,
             const PagesPtr& pages,
             const ImportsPtr& imports,
             std::string_view action,
             Act act) {
    add_form(router, desk, pages, "/import/:id/" + std::string(action), "admin",
             [imports, act, what = "import." + std::string(action)](
                 api::Desk& at, const Pages& all, const http::Request& request,
                 const http::Pairs& form, const host::Key&) {
                 const std::string id(request.param("id"));
                 const Status done = act(*imports, id, form);
                 if (!done.has_value()) {
                     return file_page(*imports, at, all, request,
                                      form_error(FormKind::Import, done.error()));
                 }
                 api::record_change(at, request,
                                    {.what = what, .target = id, .before = {}, .after = {}});
                 return see_other(path_of(id));
             },
             {.body_bytes_max = api::import_mapping_bytes_max * 3, .room = nullptr});
}

http::Response take_upload(api::Imports& imports,
                           api::Desk& desk,
                           const Pages& pages,
                           const http::Request& request,
                           const host::Key& who) {
    if (!api::is_form_token(request, field_of(request.form, "token"))) {
        return problem(pages, frame_of(desk, request), 403);
    }
    const auto file = std::find_if(request.uploads.begin(), request.uploads.end(),
                                   [](const auto& one) { return one->size() > 0; });
    if (file == request.uploads.end()) {
        // A field in which nothing was chosen brings no file at all.
        const bool chosen = !request.uploads.empty();
        ValueMap missing;
        missing.set("key", chosen ? "import.problem_empty" : "import.choose_first");
        return list_page(imports, desk, pages, request, missing);
    }
    const Result<std::string> id = imports.take((*file)->filename, **file, who.name);
    if (!id) {
        return list_page(imports, desk, pages, request, form_error(FormKind::Import, id.error()));
    }
    api::record_change(
        desk, request,
        {.what = "import.upload", .target = *id, .before = {}, .after = Value((*file)->filename)});
    return see_other(path_of(*id));
}

void add_upload(http::Router& router,
                const DeskPtr& desk,
                const PagesPtr& pages,
                const ImportsPtr& imports) {
    const http::Handler guarded =
        api::Desk::handler(desk, [pages, imports](api::Desk& at, const http::Request& request) {
            const auto who = api::key_of(request, at.host().keys());
            return who ? take_upload(*imports, at, *pages, request, *who)
                       : ask_to_sign_in(at, *pages, request);
        });
    router.add("POST", "/import",
               [desk, pages, guarded](const http::RequestPtr& request, http::Reply reply) {
                   if (auto refusal = refuse_reader(*desk, *pages, *request, "admin")) {
                       reply(*std::move(refusal));
                   } else {
                       guarded(request, std::move(reply));
                   }
               },
               {.file_bytes_max = api::import_bytes_max,
                .admit = [desk, pages](const http::Request& head) {
                    return refuse_reader(*desk, *pages, head, "admin");
                }});
}

}  // namespace

void add_import_pages(http::Router& router,
                      const DeskPtr& desk,
                      const PagesPtr& pages,
                      const ImportsPtr& imports) {
    if (imports == nullptr) {
        return;
    }
    add_page(router, desk, pages, "/import", "admin",
             [imports](api::Desk& at, const Pages& all, const http::Request& request) {
                 return list_page(*imports, at, all, request);
             });
    add_page(router, desk, pages, "/import/:id", "admin",
             [imports](api::Desk& at, const Pages& all, const http::Request& request) {
                 return file_page(*imports, at, all, request);
             });
    add_page(router, desk, pages, "/import/:id/rejected.csv", "admin",
             [imports](api::Desk& at, const Pages& all, const http::Request& request) {
                 const Result<std::string> path = imports->rejects(request.param("id"));
                 return path ? api::rejects_answer(*path)
                             : problem(all, frame_of(at, request), 404);
             });
    add_upload(router, desk, pages, imports);
    add_act(router, desk, pages, imports, "plan", change_plan);
    add_act(router, desk, pages, imports, "mapping", write_mapping);
    add_act(router, desk, pages, imports, "start", start);
    add_act(router, desk, pages, imports, "cancel", cancel);
    add_form(router, desk, pages, "/import/:id/remove", "admin",
             [imports](api::Desk& at, const Pages& all, const http::Request& request,
                       const http::Pairs&, const host::Key&) {
                 const std::string id(request.param("id"));
                 const Status done = imports->remove(id);
                 if (!done.has_value()) {
                     return file_page(*imports, at, all, request,
                                      form_error(FormKind::Import, done.error()));
                 }
                 api::record_change(
                     at, request,
                     {.what = "import.remove", .target = id, .before = {}, .after = {}});
                 return see_other("/import?said=import_removed");
             });
}

}  // namespace winback::ui

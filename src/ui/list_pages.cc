// Static lists: made, filled from a file or a pasted text, looked at.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "api/access.h"
#include "api/form_token.h"
#include "api/lists.h"
#include "host/host.h"
#include "http/upload.h"
#include "http/url.h"
#include "ui/form_errors.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

Frame list_frame(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.title = pages.text(frame, "lists.title");
    frame.styles = {"desk_css", "import_css"};
    return frame;
}

http::Response lists_page(api::Desk& desk,
                          const Pages& pages,
                          const http::Request& request,
                          const std::optional<Error>& error = {},
                          std::string_view name = "") {
    const Frame frame = list_frame(desk, pages, request);
    Result<ValueMap> data = api::describe_lists(desk);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    data->set("count", static_cast<std::int64_t>(list_at(*data, "lists").size()));
    data->set("wrong", error ? Value(form_error(FormKind::List, *error)) : Value());
    data->set("name", name);
    return pages.render(error ? http::error(*error).status : 200, "lists", frame, *data);
}

// `outcome`: what became of lines that just came; null when none did.
http::Response list_page(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const std::optional<Error>& error,
                         const Value& outcome) {
    Frame frame = list_frame(desk, pages, request);
    Result<ValueMap> data = api::describe_list(desk, request.param("id"));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = text_at(*data, "name") + " · " + frame.title;
    const std::string where = "in_list(\"" + text_at(*data, "id") + "\")";
    data->set("where", where);
    data->set("members", "/customers?where=" + http::percent_encode(where));
    data->set("export", "/customers/export?where=" + http::percent_encode(where));
    data->set("wrong", error ? Value(form_error(FormKind::List, *error)) : Value());
    data->set("outcome", outcome);
    data->set("typed", error ? field_of(request.form, "text") : std::string());
    const std::string mode = error ? field_of(request.form, "mode") : std::string();
    data->set("ask_back", mode == "replace" && error->code == ErrorCode::Conflict);
    data->set("mode", mode.empty() ? std::string("add") : mode);
    http::Response response =
        pages.render(error ? http::error(*error).status : 200, "list", frame, *data);
    response.compressible = false;  // Addresses stand in it that somebody else may have chosen.
    return response;
}

// The file that was chosen, else the text that was pasted.
Result<std::string> lines_of(const http::Request& request) {
    const auto file = std::find_if(request.uploads.begin(), request.uploads.end(),
                                   [](const auto& one) { return one->size() > 0; });
    if (file == request.uploads.end()) {
        return field_of(request.form, "text");
    }
    if ((*file)->size() > api::list_file_bytes_max) {
        return Error{ErrorCode::InvalidArgument, "the file is larger than 16 MB; cut it in two"};
    }
    std::ifstream in((*file)->path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

Result<ValueMap> fill(api::Desk& desk, const http::Request& request, const host::Key& who) {
    WINBACK_TRY(const api::ListMode mode, api::parse_list_mode(field_of(request.form, "mode")));
    WINBACK_TRY(const std::string bytes, lines_of(request));
    WINBACK_TRY(const std::vector<api::ListLine> lines, api::read_list_file(bytes));
    const bool sure = !field_of(request.form, "sure").empty();
    return api::change_members(desk, who, request.param("id"), {.mode = mode, .sure = sure}, lines);
}

http::Response take_lines(api::Desk& desk,
                          const Pages& pages,
                          const http::Request& request,
                          const host::Key& who) {
    if (request.form.empty()) {
        return problem(pages, frame_of(desk, request), 400);  // No form with a file.
    }
    if (!api::is_form_token(request, field_of(request.form, "token"))) {
        return problem(pages, frame_of(desk, request), 403);
    }
    Result<ValueMap> outcome = fill(desk, request, who);
    return outcome ? list_page(desk, pages, request, {}, Value(*std::move(outcome)))
                   : list_page(desk, pages, request, outcome.error(), Value());
}

// A form with a file, so not one of add_form's.
void add_lines(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    const auto refusal = [desk, pages](const http::Request& head) {
        auto refused = refuse_reader(*desk, *pages, head, "write");
        return refused ? refused : refuse_reader(*desk, *pages, head, "personal");
    };
    const http::Handler guarded =
        api::Desk::handler(desk, [pages](api::Desk& at, const http::Request& request) {
            const auto who = api::key_of(request, at.host().keys());
            return who ? take_lines(at, *pages, request, *who)
                       : ask_to_sign_in(at, *pages, request);
        });
    router.add("POST", "/lists/:id/members",
               [refusal, guarded](const http::RequestPtr& request, http::Reply reply) {
                   if (auto refused = refusal(*request)) {
                       reply(*std::move(refused));
                   } else {
                       guarded(request, std::move(reply));
                   }
               },
               {.file_bytes_max = api::list_file_bytes_max, .admit = refusal});
}

}  // namespace

void add_list_pages(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_page(router, desk, pages, "/lists", "read",
             [](api::Desk& at, const Pages& all, const http::Request& request) {
                 return lists_page(at, all, request);
             });
    add_page(router, desk, pages, "/lists/:id", "read",
             [](api::Desk& at, const Pages& all, const http::Request& request) {
                 return list_page(at, all, request, {}, Value());
             });
    add_form(router, desk, pages, "/lists", "write",
             [](api::Desk& at, const Pages& all, const http::Request& request,
                const http::Pairs& form, const host::Key& who) {
                 const Result<std::string> id = api::create_list(at, who, field_of(form, "name"));
                 return id ? see_other("/lists/" + http::percent_encode(*id))
                           : lists_page(at, all, request, id.error(), field_of(form, "name"));
             });
    add_form(router, desk, pages, "/lists/:id/delete", "write",
             [](api::Desk& at, const Pages& all, const http::Request& request, const http::Pairs&,
                const host::Key& who) {
                 const Status gone = api::delete_list(at, who, request.param("id"));
                 return gone ? see_other("/lists?said=list_deleted")
                             : list_page(at, all, request, gone.error(), Value());
             });
    add_lines(router, desk, pages);
}

}  // namespace winback::ui

// Templates over HTTP: JSON on one side, the template desk on the other.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/playbook_answers.h"
#include "api/routes.h"
#include "api/template_previews.h"
#include "api/templates.h"
#include "host/host.h"

namespace winback::api {
namespace {

using TemplateDeskPtr = std::shared_ptr<TemplateDesk>;
using nlohmann::json;

Error invalid(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

Result<std::string> text_at(const json& body, const char* name) {
    const auto found = body.find(name);
    if (found == body.end()) {
        return std::string();
    }
    if (!found->is_string()) {
        return invalid(std::string("'") + name + "' is text");
    }
    return found->get<std::string>();
}

Result<json> body_of(const http::Request& request) {
    json body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) {
        return invalid("the body is a JSON object");
    }
    return body;
}

Result<TemplateDraft> draft_of(const http::Request& request, const json& body) {
    TemplateDraft draft;
    draft.id = request.param("id");
    draft.language = request.param("language");
    if (draft.language.empty()) {
        WINBACK_TRY(draft.language, text_at(body, "language"));
    }
    if (body.contains("source")) {
        WINBACK_TRY(draft.source, text_at(body, "source"));
        draft.source = with_line_feeds(*draft.source);
        return draft;
    }
    if (!body.contains("body")) {
        return draft;
    }
    WINBACK_TRY(draft.body, text_at(body, "body"));
    draft.body = with_line_feeds(*draft.body);
    const auto fields = body.find("fields");
    if (fields != body.end() && !fields->is_object()) {
        return invalid("'fields' is a map of texts");
    }
    if (fields != body.end()) {
        for (const auto& [name, value] : fields->items()) {
            if (!value.is_string()) {
                return invalid("'fields' is a map of texts");
            }
            draft.fields.emplace_back(name, value.get<std::string>());
        }
    }
    return draft;
}

Result<PreviewReader> reader_of(const json& body) {
    PreviewReader reader;
    WINBACK_TRY(reader.customer, text_at(body, "customer"));
    WINBACK_TRY(reader.sample, text_at(body, "sample"));
    return reader;
}

http::Response describe(TemplateDesk& templates, const http::Request& request) {
    const Result<ValueMap> tree = templates.describe(request.param("id"));
    if (!tree) {
        return http::error(tree.error());
    }
    http::Response response = json_answer(*tree);
    const std::int64_t* version = tree->find("version")->as_int();
    set_version(response, version == nullptr ? 0 : static_cast<std::uint64_t>(*version));
    return response;
}

http::Response save(TemplateDesk& templates, const http::Request& request, const host::Key& who) {
    const Result<json> body = body_of(request);
    if (!body) {
        return http::error(body.error());
    }
    const Result<std::uint64_t> version = base_version_of(templates.desk(), request, *body);
    if (!version) {
        return http::error(version.error());
    }
    const Result<TemplateDraft> draft = draft_of(request, *body);
    if (!draft) {
        return http::error(draft.error());
    }
    if (draft->as_it_is()) {
        return http::error(invalid("'source' is the text of the file, or 'body' with 'fields'"));
    }
    const Result<PlaybookSaved> saved = templates.save(*draft, *version, who);
    if (!saved) {
        return not_saved_answer(templates.desk(), request, *version, saved.error());
    }
    return saved_answer(templates, request, *saved, "invalid_template");
}

// What a preview and a test are asked for: a draft, and who reads it.
struct Asked {
    json body;
    TemplateDraft draft;
    PreviewReader reader;
};

Result<Asked> asked_of(const http::Request& request, const host::Key& who) {
    WINBACK_TRY(json body, body_of(request));
    WINBACK_TRY(TemplateDraft draft, draft_of(request, body));
    WINBACK_TRY(PreviewReader reader, reader_of(body));
    if (!reader.customer.empty() && !may(who, "personal")) {
        return Error{ErrorCode::PermissionDenied,
                     "reading as a customer needs the scope 'personal'; use a sample"};
    }
    return Asked{std::move(body), std::move(draft), std::move(reader)};
}

http::Response preview(TemplateDesk& templates,
                       const http::Request& request,
                       const host::Key& who) {
    const Result<Asked> asked = asked_of(request, who);
    if (!asked) {
        return http::error(asked.error());
    }
    const TemplatePreviews::Turn turn(templates.desk().part<TemplatePreviews>(), who);
    if (!turn.mine()) {
        return http::error(
            Error{ErrorCode::Unavailable, "previews of yours are being made already; try again"});
    }
    Result<ValueMap> tree = templates.preview(
        asked->draft, asked->reader, who.kind == host::KeyKind::Session ? who.id : std::string());
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

http::Response test(TemplateDesk& templates, const http::Request& request, const host::Key& who) {
    const Result<Asked> asked = asked_of(request, who);
    if (!asked) {
        return http::error(asked.error());
    }
    std::vector<std::string> to;
    const auto list = asked->body.find("to");
    if (list == asked->body.end() || !list->is_array()) {
        return http::error(invalid("'to' is a list of addresses"));
    }
    for (const json& address : *list) {
        to.push_back(address.is_string() ? address.get<std::string>() : std::string());
    }
    const Result<std::vector<TestOutcome>> outcomes =
        templates.send_test(asked->draft, asked->reader, to, who);
    if (!outcomes) {
        return http::error(outcomes.error());
    }
    ValueList results;
    for (const TestOutcome& outcome : *outcomes) {
        ValueMap map;
        map.set("to", outcome.to);
        map.set("state", outcome.state);
        map.set("detail", outcome.detail);
        results.emplace_back(std::move(map));
    }
    ValueMap tree;
    tree.set("results", std::move(results));
    tree.set("delivers", templates.options().delivers);
    return json_answer(std::move(tree));
}

using Act = http::Response (*)(TemplateDesk&, const http::Request&, const host::Key&);

struct Change {
    std::string_view method;
    std::string_view pattern;
    std::string_view scope;
    Act act;
    DeskPtr room = nullptr;  // Null: the desk.
};

void add_template_change(http::Router& router,
                         const DeskPtr& desk,
                         const TemplateDeskPtr& templates,
                         const Change& change) {
    const Act act = change.act;
    add_route(
        router, desk,
        {.method = std::string(change.method),
         .pattern = std::string(change.pattern),
         .scope = std::string(change.scope),
         .body_bytes_max = template_body_bytes_max,
         .room = change.room},
        [templates, act](Desk& at, const http::RequestPtr& request, const http::Reply& reply) {
            const std::optional<host::Key> who = key_of(*request, at.host().keys());
            reply(who ? act(*templates, *request, *who)
                      : http::error(401, "unauthorized", "the key ended meanwhile"));
        });
}

}  // namespace

void add_template_routes(http::Router& router,
                         const DeskPtr& desk,
                         const TemplateDeskPtr& templates) {
    add_guarded(
        router, desk, "/api/v1/templates", "read",
        [templates](Desk&, const http::Request&) { return json_answer(templates->list()); });
    add_guarded(
        router, desk, "/api/v1/templates/:id", "read",
        [templates](Desk&, const http::Request& request) { return describe(*templates, request); });
    for (const Change& change :
         {Change{"PUT", "/api/v1/templates/:id/languages/:language", "write", save},
          Change{"POST", "/api/v1/templates/:id/preview", "read", preview,
                 desk->part<TemplatePreviews>().room()},
          Change{"POST", "/api/v1/templates/:id/test", "write", test, templates->post_room()}}) {
        add_template_change(router, desk, templates, change);
    }
}

}  // namespace winback::api

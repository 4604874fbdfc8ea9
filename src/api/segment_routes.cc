// Segments for editors: text and tree of a condition, what it would mean, saving, deleting, and
// whether one customer is in.
#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/condition_draft.h"
#include "api/customer_answers.h"
#include "api/past.h"
#include "api/playbook_answers.h"
#include "api/playbook_versions.h"
#include "api/preview_lines.h"
#include "api/preview_turns.h"
#include "api/routes.h"
#include "api/segment_editor.h"
#include "api/segment_preview.h"
#include "api/segments.h"
#include "api/strict_json.h"
#include "api/templates.h"
#include "api/tree.h"
#include "host/host.h"

namespace winback::api {
namespace {

// A condition of full length, and more than its tree is.
constexpr std::size_t preview_bytes_max = std::size_t{1024} * 1024;

using nlohmann::json;
using TemplateDeskPtr = std::shared_ptr<TemplateDesk>;

// Bodies keep their schemas; an empty one is an empty object. Names stay in their order, which a
// tree means something by.
ValueMap body_of(const http::Request& request) {
    Result<Value> body = read_strict(request.body);
    ValueMap* map = body ? body->as_map() : nullptr;
    return map == nullptr ? ValueMap() : std::move(*map);
}

std::optional<std::string> said(const ValueMap& body, std::string_view name) {
    const Value* found = body.find(name);
    return found == nullptr || found->as_string() == nullptr ? std::nullopt
                                                             : std::optional(*found->as_string());
}

// What base_version_of reads of it.
json version_of(const ValueMap& body) {
    const Value* version = body.find("version");
    const std::int64_t* number = version == nullptr ? nullptr : version->as_int();
    return number == nullptr || *number < 0
               ? json::object()
               : json::object({{"version", static_cast<std::uint64_t>(*number)}});
}

// Nothing when the body has neither a condition nor a tree. Fails with InvalidArgument for both.
Result<std::optional<ConditionDraft>> condition_of(Desk& desk,
                                                   const ValueMap& body,
                                                   std::string_view segment) {
    const std::optional<std::string> text = said(body, "condition");
    const Value* tree = body.find("tree");
    if (text && tree != nullptr) {
        return Error{ErrorCode::InvalidArgument,
                     "a condition comes as 'condition' or as 'tree', not as both"};
    }
    if (tree != nullptr) {
        return std::optional(draft_of_tree(desk, *tree, segment));
    }
    return text ? std::optional(draft_of_text(desk, *text, segment)) : std::nullopt;
}

// The same where there must be one.
Result<ConditionDraft> asked_condition(Desk& desk, const ValueMap& body, std::string_view segment) {
    WINBACK_TRY(std::optional<ConditionDraft> draft, condition_of(desk, body, segment));
    if (!draft) {
        return Error{ErrorCode::InvalidArgument, "'condition' or 'tree' is missing"};
    }
    return *std::move(draft);
}

http::Response tree(Desk& desk, const http::Request& request) {
    const ValueMap body = body_of(request);
    const Result<ConditionDraft> draft =
        asked_condition(desk, body, said(body, "segment").value_or(""));
    return draft ? json_answer(draft_value(*draft)) : http::error(draft.error());
}

http::Response preview(const DeskPtr& own, const http::Request& request) {
    Desk& desk = *own;
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    if (!who) {
        return http::error(401, "unauthorized", "the key ended meanwhile");
    }
    const ValueMap body = body_of(request);
    const std::string asker = who->kind == host::KeyKind::Session
                                  ? who->id + " " + said(body, "editor").value_or("")
                                  : "";
    const auto turn = std::make_shared<const PreviewTurns::Turn>(desk.part<PreviewTurns>(), asker);
    const SegmentQuestion question{.segment = said(body, "segment").value_or(""),
                                   .people = may(*who, "personal"),
                                   .asker = asker};
    if (!question.segment.empty()) {
        const auto found = find_segment(desk.host().definitions(), question.segment);
        if (!found) {
            return http::error(found.error());
        }
    }
    Result<ConditionDraft> draft = asked_condition(desk, body, question.segment);
    if (!draft) {
        return http::error(draft.error());
    }
    Result<std::unique_ptr<SegmentPreview>> begun =
        SegmentPreview::begin(desk, *std::move(draft), question);
    if (!begun) {
        return http::error(begun.error());
    }
    const std::shared_ptr<SegmentPreview> count = *std::move(begun);
    if (count->counts() && accepts_lines(request)) {
        return preview_lines(own, request, count, turn);
    }
    if (count->counts() && !count->count_whole(turn->stopping())) {
        return superseded();
    }
    ValueMap answer = count->answer();
    const ValueMap* histories = answer.find("histories")->as_map();
    const bool ready = histories == nullptr || *histories->find("ready") == Value(true);
    return ready ? json_answer(std::move(answer)) : not_ready(std::move(answer));
}

http::Response with_mistakes(const ConditionDraft& draft) {
    ValueMap map;
    map.set("code", "invalid_segment");
    map.set("message", "the condition has mistakes; nothing was changed");
    map.set("diagnostics", draft.diagnostics);
    return http::json(400, to_json(std::move(map)));
}

// What the body says of a segment goes into the draft, and what its author is warned of into
// `warnings`; an answer when its condition cannot be taken.
std::optional<http::Response> fill(Desk& desk,
                                   const ValueMap& body,
                                   SegmentDraft& draft,
                                   ValueList& warnings) {
    draft.name = said(body, "name");
    draft.description = said(body, "description");
    if (const auto newcomers = said(body, "newcomers")) {
        draft.newcomers_enter = *newcomers == "enter";
    }
    Result<std::optional<ConditionDraft>> condition = condition_of(desk, body, draft.id);
    if (!condition) {
        return http::error(condition.error());
    }
    if (*condition) {
        if (!(*condition)->compiled.condition) {
            return with_mistakes(**condition);
        }
        draft.condition = std::move((*condition)->text);
        warnings = std::move((*condition)->diagnostics);
    }
    return std::nullopt;
}

// The answer to what was saved: of what the check of the playbook says, the warnings of other files
// are left out. What it does not say of the condition stands beside that, with "condition" as its
// `place`, of which its lines are.
ValueMap saved_segment(TemplateDesk& templates,
                       const PlaybookSaved& saved,
                       const ValueList& warnings) {
    ValueMap tree = saved_value(templates, saved);
    ValueList all = *tree.find("diagnostics")->as_list();
    std::erase_if(all, [&](const Value& value) {
        const ValueMap& map = *value.as_map();
        return *map.find("warning") == Value(true) && text_at(map, "file") != saved.file;
    });
    for (const Value& value : warnings) {
        ValueMap warning = *value.as_map();
        const bool said = std::any_of(
            saved.diagnostics.begin(), saved.diagnostics.end(), [&](const Diagnostic& other) {
                return other.file == saved.file && other.code == text_at(warning, "code") &&
                       other.message == text_at(warning, "message");
            });
        if (!said) {
            warning.erase("pointer");
            warning.set("file", saved.file);
            warning.set("place", "condition");
            all.emplace_back(std::move(warning));
        }
    }
    tree.set("diagnostics", std::move(all));
    return tree;
}

http::Response save(TemplateDesk& templates, const http::Request& request, const host::Key& who) {
    Desk& desk = templates.desk();
    const ValueMap body = body_of(request);
    const Result<std::uint64_t> version = base_version_of(desk, request, version_of(body));
    if (!version) {
        return http::error(version.error());
    }
    SegmentDraft draft;
    draft.id = request.param("id");
    ValueList warnings;
    if (std::optional<http::Response> refused = fill(desk, body, draft, warnings)) {
        return *std::move(refused);
    }
    const Result<PlaybookSaved> saved = save_segment(templates, draft, *version, who);
    if (!saved) {
        return not_saved_answer(desk, request, *version, saved.error());
    }
    const bool done =
        saved->kind == PlaybookSaved::Kind::Saved || saved->kind == PlaybookSaved::Kind::Unchanged;
    return done ? json_answer(saved_segment(templates, *saved, warnings))
                : saved_answer(templates, request, *saved, "invalid_segment");
}

http::Response make(TemplateDesk& templates, const http::Request& request, const host::Key& who) {
    const ValueMap body = body_of(request);
    SegmentDraft draft;
    draft.id = said(body, "id").value_or("");
    ValueList warnings;
    if (std::optional<http::Response> refused = fill(templates.desk(), body, draft, warnings)) {
        return *std::move(refused);
    }
    const Result<MadeSegment> made = make_segment(templates, draft, who);
    if (!made) {
        return http::error(made.error());
    }
    if (made->saved.kind != PlaybookSaved::Kind::Saved) {
        return saved_answer(templates, request, made->saved, "invalid_segment");
    }
    ValueMap tree = saved_segment(templates, made->saved, warnings);
    tree.set("id", made->id);
    http::Response response = json_answer(std::move(tree));
    response.status = 201;
    response.headers.emplace_back("Location", "/api/v1/segments/" + made->id);
    return response;
}

http::Response remove(TemplateDesk& templates, const http::Request& request, const host::Key& who) {
    Desk& desk = templates.desk();
    const json any = json::object({{"version", present_version(desk)}});
    const bool conditional = request.header("if-match") != nullptr;
    const Result<std::uint64_t> version =
        base_version_of(desk, request, conditional ? json::object() : any);
    if (!version) {
        return http::error(version.error());
    }
    const Result<PlaybookSaved> saved =
        delete_segment(templates, request.param("id"), *version, who);
    return saved ? saved_answer(templates, request, *saved, "invalid_segment")
                 : not_saved_answer(desk, request, *version, saved.error());
}

http::Response describe(Desk& desk, const http::Request& request) {
    const Result<ValueMap> tree = describe_segment(desk, request.param("id"));
    if (!tree) {
        return http::error(tree.error());
    }
    http::Response response = json_answer(*tree);
    set_version(response, static_cast<std::uint64_t>(*tree->find("version")->as_int()));
    return response;
}

http::Response answer_of(Result<ValueMap> tree) {
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

Result<ValueMap> member(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::optional<Timestamp> at, past_moment_of(desk, request));
    const std::string_view segment = request.param("id");
    const std::string_view customer = request.param("customer");
    return at ? past_membership(desk, segment, customer, *at)
              : membership_of(desk, segment, customer);
}

Result<ValueMap> explanation(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::optional<Timestamp> at, past_moment_of(desk, request));
    const std::string* customer = request.query_value("customer");
    return explain_segment(desk, request.param("id"), customer == nullptr ? "" : *customer, at);
}

// As /api/v1/customers with this segment, whatever else narrows it down.
http::Response present_members(Desk& desk, const http::Request& request) {
    Result<CustomerFilter> filter = customer_filter_of(request);
    if (!filter) {
        return http::error(filter.error());
    }
    filter->segment = request.param("id");
    return customers_answer(desk, *filter, "members");
}

http::Response members(Desk& desk, const http::Request& request) {
    const Result<std::optional<Timestamp>> at = past_moment_of(desk, request);
    if (!at) {
        return http::error(at.error());
    }
    if (!*at) {
        return present_members(desk, request);
    }
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const auto segment = find_segment(definitions, request.param("id"));
    if (!segment) {
        return http::error(segment.error());
    }
    const Result<std::size_t> limit = limit_of(request, past_members_default, past_members_max);
    if (!limit) {
        return http::error(limit.error());
    }
    const std::string* after = request.query_value("after");
    std::size_t from = 0;
    if (after != nullptr && !after->empty()) {
        std::from_chars(after->data(), after->data() + after->size(), from);  // Of our own cursor.
    }
    const auto compiled = std::make_shared<const CompiledCondition>(
        compile_condition(desk, (*segment)->condition.text));
    if (!compiled->condition) {
        return http::error(Error{ErrorCode::Unavailable, "the definitions changed; ask again"});
    }
    const Result<PastPassPtr> pass = desk.part<PastPasses>().get(compiled, **at);
    if (!pass) {
        return http::error(pass.error());
    }
    ValueMap tree = past_value(desk, **pass);
    ValueList list;
    std::size_t end = 0;
    if ((*pass)->ready) {
        list = past_members(desk, **pass, from, *limit);
        end = from + *limit;
    }
    const bool more = end != 0 && end < (*pass)->members.size();
    tree.set("members", std::move(list));
    tree.set("after", more ? Value(std::to_string(end)) : Value());
    return past_answer(std::move(tree));
}

}  // namespace

void add_segment_routes(http::Router& router,
                        const DeskPtr& desk,
                        const TemplateDeskPtr& templates) {
    add_guarded(router, desk, "/api/v1/segments/:id", "read", describe);
    add_guarded(
        router, desk, "/api/v1/segments/:id/members/:customer", "personal",
        [](Desk& at, const http::Request& request) { return answer_of(member(at, request)); });
    add_guarded(router, desk, "/api/v1/segments/:id/members", "personal", members);
    add_guarded(
        router, desk, "/api/v1/segments/:id/explanation", "personal",
        [](Desk& at, const http::Request& request) { return answer_of(explanation(at, request)); });
    add_change(router, desk, "POST", "/api/v1/segments/tree", "read", tree);
    add_route(router, desk,
              {.method = "POST",
               .pattern = "/api/v1/segments/preview",
               .scope = "read",
               .body_bytes_max = preview_bytes_max,
               .room = desk->part<PreviewTurns>().room()},
              [weak = std::weak_ptr<Desk>(desk)](Desk&, const http::RequestPtr& request,
                                                 const http::Reply& reply) {
                  const DeskPtr own = weak.lock();
                  reply(own ? preview(own, *request)
                            : http::error(503, "unavailable", "the server stops"));
              });
    using Act = http::Response (*)(TemplateDesk&, const http::Request&, const host::Key&);
    const auto add = [&](std::string_view method, std::string_view pattern, Act act) {
        add_change(router, desk, method, pattern, "write",
                   [templates, act](Desk& at, const http::Request& request) {
                       const std::optional<host::Key> who = key_of(request, at.host().keys());
                       return who ? act(*templates, request, *who)
                                  : http::error(401, "unauthorized", "the key ended meanwhile");
                   });
    };
    add("POST", "/api/v1/segments", make);
    add("PUT", "/api/v1/segments/:id", save);
    add("DELETE", "/api/v1/segments/:id", remove);
}

}  // namespace winback::api

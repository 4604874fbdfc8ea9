// What waits for a second person: the list, one request, and what people do with it.
#include <algorithm>

#include "api/access.h"
#include "api/approvals.h"
#include "api/tree.h"
#include "host/host.h"
#include "ui/routes.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr std::size_t ended_shown = 50;

Frame approvals_frame(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "approvals";
    frame.title = pages.text(frame, "approvals.title");
    frame.styles = {"desk_css", "editor_css", "import_css"};
    return frame;
}

// As the lists of texts name it: "playbook_load".
void name_act(ValueMap& map) {
    std::string what = text_at(map, "what");
    for (char& c : what) {
        c = c == '.' ? '_' : c;
    }
    map.set("act", std::move(what));
    map.set("counted", map.find("people") != nullptr && map.find("people")->as_int() != nullptr);
}

host::Key reader_of(api::Desk& desk, const http::Request& request) {
    return api::key_of(request, desk.host().keys()).value_or(host::Key{});
}

http::Response list_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    const host::Key reader = reader_of(desk, request);
    const std::uint64_t after = api::number_of(field_of(request.query, "after"));
    ValueList waiting;
    for (const host::Approval& one : desk.host().approvals().waiting(api::wall_clock())) {
        ValueMap map = api::approval_value(desk, one, reader);
        name_act(map);
        waiting.emplace_back(std::move(map));
    }
    // A page of all: those that wait are few, and stand above.
    const ValueMap page =
        api::list_approvals(desk, reader, std::nullopt, after, ended_shown + waiting.size());
    ValueList ended;
    for (const Value& value : list_at(page, "approvals")) {
        ValueMap map = *value.as_map();
        if (text_at(map, "state") != "waiting") {
            name_act(map);
            ended.emplace_back(std::move(map));
        }
    }
    ValueMap data;
    data.set("waiting", std::move(waiting));
    data.set("ended", std::move(ended));
    data.set("after", *page.find("after"));
    data.set("later_page", after != 0);
    const Result<std::optional<std::uint64_t>> above = api::approval_rule(desk.host());
    data.set("four_eyes", is_four_eyes(desk));
    data.set("above", above && *above ? Value(static_cast<std::int64_t>(**above)) : Value());
    return pages.render(200, "approvals", approvals_frame(desk, pages, request), data);
}

http::Response one_page(api::Desk& desk,
                        const Pages& pages,
                        const http::Request& request,
                        int status,
                        std::string_view refused) {
    Result<ValueMap> data =
        api::describe_approval(desk, reader_of(desk, request), api::number_of(request.param("id")));
    if (!data) {
        return problem(pages, frame_of(desk, request), http::error(data.error()).status);
    }
    name_act(*data);
    data->set("request", *data);
    data->set("refused", refused);
    Frame frame = approvals_frame(desk, pages, request);
    const auto id = static_cast<std::int64_t>(api::number_of(request.param("id")));
    frame.title = pages.text(frame, "approvals.request", {{"number", id}});
    return pages.render(status, "approval", frame, *data);
}

http::Response outcome(api::Desk& desk,
                       const Pages& pages,
                       const http::Request& request,
                       const Result<host::Approval>& ended,
                       std::string_view said) {
    if (ended) {
        return see_other("/approvals?said=" + std::string(said));
    }
    return one_page(desk, pages, request, http::error(ended.error()).status, ended.error().message);
}

}  // namespace

std::string waits_path(std::uint64_t approval) {
    return "/approvals/" + std::to_string(approval) + "?said=approval_asked";
}

ValueList waiting_value(api::Desk& desk, const WaitingFor& about) {
    ValueList list;
    for (const host::Approval& one : desk.host().approvals().waiting(api::wall_clock())) {
        const auto& by = one.journeys;
        const bool other_journey =
            !about.journey.empty() && std::find(by.begin(), by.end(), about.journey) == by.end();
        const bool other_template = !about.template_id.empty() && (one.what != "template.save" ||
                                                                   one.target != about.template_id);
        if (other_journey || other_template) {
            continue;
        }
        ValueMap map;
        map.set("id", std::to_string(one.id));
        map.set("what", one.what);
        map.set("by", one.asked_by.name);
        map.set("people", one.people ? Value(static_cast<std::int64_t>(*one.people)) : Value());
        name_act(map);
        list.emplace_back(std::move(map));
    }
    return list;
}

bool is_four_eyes(api::Desk& desk) {
    const Result<std::optional<std::uint64_t>> above = api::approval_rule(desk.host());
    return !above || above->has_value();
}

http::Response approvals_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return list_page(desk, pages, request);
}

http::Response approval_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return one_page(desk, pages, request, 200, "");
}

void add_approval_forms(http::Router& router,
                        const DeskPtr& desk,
                        const PagesPtr& pages,
                        const TemplateDeskPtr& templates) {
    add_form(router, desk, pages, "/approvals/:id/approve", "send",
             [templates](api::Desk& at, const Pages& all, const http::Request& request,
                         const http::Pairs&, const host::Key& who) {
                 return outcome(at, all, request,
                                api::approve(*templates, who, api::number_of(request.param("id"))),
                                "approval_approved");
             });
    add_form(router, desk, pages, "/approvals/:id/decline", "send",
             [](api::Desk& at, const Pages& all, const http::Request& request,
                const http::Pairs& form, const host::Key& who) {
                 return outcome(at, all, request,
                                api::decline(at, who, api::number_of(request.param("id")),
                                             field_of(form, "reason")),
                                "approval_declined");
             });
    add_form(router, desk, pages, "/approvals/:id/withdraw", "write",
             [](api::Desk& at, const Pages& all, const http::Request& request, const http::Pairs&,
                const host::Key& who) {
                 return outcome(at, all, request,
                                api::withdraw(at, who, api::number_of(request.param("id"))),
                                "approval_withdrawn");
             });
}

}  // namespace winback::ui

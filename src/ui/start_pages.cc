// The guide of the first hour, and the settings of the workspace.
#include <charconv>
#include <string>
#include <utility>

#include "api/access.h"
#include "api/approvals.h"
#include "api/audit.h"
#include "api/guide.h"
#include "api/idempotency.h"
#include "api/import_plan.h"
#include "api/imports.h"
#include "api/live_events.h"
#include "api/people.h"
#include "api/public_address.h"
#include "api/shipped_playbook.h"
#include "api/sweep.h"
#include "api/template_drafts.h"
#include "api/templates.h"
#include "api/workspace.h"
#include "base/zone.h"
#include "host/host.h"
#include "ui/countries.h"
#include "ui/form_errors.h"
#include "ui/routes.h"
#include "ui/template_data.h"
#include "ui/texts.h"
#include "webhook/courier.h"

namespace winback::ui {
namespace {

using GuidePtr = std::shared_ptr<api::Guide>;

ValueList languages_value() {
    ValueList list;
    for (const Language& language : languages) {
        ValueMap map;
        map.set("code", language.code);
        map.set("name", language.name);
        list.emplace_back(std::move(map));
    }
    return list;
}

void add_workspace(api::Desk& desk, const Frame& frame, ValueMap& data, const ValueList& wrong) {
    data.set("space", api::describe_workspace(desk));
    data.set("languages", languages_value());
    data.set("countries", countries_in(frame.locale));
    data.set("wrong", wrong);
}

Frame own_frame(api::Desk& desk,
                const Pages& pages,
                const http::Request& request,
                std::string_view key) {
    Frame frame = frame_of(desk, request);
    frame.active = "settings";
    frame.title = pages.text(frame, key);
    frame.styles = {"import_css"};
    return frame;
}

// What else is kept and how long: `how` names a text, with days or a number in it.
struct KeptTime {
    const char* what;
    const char* how;
    Duration span;
    std::size_t count = 0;
};

ValueList kept_times() {
    const KeptTime times[]{
        {"customers", "erased", {}},
        {"messages", "erased", {}},
        {"notes", "deleted", {}},
        {"audit", "audit", {}},
        {"playbook", "ever", {}},
        {"sessions", "days", host::session_lifetime},
        {"sessions_idle", "days", host::session_idle_max},
        {"invitations", "days", host::invitation_lifetime},
        {"passwords", "days", host::recovery_lifetime},
        {"idempotency", "days", api::idempotency_lifetime},
        {"deliveries", "newest", {}, webhook::CourierOptions{}.finished_kept},
        {"uploads", "uploads", {}},
        {"imports", "newest", {}, api::imports_max},
        {"drafts", "memory", {}, api::drafts_max},
        {"live", "memory", {}, api::live_events_kept},
        {"log", "log", {}},
        {"backups", "backups", {}},
    };
    ValueList list;
    for (const KeptTime& time : times) {
        ValueMap map;
        map.set("what", time.what);
        map.set("how", time.how);
        map.set("days", time.span.ms / days(1).ms);
        map.set("count", static_cast<std::int64_t>(time.count));
        list.emplace_back(std::move(map));
    }
    return list;
}

http::Response workspace_page(api::Desk& desk,
                              const Pages& pages,
                              const http::Request& request,
                              const ValueList& wrong,
                              const ValueMap& asked = {}) {
    const Frame frame = own_frame(desk, pages, request, "settings.to_workspace");
    ValueMap data;
    add_workspace(desk, frame, data, wrong);
    data.set("keep", api::describe_keep(desk));
    data.set("asked", asked);
    data.set("kept", kept_times());
    const Result<std::optional<std::uint64_t>> above = api::approval_rule(desk.host());
    data.set("four_eyes", is_four_eyes(desk));
    data.set("above", above && *above ? Value(static_cast<std::int64_t>(**above)) : Value());
    data.set("above_max", static_cast<std::int64_t>(api::approval_above_max));
    data.set("waiting", waiting_value(desk));
    http::Response response =
        pages.render(wrong.empty() ? 200 : 400, "settings_workspace", frame, data);
    response.compressible = false;
    return response;
}

// The rule for approvals: off, or a number of people.
http::Response take_rule(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const http::Pairs& form,
                         const host::Key& who) {
    std::optional<std::uint64_t> above;
    const std::string typed = field_of(form, "above");
    if (field_of(form, "on") == "yes") {
        std::uint64_t number = 0;
        const char* end = typed.data() + typed.size();
        const auto [stopped, fault] = std::from_chars(typed.data(), end, number);
        const bool whole = fault == std::errc() && stopped == end && !typed.empty();
        above = whole ? number : api::approval_above_max + 1;
    }
    const Status set = api::set_approval_rule(desk, who, above);
    return set ? see_other("/settings/workspace?said=saved#approvals")
               : workspace_page(desk, pages, request, ValueList{Value(set.error().message)});
}

// The journeys of the playbook, each with the template of its first message: what a preview shows.
ValueList ready_journeys(api::Desk& desk) {
    ValueList list;
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (definitions == nullptr) {
        return list;
    }
    for (const journey::Journey& journey : definitions->journeys) {
        ValueMap map;
        map.set("id", journey.id);
        add_name(map, journey.id, &journey);
        for (const journey::Step& step : journey.steps) {
            if (step.kind == journey::StepKind::Message && map.find("template") == nullptr) {
                map.set("template", step.template_id);
            }
        }
        list.emplace_back(std::move(map));
    }
    return list;
}

http::Response start_page(api::Guide& guide,
                          api::Desk& desk,
                          const Pages& pages,
                          const http::Request& request,
                          const ValueList& wrong,
                          const std::string& key = "") {
    Frame frame = own_frame(desk, pages, request, "start.title");
    frame.active = "start";
    ValueMap data = guide.describe(api::may(request, desk.host().keys(), "personal"));
    add_workspace(desk, frame, data, wrong);
    data.set("journeys", ready_journeys(desk));
    data.set("four_eyes", is_four_eyes(desk));
    data.set("waiting", waiting_value(desk));
    data.set("key", key);
    data.set("address", api::public_address(desk.host(), request));
    http::Response response = pages.render(wrong.empty() ? 200 : 400, "start", frame, data);
    allow_frames(response);
    response.compressible = false;
    return response;
}

// Whoever first says the country and leaves clock and money as they were shipped means those of
// the country. What somebody has chosen stays.
void follow_country(const ValueMap& before, ValueMap& changes) {
    const std::string country = text_at(changes, "country");
    if (country.empty() || !text_at(before, "country").empty()) {
        return;
    }
    const CountryHabits habits = habits_of(country);
    if (text_at(before, "zone") == "UTC" && text_at(changes, "zone") == "UTC" &&
        find_zone(habits.zone)) {
        changes.set("zone", habits.zone);
    }
    if (text_at(before, "currency") == "USD" && text_at(changes, "currency") == "USD" &&
        !habits.currency.empty()) {
        changes.set("currency", habits.currency);
    }
}

// Letters come from the shop, so its name is theirs until somebody has written another.
void follow_name(const ValueMap& before, ValueMap& changes) {
    const std::string name = text_at(changes, "name");
    const std::string from = text_at(changes, "from_name");
    if (text_at(before, "from_name") == api::shipped_name && !name.empty() &&
        (from.empty() || from == api::shipped_name)) {
        changes.set("from_name", name);
    }
}

struct WorkspaceSaved {
    ValueList wrong;             // Empty: it was saved, or waits.
    std::uint64_t approval = 0;  // Of the request that waits.
};
WorkspaceSaved save_workspace(api::Desk& desk,
                              api::TemplateDesk& templates,
                              const host::Key& who,
                              const http::Pairs& form) {
    const ValueMap before = api::describe_workspace(desk);
    ValueMap changes;
    std::uint64_t version = 0;
    for (const auto& [name, value] : form) {
        if (name == "version") {
            std::from_chars(value.data(), value.data() + value.size(), version);
        } else if (name == "currency" || name == "country") {
            changes.set(name, api::in_capitals(value));
        } else if (name != "token") {
            changes.set(name, value);
        }
    }
    follow_country(before, changes);
    follow_name(before, changes);
    WorkspaceSaved answer;
    ValueList& wrong = answer.wrong;
    const auto saved = api::save_workspace(desk, templates.writer(), who, version, changes);
    if (!saved) {
        wrong.emplace_back(form_error(FormKind::Workspace, saved.error()));
    } else if (saved->kind == api::PlaybookSaved::Kind::Waits) {
        answer.approval = saved->approval;
    } else if (saved->kind == api::PlaybookSaved::Kind::Mistakes) {
        for (const Diagnostic& one : saved->diagnostics) {
            if (!one.is_warning && wrong.size() < 10) {
                wrong.emplace_back(
                    form_error(FormKind::Workspace,
                               Error{ErrorCode::InvalidArgument, one.file + ": " + one.message}));
            }
        }
    } else if (saved->kind == api::PlaybookSaved::Kind::Conflict ||
               saved->kind == api::PlaybookSaved::Kind::FolderChanged) {
        wrong.emplace_back(form_error(
            FormKind::Workspace, Error{ErrorCode::Conflict, saved->file + " was changed meanwhile; "
                                                                          "load the page again"}));
    }
    return answer;
}

void add_start_forms(http::Router& router,
                     const DeskPtr& desk,
                     const PagesPtr& pages,
                     const TemplateDeskPtr& templates,
                     const GuidePtr& guide) {
    add_form(router, desk, pages, "/start/workspace", "admin",
             [guide, templates](api::Desk& at, const Pages& all, const http::Request& request,
                                const http::Pairs& form, const host::Key& who) {
                 const WorkspaceSaved saved = save_workspace(at, *templates, who, form);
                 if (saved.approval != 0) {
                     return see_other(waits_path(saved.approval));
                 }
                 if (!saved.wrong.empty() || !guide->workspace_done().has_value()) {
                     return start_page(*guide, at, all, request, saved.wrong);
                 }
                 return see_other("/start?said=saved");
             });
    add_form(router, desk, pages, "/start/key", "admin",
             [guide](api::Desk& at, const Pages& all, const http::Request& request,
                     const http::Pairs&, const host::Key& who) {
                 const auto key = api::create_key(at, who, host::KeyKind::Write, "Website", {}, 0);
                 if (!key) {
                     return start_page(*guide, at, all, request,
                                       ValueList{Value(form_error(FormKind::Key, key.error()))});
                 }
                 return start_page(*guide, at, all, request, {}, key->secret);
             });
    add_form(router, desk, pages, "/start/sending", "send",
             [guide](api::Desk& at, const Pages& all, const http::Request& request,
                     const http::Pairs& form, const host::Key& who) {
                 const bool on = field_of(form, "on") == "yes";
                 const Result<std::uint64_t> waits =
                     guide->switch_sending(on, {.who = who, .note = field_of(form, "note")});
                 if (!waits) {
                     return start_page(
                         *guide, at, all, request,
                         ValueList{Value(form_error(FormKind::Sending, waits.error()))});
                 }
                 if (*waits != 0) {
                     return see_other(waits_path(*waits));
                 }
                 return see_other("/start?said=saved");
             });
    add_form(router, desk, pages, "/start/dismiss", "admin",
             [guide](api::Desk&, const Pages&, const http::Request&, const http::Pairs&,
                     const host::Key&) {
                 static_cast<void>(guide->dismiss());
                 return see_other("/");
             });
}

// Asks once more before a rule is saved that would erase somebody now.
http::Response save_keep(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         api::TemplateDesk& templates,
                         const host::Key& who,
                         const http::Pairs& form) {
    const std::string silent = field_of(form, "keep_silent_customers");
    ValueMap asked = api::describe_keep(desk, silent);
    const Value* count = asked.find("would_erase");
    const std::int64_t due = count == nullptr || count->as_int() == nullptr ? 0 : *count->as_int();
    std::int64_t agreed = -1;
    const std::string said = field_of(form, "agreed");
    std::from_chars(said.data(), said.data() + said.size(), agreed);
    if (due > 0 && agreed < due) {
        return workspace_page(desk, pages, request, {}, asked);
    }
    http::Pairs own;
    for (const auto& field : form) {
        if (field.first != "agreed") {
            own.push_back(field);
        }
    }
    const WorkspaceSaved saved = save_workspace(desk, templates, who, own);
    if (saved.approval != 0) {
        return see_other(waits_path(saved.approval));
    }
    return saved.wrong.empty() ? see_other("/settings/workspace?said=saved#keep")
                               : workspace_page(desk, pages, request, saved.wrong);
}

}  // namespace

void add_start_pages(http::Router& router,
                     const DeskPtr& desk,
                     const PagesPtr& pages,
                     const TemplateDeskPtr& templates,
                     const GuidePtr& guide) {
    add_page(router, desk, pages, "/settings/workspace", "read",
             [](api::Desk& at, const Pages& all, const http::Request& request) {
                 return workspace_page(at, all, request, {});
             });
    add_form(router, desk, pages, "/settings/workspace", "admin",
             [templates](api::Desk& at, const Pages& all, const http::Request& request,
                         const http::Pairs& form, const host::Key& who) {
                 const WorkspaceSaved saved = save_workspace(at, *templates, who, form);
                 if (saved.approval != 0) {
                     return see_other(waits_path(saved.approval));
                 }
                 return saved.wrong.empty() ? see_other("/settings/workspace?said=saved")
                                            : workspace_page(at, all, request, saved.wrong);
             });
    add_form(router, desk, pages, "/settings/workspace/keep", "admin",
             [templates](api::Desk& at, const Pages& all, const http::Request& request,
                         const http::Pairs& form, const host::Key& who) {
                 return save_keep(at, all, request, *templates, who, form);
             });
    add_form(router, desk, pages, "/settings/approvals", "admin", take_rule);
    if (guide == nullptr) {
        return;
    }
    add_page(router, desk, pages, "/start", "read",
             [guide](api::Desk& at, const Pages& all, const http::Request& request) {
                 return start_page(*guide, at, all, request, {});
             });
    add_start_forms(router, desk, pages, templates, guide);
}

}  // namespace winback::ui

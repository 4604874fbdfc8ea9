// Webhooks for people: where they go, how they do, what was sent, and sending it again.
#include <algorithm>

#include "api/conventions.h"
#include "api/webhooks.h"
#include "ui/form_errors.h"
#include "ui/frame.h"
#include "ui/routes.h"
#include "webhook/courier.h"

namespace winback::ui {
namespace {

using CourierPtr = std::shared_ptr<webhook::Courier>;

constexpr std::size_t deliveries_shown = 50;
constexpr std::string_view root = "/settings/webhooks";

std::string path_of(std::string_view id) {
    return std::string(root) + "/" + std::string(id);
}

// "message.sent" with its text's key, and whether it is chosen.
ValueList event_choices(const std::vector<std::string>& chosen) {
    ValueList list;
    for (const std::string_view type : webhook::event_types) {
        ValueMap one;
        std::string key = "webhooks.event_" + std::string(type);
        std::replace(key.begin() + 9, key.end(), '.', '_');
        one.set("type", type);
        one.set("key", key);
        one.set("chosen", std::find(chosen.begin(), chosen.end(), type) != chosen.end());
        list.emplace_back(std::move(one));
    }
    return list;
}

webhook::EndpointDraft draft_of(const http::Pairs& form) {
    webhook::EndpointDraft draft{.url = field_of(form, "url"),
                                 .description = field_of(form, "description"),
                                 .events = std::vector<std::string>()};
    for (const auto& [name, value] : form) {
        if (name == "event") {
            draft.events->push_back(value);
        }
    }
    return draft;
}

// What stood in a form that was refused, so that nobody types it twice.
struct Refused {
    ValueMap wrong;  // Empty: nothing was refused.
    webhook::EndpointDraft draft;
};

http::Response list_page(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const webhook::Courier& courier,
                         const Refused& refused) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "webhooks.title");
    frame.active = "settings";
    ValueList webhooks;
    std::int64_t troubled = 0;
    for (const webhook::Endpoint& endpoint : courier.list()) {
        webhooks.emplace_back(api::webhook_value(endpoint, courier.waiting(endpoint.id)));
        const bool failing = endpoint.failing_since != timestamp_max ||
                             (!endpoint.enabled && endpoint.disabled_because != "manual");
        troubled += failing ? 1 : 0;
    }
    ValueMap data;
    data.set("count", static_cast<std::int64_t>(webhooks.size()));
    data.set("troubled", troubled);
    data.set("webhooks", std::move(webhooks));
    data.set("wrong", refused.wrong.empty() ? Value() : Value(refused.wrong));
    data.set("url", refused.draft.url.value_or(""));
    data.set("description", refused.draft.description.value_or(""));
    data.set("events", event_choices(refused.draft.events.value_or(std::vector<std::string>())));
    http::Response page = pages.render(refused.wrong.empty() ? 200 : 400, "webhooks", frame, data);
    page.compressible = false;  // It mixes a token with what its reader typed.
    return page;
}

struct Shown {
    ValueMap wrong;      // As in Refused.
    std::string secret;  // Of one that was just made.
};

http::Response detail_page(api::Desk& desk,
                           const Pages& pages,
                           const http::Request& request,
                           const webhook::Courier& courier,
                           const std::string& id,
                           const Shown& shown) {
    Frame frame = frame_of(desk, request);
    frame.active = "settings";
    const Result<webhook::Endpoint> endpoint = courier.find(id);
    const std::string state = field_of(request.query, "state");
    const auto wanted = webhook::parse_delivery_state(state);
    const std::string list = path_of(id) + "?" + state;
    const auto before = api::read_cursor(list, field_of(request.query, "after"));
    const auto found = courier.deliveries(id, wanted, before.value_or(""), deliveries_shown + 1);
    if (!endpoint || !found) {
        return problem(pages, frame, 404);
    }
    frame.title = pages.text(frame, "webhooks.one_title");
    ValueMap data = api::webhook_value(*endpoint, courier.waiting(id));
    ValueList deliveries;
    for (std::size_t i = 0; i < std::min(found->size(), deliveries_shown); ++i) {
        deliveries.emplace_back(api::delivery_value((*found)[i], true));
    }
    data.set("next", found->size() > deliveries_shown
                         ? Value(api::make_cursor(list, (*found)[deliveries_shown - 1].place))
                         : Value());
    data.set("deliveries", std::move(deliveries));
    data.set("state", wanted ? state : std::string());
    data.set("choices", event_choices(endpoint->events));
    data.set("wrong", shown.wrong.empty() ? Value() : Value(shown.wrong));
    data.set("secret", shown.secret);
    http::Response page = pages.render(shown.wrong.empty() ? 200 : 400, "webhook", frame, data);
    page.compressible = false;
    return page;
}

// A form, and who sent it.
struct Sent {
    const http::Pairs& form;
    const host::Key& who;
};

http::Response create(api::Desk& desk,
                      const Pages& pages,
                      const http::Request& request,
                      const Sent& sent,
                      webhook::Courier& courier) {
    const webhook::EndpointDraft draft = draft_of(sent.form);
    const Result<webhook::Endpoint> made = courier.create(draft);
    if (!made) {
        return list_page(desk, pages, request, courier,
                         {form_error(FormKind::Webhook, made.error()), draft});
    }
    api::record_webhook_change(desk, sent.who, "webhook.create", nullptr, &*made);
    return detail_page(desk, pages, request, courier, made->id,
                       {.wrong = {}, .secret = made->secret});
}

// What the buttons of one webhook do: the key of what is said afterwards, or what is wrong.
Result<std::string> act(api::Desk& desk,
                        webhook::Courier& courier,
                        const std::string& id,
                        const Sent& sent) {
    const http::Pairs& form = sent.form;
    const std::string action = field_of(form, "action");
    const auto record = [&](std::string_view what, std::string key, Value value) {
        ValueMap told;
        told.set(std::move(key), std::move(value));
        api::record_webhook_act(desk, sent.who, what, id, Value(std::move(told)));
    };
    if (action == "save") {
        WINBACK_TRY(const auto saved, courier.change(id, draft_of(form)));
        static_cast<void>(saved);
        return std::string("saved");
    }
    if (action == "on" || action == "off") {
        WINBACK_TRY(const auto turned, courier.change(id, {.enabled = action == "on"}));
        static_cast<void>(turned);
        return std::string("saved");
    }
    if (action == "test") {
        WINBACK_TRY(const std::string place, courier.test(id));
        record("webhook.test", "delivery", place);
        return std::string("webhook_test");
    }
    if (action == "replay") {
        const std::string delivery = field_of(form, "delivery");
        WINBACK_TRY([[maybe_unused]] const Ok again, courier.replay(id, delivery));
        record("webhook.replay", "delivery", delivery);
        return std::string("webhook_replay");
    }
    if (action == "replay_failed") {
        WINBACK_TRY(const std::size_t count, courier.replay_failed(id));
        record("webhook.replay_failed", "replayed", static_cast<std::int64_t>(count));
        return std::string("webhook_replay");
    }
    return Error{ErrorCode::InvalidArgument, "there is no such button"};
}

http::Response take(api::Desk& desk,
                    const Pages& pages,
                    const http::Request& request,
                    const Sent& sent,
                    webhook::Courier& courier) {
    const std::string id(request.param("id"));
    const std::string action = field_of(sent.form, "action");
    const Result<webhook::Endpoint> before = courier.find(id);
    if (!before) {
        return problem(pages, frame_of(desk, request), 404);
    }
    if (action == "remove") {
        const Status removed = courier.remove(id);
        if (!removed) {
            return problem(pages, frame_of(desk, request), 404);
        }
        api::record_webhook_change(desk, sent.who, "webhook.remove", &*before, nullptr);
        return see_other(std::string(root) + "?said=webhook_removed");
    }
    if (action == "secret") {
        const Result<webhook::Endpoint> renewed = courier.renew_secret(id);
        if (!renewed) {
            return problem(pages, frame_of(desk, request), 404);
        }
        api::record_webhook_change(desk, sent.who, "webhook.renew_secret", &*renewed, &*renewed);
        return detail_page(desk, pages, request, courier, id,
                           {.wrong = {}, .secret = renewed->secret});
    }
    const Result<std::string> said = act(desk, courier, id, sent);
    if (!said) {
        return detail_page(desk, pages, request, courier, id,
                           {.wrong = form_error(FormKind::Webhook, said.error())});
    }
    const Result<webhook::Endpoint> after = courier.find(id);
    if (after && after->version != before->version) {
        api::record_webhook_change(desk, sent.who, "webhook.change", &*before, &*after);
    }
    return see_other(path_of(id) + "?said=" + *said);
}

}  // namespace

void add_webhook_pages(http::Router& router,
                       const DeskPtr& desk,
                       const PagesPtr& pages,
                       const CourierPtr& courier) {
    if (courier == nullptr) {
        return;
    }
    add_page(router, desk, pages, root, "admin",
             [courier](api::Desk& at, const Pages& all, const http::Request& request) {
                 return list_page(at, all, request, *courier, {});
             });
    add_page(router, desk, pages, path_of(":id"), "admin",
             [courier](api::Desk& at, const Pages& all, const http::Request& request) {
                 return detail_page(at, all, request, *courier, std::string(request.param("id")),
                                    {});
             });
    add_form(router, desk, pages, root, "admin",
             [courier](api::Desk& at, const Pages& all, const http::Request& request,
                       const http::Pairs& form, const host::Key& who) {
                 return create(at, all, request, {form, who}, *courier);
             });
    add_form(router, desk, pages, path_of(":id"), "admin",
             [courier](api::Desk& at, const Pages& all, const http::Request& request,
                       const http::Pairs& form, const host::Key& who) {
                 return take(at, all, request, {form, who}, *courier);
             });
}

}  // namespace winback::ui

// Webhooks over HTTP: JSON on one side, the courier on the other.
#include "api/webhooks.h"

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/audit.h"
#include "api/routes.h"
#include "host/host.h"
#include "webhook/courier.h"

namespace winback::api {
namespace {

using nlohmann::json;
using CourierPtr = std::shared_ptr<webhook::Courier>;

constexpr std::size_t deliveries_limit_default = 50;
constexpr std::size_t deliveries_limit_max = 200;

Value moment(Timestamp at) {
    return at == timestamp_min || at == timestamp_max ? Value() : Value(at);
}

// Pre: the body keeps its schema.
webhook::EndpointDraft draft_of(const http::Request& request) {
    const json body = json::parse(request.body, nullptr, false);
    webhook::EndpointDraft draft;
    if (body.contains("url")) {
        draft.url = body.at("url").get<std::string>();
    }
    if (body.contains("description")) {
        draft.description = body.at("description").get<std::string>();
    }
    if (body.contains("events")) {
        draft.events = body.at("events").get<std::vector<std::string>>();
    }
    if (body.contains("enabled")) {
        draft.enabled = body.at("enabled").get<bool>();
    }
    return draft;
}

void add_version(http::Response& answer, const webhook::Endpoint& endpoint) {
    answer.set("ETag", "\"" + std::to_string(endpoint.version) + "\"");
    answer.compressible = false;  // A strong ETag names these bytes.
}

http::Response endpoint_answer(const webhook::Courier& courier,
                               const Result<webhook::Endpoint>& endpoint,
                               int status = 200,
                               bool with_secret = false) {
    if (!endpoint) {
        return http::error(endpoint.error());
    }
    ValueMap tree = webhook_value(*endpoint, courier.waiting(endpoint->id));
    if (with_secret) {
        tree.set("secret", endpoint->secret);
    }
    http::Response answer = json_answer(std::move(tree));
    answer.status = status;
    if (status == 201) {
        answer.set("Location", "/api/v1/webhooks/" + endpoint->id);
    }
    add_version(answer, *endpoint);
    return answer;
}

void note(Desk& desk,
          const http::Request& request,
          std::string_view what,
          const webhook::Endpoint* before,
          const webhook::Endpoint* after) {
    if (const auto who = key_of(request, desk.host().keys())) {
        record_webhook_change(desk, *who, what, before, after);
    }
}

void note_act(Desk& desk, const http::Request& request, std::string_view what, ValueMap told) {
    if (const auto who = key_of(request, desk.host().keys())) {
        record_webhook_act(desk, *who, what, request.param("id"), Value(std::move(told)));
    }
}

http::Response accepted(ValueMap tree) {
    http::Response answer = json_answer(std::move(tree));
    answer.status = 202;
    return answer;
}

http::Response list(webhook::Courier& courier, Desk&, const http::Request&) {
    ValueList webhooks;
    for (const webhook::Endpoint& endpoint : courier.list()) {
        webhooks.emplace_back(webhook_value(endpoint, courier.waiting(endpoint.id)));
    }
    ValueMap tree;
    tree.set("webhooks", std::move(webhooks));
    return json_answer(std::move(tree));
}

http::Response create(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const Result<webhook::Endpoint> made = courier.create(draft_of(request));
    if (made) {
        note(desk, request, "webhook.create", nullptr, &*made);
    }
    return endpoint_answer(courier, made, 201, true);
}

http::Response find(webhook::Courier& courier, Desk&, const http::Request& request) {
    return endpoint_answer(courier, courier.find(request.param("id")));
}

http::Response change(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const auto version = version_in_if_match(request);
    if (!version) {
        return http::error(version.error());
    }
    const auto before = courier.find(request.param("id"));
    const auto changed = courier.change(request.param("id"), draft_of(request), *version);
    if (!changed && changed.error().code == ErrorCode::Conflict) {
        return http::error(412, "precondition_failed", changed.error().message);
    }
    if (before && changed) {
        note(desk, request, "webhook.change", &*before, &*changed);
    }
    return endpoint_answer(courier, changed);
}

http::Response remove(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const auto before = courier.find(request.param("id"));
    const Status removed = courier.remove(request.param("id"));
    if (before && removed) {
        note(desk, request, "webhook.remove", &*before, nullptr);
    }
    return removed ? http::no_content() : http::error(removed.error());
}

http::Response renew(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const Result<webhook::Endpoint> renewed = courier.renew_secret(request.param("id"));
    if (renewed) {
        note(desk, request, "webhook.renew_secret", &*renewed, &*renewed);
    }
    return endpoint_answer(courier, renewed, 200, true);
}

http::Response test(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const Result<std::string> place = courier.test(request.param("id"));
    if (!place) {
        return http::error(place.error());
    }
    ValueMap tree;
    tree.set("delivery", *place);
    note_act(desk, request, "webhook.test", tree);
    http::Response answer = accepted(std::move(tree));
    answer.set("Location",
               "/api/v1/webhooks/" + std::string(request.param("id")) + "/deliveries/" + *place);
    return answer;
}

http::Response deliveries(webhook::Courier& courier, Desk&, const http::Request& request) {
    const Result<std::size_t> limit =
        limit_of(request, deliveries_limit_default, deliveries_limit_max);
    if (!limit) {
        return http::error(limit.error());
    }
    const std::string* state = request.query_value("state");
    const std::string* before = request.query_value("after");
    const auto found =
        courier.deliveries(request.param("id"),
                           state == nullptr ? std::nullopt : webhook::parse_delivery_state(*state),
                           before == nullptr ? std::string() : *before, *limit + 1);
    if (!found) {
        return http::error(found.error());
    }
    ValueList entries;
    for (std::size_t i = 0; i < std::min(found->size(), *limit); ++i) {
        entries.emplace_back(delivery_value((*found)[i], false));
    }
    ValueMap tree;
    tree.set("after", found->size() > *limit ? Value((*found)[*limit - 1].place) : Value());
    tree.set("deliveries", std::move(entries));
    return json_answer(std::move(tree));
}

http::Response delivery(webhook::Courier& courier, Desk&, const http::Request& request) {
    const auto found = courier.delivery(request.param("id"), request.param("delivery"));
    return found ? json_answer(delivery_value(*found, true)) : http::error(found.error());
}

http::Response replay(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const Status again = courier.replay(request.param("id"), request.param("delivery"));
    if (!again) {
        return http::error(again.error());
    }
    ValueMap told;
    told.set("delivery", request.param("delivery"));
    note_act(desk, request, "webhook.replay", std::move(told));
    ValueMap tree;
    tree.set("replayed", 1);
    return accepted(std::move(tree));
}

http::Response replay_failed(webhook::Courier& courier, Desk& desk, const http::Request& request) {
    const Result<std::size_t> count = courier.replay_failed(request.param("id"));
    if (!count) {
        return http::error(count.error());
    }
    ValueMap tree;
    tree.set("replayed", static_cast<std::int64_t>(*count));
    note_act(desk, request, "webhook.replay_failed", tree);
    return accepted(std::move(tree));
}

using Act = http::Response (*)(webhook::Courier&, Desk&, const http::Request&);

}  // namespace

ValueMap webhook_value(const webhook::Endpoint& endpoint, std::size_t waiting) {
    ValueMap tree;
    tree.set("id", endpoint.id);
    tree.set("url", endpoint.url);
    tree.set("description", endpoint.description);
    ValueList events;
    for (const std::string& type : endpoint.events) {
        events.emplace_back(type);
    }
    tree.set("events", std::move(events));
    tree.set("enabled", endpoint.enabled);
    tree.set("disabled_because",
             endpoint.disabled_because.empty() ? Value() : Value(endpoint.disabled_because));
    tree.set("created", endpoint.created);
    tree.set("version", static_cast<std::int64_t>(endpoint.version));
    tree.set("last_success", moment(endpoint.last_success));
    tree.set("failing_since", moment(endpoint.failing_since));
    tree.set("waiting", static_cast<std::int64_t>(waiting));
    tree.set("lost", static_cast<std::int64_t>(endpoint.lost));
    return tree;
}

void record_webhook_change(Desk& desk,
                           const host::Key& who,
                           std::string_view what,
                           const webhook::Endpoint* before,
                           const webhook::Endpoint* after) {
    const auto told = [](const webhook::Endpoint* endpoint) {
        if (endpoint == nullptr) {
            return Value();
        }
        const ValueMap whole = webhook_value(*endpoint, 0);
        ValueMap tree;
        tree.set("host",
                 endpoint->url.substr(0, endpoint->url.find('/', endpoint->url.find("//") + 2)));
        for (const char* name : {"description", "events", "enabled"}) {
            tree.set(name, *whole.find(name));
        }
        return Value(std::move(tree));
    };
    record_change(desk, who,
                  {.what = what,
                   .target = after != nullptr ? after->id : before->id,
                   .before = told(before),
                   .after = told(after)});
}

void record_webhook_act(
    Desk& desk, const host::Key& who, std::string_view what, std::string_view id, Value told) {
    record_change(
        desk, who,
        {.what = what, .target = std::string(id), .before = {}, .after = std::move(told)});
}

ValueMap delivery_value(const webhook::Listed& listed, bool whole) {
    const webhook::Delivery& delivery = listed.delivery;
    ValueMap tree;
    tree.set("id", listed.place);
    tree.set("webhook_id", delivery.id);
    tree.set("type", delivery.type);
    tree.set("customer", delivery.customer.empty() ? Value() : Value(delivery.customer));
    tree.set("created", delivery.created);
    tree.set("state", webhook::delivery_state_name(delivery.state));
    tree.set("next_attempt",
             delivery.state == webhook::DeliveryState::Waiting ? Value(delivery.next_at) : Value());
    ValueList attempts;
    for (const webhook::Attempt& attempt : delivery.attempts) {
        ValueMap one;
        one.set("at", attempt.at);
        one.set("status", attempt.status == 0 ? Value() : Value(attempt.status));
        one.set("error", attempt.error.empty() ? Value() : Value(attempt.error));
        one.set("answer", attempt.answer);
        one.set("milliseconds", attempt.took.ms);
        attempts.emplace_back(std::move(one));
    }
    tree.set("attempts", std::move(attempts));
    if (whole) {
        tree.set("body", delivery.body);
    }
    return tree;
}

void add_webhook_routes(http::Router& router, const DeskPtr& desk, const CourierPtr& courier) {
    const auto with = [&courier](Act act) {
        return [courier, act](Desk& at, const http::Request& request) {
            return courier != nullptr
                       ? act(*courier, at, request)
                       : http::error(Error{ErrorCode::Unavailable,
                                           "this server was started without webhooks"});
        };
    };
    const std::string all = "/api/v1/webhooks";
    const std::string one = all + "/:id";
    add_guarded(router, desk, all, "admin", with(list));
    add_change(router, desk, "POST", all, "admin", with(create));
    add_guarded(router, desk, one, "admin", with(find));
    add_change(router, desk, "PATCH", one, "admin", with(change));
    add_change(router, desk, "DELETE", one, "admin", with(remove));
    add_change(router, desk, "POST", one + "/secret", "admin", with(renew));
    add_change(router, desk, "POST", one + "/test", "admin", with(test));
    add_change(router, desk, "POST", one + "/replay", "admin", with(replay_failed));
    add_guarded(router, desk, one + "/deliveries", "admin", with(deliveries));
    add_guarded(router, desk, one + "/deliveries/:delivery", "admin", with(delivery));
    add_change(router, desk, "POST", one + "/deliveries/:delivery/replay", "admin", with(replay));
}

}  // namespace winback::api

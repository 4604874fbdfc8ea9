// What a customer allows, changed by a program or at the counter.
#include <future>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/audit.h"
#include "api/routes.h"
#include "base/strings.h"
#include "customer/channel.h"
#include "host/host.h"

namespace winback::api {
namespace {

constexpr std::size_t body_bytes_max = 16 * 1024;
constexpr std::size_t reason_bytes_max = 200;

Result<std::string> text_at(const nlohmann::json& body, const char* name) {
    const auto found = body.find(name);
    if (found == body.end() || !found->is_string()) {
        return Error{ErrorCode::InvalidArgument, std::string("'") + name + "' is missing: a text"};
    }
    return found->get<std::string>();
}

Result<engine::Command> command_of(const http::Request& request) {
    const nlohmann::json body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_object()) {
        return Error{ErrorCode::InvalidArgument, "the body is a JSON object"};
    }
    WINBACK_TRY(const std::string channel, text_at(body, "channel"));
    WINBACK_TRY(const std::string state, text_at(body, "state"));
    WINBACK_TRY(const std::string reason, text_at(body, "reason"));
    const std::optional<customer::Channel> known = customer::parse_channel(channel);
    if (!known) {
        return Error{ErrorCode::InvalidArgument, "'channel' is email, sms, push or in_app"};
    }
    if (state != "granted" && state != "denied") {
        return Error{ErrorCode::InvalidArgument, "'state' is granted or denied"};
    }
    if (trim(reason).empty() || reason.size() > reason_bytes_max) {
        return Error{ErrorCode::InvalidArgument,
                     "'reason' says where the consent comes from, in at most 200 bytes"};
    }
    return engine::Command{
        .kind = engine::Command::Kind::SetConsent,
        .customer = std::string(request.param("id")),
        .channel = *known,
        .consent = state == "granted" ? expr::ConsentState::Granted : expr::ConsentState::Denied,
        .reason = reason};
}

std::string_view consent_name(expr::ConsentState state) {
    return state == expr::ConsentState::Granted  ? "granted"
           : state == expr::ConsentState::Denied ? "denied"
                                                 : "unset";
}

void set_consent(Desk& desk, const http::Request& request, const http::Reply& reply) {
    Result<engine::Command> command = command_of(request);
    if (!command) {
        reply(http::error(command.error()));
        return;
    }
    std::optional<expr::ConsentState> present;
    desk.host().query_customer(command->customer, [&](host::ShardView view) {
        if (const auto c = view.shard.customers().find(command->customer)) {
            present = view.shard.customers().consent(*c, command->channel).state;
        }
    });
    if (!present) {
        reply(http::error(Error{ErrorCode::NotFound, "there is no such customer"}));
        return;
    }
    // The reason is somebody's words about a customer: it stands in the log of consents alone.
    ValueMap before;
    before.set(std::string(customer::channel_name(command->channel)), consent_name(*present));
    ValueMap after;
    after.set(std::string(customer::channel_name(command->channel)),
              consent_name(command->consent));
    const std::string customer = command->customer;
    // What is done when it is durable must not block: the trail is written on the desk's thread.
    std::promise<Status> promise;
    std::future<Status> done = promise.get_future();
    desk.host().command(*std::move(command),
                        [&promise](Status status) { promise.set_value(std::move(status)); });
    if (const Status outcome = done.get(); !outcome) {
        reply(http::error(outcome.error()));
        return;
    }
    record_change(desk, request,
                  {.what = "customer.consent",
                   .target = customer,
                   .before = std::move(before),
                   .after = std::move(after)});
    reply(http::json(200, R"({"success":true})"));
}

}  // namespace

void add_consent_route(http::Router& router, const DeskPtr& desk) {
    add_route(router, desk,
              {.method = "POST",
               .pattern = "/api/v1/customers/:id/consent",
               .scope = "write",
               .body_bytes_max = body_bytes_max},
              [](Desk& at, const http::RequestPtr& request, const http::Reply& reply) {
                  set_consent(at, *request, reply);
              });
}

}  // namespace winback::api

// What a customer allows, changed by a program or at the counter.
#include <nlohmann/json.hpp>

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

void set_consent(Desk& desk, const http::Request& request, const http::Reply& reply) {
    Result<engine::Command> command = command_of(request);
    if (!command) {
        reply(http::error(command.error()));
        return;
    }
    bool known = false;
    desk.host().query_customer(command->customer, [&](host::ShardView view) {
        known = view.shard.customers().find(command->customer).has_value();
    });
    if (!known) {
        reply(http::error(Error{ErrorCode::NotFound, "there is no such customer"}));
        return;
    }
    desk.host().command(*std::move(command), [reply](const Status& done) {
        reply(done ? http::json(200, R"({"success":true})") : http::error(done.error()));
    });
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

#include "api/conventions.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/answer_shape.h"
#include "api/description.h"
#include "api/idempotency.h"
#include "api/request_check.h"
#include "api/visitor.h"
#include "base/strings.h"
#include "host/host.h"
#include "http/authorization.h"
#include "http/problem.h"

namespace winback::api {
namespace {

// What a route knows for as long as it lives.
struct Route {
    Rule rule;
    const Operation* operation = nullptr;
    Later answer;
};
using RoutePtr = std::shared_ptr<const Route>;

http::Response completed(const Route& route, const http::Request& request, http::Response answer) {
    if (answer.status == 200 && request.method != "POST" && answer.stream == nullptr) {
        shape_answer(answer, request, route.rule.pattern, route.operation);
    }
    http::make_problem(answer, request.path);
    return answer;
}

// The secret that a request shows: what its stored answers are sealed under.
std::string shown_secret(const http::Request& request) {
    if (const std::string* header = request.header("authorization")) {
        return *header;
    }
    return request.cookie(session_cookie).value_or("");
}

http::Response refusal_of(Idempotency::Verdict verdict) {
    using Verdict = Idempotency::Verdict;
    http::Response response;
    switch (verdict) {
        case Verdict::Mismatch:
            return http::error(422, "idempotency_key_reused",
                               "this Idempotency-Key came before with another request; make a new "
                               "key for each change");
        case Verdict::UnderWay:
            response = http::error(409, "idempotency_under_way",
                                   "the first request with this Idempotency-Key is still being "
                                   "worked on; ask again in a second");
            response.set("Retry-After", "1");
            return response;
        case Verdict::Unknown:
            return http::error(409, "idempotency_outcome_unknown",
                               "the server stopped while it worked on the first request with this "
                               "Idempotency-Key; look whether it took effect before you send it "
                               "with a new key");
        case Verdict::Full:
            return http::too_many_requests(
                60,
                "too many requests with an Idempotency-Key came within a day; send fewer, or "
                "without the key");
        case Verdict::Failed:
        case Verdict::Run:
        case Verdict::Replay:
            break;
    }
    return http::error(503, "unavailable", "the data folder cannot be written now");
}

// A reply that is kept under its key before it leaves.
class KeptReply {
public:
    KeptReply(std::shared_ptr<Idempotency> ledger, IdempotentCall call, http::Reply reply)
        : ledger_(std::move(ledger)), call_(std::move(call)), reply_(std::move(reply)) {}
    ~KeptReply() {
        if (!done_) {
            ledger_->abandon(call_);
        }
    }
    KeptReply(const KeptReply&) = delete;
    KeptReply& operator=(const KeptReply&) = delete;

    void answer(http::Response response) {
        if (done_.exchange(true)) {
            return;
        }
        ledger_->end(call_, response);
        reply_(std::move(response));
    }

private:
    std::shared_ptr<Idempotency> ledger_;
    IdempotentCall call_;
    http::Reply reply_;
    std::atomic<bool> done_{false};
};

// The reply to go on with, or nothing when `reply` has been called.
std::optional<http::Reply> begin_once(Desk& desk,
                                      const http::RequestPtr& request,
                                      const http::Reply& reply) {
    const std::string* header =
        request->method == "POST" ? request->header("idempotency-key") : nullptr;
    if (header == nullptr) {
        return reply;
    }
    const Result<std::string> key = idempotency_key(*header);
    if (!key) {
        reply(http::error(key.error()));
        return std::nullopt;
    }
    const std::optional<host::Key> who = key_of(*request, desk.host().keys());
    IdempotentCall call =
        idempotent_call(*request, *key, shown_secret(*request), who ? who->id : std::string());
    http::Response kept;
    const Idempotency::Verdict verdict = desk.idempotency()->begin(call, wall_clock(), kept);
    if (verdict == Idempotency::Verdict::Replay) {
        reply(std::move(kept));
        return std::nullopt;
    }
    if (verdict != Idempotency::Verdict::Run) {
        reply(refusal_of(verdict));
        return std::nullopt;
    }
    const auto held = std::make_shared<KeptReply>(desk.idempotency(), std::move(call), reply);
    return [held](http::Response response) { held->answer(std::move(response)); };
}

// On the desk's thread.
void work(Desk& desk,
          const RoutePtr& route,
          const http::RequestPtr& given,
          const http::Reply& reply) {
    if (auto refusal = check_request(*given, route->operation)) {
        reply(*std::move(refusal));
        return;
    }
    http::RequestPtr request = given;
    if (route->operation != nullptr && route->operation->pages &&
        given->query_value("after") != nullptr) {
        request = with_place(*given, route->rule.pattern);
        if (request == nullptr) {
            reply(invalid_request("after",
                                  "'after' is not a cursor of this list; take it from `after` or "
                                  "`next` of the page before, with the same filters"));
            return;
        }
    }
    if (const std::optional<http::Reply> own = begin_once(desk, request, reply)) {
        route->answer(desk, request, *own);
    }
}

std::optional<http::Response> refuse_caller(const Rule& rule,
                                            const http::Request& request,
                                            const host::Keys& keys) {
    if (rule.open) {
        return std::nullopt;
    }
    // What a browser does by its cookie alone it does for our own pages.
    if (rule.method != "GET" && request.header("authorization") == nullptr &&
        !from_own_site(request)) {
        return http::error(403, "cross_site",
                           "a page of another site sent this; changes by the session's cookie come "
                           "from the pages of this server, programs send a token");
    }
    // A form of another site can send neither JSON, nor DELETE, nor a token; a program with a
    // token need not say of what type the body is that it does not send.
    const bool harmless = rule.method == "GET" || rule.method == "DELETE" ||
                          (request.body.empty() && request.header("authorization") != nullptr);
    return harmless ? refuse(request, keys, rule.scope) : refuse_change(request, keys, rule.scope);
}

}  // namespace

void add_route(http::Router& router, const std::shared_ptr<Desk>& desk, Rule rule, Later answer) {
    const auto route = std::make_shared<const Route>(
        Route{rule, Description::own().find(rule.method, rule.pattern), std::move(answer)});
    router.add(rule.method, rule.pattern,
               [desk, route](const http::RequestPtr& request, const http::Reply& reply) {
                   const http::Reply complete = [route, request, reply](http::Response response) {
                       reply(completed(*route, *request, std::move(response)));
                   };
                   if (auto refusal = refuse_caller(route->rule, *request, desk->host().keys())) {
                       complete(*std::move(refusal));
                       return;
                   }
                   Desk& at = *desk;
                   Desk& room = route->rule.room != nullptr ? *route->rule.room : at;
                   if (!room.post([&at, route, request, complete] {
                           work(at, route, request, complete);
                       })) {
                       http::Response busy =
                           http::error(503, "unavailable",
                                       "too many questions are waiting; ask again in a second");
                       busy.set("Retry-After", "1");
                       complete(std::move(busy));
                   }
               },
               {.body_bytes_max = rule.body_bytes_max, .inflated_bytes_max = rule.body_bytes_max});
}

Result<std::optional<std::uint64_t>> version_in_if_match(const http::Request& request) {
    const std::string* header = request.header("if-match");
    if (header == nullptr) {
        return std::optional<std::uint64_t>();
    }
    std::string_view tag = trim(*header);
    if (tag == "*") {
        return std::optional<std::uint64_t>();  // Any version.
    }
    if (tag.starts_with("W/")) {
        tag.remove_prefix(2);
    }
    std::uint64_t version = 0;
    if (tag.size() > 2 && tag.front() == '"' && tag.back() == '"') {
        tag = tag.substr(1, tag.size() - 2);
        const std::string_view number = tag.substr(0, tag.find('.'));
        const auto [end, fault] =
            std::from_chars(number.data(), number.data() + number.size(), version);
        if (fault == std::errc() && end == number.data() + number.size()) {
            return std::optional(version);
        }
    }
    return Error{ErrorCode::InvalidArgument,
                 "'If-Match' is the ETag of the answer that was changed, with its quotes"};
}

void set_version(http::Response& response, std::uint64_t version) {
    // The part before the dot is what If-Match asks for.
    response.set("ETag",
                 "\"" + std::to_string(version) + "." + to_hex(hash128(response.body)) + "\"");
    response.compressible = false;  // A strong ETag names these bytes.
}

}  // namespace winback::api

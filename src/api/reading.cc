// The resources that only read.
#include "api/access.h"
#include "api/customer_answers.h"
#include "api/customers.h"
#include "api/journeys.h"
#include "api/messages.h"
#include "api/overlap.h"
#include "api/past.h"
#include "api/playbook.h"
#include "api/routes.h"
#include "api/segments.h"
#include "host/host.h"

namespace winback::api {
namespace {

http::Response answer_of(Result<ValueMap> tree) {
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

http::Response overview(Desk& desk, const http::Request& request) {
    const OverviewPtr overview = desk.overview();
    if (!overview->ready) {
        http::Response later =
            http::error(503, "unavailable", "the first overview is being computed; ask again");
        later.set("Retry-After", "1");
        return later;
    }
    ValueMap tree = overview->tree;
    const auto key = key_of(request, desk.host().keys());
    if (!key || !may(*key, "personal")) {
        tree.set("worth_winning_back", ValueList());
    }
    return json_answer(std::move(tree));
}

http::Response customers(Desk& desk, const http::Request& request) {
    const Result<CustomerFilter> filter = customer_filter_of(request);
    return filter ? customers_answer(desk, *filter) : http::error(filter.error());
}

Result<ValueMap> timeline(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const TimelineFilter filter, timeline_filter_of(request));
    return describe_timeline(desk, request.param("id"), filter);
}

Result<ValueMap> messages(Desk& desk, const http::Request& request) {
    WINBACK_TRY(ValueMap tree, list_messages(desk, request));
    tree.set("counts", message_counts_value(desk.part<PassageCache>().get()->messages));
    return tree;
}

Result<ValueMap> message(Desk& desk, const http::Request& request) {
    Hash128 key;
    if (!parse_hex(request.param("key"), key)) {
        return Error{ErrorCode::NotFound, "a message key has 32 hex digits"};
    }
    WINBACK_TRY(const host::StoredMessage found, desk.host().message(key));
    return message_value(found);
}

// From the histories; as of now without a moment.
http::Response past_count(Desk& desk, const std::string& condition, std::optional<Timestamp> at) {
    const auto compiled =
        std::make_shared<const CompiledCondition>(check_condition(desk, condition));
    if (!compiled->condition) {
        return invalid_condition(compiled->diagnostics, condition);
    }
    auto& passes = desk.part<PastPasses>();
    const Result<PastPassPtr> pass =
        at ? passes.get(compiled, *at) : passes.get_current(compiled, "");
    if (!pass) {
        return http::error(pass.error());
    }
    Diagnostics diagnostics = compiled->diagnostics;
    if (!at) {
        diagnostics.push_back(property_not_kept(desk, condition, *compiled));
    }
    ValueMap tree = past_value(desk, **pass);
    tree.set("condition", compiled->condition->canonical);
    tree.set("diagnostics", diagnostics_value(diagnostics));
    return past_answer(std::move(tree));
}

http::Response count(Desk& desk, const http::Request& request) {
    const std::string* condition = request.query_value("condition");
    if (condition == nullptr) {
        return http::error(Error{ErrorCode::InvalidArgument, "'condition' is missing"});
    }
    const Result<std::optional<Timestamp>> at = past_moment_of(desk, request);
    if (!at) {
        return http::error(at.error());
    }
    if (*at) {
        return past_count(desk, *condition, *at);
    }
    const Count counted = count_condition(desk, *condition);
    if (has_errors(counted.diagnostics)) {
        return invalid_condition(counted.diagnostics, *condition);
    }
    if (!counted.kept) {
        return past_count(desk, *condition, std::nullopt);
    }
    ValueMap tree;
    tree.set("condition", counted.canonical);
    tree.set("customers", static_cast<std::int64_t>(counted.customers));
    tree.set("of", static_cast<std::int64_t>(counted.of));
    tree.set("now", counted.now);
    tree.set("diagnostics", diagnostics_value(counted.diagnostics));
    return json_answer(std::move(tree));
}

Result<ValueMap> overlap(Desk& desk, const http::Request& request) {
    std::vector<std::string> sets;
    for (const auto& [name, value] : request.query) {
        if (name == "set") {
            sets.push_back(value);
        }
    }
    return overlap_of(desk, sets);
}

}  // namespace

void add_reading_routes(http::Router& router, const DeskPtr& desk) {
    const auto add = [&](std::string_view pattern, std::string_view scope, auto read) {
        add_guarded(router, desk, pattern, scope, [read](Desk& at, const http::Request& request) {
            return answer_of(read(at, request));
        });
    };
    add_guarded(router, desk, "/api/v1/overview", "read", overview);
    add_guarded(router, desk, "/api/v1/customers", "personal", customers);
    add("/api/v1/customers/:id", "personal", [](Desk& at, const http::Request& request) {
        return describe_customer(at, request.param("id"));
    });
    add("/api/v1/customers/:id/timeline", "personal", timeline);
    add("/api/v1/messages", "personal", messages);
    add("/api/v1/messages/:key", "personal", message);
    add("/api/v1/segments", "read",
        [](Desk& at, const http::Request&) { return Result(list_segments(at)); });
    // A condition can ask about one person by address.
    add_guarded(router, desk, "/api/v1/segments/count", "personal", count);
    add("/api/v1/overlap", "read", overlap);
    add("/api/v1/journeys", "read",
        [](Desk& at, const http::Request&) { return Result(list_journeys(at)); });
    add("/api/v1/journeys/:id", "read", [](Desk& at, const http::Request& request) {
        return describe_journey(at, request.param("id"));
    });
}

}  // namespace winback::api

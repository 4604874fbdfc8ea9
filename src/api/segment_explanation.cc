// Why somebody is in a segment or not, now or at a past moment, and until when that stays.
#include <chrono>
#include <memory>

#include "api/past.h"
#include "api/segments.h"
#include "api/walk.h"
#include "engine/explanation.h"
#include "host/host.h"
#include "host/past_reader.h"

namespace winback::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

// So long flips are looked for; then the answer says until when it looked.
constexpr std::chrono::milliseconds search_max{2000};

// By the facts of the moment, of somebody who may not have been known then.
ValueMap explain(engine::Shard::Query& query,
                 customer::CustomerIndex index,
                 std::string_view customer,
                 bool known,
                 Timestamp at) {
    engine::ExplanationSearch search(query, index, at);
    const SteadyClock::time_point end = SteadyClock::now() + search_max;
    search.search(query, [end] { return SteadyClock::now() < end; });
    ValueMap found = search.found();
    found.set("customer", std::string(customer));
    found.set("known", known);
    found.set("at", at);
    return found;
}

Result<ValueMap> explain_past(Desk& desk,
                              const engine::DefinitionsPtr& definitions,
                              const expr::Condition& condition,
                              std::string_view customer,
                              Timestamp at) {
    const engine::PastTerms terms =
        engine::terms_of(definitions, condition, definitions->symbols, at);
    WINBACK_TRY(const host::PastCustomer then,
                host::PastReader(desk.host()).read_customer(customer, terms));
    const auto query = then.past->query(condition, definitions->symbols);
    const bool known = then.past->known(then.index);
    ValueMap found = explain(*query, then.index, then.id, known, at);
    if (!known) {
        found.set("holds", false);  // Of whom nothing had happened is a member of nothing.
    }
    found.set("scores_of_today", terms.scores);
    return found;
}

struct Place {
    engine::ShardId shard = 0;
    customer::CustomerIndex index = 0;
    std::string id;
};

// Fails with NotFound.
Result<Place> find_customer(Desk& desk, std::string_view customer) {
    Place place;
    const auto note = [&](const host::ShardView& view, customer::CustomerIndex c) {
        place = {.shard = view.id, .index = c, .id = std::string(view.shard.customers().id(c))};
        return ValueMap();
    };
    WINBACK_TRY([[maybe_unused]] const ValueMap found, ask_customer(desk, customer, note));
    return place;
}

// Of a copy, so that nothing that arrives waits for it.
Result<ValueMap> explain_now(Desk& desk,
                             const engine::DefinitionsPtr& definitions,
                             const expr::Condition& condition,
                             std::string_view customer) {
    for (;;) {
        WINBACK_TRY(const Place place, find_customer(desk, customer));
        const std::unique_ptr<engine::Shard> alone =
            take_copy(desk.host(), place.shard, place.index);
        const Timestamp now = desk.host().now();
        if (alone->customers().present(0, 1)[0] == 0) {
            continue;  // Merged or erased since it was found.
        }
        const auto query = alone->query(condition, definitions->symbols);
        ValueMap found = explain(*query, 0, place.id, alone->customers().has_events(0), now);
        found.set("scores_of_today", false);
        return found;
    }
}

}  // namespace

Result<ValueMap> explain_segment(Desk& desk,
                                 std::string_view id,
                                 std::string_view customer,
                                 const std::optional<Timestamp>& at) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(const segment::Segment* segment, find_segment(definitions, id));
    return at ? explain_past(desk, definitions, segment->condition, customer, *at)
              : explain_now(desk, definitions, segment->condition, customer);
}

}  // namespace winback::api

// Why somebody is in a segment or not, now or at a past moment, and until when that stays.
#include <chrono>

#include "api/past.h"
#include "api/segments.h"
#include "api/walk.h"
#include "engine/explanation.h"
#include "host/host.h"
#include "host/past_reader.h"

namespace winback::api {
namespace {

using SteadyClock = std::chrono::steady_clock;
using customer::CustomerIndex;

// So long flips are looked for; then the answer says until when it looked.
constexpr std::chrono::milliseconds search_max{2000};
// A customer who keeps changing is explained as they were found last.
constexpr int starts_max = 3;

ValueMap with_place(ValueMap found, std::string_view customer, bool known, Timestamp at) {
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
    engine::ExplanationSearch search(*query, then.index, at);
    const SteadyClock::time_point end = SteadyClock::now() + search_max;
    search.search(*query, [end] { return SteadyClock::now() < end; });
    const bool known = then.past->known(then.index);
    ValueMap found = with_place(search.found(), then.id, known, at);
    if (!known) {
        found.set("holds", false);  // Of whom nothing had happened is a member of nothing.
    }
    found.set("scores_of_today", terms.scores);
    return found;
}

// On the customer's worker, a slice at a time, so that what arrives has its turn.
class LiveExplanation {
public:
    LiveExplanation(const expr::Condition& condition, const expr::Symbols& symbols)
        : condition_(condition), symbols_(symbols) {}

    // True when it is done.
    bool work(const host::ShardView& view, CustomerIndex c) {
        const auto query = view.shard.query(condition_, symbols_);
        const std::uint64_t sequence = view.shard.sequence_of(c);
        if (!search_ || (sequence != sequence_ && starts_ < starts_max)) {
            at_ = view.now;
            sequence_ = sequence;
            known_ = view.shard.customers().has_events(c);
            search_.emplace(*query, c, at_);
            starts_ += 1;
        }
        const SteadyClock::time_point end =
            SteadyClock::now() + std::chrono::milliseconds(slice_target.ms);
        return search_->search(*query, [end] { return SteadyClock::now() < end; });
    }
    ValueMap found(std::string_view customer) const {
        ValueMap found = with_place(search_->found(), customer, known_, at_);
        found.set("scores_of_today", false);
        return found;
    }

private:
    const expr::Condition& condition_;
    const expr::Symbols& symbols_;
    std::optional<engine::ExplanationSearch> search_;
    std::uint64_t sequence_ = 0;
    Timestamp at_;
    bool known_ = false;
    int starts_ = 0;
};

}  // namespace

Result<ValueMap> explain_segment(Desk& desk,
                                 std::string_view id,
                                 std::string_view customer,
                                 const std::optional<Timestamp>& at) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(const segment::Segment* segment, find_segment(definitions, id));
    if (at) {
        return explain_past(desk, definitions, segment->condition, customer, *at);
    }
    LiveExplanation live(segment->condition, definitions->symbols);
    const SteadyClock::time_point end = SteadyClock::now() + search_max;
    for (;;) {
        bool done = false;
        WINBACK_TRY(ValueMap found,
                    ask_customer(desk, customer, [&](const host::ShardView& view, CustomerIndex c) {
                        done = live.work(view, c);
                        return live.found(view.shard.customers().id(c));
                    }));
        if (done || SteadyClock::now() >= end) {
            return found;
        }
    }
}

}  // namespace winback::api

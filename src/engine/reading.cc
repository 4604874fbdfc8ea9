#include <algorithm>

#include "engine/ahead.h"
#include "engine/shard_state.h"
#include "expr/flip.h"
#include "segment/scan.h"

namespace winback::engine {

EngineFacts::EngineFacts(const Shard::Impl& shard,
                         Loaded& loaded,
                         CustomerIndex customer,
                         Timestamp now)
    : CustomerFacts(
          shard.customers, loaded.binding, customer, now, *loaded.definitions->workspace.zone),
      shard_(shard),
      loaded_(loaded) {}

std::span<const Timestamp> EngineFacts::sent(std::string_view campaign) const {
    sent_ = shard_.sent_times(customer(), campaign);
    return sent_;
}

bool EngineFacts::in_segment(expr::SegmentId segment) const {
    const int position = loaded_.segment_positions[segment];
    // Membership is kept for the current definitions; an older version's journeys ask by name.
    if (position < 0 || shard_.current == nullptr) {
        return false;
    }
    if (&loaded_ == shard_.current) {
        return shard_.is_member(customer(), static_cast<std::uint32_t>(position));
    }
    const auto& name = loaded_.definitions->segments[static_cast<std::size_t>(position)].id;
    const auto& segments = shard_.current->definitions->segments;
    for (std::uint32_t p = 0; p < segments.size(); ++p) {
        if (segments[p].id == name) {
            return shard_.is_member(customer(), p);
        }
    }
    return false;
}

Value EngineFacts::score(expr::ScoreId score) const {
    const std::optional<Score>& known = loaded_.scores[score];
    if (!known.has_value()) {
        return {};
    }
    return score_of(shard_.customers, customer(), shard_.models, *known,
                    shard_.local_day(zone(), now()).start);
}

bool counts_as_sent(message::MessageState state) {
    using message::MessageState;
    switch (state) {
        case MessageState::Queued:
        case MessageState::Sending:
        case MessageState::Sent:
        case MessageState::Previewed:
        case MessageState::InDoubt:
            return true;
        case MessageState::Held:
        case MessageState::Refused:
        case MessageState::Failed:
            return false;
    }
    return false;
}

LocalDay Shard::Impl::local_day(const Zone& zone, Timestamp now) const {
    if (day.zone != &zone || now < day.start || now >= day.end) {
        CivilTime midnight = local_time(zone, now).civil;
        midnight.hour = midnight.minute = midnight.second = midnight.millisecond = 0;
        day = {.zone = &zone, .start = from_local(zone, midnight), .end = next_midnight(zone, now)};
    }
    return day;
}

std::vector<Timestamp> Shard::Impl::sent_times(CustomerIndex customer,
                                               std::string_view campaign) const {
    std::vector<Timestamp> times;
    const auto found = messages.find(customer);
    if (found != messages.end()) {
        for (const MessageRecord& record : found->second) {
            if (counts_as_sent(record.state) && (campaign == "*" || record.journey == campaign)) {
                times.push_back(record.decided_at);
            }
        }
    }
    return times;
}

namespace {

// Facts of a moment to come: a member of a segment is for whom it holds then.
class AheadFacts : public EngineFacts {
public:
    AheadFacts(const Shard::Impl& shard,
               Loaded& loaded,
               CustomerIndex customer,
               Timestamp when,
               const std::vector<std::uint32_t>& members)
        : EngineFacts(shard, loaded, customer, when), positions_(loaded), members_(members) {}
    bool in_segment(expr::SegmentId segment) const override {
        const int position = positions_.segment_positions[segment];
        return position >= 0 && std::find(members_.begin(), members_.end(),
                                          static_cast<std::uint32_t>(position)) != members_.end();
    }

private:
    const Loaded& positions_;
    const std::vector<std::uint32_t>& members_;  // Positions in the current definitions.
};

class BoundQuery : public AheadQuery, private segment::OtherFacts {
public:
    BoundQuery(const Shard::Impl& shard,
               const expr::Condition& condition,
               const expr::Symbols& symbols,
               expr::Interrupt* interrupt)
        : condition_(condition),
          shard_(shard),
          loaded_(with_symbols(shard, symbols)),
          interrupt_(interrupt) {}

    bool holds(CustomerIndex customer, Timestamp now) override {
        const expr::Outcome found =
            expr::evaluate(condition_, EngineFacts(shard_, loaded_, customer, now), interrupt_);
        exhausted_ += found.exhausted ? 1U : 0U;
        return found.holds;
    }
    std::uint64_t exhausted() const override { return exhausted_; }
    expr::Outcome outcome(CustomerIndex customer, Timestamp now) override {
        return expr::evaluate(condition_, EngineFacts(shard_, loaded_, customer, now));
    }
    std::vector<expr::AtomOutcome> explain(CustomerIndex customer, Timestamp now) override {
        return expr::explain(condition_, EngineFacts(shard_, loaded_, customer, now));
    }
    expr::Outcome ahead(CustomerIndex customer,
                        std::optional<std::size_t> atom,
                        Timestamp when) override {
        if (!referred_.has_value()) {
            referred_ = shard_.current == nullptr
                            ? std::vector<std::uint32_t>()
                            : referred_segments(*shard_.current->definitions, condition_,
                                                loaded_.definitions->symbols);
        }
        std::vector<std::uint32_t> members;
        Timestamp until = timestamp_max;
        for (const std::uint32_t position : *referred_) {
            const expr::Outcome other =
                expr::evaluate(shard_.current->definitions->segments[position].condition,
                               AheadFacts(shard_, *shard_.current, customer, when, members));
            until = std::min(until, other.valid_until);
            if (other.holds) {
                members.push_back(position);
            }
        }
        const AheadFacts facts(shard_, loaded_, customer, when, members);
        expr::Outcome outcome = atom.has_value() ? expr::evaluate_atom(condition_, *atom, facts)
                                                 : expr::evaluate(condition_, facts);
        outcome.valid_until = std::min(outcome.valid_until, until);
        return outcome;
    }
    void narrow(CustomerIndex first, std::span<std::uint64_t> marks, Timestamp now) override {
        if (!scan_.has_value() || now_ != now) {
            now_ = now;
            const Definitions& definitions = *loaded_.definitions;
            scan_.emplace(condition_, definitions.symbols, shard_.customers, now,
                          *definitions.workspace.zone, static_cast<segment::OtherFacts&>(*this),
                          interrupt_);
        }
        scan_->narrow(first, marks);
    }

private:
    bool holds_now(CustomerIndex customer, std::uint32_t instruction) override {
        return expr::holds_now(condition_, instruction,
                               EngineFacts(shard_, loaded_, customer, now_), interrupt_);
    }
    bool holds(CustomerIndex customer) override { return holds(customer, now_); }
    bool in_segment(CustomerIndex customer, expr::SegmentId segment) override {
        return EngineFacts(shard_, loaded_, customer, now_).in_segment(segment);
    }

    // The query's own names, over the segments that are loaded.
    static DefinitionsPtr with_symbols(const Shard::Impl& shard, const expr::Symbols& symbols) {
        auto definitions = std::make_shared<Definitions>();
        definitions->symbols = symbols;
        definitions->workspace.zone = &utc_zone();
        if (shard.current != nullptr) {
            definitions->workspace = shard.current->definitions->workspace;
            // Asked for membership alone; their conditions speak of other symbols.
            for (const segment::Segment& segment : shard.current->definitions->segments) {
                definitions->segments.emplace_back().id = segment.id;
            }
        }
        return definitions;
    }

    const expr::Condition& condition_;
    const Shard::Impl& shard_;
    Loaded loaded_;
    expr::Interrupt* interrupt_;
    std::optional<std::vector<std::uint32_t>> referred_;  // By ahead(), once it is asked.
    std::optional<segment::Scan> scan_;                   // At `now_`.
    Timestamp now_;
    std::uint64_t exhausted_ = 0;
};

}  // namespace

std::unique_ptr<Shard::Query> bind_query(const Shard::Impl& shard,
                                         const expr::Condition& condition,
                                         const expr::Symbols& symbols,
                                         expr::Interrupt* interrupt) {
    return std::make_unique<BoundQuery>(shard, condition, symbols, interrupt);
}

AheadQuery& ahead_of(Shard::Query& query) {
    return static_cast<AheadQuery&>(query);  // Every query is a BoundQuery.
}

std::unique_ptr<Shard::Query> Shard::query(const expr::Condition& condition,
                                           const expr::Symbols& symbols,
                                           expr::Interrupt* interrupt) const {
    return bind_query(*impl_, condition, symbols, interrupt);
}

Value Shard::Impl::score(CustomerIndex customer, std::string_view name, Timestamp now) const {
    const std::optional<Score> known = parse_score(name);
    if (!known.has_value()) {
        return {};
    }
    const Zone& zone = current == nullptr ? utc_zone() : *current->definitions->workspace.zone;
    return score_of(customers, customer, models, *known, local_day(zone, now).start);
}

Value Shard::score(CustomerIndex customer, std::string_view name, Timestamp now) const {
    return impl_->score(customer, name, now);
}

const std::vector<MessageRecord>& Shard::messages(CustomerIndex customer) const {
    static const std::vector<MessageRecord> none;
    const auto found = impl_->messages.find(customer);
    return found == impl_->messages.end() ? none : found->second;
}

const std::vector<journey::Enrollment>& Shard::enrollments(CustomerIndex customer) const {
    static const std::vector<journey::Enrollment> none;
    const auto found = impl_->enrollments.find(customer);
    return found == impl_->enrollments.end() ? none : found->second;
}

std::vector<std::string> Shard::segments_of(CustomerIndex customer) const {
    std::vector<std::string> ids;
    if (impl_->current != nullptr) {
        const auto& segments = impl_->current->definitions->segments;
        for (std::uint32_t p = 0; p < segments.size(); ++p) {
            if (impl_->is_member(customer, p)) {
                ids.push_back(segments[p].id);
            }
        }
    }
    return ids;
}

std::span<const std::uint64_t> Shard::membership(CustomerIndex customer) const {
    const std::size_t words = impl_->words_per_customer();
    return std::span(impl_->membership).subspan(customer * words, words);
}

std::size_t Shard::segment_size(std::string_view segment_id) const {
    if (impl_->current != nullptr) {
        const auto& segments = impl_->current->definitions->segments;
        for (std::size_t p = 0; p < segments.size(); ++p) {
            if (segments[p].id == segment_id) {
                return impl_->segment_sizes[p];
            }
        }
    }
    return 0;
}

}  // namespace winback::engine

#include "engine/past.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "engine/shard_state.h"

namespace winback::engine {
namespace {

std::string text_of(const Fact& fact, std::string_view name) {
    const Value* value = fact.details.find(name);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? "" : *text;
}

// What was ordered, as far as conditions can tell.
std::optional<Command> command_of(const Fact& fact) {
    using Kind = Command::Kind;
    Command command{.customer = fact.customer, .reason = text_of(fact, "reason")};
    if (fact.name == "Tagged" || fact.name == "Untagged") {
        command.kind = fact.name == "Tagged" ? Kind::Tag : Kind::Untag;
        command.text = text_of(fact, "tag");
    } else if (fact.name == "Added to List" || fact.name == "Removed from List") {
        command.kind = fact.name == "Added to List" ? Kind::Enlist : Kind::Delist;
        command.text = text_of(fact, "list");
    } else if (fact.name == "Consent Changed") {
        const auto channel = customer::parse_channel(text_of(fact, "channel"));
        if (!channel) {
            return std::nullopt;
        }
        command.kind = Kind::SetConsent;
        command.channel = *channel;
        command.topic = text_of(fact, "topic");
        command.consent = text_of(fact, "state") == "granted" ? expr::ConsentState::Granted
                                                              : expr::ConsentState::Denied;
    } else {
        return std::nullopt;
    }
    return command;
}

// Adds what the condition refers to. Each segment stands behind those that it refers to.
void add_referred(const Definitions& definitions,
                  const expr::Condition& condition,
                  const expr::Symbols& symbols,
                  std::set<std::uint32_t>& positions) {
    for (const expr::SegmentId id : condition.segments) {
        for (std::uint32_t p = 0; p < definitions.segments.size(); ++p) {
            if (definitions.segments[p].id == symbols.segments[id]) {
                positions.insert(p);
            }
        }
    }
}

}  // namespace

bool is_replayed(const Fact& fact) {
    return command_of(fact).has_value();
}

std::vector<std::uint32_t> referred_segments(const Definitions& definitions,
                                             const expr::Condition& condition,
                                             const expr::Symbols& symbols) {
    std::set<std::uint32_t> positions;
    add_referred(definitions, condition, symbols, positions);
    for (auto p = static_cast<std::uint32_t>(definitions.segments.size()); p-- > 0;) {
        if (positions.contains(p)) {
            add_referred(definitions, definitions.segments[p].condition, definitions.symbols,
                         positions);
        }
    }
    return {positions.begin(), positions.end()};
}

PastTerms terms_of(DefinitionsPtr definitions,
                   const expr::Condition& condition,
                   const expr::Symbols& symbols,
                   Timestamp at) {
    PastTerms terms{.at = at,
                    .definitions = std::move(definitions),
                    .symbols = &symbols,
                    .segments = {},
                    .messages = !condition.campaigns.empty(),
                    .scores = !condition.scores.empty()};
    if (terms.definitions != nullptr) {
        terms.segments = referred_segments(*terms.definitions, condition, symbols);
        for (const std::uint32_t position : terms.segments) {
            const expr::Condition& other = terms.definitions->segments[position].condition;
            terms.messages = terms.messages || !other.campaigns.empty();
            terms.scores = terms.scores || !other.scores.empty();
        }
    }
    return terms;
}

Past::Past(PastTerms terms, const std::optional<model::FittedModels>& models)
    : terms_(std::move(terms)), shard_(std::make_unique<Shard::Impl>(ShardId{0}, 1U)) {
    customer::FieldPlan fields = customer::builtin_fields();
    if (terms_.definitions != nullptr) {
        fields = customer::merge(fields, terms_.definitions->fields);
    }
    if (terms_.symbols != nullptr) {
        fields = customer::merge(fields, customer::FieldPlan{terms_.symbols->event_sets});
    }
    shard_->customers.plan_fields(fields);
    shard_->models = models;
}

Past::~Past() = default;

CustomerIndex Past::add(std::string_view id) {
    return shard_->find_or_add(id);
}

void Past::take(CustomerIndex customer, const event::Event& event) {
    if (event.time <= terms_.at) {
        shard_->customers.apply(customer, event, event.time);
    }
}

void Past::obey(CustomerIndex customer, const Fact& fact) {
    const std::optional<Command> command = command_of(fact);
    WINBACK_CHECK(command.has_value());
    if (fact.at <= terms_.at) {
        Effects unheard;
        shard_->obey(customer, *command, {.sequence = 0, .at = fact.at, .body = Tick{}}, unheard);
    }
}

void Past::join(CustomerIndex into, CustomerIndex other) {
    customer::Customers& customers = shard_->customers;
    WINBACK_CHECK(into != other && customers.merged_into(other).empty());
    const std::string facts = customers.take_out(other, customers.id(into));
    const bool joined = customers.absorb(into, facts).has_value();
    WINBACK_CHECK(joined);  // Our own bytes.
}

void Past::remember(CustomerIndex customer, MessageRecord message) {
    shard_->messages[customer].push_back(std::move(message));
}

void Past::finish() {
    for (CustomerIndex c = 0; c < shard_->customers.size(); ++c) {
        if (const auto found = shard_->messages.find(c); found != shard_->messages.end()) {
            put_in_order(found->second);
        }
    }
    if (terms_.definitions == nullptr) {
        return;
    }
    shard_->versions[0] = std::make_unique<Loaded>(terms_.definitions);
    shard_->current = shard_->versions[0].get();
    shard_->membership.assign(shard_->customers.size() * shard_->words_per_customer(), 0);
    shard_->segment_sizes.assign(terms_.definitions->segments.size(), 0);
    for (CustomerIndex c = 0; c < shard_->customers.size(); ++c) {
        if (known(c)) {
            enter_segments(c);
        }
    }
}

void Past::enter_segments(CustomerIndex customer) {
    const EngineFacts facts(*shard_, *shard_->current, customer, terms_.at);
    for (const std::uint32_t position : terms_.segments) {
        const expr::Condition& condition = terms_.definitions->segments[position].condition;
        shard_->set_member(customer, position, expr::evaluate(condition, facts).holds);
    }
}

bool Past::known(CustomerIndex customer) const {
    return shard_->customers.has_events(customer);
}

const customer::Customers& Past::customers() const {
    return shard_->customers;
}

Value Past::score(CustomerIndex customer, std::string_view name) const {
    return shard_->score(customer, name, terms_.at);
}

std::unique_ptr<Shard::Query> Past::query(const expr::Condition& condition,
                                          const expr::Symbols& symbols) const {
    return bind_query(*shard_, condition, symbols);
}

}  // namespace winback::engine

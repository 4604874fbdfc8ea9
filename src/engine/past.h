// Some customers as they were at a past moment.
//
// What is kept of them is taken again, up to that moment: events by the time at which they
// happened, in the order in which they arrived; commands and messages by the time at which they
// were given. So whatever a condition asks for (attributes, derived traits, consents, lists,
// messages, segments) is that of then. Definitions, models and who is who are those of today.
//
// See docs/design/past.md. The host reads the rows (host/past_reader.h).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/effect.h"
#include "engine/shard.h"

namespace winback::engine {

// What a question about the past goes by.
struct PastTerms {
    Timestamp at;
    DefinitionsPtr definitions;  // Of today; null when none are loaded.
    // Of the conditions that will be asked: the properties that they read are kept.
    const expr::Symbols* symbols = nullptr;
    // Positions of the segments that they refer to, also by way of others; ascending.
    std::vector<std::uint32_t> segments;
    bool messages = false;  // They ask for sent(..).
    bool scores = false;    // They ask for scores, which models of today give.
};
// Pre: condition and symbols outlive the terms.
PastTerms terms_of(DefinitionsPtr definitions,
                   const expr::Condition& condition,
                   const expr::Symbols& symbols,
                   Timestamp at);

// The fact that a customer took over another's facts: {other}.
inline constexpr std::string_view merged_fact = "Identity Merged";
// True for facts of commands that conditions can tell: consents, tags, lists.
bool is_replayed(const Fact& fact);

class Past {
public:
    Past(PastTerms terms, const std::optional<model::FittedModels>& models);
    ~Past();

    const PastTerms& terms() const { return terms_; }

    // First everything that happened -------------------------------------------------------
    customer::CustomerIndex add(std::string_view id);
    // In order of arrival. What is later than the moment is passed over.
    void take(customer::CustomerIndex customer, const event::Event& event);
    void obey(customer::CustomerIndex customer, const Fact& fact);  // Pre: is_replayed(fact)
    void join(customer::CustomerIndex into, customer::CustomerIndex other);
    void remember(customer::CustomerIndex customer, MessageRecord message);

    // then all that is asked ----------------------------------------------------------------
    void finish();
    // Somebody of whom nothing had happened yet is a member of nothing.
    bool known(customer::CustomerIndex customer) const;
    const customer::Customers& customers() const;
    Value score(customer::CustomerIndex customer, std::string_view name) const;
    std::unique_ptr<Shard::Query> query(const expr::Condition& condition,
                                        const expr::Symbols& symbols) const;

private:
    void enter_segments(customer::CustomerIndex customer);

    PastTerms terms_;
    std::unique_ptr<Shard::Impl> shard_;
};

}  // namespace winback::engine

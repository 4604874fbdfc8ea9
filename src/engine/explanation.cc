#include "engine/explanation.h"

#include "engine/ahead.h"

namespace winback::engine {
namespace {

std::string_view name_of(expr::Flip::Kind kind) {
    switch (kind) {
        case expr::Flip::Kind::At:
            return "at";
        case expr::Flip::Kind::Never:
            return "never";
        case expr::Flip::Kind::NotBefore:
            return "not_before";
    }
    return "never";
}

Value flip_value(const expr::Flip& flip) {
    ValueMap map;
    map.set("when", name_of(flip.kind));
    map.set("at", flip.kind == expr::Flip::Kind::Never ? Value() : Value(flip.at));
    return map;
}

}  // namespace

ExplanationSearch::ExplanationSearch(Shard::Query& query,
                                     customer::CustomerIndex customer,
                                     Timestamp at)
    : customer_(customer),
      outcome_(query.outcome(customer, at)),
      atoms_(query.explain(customer, at)) {
    for (std::size_t atom = 0; atom < atoms_.size(); ++atom) {
        searches_.emplace_back(ahead_of(query).ahead(customer, atom, at));
    }
    searches_.emplace_back(ahead_of(query).ahead(customer, std::nullopt, at));
}

bool ExplanationSearch::search(Shard::Query& query, const std::function<bool()>& more) {
    for (; next_ < searches_.size(); ++next_) {
        expr::FlipSearch& one = searches_[next_];
        const std::optional<std::size_t> atom =
            next_ < atoms_.size() ? std::optional(next_) : std::nullopt;
        while (!one.done()) {
            if (!more()) {
                return false;
            }
            one.answer(ahead_of(query).ahead(customer_, atom, one.ask_at()));
        }
    }
    return true;
}

ValueMap ExplanationSearch::found() const {
    ValueList facts;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
        ValueMap fact;
        fact.set("condition", atoms_[i].text);
        fact.set("value", atoms_[i].value);
        fact.set("held", atoms_[i].held);
        fact.set("next_flip", flip_value(searches_[i].found()));
        facts.emplace_back(std::move(fact));
    }
    ValueMap map;
    map.set("holds", outcome_.holds);
    map.set("exhausted", outcome_.exhausted);
    map.set("next_flip", flip_value(searches_.back().found()));
    map.set("facts", std::move(facts));
    return map;
}

}  // namespace winback::engine

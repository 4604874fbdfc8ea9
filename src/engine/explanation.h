// Why a condition holds for a customer or not: each atom with what was found, and when it and the
// whole next flip by the passing of time alone.
//
// Finding flips may take long (expr/flip.h), so that it can be done piece by piece: a live shard is
// asked between two batches. See docs/design/explain.md.
#pragma once

#include <functional>
#include <vector>

#include "base/value.h"
#include "engine/shard.h"
#include "expr/flip.h"

namespace winback::engine {

class ExplanationSearch {
public:
    // The facts of `at`. The query may be another each time, of the same condition.
    // Pre: as of ahead_of.
    ExplanationSearch(Shard::Query& query, customer::CustomerIndex customer, Timestamp at);

    // Looks for flips until `more` says no. True when none is left to look for.
    bool search(Shard::Query& query, const std::function<bool()>& more);

    // {holds, exhausted, next_flip, facts: [{condition, value, held, next_flip}]}; a flip is {when:
    // "at", "never" or "not_before", at}.
    ValueMap found() const;

private:
    customer::CustomerIndex customer_;
    expr::Outcome outcome_;
    std::vector<expr::AtomOutcome> atoms_;
    std::vector<expr::FlipSearch> searches_;  // Of each atom, then of the whole.
    std::size_t next_ = 0;                    // Of `searches_`.
};

}  // namespace winback::engine

// Asks a query about moments to come, if nothing happens until then but that time passes.
//
// Beside shard.h, since only explanations need it.
#pragma once

#include <optional>

#include "engine/shard.h"

namespace winback::engine {

class AheadQuery : public Shard::Query {
public:
    // Of the whole, or of one of its atoms. Segments that the condition refers to are followed,
    // too: Query::outcome takes them as they are now.
    virtual expr::Outcome ahead(customer::CustomerIndex customer,
                                std::optional<std::size_t> atom,
                                Timestamp when) = 0;
};

// Pre: a Shard or a Past made the query.
AheadQuery& ahead_of(Shard::Query& query);

}  // namespace winback::engine

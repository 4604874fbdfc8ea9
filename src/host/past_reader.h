// Reads what the folder keeps of customers and lets engine::Past take it again, up to a moment.
//
// Rows of a shard and the events that wait for theirs are of one moment, taken on its worker
// between two batches; everything else happens on the calling thread, so that nothing that
// arrives waits for it. Histories are read as they are on disk: nothing rolls off there.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/past.h"
#include "host/host.h"

namespace winback::host {

// One customer as of then.
struct PastCustomer {
    std::string id;  // Of today: whoever took over the id that was asked for.
    std::unique_ptr<engine::Past> past;
    customer::CustomerIndex index = 0;  // In `past`.
};

class PastReader {
public:
    explicit PastReader(Host& host) : host_(host) {}

    // Fails with NotFound for nobody, and for who was erased; with Corrupt.
    Result<PastCustomer> read_customer(std::string_view id, const engine::PastTerms& terms);

    // What became of one shard.
    struct Tally {
        std::uint64_t customers = 0;  // Of today, neither merged nor erased.
        std::uint64_t erased = 0;     // Nothing is known of these any more.
        bool whole = true;            // False when `each` ended it.
    };
    // Somebody of today, and their index in a Past.
    struct Place {
        customer::CustomerIndex today = 0;
        customer::CustomerIndex then = 0;
    };
    // Everybody of today, some at a time; the Past lives for the call. `each` ends the pass by
    // returning false. Fails with Corrupt.
    using Each = std::function<bool(const engine::Past& past, std::span<const Place> people)>;
    Result<Tally> read_shard(engine::ShardId shard,
                             const engine::PastTerms& terms,
                             const Each& each);

private:
    Host& host_;
};

}  // namespace winback::host

// One shard of customers and everything decided about them: step(state, input) -> effects.
//
// Reads no clock, draws no random number, does no I/O. Same inputs in the same order give the
// same state and effects on every machine; customers do not influence each other except through
// handovers. One thread at a time may use a shard.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "customer/customers.h"
#include "engine/effect.h"
#include "engine/input.h"
#include "journey/enrollment.h"

namespace winback::engine {

// A message as the shard remembers it; the rendered text is in the store.
struct MessageRecord {
    Hash128 key;
    std::string journey;
    std::string step;
    std::string template_id;
    std::uint32_t entry = 0;
    customer::Channel channel = customer::Channel::Email;
    message::MessageState state = message::MessageState::Queued;
    std::optional<message::RefusalReason> reason;  // Refused and Held: why.
    Timestamp decided_at;
    Timestamp changed_at;
    Timestamp release_at;  // Held: when to try again.
};

class Shard {
public:
    struct Impl;  // shard_state.h, for this folder alone.
    class Query;

    Shard(ShardId id, std::uint32_t shard_count);
    Shard(Shard&&) noexcept;
    ~Shard();

    // Pre: input.sequence is above that of every input before, except that a replay after
    // load_customer may start below; what a row already includes is passed over.
    // Appends to `effects`.
    void step(const Input& input, Effects& effects);

    // The earliest moment at which a Tick would do something; timestamp_max when none.
    Timestamp next_due() const;
    // The Tick for `count` of those who are due at `now`, earliest first (more only when several
    // have one place), and whether it is for all of them. Pre: count > 0.
    struct Due {
        Tick tick;
        bool all = true;
    };
    Due due(Timestamp now, std::size_t count) const;

    ShardId id() const;
    const customer::Customers& customers() const;
    customer::Customers& customers_for_reload();  // Start only: reload_event, load_remembered.
    DefinitionsPtr definitions() const;           // Null before the first load.
    const std::optional<model::FittedModels>& models() const;

    // Reading, for pages and reports ------------------------------------------------------
    const std::vector<MessageRecord>& messages(customer::CustomerIndex customer) const;
    const std::vector<journey::Enrollment>& enrollments(customer::CustomerIndex customer) const;
    std::vector<std::string> segments_of(customer::CustomerIndex customer) const;
    // A bit per segment, by position in the definitions; empty before the first load.
    std::span<const std::uint64_t> membership(customer::CustomerIndex customer) const;
    std::size_t segment_size(std::string_view segment_id) const;
    // Questions about one customer, and about many. `condition` was compiled with `symbols`. Both
    // must outlive the query, and the query must not outlive the next step. With an interrupt,
    // which may be null, `holds` and `narrow` may be given up (expr/interrupt.h).
    std::unique_ptr<Query> query(const expr::Condition& condition,
                                 const expr::Symbols& symbols,
                                 expr::Interrupt* interrupt = nullptr) const;
    // Null for a name that is not a score; scores.h lists them.
    Value score(customer::CustomerIndex customer, std::string_view name, Timestamp now) const;

    // Rows: docs/design/rows.md ------------------------------------------------------------
    void encode_customer(customer::CustomerIndex customer, std::string& out) const;
    Status load_customer(std::string_view id, std::string_view bytes);  // Fails with Corrupt.
    std::uint64_t sequence_of(customer::CustomerIndex customer) const;  // Included in its row.
    // What holds for the whole shard: version of the definitions, the models.
    void encode_shard(std::string& out) const;
    Status load_shard(std::string_view bytes,
                      const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions);
    // After the last load_customer and before the first step.
    void finish_load();

private:
    friend class CustomerCopy;

    std::unique_ptr<Impl> impl_;
};

// A condition bound to the columns of one shard.
class Shard::Query {
public:
    virtual ~Query() = default;
    virtual bool holds(customer::CustomerIndex customer, Timestamp now) = 0;
    // The same for many, at a tenth of the cost or less: keeps of the marks (bit i is customer
    // first + i) those for whom it holds. Pre: no mark stands for nobody.
    virtual void narrow(customer::CustomerIndex first,
                        std::span<std::uint64_t> marks,
                        Timestamp now) = 0;
    // How many of them met a limit of evaluating so far, so that it does not hold for them.
    virtual std::uint64_t exhausted() const = 0;
    // With the moment until which the answer stays if nothing happens.
    virtual expr::Outcome outcome(customer::CustomerIndex customer, Timestamp now) = 0;
    // Each atom with its value, for the explain screens.
    virtual std::vector<expr::AtomOutcome> explain(customer::CustomerIndex customer,
                                                   Timestamp now) = 0;
};

}  // namespace winback::engine

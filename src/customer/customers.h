// All customers of one shard: who they are, what they did, what they allow.
//
// Scalars stand in columns (struct of arrays) and events in histories (history.h), so that a
// condition over the whole base is a scan. An index names a customer for as long as the shard
// is in memory; the id names them for ever. Nothing here reads a clock: times are inputs.
//
// See docs/design/customers.md for the derived traits and docs/design/rows.md for the rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/money.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "customer/channel.h"
#include "event/event.h"
#include "expr/facts.h"

namespace winback::customer {

using CustomerIndex = std::uint32_t;

// Which properties of which events histories keep in memory (the rest is on disk only): the
// engine's own (`builtin_fields`) and those that definitions read.
struct FieldPlan {
    std::vector<expr::EventSet> sets;
    bool operator==(const FieldPlan&) const = default;
};
FieldPlan builtin_fields();  // Order Completed: revenue, order_id, margin, total, currency, …
// The union; `covers` is true when every field of `needed` is kept by `plan`.
FieldPlan merge(const FieldPlan& a, const FieldPlan& b);
bool covers(const FieldPlan& plan, const FieldPlan& needed);

// An attribute was sent with another type than the one of its first sight; the value was not
// taken.
struct TypeConflict {
    std::string attribute;
    ValueType expected = ValueType::Null;
    ValueType got = ValueType::Null;
};

// What applying one event changed.
struct Applied {
    bool duplicate = false;  // Known already: nothing changed.
    bool created = false;    // First event of this customer.
    bool late = false;       // Older than an event of the same name that was known.
    bool consent_changed = false;
    bool traits_changed = false;
    std::vector<TypeConflict> conflicts;
};

struct Consent {
    expr::ConsentState state = expr::ConsentState::Unset;
    Timestamp time;
    std::string source;
};

// Order statistics that are kept as columns. An order is an Order Completed; one order_id
// counts once. Revenue is `revenue`, else total - shipping - tax.
struct Orders {
    std::uint32_t count = 0;
    std::uint32_t days = 0;  // Distinct days (UTC) with an order.
    Micros revenue;
    std::optional<Micros> margin;  // Absent when no order gave one.
    Timestamp first;               // Meaningful only when count > 0.
    Timestamp last;
    std::uint32_t refund_count = 0;
    Micros refunded;
};

// A customer's usual gap between orders, from distinct order days. Computed when read.
struct Rhythm {
    std::uint32_t gap_count = 0;  // 0: no rhythm yet, the rest is meaningless.
    Duration median;
    Duration low;   // First quartile
    Duration high;  // and third, by linear interpolation (Hyndman & Fan type 7).
};

// What the bounds of limits.h kept out of memory.
struct Dropped {
    std::uint64_t rolled_off = 0;   // Events older than the newest of their name and customer.
    std::uint64_t other_names = 0;  // Events kept under "(other)".
};

// "consent_email_offers": "denied" or "granted".
inline constexpr std::string_view topic_attribute_begin = "consent_";
std::string topic_attribute(Channel channel, std::string_view topic);

// Labels are attributes that commands alone set: sorted texts, each once.
inline constexpr std::string_view tags_attribute = "team_tags";
inline constexpr std::string_view lists_attribute = "lists";
constexpr bool is_label(std::string_view attribute) {
    return attribute == tags_attribute || attribute == lists_attribute;
}

// What one kind of things takes of the memory of all customers: docs/design/customers.md.
struct MemoryPart {
    std::string_view name;  // Of the program's life.
    std::size_t bytes = 0;
};

class Customers {
public:
    Customers();
    Customers(Customers&&) noexcept;
    Customers& operator=(Customers&&) noexcept;
    ~Customers();

    std::size_t size() const;
    std::optional<CustomerIndex> find(std::string_view id) const;
    CustomerIndex find_or_add(std::string_view id);
    std::string_view id(CustomerIndex customer) const;

    // Forgets the fields that the new plan does not keep. Fields that are new are null for
    // events that are in memory already; the host reloads those from disk (`reload_event`).
    void plan_fields(const FieldPlan& plan);
    const FieldPlan& fields() const;

    // Takes one event of this customer. `arrival` is when we learned of it.
    // Pre: customer_key(event) is the customer's id or was merged into it.
    Applied apply(CustomerIndex customer, const event::Event& event, Timestamp arrival);

    // Recently seen message ids, for de-duplication: remembered for 24 to 48 hours of arrival
    // time, exactly (no filter that errs). True when it was new.
    bool remember(std::string_view message_id, Timestamp arrival);

    // True once the customer was named by a user id (not only by an anonymous one).
    bool identified(CustomerIndex customer) const;
    void set_identified(CustomerIndex customer);
    // False for who is only named (by a link, by a command) and never did or stated anything.
    bool has_events(CustomerIndex customer) const;

    // Identity. A merged customer's facts were taken by another; events for it are forwarded.
    // Empty when not merged.
    std::string_view merged_into(CustomerIndex customer) const;
    // Takes out all facts as a payload for `absorb`, leaves only the forwarding address.
    std::string take_out(CustomerIndex customer, std::string_view into_id);
    // Changes only the forwarding address of a customer; empty makes it stand for itself again.
    void repoint(CustomerIndex customer, std::string_view into_id);
    // Adds another's facts: the union of histories (one message id counts once), the earlier
    // first and later last times; attributes that this customer has win over absorbed ones, a
    // denied consent wins over a granted one unless the grant is newer. Fails with Corrupt.
    Status absorb(CustomerIndex customer, std::string_view payload);
    // Ids whose facts were absorbed, in order; their histories on disk belong to this customer.
    const std::vector<std::string>& absorbed_ids(CustomerIndex customer) const;

    // Those of [first, end) who were neither merged nor erased: bit i is customer first + i.
    std::vector<std::uint64_t> present(CustomerIndex first, CustomerIndex end) const;
    // How many there are of them among all.
    std::uint64_t present_count() const;

    // Erasure by request: facts are gone, only the id's hash and `erased` stay.
    void erase(CustomerIndex customer);
    bool erased(CustomerIndex customer) const;

    // Facts ------------------------------------------------------------------------------
    // Names of attributes in order of first sight, and what derived traits exist.
    const std::vector<std::string>& attribute_names() const;
    // Given or derived, by name: "email", "orders.count", "first_seen.web". Null when absent.
    Value trait(CustomerIndex customer, std::string_view name) const;
    ValueMap attributes(CustomerIndex customer) const;  // The given ones, for templates.
    Consent consent(CustomerIndex customer, Channel channel) const;
    std::vector<expr::ConsentChange> consent_changes(CustomerIndex customer, Channel channel) const;
    // By command or by our own unsubscribe page; false when it was so already.
    bool set_consent(CustomerIndex customer, Channel channel, const Consent& consent);
    // Within a channel a customer may refuse single topics. Kept as an attribute, so that segments
    // can ask for it. A refusal that cannot be kept so (limits.h, another type) denies the whole
    // channel. True when anything changed.
    bool topic_denied(CustomerIndex customer, Channel channel, std::string_view topic) const;
    bool set_topic_consent(CustomerIndex customer,
                           Channel channel,
                           std::string_view topic,
                           const Consent& consent);
    bool suppressed(CustomerIndex customer) const;  // Hard bounce, complaint, legal.
    std::string_view suppression_reason(CustomerIndex customer) const;
    void suppress(CustomerIndex customer, std::string_view reason, Timestamp at);
    Timestamp suppressed_since(CustomerIndex customer) const;  // timestamp_min when not.
    void lift_suppression(CustomerIndex customer);
    // What the team calls this customer (`"vip" in user.team_tags`), and the static lists on which
    // they stand (`in_list("newsletter")`): `attribute` is one of the two label attributes, which
    // events cannot set. False when nothing changed: known already (or not), empty, too long, too
    // many (limits.h).
    std::vector<std::string> labels(CustomerIndex customer, std::string_view attribute) const;
    // Those of [first, end) who have any, without reading which.
    std::vector<CustomerIndex> labelled(CustomerIndex first,
                                        CustomerIndex end,
                                        std::string_view attribute) const;
    bool set_label(CustomerIndex customer,
                   std::string_view attribute,
                   std::string_view label,
                   bool present);
    Orders orders(CustomerIndex customer) const;
    Rhythm rhythm(CustomerIndex customer) const;
    Timestamp first_seen(CustomerIndex customer) const;  // timestamp_max when never
    Timestamp last_seen(CustomerIndex customer) const;   // timestamp_min when never
    // Distinct order days as UTC days since the epoch, ascending, with the day's revenue.
    struct OrderDay {
        std::int32_t day;
        Micros revenue;
        Timestamp first_time;
    };
    std::vector<OrderDay> order_days(CustomerIndex customer) const;
    // Times of events with this exact name, oldest first. Valid until the next change.
    std::vector<Timestamp> event_times(CustomerIndex customer, std::string_view name) const;
    std::vector<std::string> event_names() const;  // All names in this shard, sorted.

    // Rows -------------------------------------------------------------------------------
    // All of a customer but the history (docs/design/rows.md "customer").
    void encode_row(CustomerIndex customer, ByteWriter& out) const;
    // Fails with Corrupt. The customer must not exist yet.
    Result<CustomerIndex> load_row(std::string_view id, ByteReader& in);
    // Puts an event back into the in-memory history without deriving anything: start and reload.
    // Events of absorbed customers are put back under the absorbing one.
    void reload_event(CustomerIndex customer, const event::Event& event);
    void clear_histories();  // Before a reload under a wider plan.
    // The same for many: records as event::encode makes them, each customer's in order of
    // arrival, cheapest in order of CustomerIndex. Pre: histories are empty. Nothing may be read
    // before `finish_histories`. Fails with Corrupt.
    Status load_history(CustomerIndex customer, std::string_view record);
    void finish_histories();
    // Loads what one of the tables (counted from 0) has of the customer, from its `from`-th event
    // on and about so many bytes of it, into another base in which that customer is to be the
    // first: for copies of one customer. Returns how far it came; nothing at the table's end. Pre:
    // `to` keeps the same fields.
    std::optional<std::uint32_t> copy_history(CustomerIndex customer,
                                              std::size_t table,
                                              std::uint32_t from,
                                              std::size_t bytes,
                                              Customers& to) const;
    std::size_t table_count() const;
    // The remembered message ids of the day (days since the epoch, by arrival).
    void load_remembered(std::uint64_t message_id_hash, std::int64_t arrival_day);
    // After the last `load_remembered` and load_row: gives back what loading needed.
    void finish_load();

    Dropped dropped() const;
    // A hash of all rows in the order of ids, and of the histories: equal states are equal.
    std::uint64_t fingerprint() const;
    // Approximate, for the health page and the benchmarks.
    std::size_t memory_bytes() const;
    std::vector<MemoryPart> memory_parts() const;

private:
    friend class BaseColumns;
    friend class Binding;
    friend class CustomerFacts;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace winback::customer

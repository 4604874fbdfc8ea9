// The audit trail: who changed what and when, what it was before and after.
//
// Rows are only ever added. Each carries the BLAKE2b-256 of the hash before it and its own bytes,
// so a row that was changed, taken out or put in between is found by verify(). Whoever can write
// the data folder can also make a whole new chain: keep the hash that `winback audit verify`
// prints somewhere else to notice that. docs/design/people.md says what stands in a row.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "store/store.h"

namespace winback::host {

constexpr std::size_t audit_what_bytes_max = 64;
constexpr std::size_t audit_target_bytes_max = 400;
constexpr std::size_t audit_value_bytes_max = 16 * 1024;  // Of before and of after, each.
constexpr std::size_t audit_list_max = 200;
// Rows that one question looks at; the answer says where to go on.
constexpr std::size_t audit_rows_looked_at_max = 20'000;

enum class ActorKind : std::uint8_t {
    Nobody,  // Not signed in: attempts.
    User,
    Token,        // A program.
    Link,         // A browser that came by a one-time link of the command line.
    CommandLine,  // Somebody with access to the machine.
    Rule,         // The workspace says so, and nobody pressed a button: `name` says which rule.
};
std::string_view actor_kind_name(ActorKind kind);  // "user", "token", …

struct Actor {
    ActorKind kind = ActorKind::Nobody;
    std::string id;    // Of the user or key; empty for the command line.
    std::string name;  // As it was then.
};

struct AuditEntry {
    std::uint64_t sequence = 0;  // 1, 2, 3, … without gaps.
    Timestamp at;                // Wall clock.
    Actor who;
    std::string what;    // "template.save"; the part before the dot names the kind of target.
    std::string target;  // An id; of customers what customer_target() gives.
    Value before;        // Null when there was nothing.
    Value after;
    std::string hash;  // 64 hex digits; filled in by reading.
};

struct AuditFilter {
    std::string who;     // Id, or part of the name without regard to case.
    std::string what;    // "template.save", or "template" for all of that kind.
    std::string target;  // Whole.
    Timestamp from = timestamp_min;
    Timestamp to = timestamp_max;  // Not included.
    std::uint64_t below = 0;       // Only entries with a smaller sequence; 0: all.
    std::size_t limit = 50;
};
struct AuditPage {
    std::vector<AuditEntry> entries;  // Newest first.
    std::uint64_t next = 0;           // The `below` of the next page; 0: there is none.
};

struct AuditCheck {
    std::uint64_t entries = 0;
    std::uint64_t first_broken = 0;  // 0: the chain is whole.
    std::string problem;             // Of the first broken one, in words.
    Timestamp since;                 // Of the oldest entry.
    std::string head;                // Hash of the newest, 64 hex digits.
};

// Also on a store that was opened read-only beside a running server. Fail with Corrupt.
Result<AuditPage> list_audit(const store::Store& store, const AuditFilter& filter);
// Reads every row; about a microsecond each.
Result<AuditCheck> verify_audit(const store::Store& store);

// "customer:" and 32 hex digits: a hash of the id under a secret of this folder. The trail outlives
// the customer and must not name them; while they exist, the hash leads back to them. NotFound
// when nothing was ever recorded.
Result<std::string> audit_customer_target(const store::Store& store, std::string_view customer_id);

// Any thread.
class Audit {
public:
    // The store must outlive this. Fails with Corrupt.
    static Result<std::unique_ptr<Audit>> open(store::Store& store);

    // Durable when it returns. `entry.sequence` and `entry.hash` are given here; values beyond
    // the limit are replaced by their size. Fails with InvalidArgument and as Store::write.
    Result<std::uint64_t> record(AuditEntry entry);

    Result<AuditPage> list(const AuditFilter& filter) const { return list_audit(store_, filter); }
    // At most a minute old: pages ask often, and the whole chain is read.
    Result<AuditCheck> check(Timestamp now);

    // As audit_customer_target.
    std::string customer_target(std::string_view customer_id) const;

private:
    explicit Audit(store::Store& store) : store_(store) {}
    Status read_secret();

    store::Store& store_;
    std::string secret_;  // Of customer_target.
    std::mutex mutex_;
    std::uint64_t sequence_ = 0;  // Of the newest entry.
    std::string head_;            // Its hash, 32 bytes; zeros before the first.

    std::mutex check_mutex_;
    AuditCheck check_;
    Timestamp checked_ = timestamp_min;
};

}  // namespace winback::host

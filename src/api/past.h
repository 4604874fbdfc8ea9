// Segments and conditions at a past moment (docs/design/past.md).
//
// One customer is read at once. The whole base takes a pass over all histories, which may last
// minutes: it runs behind the answer, says how far it is, and is kept for a while, so that whoever
// asks again finds it. So are conditions of now that read properties which are not in memory.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/condition.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "customer/customers.h"
#include "engine/past.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

// "2026-01-31", "2026-01-31T18:30" and the like: of the workspace's clock when they name no zone; a
// day alone is its midnight. Fails with InvalidArgument.
Result<Timestamp> past_moment(const engine::DefinitionsPtr& definitions, std::string_view text);

// The parameter `at`; nothing without it. Fails with InvalidArgument.
Result<std::optional<Timestamp>> past_moment_of(Desk& desk, const http::Request& request);

// {segment, customer, member, known, at, now, scores_of_today}: `known` is false when nothing had
// happened yet. Fails with NotFound.
Result<ValueMap> past_membership(Desk& desk,
                                 std::string_view segment,
                                 std::string_view customer,
                                 Timestamp at);

constexpr std::size_t past_members_default = 100;  // Of a page.
constexpr std::size_t past_members_max = 1000;
constexpr std::size_t past_passes_kept = 8;     // The newest, with their members.
constexpr std::size_t past_passes_waiting = 4;  // Behind the one under way.

// A pass over everybody. What is not atomic is read once `ready`.
struct PastPass {
    Timestamp at;
    bool current = false;   // Asked as of now: `at` is when somebody asked first.
    std::string condition;  // As written.
    std::uint64_t version = 0;
    std::atomic<bool> ready{false};
    std::atomic<std::uint64_t> looked_at{0};
    std::atomic<std::uint64_t> all{0};  // Customers to look at.

    struct Member {
        std::uint16_t shard = 0;
        customer::CustomerIndex index = 0;
    };
    std::vector<Member> members;     // Shard by shard, in the order of ids.
    std::vector<CountedPart> parts;  // Of a current one; of another the whole as one.
    std::uint64_t of = 0;            // Customers who were known then.
    std::uint64_t erased = 0;
    std::uint64_t exhausted = 0;  // For whom it does not hold because a limit was met.
    bool scores_of_today = false;
    Timestamp counted_at;
    std::optional<Error> error;

    std::atomic<bool> dropped{false};  // Nobody waits for it any more.
    std::set<std::string> askers;      // Of PastPasses.
};
using PastPassPtr = std::shared_ptr<const PastPass>;

// Part of the desk.
class PastPasses {
public:
    explicit PastPasses(Desk& desk);
    ~PastPasses();

    // The pass of this condition and moment, begun if nobody asked for it lately; waits a moment
    // for it. Pre: the condition has no mistakes. Fails with Unavailable when too many wait.
    Result<PastPassPtr> get(const std::shared_ptr<const CompiledCondition>& compiled, Timestamp at);
    // The same as of now, at most half a minute old: for conditions that read what is not in
    // memory. The next question of an asker (an editor; empty: nobody) ends the pass of the one
    // before, unless somebody else asked for it, too.
    Result<PastPassPtr> get_current(const std::shared_ptr<const CompiledCondition>& compiled,
                                    const std::string& asker);

private:
    using PassPtr = std::shared_ptr<PastPass>;
    Result<PastPassPtr> find_or_begin(const std::shared_ptr<const CompiledCondition>& compiled,
                                      std::optional<Timestamp> at,
                                      const std::string& asker);
    PassPtr find(const std::string& condition,
                 std::uint64_t version,
                 std::optional<Timestamp> at,
                 const std::string& asker);
    void run(PastPass& pass, const CompiledCondition& compiled);
    bool stops(const PastPass& pass) const { return stopping_ || pass.dropped; }

    Desk& desk_;
    std::atomic<bool> stopping_{false};
    std::mutex ended_mutex_;  // With ended_: a pass became ready.
    std::condition_variable ended_;
    std::mutex mutex_;
    std::deque<std::shared_ptr<PastPass>> passes_;  // Oldest first.
    std::shared_ptr<Desk> room_;                    // Last: its thread uses the rest.
};

// {ready, at, now, customers, of, erased, scores_of_today, looked_at, all}: numbers are null until
// it is ready.
ValueMap past_value(Desk& desk, const PastPass& pass);
// 202 with the time after which to ask again.
http::Response not_ready(ValueMap tree);
// 200, or that.
http::Response past_answer(ValueMap tree);
// The members shard by shard, a bit for each customer up to the last of them (customer/marks.h).
std::vector<std::vector<std::uint64_t>> past_marks(Desk& desk, const PastPass& pass);
// {id, name} of some members, as they are called today; who was erased since is left out.
ValueList past_members(Desk& desk, const PastPass& pass, std::size_t from, std::size_t count);

}  // namespace winback::api

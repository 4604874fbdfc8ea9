// The search tables of all shards (src/directory), told of changes by the host and read by the
// desk's threads without waiting for the workers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "directory/table.h"
#include "host/host.h"
#include "host/watcher.h"

namespace winback::api {

// Who fulfils a condition, or is in some other set that the tables do not know: a bit per customer.
struct Chosen {
    std::vector<std::vector<bool>> members;  // By shard, then by CustomerIndex.
    std::uint64_t looked_at = 0;
    std::uint64_t of = 0;
    Timestamp as_of;  // When the pass began.
    // A pass over the histories is under way (past.h): nobody is a member yet; ask again.
    bool reading = false;
    bool whole() const { return looked_at == of; }
};
using ChosenPtr = std::shared_ptr<const Chosen>;

class Directory : public host::Watcher {
public:
    explicit Directory(std::size_t shards);

    bool look(const host::ShardView& view,
              std::span<const customer::CustomerIndex> changed) override;

    using Hit = directory::Gathering::Hit;
    struct Answer {
        std::vector<Hit> hits;  // In order, at most question.limit + 1.
        std::uint64_t matching = 0;
    };
    // `question` is asked of every shard; the segment is found by its id, and nobody is in one that
    // a shard does not know (yet). `chosen` may be null.
    Answer find(directory::Question question, std::string_view segment, const Chosen* chosen);
    // All who fit of one shard, by id; four bytes for each.
    std::vector<customer::CustomerIndex> all_of(engine::ShardId shard,
                                                directory::Question question,
                                                std::string_view segment,
                                                const Chosen* chosen) const;
    // Those of them who are still there, as they are now.
    std::vector<Hit> rows_of(engine::ShardId shard,
                             const directory::Question& question,
                             std::span<const customer::CustomerIndex> customers) const;
    // Of the whole shop, by which customers without a rhythm of their own are judged.
    Duration shop_gap() const;
    // At most summary_age_max old.
    std::shared_ptr<const directory::Summary> summary(Timestamp now, Duration shop_gap);
    std::size_t memory_bytes() const;

    // Evaluates on the workers in slices (walk.h), until `choose_ms_max` is over. The last few
    // answers are kept under `name`: one that is older than `chosen_age_max` is given while
    // `behind` has it evaluated anew, one that is older than `stale_age_max` never.
    // Marks those of [from, to) for whom it holds (customer/marks.h); may be given up (Walk::Ask).
    using Holds = std::function<std::vector<std::uint64_t>(const host::ShardView&,
                                                           customer::CustomerIndex from,
                                                           customer::CustomerIndex to,
                                                           expr::Interrupt& interrupt)>;
    using Behind = std::function<bool(std::function<void()> work)>;  // False: not taken.
    ChosenPtr choose(host::Host& host,
                     const std::string& name,
                     const Holds& holds,
                     const Behind& behind);

private:
    struct Guarded {
        mutable std::shared_mutex mutex;
        directory::Table table;
    };
    struct Remembered {
        std::string name;
        std::int64_t steady_ms = 0;
        ChosenPtr chosen;
        bool renewing = false;
    };
    // Null when there is none that may be given.
    ChosenPtr remembered(const std::string& name,
                         const Behind& behind,
                         const std::function<void()>& renew);
    ChosenPtr evaluate(host::Host& host, const Holds& holds);
    void remember(const std::string& name, ChosenPtr chosen);

    std::vector<Guarded> shards_;
    std::mutex summary_mutex_;
    std::shared_ptr<const directory::Summary> summary_;
    std::int64_t summary_ms_ = 0;
    std::mutex choosing_mutex_;  // One pass at a time.
    std::mutex chosen_mutex_;
    std::deque<Remembered> remembered_;
};

}  // namespace winback::api

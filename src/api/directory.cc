#include "api/directory.h"

#include <algorithm>
#include <atomic>
#include <chrono>

#include "api/walk.h"
#include "customer/marks.h"

namespace winback::api {
namespace {

constexpr std::int64_t summary_age_ms_max = 5'000;
constexpr std::int64_t chosen_age_ms_max = 30'000;
constexpr std::int64_t stale_age_ms_max = 120'000;
constexpr std::size_t chosen_max = 8;
// A condition over everybody may take this long; then the list says how far it came.
constexpr std::int64_t choose_ms_max = 3'000;

std::int64_t steady_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// False: the shard does not know the segment.
bool place_segment(directory::Question& question,
                   const directory::Table& table,
                   std::string_view segment) {
    if (segment.empty()) {
        return true;
    }
    if (table.definitions() == nullptr) {
        return false;
    }
    const auto& segments = table.definitions()->segments;
    const auto found = std::find_if(segments.begin(), segments.end(),
                                    [&](const segment::Segment& s) { return s.id == segment; });
    question.filter.segment = static_cast<std::size_t>(found - segments.begin());
    return found != segments.end();
}

const std::vector<bool>* members_of(const Chosen* chosen, std::size_t shard) {
    return chosen == nullptr ? nullptr : &chosen->members[shard];
}

// Calls use() while nobody changes the table, with the states of everybody at hand.
template <class Guarded, class Use>
void with_states(Guarded& guarded, Duration shop_gap, Timestamp now, Use use) {
    {
        const std::shared_lock lock(guarded.mutex);
        if (guarded.table.has_states(shop_gap, now)) {
            return use();
        }
    }
    const std::unique_lock lock(guarded.mutex);
    guarded.table.renew_states(shop_gap, now);
    use();
}

}  // namespace

Directory::Directory(std::size_t shards) : shards_(shards) {}

bool Directory::look(const host::ShardView& view,
                     std::span<const customer::CustomerIndex> changed) {
    Guarded& guarded = shards_[view.id];
    const std::unique_lock lock(guarded.mutex);
    return guarded.table.look(view.shard, changed, view.now);
}

Directory::Answer Directory::find(directory::Question question,
                                  std::string_view segment,
                                  const Chosen* chosen) {
    ++question.limit;  // One more tells whether there is another page.
    directory::Gathering list(std::move(question));
    const auto look_at = [&](std::size_t s) {
        if (place_segment(list.next(), shards_[s].table, segment)) {
            list.add(static_cast<engine::ShardId>(s),
                     shards_[s].table.find(list.next(), members_of(chosen, s)));
        }
    };
    for (std::size_t s = 0; s < shards_.size(); ++s) {
        if (list.next().filter.state) {
            with_states(shards_[s], list.next().shop_gap, list.next().now, [&] { look_at(s); });
        } else {
            const std::shared_lock lock(shards_[s].mutex);
            look_at(s);
        }
    }
    return {std::move(list.hits), list.matching};
}

std::vector<customer::CustomerIndex> Directory::all_of(engine::ShardId shard,
                                                       directory::Question question,
                                                       std::string_view segment,
                                                       const Chosen* chosen) const {
    const std::shared_lock lock(shards_[shard].mutex);
    const directory::Table& table = shards_[shard].table;
    return place_segment(question, table, segment) ? table.all(question, members_of(chosen, shard))
                                                   : std::vector<customer::CustomerIndex>();
}

std::vector<Directory::Hit> Directory::rows_of(
    engine::ShardId shard,
    const directory::Question& question,
    std::span<const customer::CustomerIndex> customers) const {
    const std::shared_lock lock(shards_[shard].mutex);
    const directory::Table& table = shards_[shard].table;
    std::vector<Hit> hits;
    for (const customer::CustomerIndex customer : customers) {
        if (table.shows(customer)) {
            hits.push_back({shard, table.row(customer, question)});
        }
    }
    return hits;
}

std::shared_ptr<const directory::Summary> Directory::summary(Timestamp now, Duration shop_gap) {
    const std::lock_guard lock(summary_mutex_);
    if (summary_ == nullptr || steady_ms() - summary_ms_ >= summary_age_ms_max) {
        auto summary = std::make_shared<directory::Summary>();
        for (Guarded& guarded : shards_) {
            directory::Summary one;
            with_states(guarded, shop_gap, now, [&] { guarded.table.sum(one, now, shop_gap); });
            summary->add(one);
        }
        summary_ = std::move(summary);
        summary_ms_ = steady_ms();
    }
    return summary_;
}

Duration Directory::shop_gap() const {
    report::GapCounts gaps;
    for (const Guarded& guarded : shards_) {
        const std::shared_lock lock(guarded.mutex);
        report::merge(gaps, guarded.table.gaps());
    }
    return report::median_gap(gaps);
}

std::size_t Directory::memory_bytes() const {
    std::size_t bytes = 0;
    for (const Guarded& guarded : shards_) {
        const std::shared_lock lock(guarded.mutex);
        bytes += guarded.table.memory_bytes();
    }
    return bytes;
}

ChosenPtr Directory::choose(host::Host& host,
                            const std::string& name,
                            const Holds& holds,
                            const Behind& behind) {
    const auto renew = [this, &host, name, holds] {
        const std::lock_guard one_at_a_time(choosing_mutex_);
        remember(name, evaluate(host, holds));
    };
    if (ChosenPtr chosen = remembered(name, behind, renew)) {
        return chosen;
    }
    // A condition over everybody is work for the same workers; meanwhile it may have been done.
    const std::lock_guard one_at_a_time(choosing_mutex_);
    if (ChosenPtr chosen = remembered(name, behind, renew)) {
        return chosen;
    }
    ChosenPtr chosen = evaluate(host, holds);
    remember(name, chosen);
    return chosen;
}

ChosenPtr Directory::remembered(const std::string& name,
                                const Behind& behind,
                                const std::function<void()>& renew) {
    const std::lock_guard lock(chosen_mutex_);
    const std::int64_t now = steady_ms();
    std::erase_if(remembered_,
                  [&](const Remembered& one) { return now - one.steady_ms >= stale_age_ms_max; });
    for (Remembered& one : remembered_) {
        if (one.name != name) {
            continue;
        }
        const bool stale = now - one.steady_ms >= chosen_age_ms_max;
        if (stale && !one.renewing) {
            one.renewing = behind(renew);
        }
        return one.chosen;
    }
    return nullptr;
}

void Directory::remember(const std::string& name, ChosenPtr chosen) {
    const std::lock_guard lock(chosen_mutex_);
    std::erase_if(remembered_, [&](const Remembered& one) { return one.name == name; });
    if (chosen->whole()) {
        remembered_.push_back({name, steady_ms(), std::move(chosen)});
    }
    if (remembered_.size() > chosen_max) {
        remembered_.pop_front();
    }
}

ChosenPtr Directory::evaluate(host::Host& host, const Holds& holds) {
    const std::int64_t begun = steady_ms();
    auto chosen = std::make_shared<Chosen>();
    chosen->as_of = host.now();
    chosen->members.resize(shards_.size());
    std::atomic<bool> late = false;
    const auto ask = [&](const host::ShardView& view, customer::CustomerIndex from,
                         customer::CustomerIndex to, expr::Interrupt& interrupt) {
        std::vector<bool>& members = chosen->members[view.id];
        const std::vector<std::uint64_t> marks = holds(view, from, to, interrupt);
        if (interrupt.given_up()) {
            return;
        }
        for (customer::CustomerIndex i = 0; i < to - from; ++i) {
            members.push_back(customer::is_marked(marks, i));
        }
        late = steady_ms() - begun >= choose_ms_max;
    };
    const bool whole = Walk(host).run(ask, &late);
    for (std::size_t s = 0; s < shards_.size(); ++s) {
        const std::shared_lock shared(shards_[s].mutex);
        chosen->looked_at += chosen->members[s].size();
        chosen->of += whole ? chosen->members[s].size() : shards_[s].table.size();
    }
    return chosen;
}

}  // namespace winback::api

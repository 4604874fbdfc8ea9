#include "host/worker.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace winback::host {
namespace {

// The longest sleep: a clock that was set (a laptop that woke up) is noticed within this time.
constexpr std::int64_t sleep_ms_max = 60'000;
// Log chunks are deleted once this many inputs of a shard are below its watermark.
constexpr std::uint64_t truncate_inputs = 8'192;
// Rows written in one batch because of their age; more wait for the next batch.
constexpr int old_rows_per_batch = 500;
constexpr std::uint64_t lag_share_min = 64;
constexpr std::size_t clock_look_inputs = 4;  // One may cost milliseconds.
// Questions are answered between so many inputs, which each time end a batch, or so long a time.
constexpr std::size_t question_inputs = 32;
constexpr std::int64_t question_wait_ms = 10;
// For so long customers that are due are looked at in a row; then inputs get their turn. What one
// of them costs is not known before, and may differ from the last: so a slice is never large.
constexpr std::int64_t ticks_ms_max = 10;
constexpr std::int64_t slice_micros = 4'000;
constexpr std::size_t slice_max = 32;
// For so long questions are answered in a row; then inputs get their turn.
constexpr std::int64_t questions_ms_max = 10;
// While somebody watches and was not told of everything yet.
constexpr std::int64_t tell_wait_ms = 100;

}  // namespace

Worker::Worker(Shared& shared, Dispatcher& dispatcher, int index)
    : shared_(shared), dispatcher_(dispatcher), index_(index), batch_(*shared.store) {}

Worker::~Worker() {
    stop();
}

Resident* Worker::resident(ShardId shard) {
    Resident* found = residents_.at(shard / shared_.workers).get();
    WINBACK_CHECK(found->id == shard);
    return found;
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
    fail_everything({ErrorCode::Unavailable, "the server is stopping; send it again"});
}

void Worker::push(std::vector<Item>& items) {
    shared_.counters.open_items += static_cast<std::int64_t>(items.size());
    {
        const std::lock_guard lock(mutex_);
        for (Item& item : items) {
            const bool question = std::holds_alternative<CallItem>(item);
            (question ? questions_ : queue_).push_back(std::move(item));
        }
        asked_.store(!questions_.empty(), std::memory_order_relaxed);
        queued_.store(queue_.size(), std::memory_order_relaxed);
    }
    arrived_.notify_one();
}

void Worker::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    arrived_.notify_one();
}

void Worker::take_items(bool wait) {
    taken_.clear();
    const std::int64_t patience = wait ? wait_ms() : 0;
    std::unique_lock lock(mutex_);
    if (wait) {
        arrived_.wait_for(lock, std::chrono::milliseconds(patience), [&] {
            return stopping_ || woken_ || !queue_.empty() || !questions_.empty();
        });
    }
    woken_ = false;
    const std::size_t count = std::min(queue_.size(), shared_.options.batch_inputs_max);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(queue_.begin(), end, std::back_inserter(taken_));
    queue_.erase(queue_.begin(), end);
    queued_.store(queue_.size(), std::memory_order_relaxed);
}

// Somebody waits in front of a page: between inputs, not behind all that an import has queued.
void Worker::answer_questions() {
    if (!asked_.load(std::memory_order_relaxed)) {
        return;
    }
    std::deque<Item> questions;
    {
        const std::lock_guard lock(mutex_);
        questions = std::exchange(questions_, {});
        asked_.store(false, std::memory_order_relaxed);
    }
    commit();  // Once for all of them: they see only what is durable, and add nothing to a batch.
    const std::int64_t begun = steady_ms();
    while (!questions.empty() && steady_ms() - begun < questions_ms_max) {
        process(questions.front());
        questions.pop_front();
    }
    if (!questions.empty()) {
        const std::lock_guard lock(mutex_);
        questions_.insert(questions_.begin(), std::make_move_iterator(questions.begin()),
                          std::make_move_iterator(questions.end()));
        asked_.store(true, std::memory_order_relaxed);
    }
}

void Worker::run() {
    while (true) {
        take_items(true);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) {
                break;
            }
        }
        std::int64_t begun = steady_ms();
        std::int64_t answered = begun;
        for (std::size_t i = 0; i < taken_.size() && !shared_.failed; ++i) {
            process(taken_[i]);
            if (i % clock_look_inputs != 0) {
                continue;
            }
            if (i % question_inputs == 0 || steady_ms() - answered >= question_wait_ms) {
                answer_questions();
                answered = steady_ms();
            }
            if (steady_ms() - begun >= shared_.options.batch_wait.ms) {
                commit();
                begun = steady_ms();
            }
        }
        answer_questions();
        tick_due();
        commit();
        tell_watchers();
        dispatcher_.pump(shared_.clock->now());
        if (shared_.failed) {
            fail_everything({ErrorCode::Unavailable, "the data folder cannot be written"});
        }
    }
    // Items that were taken when the order to stop came.
    const std::lock_guard lock(mutex_);
    std::move(taken_.begin(), taken_.end(), std::back_inserter(queue_));
    taken_.clear();
}

bool Worker::work() {
    take_items(false);
    for (std::size_t i = 0; i < taken_.size() && !shared_.failed; ++i) {
        process(taken_[i]);
    }
    const bool ticked = tick_due();
    commit();
    tell_watchers();
    const bool sent = dispatcher_.pump(shared_.clock->now());
    if (shared_.failed) {
        fail_everything({ErrorCode::Unavailable, "the data folder cannot be written"});
        return false;
    }
    return !taken_.empty() || ticked || sent;
}

std::int64_t Worker::wait_ms() {
    const Timestamp now = shared_.clock->now();
    std::int64_t wait = sleep_ms_max;
    const std::int64_t steady = steady_ms();
    for (const auto& resident : residents_) {
        const Timestamp due = std::max(resident->shard.next_due(), resident->tick_not_before);
        if (due <= now) {
            return 0;
        }
        if (due != timestamp_max) {
            wait = std::min(wait, (due - now).ms);
        }
        if (!resident->watchers.empty() && (!resident->changed.empty() || resident->tell_again)) {
            wait = std::min(wait, tell_wait_ms);
        }
        if (const Resident::Dirty* oldest = resident->oldest()) {
            wait = std::min(wait, oldest->steady_ms + shared_.options.flush_lag_time.ms - steady);
        }
    }
    if (const Timestamp due = dispatcher_.next_due(); due != timestamp_max) {
        wait = due <= now ? 0 : std::min(wait, (due - now).ms);
    }
    return std::max<std::int64_t>(wait, 0);
}

Timestamp Worker::next_due() {
    Timestamp due = timestamp_max;
    for (const auto& resident : residents_) {
        const Timestamp mine = resident->shard.next_due();
        due =
            std::min(due, mine == timestamp_max ? mine : std::max(mine, resident->tick_not_before));
    }
    return due;
}

bool Worker::tick_due() {
    const Timestamp now = shared_.clock->now();
    const std::int64_t begun = steady_ms();
    const bool sliced = shared_.options.mode == Mode::Threads;
    bool ticked = false;
    for (std::size_t idle = 0; idle < residents_.size() && !shared_.failed;) {
        Resident& resident = *residents_[tick_next_];
        if (resident.shard.next_due() > now || resident.tick_not_before > now) {
            tick_next_ = (tick_next_ + 1) % residents_.size();
            ++idle;
            continue;
        }
        if (sliced && ticked && steady_ms() - begun >= ticks_ms_max) {
            break;
        }
        tick(resident, now);
        ticked = true;
        idle = 0;
    }
    return ticked;
}

void Worker::tick(Resident& resident, Timestamp now) {
    engine::Shard::Due due;
    // Inline nobody waits, and a replay shall number its inputs alike on every machine.
    if (shared_.options.mode == Mode::Threads) {
        due = resident.shard.due(now, slice_);
    }
    const auto begun = std::chrono::steady_clock::now();
    const bool stepped = take(resident, due.tick);
    const std::chrono::microseconds took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun);
    if (took.count() > slice_micros) {
        slice_ = std::max<std::size_t>(slice_ / 2, 1);
    } else if (took.count() < slice_micros / 4 && !due.all) {
        slice_ = std::min(slice_ * 2, slice_max);
    }
    // What is still due (a tick in quarantine, or a mistake) must not keep us spinning.
    if (!stepped || (due.all && resident.shard.next_due() <= now)) {
        resident.tick_not_before = now + seconds(1);
    }
}

void Worker::join_batch(Resident& resident) {
    if (!resident.in_batch) {
        resident.in_batch = true;
        in_batch_.push_back(&resident);
    }
}

void Worker::flush_due(Resident& resident) {
    const std::uint64_t share =
        std::max(lag_share_min, shared_.options.flush_lag_inputs / shared_.store->shard_count());
    const bool by_age = shared_.options.mode == Mode::Threads;
    const std::int64_t old = steady_ms() - shared_.options.flush_lag_time.ms;
    int old_rows = 0;
    while (const Resident::Dirty* first = resident.oldest()) {
        const bool behind = resident.next_sequence - first->since > share;
        const bool aged = by_age && first->steady_ms <= old && old_rows++ < old_rows_per_batch;
        if (!behind && !aged) {
            return;
        }
        join_batch(resident);
        resident.flush(first->customer, batch_);
    }
}

void Worker::commit() {
    if (shared_.failed) {
        return;
    }
    for (const auto& resident : residents_) {
        flush_due(*resident);
    }
    for (Resident* resident : in_batch_) {
        resident->put_log(batch_);
        resident->truncate_log(batch_, truncate_inputs);
        resident->put_mark(batch_);
        resident->in_batch = false;
    }
    in_batch_.clear();
    if (!batch_.empty()) {
        const auto begun = std::chrono::steady_clock::now();
        const Status written = shared_.store->write(batch_, shared_.options.sync);
        shared_.counters.count_batch(std::chrono::duration_cast<std::chrono::microseconds>(
                                         std::chrono::steady_clock::now() - begun)
                                         .count());
        if (!written.has_value()) {
            shared_.fatal(written.error());
            return;
        }
        batch_.clear();
        placed_.clear();
        shared_.counters.batches += 1;
        shared_.counters.inputs += inputs_in_batch_;
        inputs_in_batch_ = 0;
    }
    carry_out();
}

void Worker::carry_out() {
    After after = std::exchange(after_, {});
    for (const TicketPtr& ticket : after.tickets) {
        ticket->durable();
    }
    for (HandoverItem& handover : after.handovers) {
        const ShardId to = handover.shard;
        shared_.outlet->push(to, std::move(handover));
    }
    for (const SendNews& news : after.sends) {
        dispatcher_.news(news);
    }
    for (const engine::Deliver& delivery : after.deliveries) {
        dispatcher_.deliver(delivery);
    }
    for (const std::function<void()>& tell : after.told) {
        tell();
    }
    shared_.counters.open_items -= after.items;
}

void Worker::flush_everything() {
    commit();
    for (const auto& resident : residents_) {
        if (shared_.failed) {
            return;
        }
        join_batch(*resident);
        resident->flush_all(batch_);
        resident->put_log(batch_);
        resident->truncate_log(batch_, 1);
        commit();
    }
}

std::uint64_t Worker::lag() {
    std::uint64_t lag = 0;
    for (const auto& resident : residents_) {
        lag += resident->next_sequence - resident->watermark();
    }
    return lag;
}

void Worker::fail_everything(const Error& error) {
    std::vector<TicketPtr> tickets = std::move(after_.tickets);
    const auto gather = [&](auto& items) {
        for (Item& item : items) {
            if (auto* input = std::get_if<InputItem>(&item); input && input->ticket) {
                tickets.push_back(std::move(input->ticket));
            } else if (auto* flush = std::get_if<FlushItem>(&item); flush && flush->ticket) {
                tickets.push_back(std::move(flush->ticket));
            } else if (auto* call = std::get_if<CallItem>(&item); call && call->call) {
                call->call();  // Somebody waits for it.
            }
        }
        shared_.counters.open_items -= static_cast<std::int64_t>(items.size());
        items.clear();
    };
    std::deque<Item> left;
    std::deque<Item> questions;
    {
        const std::lock_guard lock(mutex_);
        left = std::exchange(queue_, {});
        questions = std::exchange(questions_, {});
        asked_.store(false, std::memory_order_relaxed);
        queued_.store(0, std::memory_order_relaxed);
    }
    gather(left);
    gather(questions);
    gather(taken_);
    shared_.counters.open_items -= after_.items;
    after_ = {};
    for (const TicketPtr& ticket : tickets) {
        ticket->fail(error);
    }
}

}  // namespace winback::host

#include "host/host.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include <sys/types.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "host/dispatcher.h"
#include "host/reading.h"
#include "host/shared.h"
#include "host/startup.h"
#include "host/worker.h"

namespace winback::host {
namespace {

using store::Family;

constexpr int workers_max = 8;
constexpr std::string_view origin_key = "origin";
constexpr std::string_view models_key = "models";
constexpr Duration retry_pause = seconds(1);
constexpr std::chrono::milliseconds idle_look{2};

Error stopped() {
    return {ErrorCode::Unavailable, "the server is stopping; send it again"};
}

std::string encode(const Host::Origin& origin) {
    std::string bytes;
    ByteWriter out(bytes);
    out.text(origin.replay_of);
    out.i64(origin.clock_offset.ms);
    return bytes;
}

Result<Host::Origin> read_origin(const store::Store& store) {
    WINBACK_TRY(const auto bytes, store.get(Family::Control, origin_key));
    Host::Origin origin;
    if (bytes.has_value()) {
        ByteReader in(*bytes);
        origin.replay_of = in.text();
        origin.clock_offset = {in.i64()};
        if (!in.finished()) {
            return Error{ErrorCode::Corrupt, "a row (origin) cannot be read"};
        }
    }
    return origin;
}

}  // namespace

void Shared::fatal(const Error& error) {
    if (failed.exchange(true)) {
        return;
    }
    if (options.on_fatal) {
        options.on_fatal(error);
        return;
    }
    std::fprintf(stderr, "winback: %s\n", error.message.c_str());
    ::_exit(exit_code_storage);
}

struct Host::Impl : Outlet {
    Shared shared;
    std::unique_ptr<Dispatcher> dispatcher;
    std::vector<std::unique_ptr<Worker>> workers;
    std::unique_ptr<Keys> keys;
    Origin origin;
    std::mutex origin_mutex;
    std::mutex load_mutex;  // One playbook or fit at a time.
    Duration start_duration;
    bool working = false;  // Inline: inside run_until_idle.
    std::atomic<bool> closed{false};

    bool is_inline() const { return shared.options.mode == Mode::Inline; }
    Worker& worker_of(ShardId shard) { return *workers[shard % workers.size()]; }

    void push(ShardId shard, Item item) override {
        std::vector<Item> items;
        items.push_back(std::move(item));
        worker_of(shard).push(items);
    }

    Status open_parts(HostOptions options);
    Status load_shards();
    Status resume();
    Status resume_definitions();
    void submit(std::vector<InputItem> inputs, Acknowledge done);
    Status apply_to_all(const std::function<Body()>& make_body);
    void run_inline();
    void query(const std::vector<ShardId>& shards, const std::function<void(ShardView)>& read);
};

Status Host::Impl::open_parts(HostOptions options) {
    shared.options = std::move(options);
    WINBACK_TRY(shared.store, store::Store::open({.folder = shared.options.folder,
                                                  .create = shared.options.create,
                                                  .shards = shared.options.shards,
                                                  .before_write = shared.options.before_write}));
    WINBACK_TRY(origin, read_origin(*shared.store));
    shared.clock = shared.options.clock != nullptr
                       ? shared.options.clock
                       : std::make_shared<const SystemClock>(origin.clock_offset);
    WINBACK_TRY(shared.applying, Applying::open(*shared.store));
    shared.shelf = std::make_unique<Shelf>(*shared.store, shared.options.compile);
    WINBACK_TRY(const Ok shelf_open, shared.shelf->open());
    static_cast<void>(shelf_open);
    WINBACK_TRY(keys, Keys::open(*shared.store));
    shared.outlet = this;
    dispatcher = std::make_unique<Dispatcher>(shared);
    int count = shared.options.workers;
    if (count <= 0) {
        count = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    }
    count = is_inline()
                ? 1
                : std::min({count, workers_max, static_cast<int>(shared.store->shard_count())});
    shared.workers = static_cast<std::size_t>(count);
    for (int i = 0; i < count; ++i) {
        workers.push_back(std::make_unique<Worker>(shared, *dispatcher, i));
    }
    for (std::uint32_t s = 0; s < shared.store->shard_count(); ++s) {
        workers[s % shared.workers]->residents().push_back(
            std::make_unique<Resident>(static_cast<ShardId>(s), shared.store->shard_count()));
    }
    return Ok{};
}

Status Host::Impl::load_shards() {
    std::vector<std::future<Status>> loading;
    for (std::size_t w = 0; w < workers.size(); ++w) {
        const auto load = [this, w]() -> Status {
            for (const auto& resident : workers[w]->residents()) {
                WINBACK_TRY(const Ok loaded, load_resident(shared, *resident, static_cast<int>(w)));
                static_cast<void>(loaded);
            }
            return Ok{};
        };
        const auto policy = is_inline() ? std::launch::deferred : std::launch::async;
        loading.push_back(std::async(policy, load));
    }
    Status result = Ok{};
    for (std::future<Status>& future : loading) {
        Status loaded = future.get();
        if (!loaded.has_value() && result.has_value()) {
            result = std::move(loaded);
        }
    }
    return result;
}

Status Host::Impl::resume() {
    std::vector<Resident*> residents;
    for (std::uint32_t s = 0; s < shared.store->shard_count(); ++s) {
        residents.push_back(worker_of(static_cast<ShardId>(s)).resident(static_cast<ShardId>(s)));
    }
    WINBACK_TRY(Unfinished unfinished, find_unfinished(*shared.store, residents));
    for (HandoverItem& handover : unfinished.handovers) {
        push(handover.shard, std::move(handover));
    }
    for (const store::OutboxRow& row : unfinished.outbox) {
        if (row.state == message::MessageState::Queued) {
            dispatcher->news({.key = row.key, .customer = row.customer});
            continue;
        }
        const ShardId shard = engine::shard_of(row.customer, shared.store->shard_count());
        push(shard, InputItem{.shard = shard,
                              .body = engine::SendEnded{
                                  .customer = row.customer,
                                  .key = row.key,
                                  .state = message::MessageState::InDoubt,
                                  .detail = "the program ended while the message was being sent"}});
    }
    return resume_definitions();
}

// A load that did not reach every shard is completed.
Status Host::Impl::resume_definitions() {
    WINBACK_TRY(const auto models_bytes, shared.store->get(Family::Control, models_key));
    std::optional<model::FittedModels> models;
    if (models_bytes.has_value()) {
        ByteReader in(*models_bytes);
        WINBACK_TRY(models, model::decode_fitted_models(in));
    }
    const engine::DefinitionsPtr latest = shared.shelf->latest();
    if (latest == nullptr && !shared.shelf->problem().empty()) {
        return Error{ErrorCode::InvalidArgument, shared.shelf->problem()};
    }
    for (const auto& worker : workers) {
        for (const auto& resident : worker->residents()) {
            const engine::DefinitionsPtr has = resident->shard.definitions();
            if (latest != nullptr && (has == nullptr || has->version < latest->version)) {
                push(resident->id,
                     InputItem{.shard = resident->id, .body = engine::DefinitionsLoaded{latest}});
            }
            const auto& fitted = resident->shard.models();
            if (models.has_value() && (!fitted.has_value() || fitted->version < models->version)) {
                push(resident->id,
                     InputItem{.shard = resident->id, .body = engine::ModelsFitted{*models}});
            }
        }
    }
    return Ok{};
}

void Host::Impl::run_inline() {
    if (working) {
        return;  // A callback submitted something: the outer call will get to it.
    }
    working = true;
    while (!shared.failed) {
        if (workers.front()->work()) {
            continue;
        }
        if (dispatcher->in_flight() == 0 && workers.front()->queued() == 0) {
            break;
        }
        dispatcher->drain();
        if (workers.front()->queued() == 0) {
            break;
        }
    }
    working = false;
}

void Host::Impl::submit(std::vector<InputItem> inputs, Acknowledge done) {
    if (shared.failed || closed) {
        done(stopped());
        return;
    }
    if (inputs.empty()) {
        done(Ok{});
        return;
    }
    std::vector<std::vector<Item>> by_worker(workers.size());
    for (InputItem& input : inputs) {
        by_worker[input.shard % workers.size()].emplace_back(std::move(input));
    }
    for (std::size_t w = 0; w < workers.size(); ++w) {
        // One batch may be larger than the bound as long as nothing else waits.
        const std::size_t waiting = workers[w]->queued();
        if (waiting > 0 && waiting + by_worker[w].size() > shared.options.queue_inputs_max) {
            done(Error{ErrorCode::Unavailable, "too many events are waiting; try again later"});
            return;
        }
    }
    const auto ticket = std::make_shared<Ticket>(inputs.size(), std::move(done));
    for (std::size_t w = 0; w < workers.size(); ++w) {
        for (Item& item : by_worker[w]) {
            std::get<InputItem>(item).ticket = ticket;
        }
        if (!by_worker[w].empty()) {
            workers[w]->push(by_worker[w]);
        }
    }
    if (is_inline()) {
        run_inline();
    }
}

Status Host::Impl::apply_to_all(const std::function<Body()>& make_body) {
    std::vector<InputItem> inputs;
    for (std::uint32_t s = 0; s < shared.store->shard_count(); ++s) {
        inputs.push_back({.shard = static_cast<ShardId>(s), .body = make_body()});
    }
    const auto done = std::make_shared<std::promise<Status>>();
    std::future<Status> result = done->get_future();
    submit(std::move(inputs), [done](Status status) { done->set_value(std::move(status)); });
    return result.get();
}

void Host::Impl::query(const std::vector<ShardId>& shards,
                       const std::function<void(ShardView)>& read) {
    const auto look = [&](ShardId shard) {
        read({worker_of(shard).resident(shard)->shard, shard, shared.clock->now()});
    };
    if (is_inline() || closed || shared.failed) {
        std::for_each(shards.begin(), shards.end(), look);
        return;
    }
    std::mutex mutex;
    std::condition_variable finished;
    std::size_t left = shards.size();
    for (const ShardId shard : shards) {
        push(shard, CallItem{[&, shard] {
                 look(shard);
                 // Notified under the lock: the waiter owns all of this and may go at once.
                 const std::lock_guard lock(mutex);
                 left -= 1;
                 finished.notify_one();
             }});
    }
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return left == 0; });
}

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Host::~Host() {
    static_cast<void>(close());
}

Result<std::unique_ptr<Host>> Host::open(HostOptions options) {
    const std::int64_t begun = steady_ms();
    auto impl = std::make_unique<Impl>();
    WINBACK_TRY(const Ok parts, impl->open_parts(std::move(options)));
    static_cast<void>(parts);
    WINBACK_TRY(const Ok loaded, impl->load_shards());
    static_cast<void>(loaded);
    WINBACK_TRY(const Ok resumed, impl->resume());
    static_cast<void>(resumed);
    if (impl->is_inline()) {
        impl->run_inline();
    } else {
        for (const auto& worker : impl->workers) {
            worker->start();
        }
    }
    if (impl->shared.failed) {
        return stopped();
    }
    impl->start_duration = milliseconds(steady_ms() - begun);
    return std::unique_ptr<Host>(new Host(std::move(impl)));
}

void Host::submit(event::Event event, Acknowledge done) {
    std::vector<event::Event> events;
    events.push_back(std::move(event));
    submit_batch(std::move(events), std::move(done));
}

void Host::submit_batch(std::vector<event::Event> events, Acknowledge done) {
    std::vector<InputItem> inputs;
    inputs.reserve(events.size());
    for (event::Event& event : events) {
        const ShardId shard =
            engine::shard_of(event::customer_key(event), impl_->shared.store->shard_count());
        inputs.push_back({.shard = shard, .body = engine::EventArrived{std::move(event)}});
    }
    impl_->submit(std::move(inputs), std::move(done));
}

void Host::command(engine::Command command, Acknowledge done) {
    const ShardId shard = engine::shard_of(command.customer, impl_->shared.store->shard_count());
    std::vector<InputItem> inputs;
    inputs.push_back({.shard = shard, .body = std::move(command)});
    impl_->submit(std::move(inputs), std::move(done));
}

Duration Host::retry_after() const {
    return retry_pause;
}

Result<std::uint64_t> Host::load_playbook(engine::Definitions definitions,
                                          const PlaybookFiles& files) {
    const std::lock_guard lock(impl_->load_mutex);
    const engine::DefinitionsPtr before = impl_->shared.shelf->latest();
    WINBACK_TRY(const engine::DefinitionsPtr loaded,
                impl_->shared.shelf->add(std::move(definitions), files));
    if (loaded != before) {
        WINBACK_TRY(const Ok applied, impl_->apply_to_all([&]() -> Body {
            return engine::DefinitionsLoaded{loaded};
        }));
        static_cast<void>(applied);
    }
    return loaded->version;
}

Status Host::load_models(const model::FittedModels& models) {
    const std::lock_guard lock(impl_->load_mutex);
    model::FittedModels next = models;
    WINBACK_TRY(const auto before, impl_->shared.store->get(Family::Control, models_key));
    if (before.has_value()) {
        ByteReader in(*before);
        WINBACK_TRY(const model::FittedModels last, model::decode_fitted_models(in));
        next.version = std::max(next.version, last.version + 1);
    }
    next.version = std::max<std::uint64_t>(next.version, 1);
    std::string bytes;
    ByteWriter out(bytes);
    model::encode(out, next);
    store::Batch batch(*impl_->shared.store);
    batch.put(Family::Control, models_key, bytes);
    if (const Status written = impl_->shared.store->write(batch, true); !written.has_value()) {
        impl_->shared.fatal(written.error());
        return written;
    }
    return impl_->apply_to_all([&]() -> Body { return engine::ModelsFitted{next}; });
}

engine::DefinitionsPtr Host::definitions() const {
    return impl_->shared.shelf->latest();
}

std::optional<model::FittedModels> Host::models() {
    std::optional<model::FittedModels> models;
    impl_->query({0}, [&](ShardView view) { models = view.shard.models(); });
    return models;
}

Result<PlaybookFiles> Host::playbook_files(std::uint64_t version) const {
    return impl_->shared.shelf->files(version);
}

void Host::run_until_idle() {
    if (impl_->is_inline()) {
        impl_->run_inline();
        return;
    }
    for (const auto& worker : impl_->workers) {
        worker->wake();
    }
    while (!impl_->shared.failed &&
           (impl_->shared.counters.open_items.load() > 0 || impl_->dispatcher->in_flight() > 0)) {
        std::this_thread::sleep_for(idle_look);
    }
}

Timestamp Host::next_due() const {
    Timestamp due = impl_->dispatcher->next_due();
    for (const auto& worker : impl_->workers) {
        due = std::min(due, worker->next_due());
    }
    return due;
}

Status Host::flush() {
    if (impl_->is_inline()) {
        impl_->workers.front()->flush_everything();
        return impl_->shared.failed ? Status(stopped()) : Status(Ok{});
    }
    const auto done = std::make_shared<std::promise<Status>>();
    std::future<Status> result = done->get_future();
    const auto ticket = std::make_shared<Ticket>(
        impl_->workers.size(), [done](Status status) { done->set_value(std::move(status)); });
    for (const auto& worker : impl_->workers) {
        std::vector<Item> items;
        items.emplace_back(FlushItem{ticket});
        worker->push(items);
    }
    return result.get();
}

void Host::query(const std::function<void(ShardView)>& read) {
    std::vector<ShardId> shards(impl_->shared.store->shard_count());
    for (std::size_t s = 0; s < shards.size(); ++s) {
        shards[s] = static_cast<ShardId>(s);
    }
    impl_->query(shards, read);
}

void Host::query_customer(std::string_view customer_id,
                          const std::function<void(ShardView)>& read) {
    impl_->query({engine::shard_of(customer_id, impl_->shared.store->shard_count())}, read);
}

Result<std::vector<TimelineEntry>> Host::timeline(std::string_view customer_id, std::size_t limit) {
    constexpr int merges_max = 32;
    std::string id(customer_id);
    std::vector<TimelineEntry> entries;
    Status status = Error{ErrorCode::NotFound, "there is no customer '" + id + "'"};
    bool found = false;
    for (int hop = 0; hop < merges_max && !found; ++hop) {
        std::string into;
        const ShardId shard = engine::shard_of(id, impl_->shared.store->shard_count());
        Resident& resident = *impl_->worker_of(shard).resident(shard);
        // Rows and waiting events are read in one call, so that a flush cannot come between.
        impl_->query({shard}, [&](ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto customer = customers.find(id);
            if (!customer.has_value()) {
                return;
            }
            into = customers.merged_into(*customer);
            if (!into.empty()) {
                return;
            }
            found = true;
            status = read_timeline(*impl_->shared.store, id, entries);
            for (const std::string& absorbed : customers.absorbed_ids(*customer)) {
                if (status.has_value()) {
                    status = read_timeline(*impl_->shared.store, absorbed, entries);
                }
            }
            const auto waiting = resident.pending_events.find(*customer);
            if (status.has_value() && waiting != resident.pending_events.end()) {
                std::vector<event::Event> events;
                status = read_chunk(waiting->second.bytes(), events);
                for (event::Event& event : events) {
                    const Timestamp at = event.time;
                    entries.push_back({.at = at, .what = std::move(event)});
                }
            }
        });
        if (into.empty()) {
            break;
        }
        id = into;
    }
    if (!status.has_value()) {
        return status.error();
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const TimelineEntry& a, const TimelineEntry& b) { return a.at < b.at; });
    if (entries.size() > limit) {
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(limit));
    }
    return entries;
}

Result<StoredMessage> Host::message(const Hash128& key) const {
    return read_message(*impl_->shared.store, key);
}

std::vector<Hash128> Host::in_doubt() {
    std::mutex mutex;
    std::set<Hash128> keys;
    query([&](ShardView view) {
        for (std::size_t c = 0; c < view.shard.customers().size(); ++c) {
            for (const engine::MessageRecord& record :
                 view.shard.messages(static_cast<CustomerIndex>(c))) {
                if (record.state == message::MessageState::InDoubt) {
                    const std::lock_guard lock(mutex);
                    keys.insert(record.key);
                }
            }
        }
    });
    return {keys.begin(), keys.end()};
}

Timestamp Host::now() const {
    return impl_->shared.clock->now();
}

std::uint32_t Host::shard_count() const {
    return impl_->shared.store->shard_count();
}

bool Host::created() const {
    return impl_->shared.store->created();
}

Keys& Host::keys() {
    return *impl_->keys;
}

store::Store& Host::store() {
    return *impl_->shared.store;
}

Health Host::health() const {
    const Counters& counters = impl_->shared.counters;
    const store::StoreStats stats = impl_->shared.store->stats();
    Health health;
    health.inputs = counters.inputs;
    health.duplicates = counters.duplicates;
    health.batches = counters.batches;
    health.bytes_written = stats.bytes_written;
    health.disk_bytes = stats.disk_bytes;
    health.batch_micros_mean =
        stats.writes == 0 ? 0 : static_cast<std::int64_t>(stats.write_micros / stats.writes);
    for (const auto& worker : impl_->workers) {
        const std::uint64_t queued = worker->queued();
        health.queued += queued;
        health.queue_max = std::max(health.queue_max, queued);
    }
    std::mutex mutex;
    std::vector<ShardId> shards(impl_->shared.store->shard_count());
    for (std::size_t s = 0; s < shards.size(); ++s) {
        shards[s] = static_cast<ShardId>(s);
    }
    impl_->query(shards, [&](ShardView view) {
        Resident& resident = *impl_->worker_of(view.id).resident(view.id);
        const std::lock_guard lock(mutex);
        health.customers += view.shard.customers().size();
        health.memory_bytes += view.shard.customers().memory_bytes();
        health.lag_inputs += resident.next_sequence - resident.watermark();
    });
    health.in_flight = impl_->dispatcher->in_flight();
    health.waiting_to_send = impl_->dispatcher->waiting();
    health.start_duration = impl_->start_duration;
    health.replayed_at_start = counters.replayed;
    health.quarantined = impl_->shared.applying->quarantined();
    return health;
}

Host::Origin Host::origin() const {
    const std::lock_guard lock(impl_->origin_mutex);
    return impl_->origin;
}

Status Host::set_origin(const Origin& origin) {
    store::Batch batch(*impl_->shared.store);
    batch.put(Family::Control, origin_key, encode(origin));
    WINBACK_TRY(const Ok written, impl_->shared.store->write(batch, true));
    static_cast<void>(written);
    const std::lock_guard lock(impl_->origin_mutex);
    impl_->origin = origin;
    return Ok{};
}

Status Host::close() {
    if (impl_ == nullptr || impl_->closed) {
        return Ok{};
    }
    impl_->closed = true;
    // Nothing new is handed over; what the sender has is answered for, and the answers are kept.
    impl_->dispatcher->stop();
    if (impl_->is_inline()) {
        impl_->run_inline();
    } else if (!impl_->shared.failed) {
        static_cast<void>(flush());
    }
    for (const auto& worker : impl_->workers) {
        worker->stop();
        worker->flush_everything();
    }
    return impl_->shared.failed ? Status(stopped()) : Status(Ok{});
}

}  // namespace winback::host

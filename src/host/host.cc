#include "host/host.h"

#include <algorithm>
#include <cstdio>
#include <future>
#include <thread>

#include <unistd.h>

#include "base/bytes.h"
#include "host/host_impl.h"
#include "host/outbound.h"

namespace winback::host {
namespace {

using store::Family;

constexpr Duration retry_pause = seconds(1);
constexpr std::chrono::milliseconds idle_look{2};

std::string encode(const Host::Origin& origin) {
    std::string bytes;
    ByteWriter out(bytes);
    out.text(origin.replay_of);
    out.i64(origin.clock_offset.ms);
    return bytes;
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

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Host::~Host() {
    static_cast<void>(close());
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
        if (impl_->shared.options.outbound != nullptr) {
            ValueMap data;
            data.set("version", static_cast<std::int64_t>(loaded->version));
            impl_->shared.options.outbound->announce("playbook.loaded", std::move(data));
        }
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

Users& Host::users() {
    return *impl_->users;
}

Approvals& Host::approvals() {
    return *impl_->approvals;
}

Audit& Host::audit() {
    return *impl_->audit;
}

store::Store& Host::store() {
    return *impl_->shared.store;
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
    if (impl_->shared.options.outbound != nullptr) {
        impl_->shared.options.outbound->stop();
    }
    return impl_->shared.failed ? Status(stopped()) : Status(Ok{});
}

}  // namespace winback::host

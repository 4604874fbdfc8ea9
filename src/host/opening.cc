// Opens a data folder, reads the shards, and resumes what was under way.
#include <algorithm>
#include <future>
#include <thread>

#include "base/bytes.h"
#include "host/host_impl.h"
#include "host/message_list.h"
#include "host/outbound.h"
#include "host/startup.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace winback::host {
namespace {

using store::Family;

constexpr int workers_max = 8;

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

// What loading took and gave back would otherwise stay with the process.
void return_free_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

}  // namespace

Status Host::Impl::open_parts(HostOptions options) {
    shared.options = std::move(options);
    WINBACK_TRY(shared.store, store::Store::open({.folder = shared.options.folder,
                                                  .create = shared.options.create,
                                                  .shards = shared.options.shards,
                                                  .before_write = shared.options.before_write}));
    if (shared.options.outbound != nullptr) {
        WINBACK_TRY(const Ok ready, shared.options.outbound->open(*shared.store));
        static_cast<void>(ready);
    }
    WINBACK_TRY(const Ok list_made, make_message_list(*shared.store));
    static_cast<void>(list_made);
    WINBACK_TRY(origin, read_origin(*shared.store));
    shared.clock = shared.options.clock != nullptr
                       ? shared.options.clock
                       : std::make_shared<const SystemClock>(origin.clock_offset);
    WINBACK_TRY(shared.applying, Applying::open(*shared.store));
    shared.shelf = std::make_unique<Shelf>(*shared.store, shared.options.compile);
    WINBACK_TRY(const Ok shelf_open, shared.shelf->open());
    static_cast<void>(shelf_open);
    WINBACK_TRY(users, Users::open(*shared.store));
    WINBACK_TRY(keys, Keys::open(*shared.store, *users));
    WINBACK_TRY(audit, Audit::open(*shared.store));
    WINBACK_TRY(approvals, Approvals::open(*shared.store));
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

Result<std::unique_ptr<Host>> Host::open(HostOptions options) {
    const std::int64_t begun = steady_ms();
    auto impl = std::make_unique<Impl>();
    WINBACK_TRY(const Ok parts, impl->open_parts(std::move(options)));
    static_cast<void>(parts);
    WINBACK_TRY(const Ok loaded, impl->load_shards());
    static_cast<void>(loaded);
    return_free_memory();
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

}  // namespace winback::host

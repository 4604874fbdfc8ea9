// A data folder at work: takes inputs, steps the shards, makes everything durable, carries out
// effects, and answers questions.
//
// A shard is worked by one thread at a time; a few workers serve all shards (shard % workers).
// A worker takes up to `batch_inputs_max` inputs or what came within `batch_wait`, steps them in
// memory, writes ONE batch with sync, and only then acknowledges them and lets their effects out.
// If a write fails the process stops (`on_fatal`): nothing of the batch was acknowledged.
//
// See docs/design/durability.md for the order of writes, the start and the barriers.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "engine/input.h"
#include "engine/shard.h"
#include "host/clock.h"
#include "host/health.h"
#include "host/keys.h"
#include "host/timeline.h"
#include "host/watcher.h"
#include "message/state.h"
#include "model/fitted_models.h"
#include "sender/sender.h"
#include "store/store.h"

namespace winback::host {

class Approvals;
class Audit;
class Users;

enum class Mode : std::uint8_t {
    Threads,  // The server: workers and timers run by themselves.
    Inline,   // Replays and tests: everything happens inside the calls, on the caller's thread.
};

// The texts of a playbook by path, as its version is kept in the folder.
using PlaybookFiles = std::map<std::string, std::string>;
// Compiles a version that was accepted before; used at start. The version number and the link
// secret are filled in by the host.
using CompilePlaybook = std::function<Result<engine::Definitions>(const PlaybookFiles& files)>;

struct SendOptions {
    // Takes the messages of the e-mail channel. Null: messages stay queued.
    std::shared_ptr<sender::Sender> email;
    std::string message_id_domain;  // Empty: the domain of the from address.
    std::string return_path;        // Empty: the from address.
    // Handed over and without an outcome: as many can be in doubt after a crash.
    std::size_t in_flight_max = 100;
    // Deferred and NotSent are tried again after retry_first, doubling up to retry_max, at most
    // `attempts_max` times in all; then the message is Failed.
    Duration retry_first = seconds(30);
    Duration retry_max = hours(1);
    int attempts_max = 12;
};

struct HostOptions {
    std::string folder;
    bool create = true;
    std::uint32_t shards = 0;  // As store::StoreOptions::shards.
    int workers = 0;           // 0: one per core, at most 8. Inline ignores it.
    Mode mode = Mode::Threads;
    bool sync = true;  // False: a crash of the machine may lose acknowledged inputs.
    std::shared_ptr<const Clock> clock;  // Null: SystemClock with the folder's offset.
    CompilePlaybook compile;             // Needed when the folder has a playbook.
    SendOptions send;

    std::size_t batch_inputs_max = 1'000;
    Duration batch_wait = milliseconds(5);
    std::size_t queue_inputs_max = 20'000;     // Per worker; beyond it, Unavailable.
    std::uint64_t flush_lag_inputs = 400'000;  // Inputs that a start may have to replay.
    Duration flush_lag_time = seconds(30);
    // Called once, from any thread, when a write or a read failed. Empty: prints one line and
    // ends the process with exit_code_storage.
    std::function<void(const Error&)> on_fatal;
    std::function<std::optional<Error>()> before_write;  // Tests: store::StoreOptions.
    std::shared_ptr<class Outbound> outbound;            // Null: nobody is told of effects.
};
constexpr int exit_code_storage = 74;  // EX_IOERR

using Acknowledge = std::function<void(Status)>;

// Where one shard stands; `read` gets it on the shard's worker, between batches.
struct ShardView {
    engine::Shard& shard;
    engine::ShardId id;
    Timestamp now;
};

class Host {
public:
    // Reads everything into memory and resumes what was under way. Fails as Store::open does,
    // and with Corrupt for rows that cannot be read.
    static Result<std::unique_ptr<Host>> open(HostOptions options);
    ~Host();  // As close(), when not closed.
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // Inputs -------------------------------------------------------------------------------
    // `done` is called once, on a worker's thread (Inline: before the call returns), when all
    // events are durable, or with Unavailable when a queue is full (nothing was taken; try
    // again after retry_after()) or the host stopped. It must not block.
    // Each event's arrival is the clock's now.
    void submit(event::Event event, Acknowledge done);
    void submit_batch(std::vector<event::Event> events, Acknowledge done);
    void command(engine::Command command, Acknowledge done);
    Duration retry_after() const;

    // Gives the definitions the next version, keeps `files`, and passes them to every shard.
    // Returns the version when all shards have it; the present one when the hash is the same.
    Result<std::uint64_t> load_playbook(engine::Definitions definitions,
                                        const PlaybookFiles& files);
    Status load_models(const model::FittedModels& models);
    engine::DefinitionsPtr definitions() const;   // Null before the first load.
    std::optional<model::FittedModels> models();  // As the shards have them.
    // The texts of a version. Fails with NotFound.
    Result<PlaybookFiles> playbook_files(std::uint64_t version) const;

    // Inline: works off what is queued, with all that follows from it, and what is due now.
    // Threads: waits until queues and handovers are empty (for imports and tests).
    void run_until_idle();
    // Inline: the earliest moment at which something is due. timestamp_max when none.
    Timestamp next_due() const;
    // Writes every changed row, so that the next start replays nothing.
    Status flush();

    // Reading ------------------------------------------------------------------------------
    // Calls `read` once per shard, on its worker between batches; waits for all. Calls run
    // beside each other: gather by ShardView::id. Pre: not called on a worker's thread.
    void query(const std::function<void(ShardView)>& read);
    void query_shard(engine::ShardId shard, const std::function<void(ShardView)>& read);
    // Those of one worker (shard % worker_count()) are read one after the other, in their order.
    void query_shards(const std::vector<engine::ShardId>& shards,
                      const std::function<void(ShardView)>& read);
    std::size_t worker_count() const;
    // Only the shard of this customer.
    void query_customer(std::string_view customer_id, const std::function<void(ShardView)>& read);
    // From now on `watcher` is told of changes, some hundred milliseconds after they happened
    // (Inline: before the call that caused them returns). Calls it for all customers at once, and
    // returns after that. Forgets it when nobody else holds it.
    void watch(const std::shared_ptr<Watcher>& watcher);
    // Newest last; at most `limit` of the newest. `id` may have been merged into another.
    Result<std::vector<TimelineEntry>> timeline(std::string_view customer_id, std::size_t limit);
    // At most `limit` of those from this moment on, oldest first, without the first `skip` of the
    // moment itself: how a whole timeline is read in parts. Each call reads the customer's rows.
    Result<std::vector<TimelineEntry>> timeline_from(std::string_view customer_id,
                                                     Timestamp from,
                                                     std::size_t skip,
                                                     std::size_t limit);
    Result<StoredMessage> message(const Hash128& key) const;  // Fails with NotFound.
    // Messages that may or may not have left when a process ended.
    std::vector<Hash128> in_doubt();

    Timestamp now() const;
    std::uint32_t shard_count() const;
    bool created() const;  // The folder was new.
    Keys& keys();
    Users& users();
    Audit& audit();
    Approvals& approvals();
    Health health() const;
    // False after a failed write or read, and when it was closed. Costs nothing.
    bool takes_inputs() const;
    store::Store& store();  // For backup and settings.

    // What the folder says of itself -------------------------------------------------------
    struct Origin {
        std::string replay_of;  // Empty: not a replay.
        Duration clock_offset;  // now() = wall clock + this.
    };
    Origin origin() const;
    Status set_origin(const Origin& origin);

    // Stops the sender, keeps its answers, writes changed rows, ends the threads. What was not
    // acknowledged fails with Unavailable. Pre: no other call is under way or comes later.
    Status close();

private:
    struct Impl;
    explicit Host(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Without a Host: every event of a folder, shard by shard and customer by customer, oldest
// arrival first; includes what stands only in the log. Opened read-only. Stops at the first
// false. Fails with Corrupt.
Status for_each_event(store::Store& store, const std::function<bool(const event::Event&)>& visit);

// The latest event time in a folder, not after `limit`; timestamp_min when it has no event.
Result<Timestamp> last_moment(store::Store& store, Timestamp limit);

}  // namespace winback::host

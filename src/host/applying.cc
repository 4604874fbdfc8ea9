#include "host/applying.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"

namespace winback::host {
namespace {

constexpr std::size_t file_bytes = sizeof(ApplyingCell) * applying_cells;
constexpr std::array abort_signals{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum CellState : std::uint32_t { Nothing, BeingApplied, Aborted };

// The signal handler's only way to the cell of the thread that failed.
thread_local ApplyingCell* cell_of_thread = nullptr;

extern "C" void mark_abort(int signal_number) {
    if (cell_of_thread != nullptr &&
        cell_of_thread->state.load(std::memory_order_relaxed) == BeingApplied) {
        cell_of_thread->state.store(Aborted, std::memory_order_relaxed);
    }
    // The handler was reset when it was called: this ends the process as the signal would have.
    std::raise(signal_number);
}

void watch_for_aborts() {
    static std::once_flag once;
    std::call_once(once, [] {
        for (const int number : abort_signals) {
            struct sigaction action {};
            action.sa_handler = mark_abort;
            action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
            ::sigaction(number, &action, nullptr);
        }
    });
}

std::string suspect_key(std::uint64_t hash) {
    std::string key = "suspect/";
    append_big_endian(key, hash, 8);
    return key;
}

std::string quarantine_key(std::uint64_t hash) {
    std::string key = "quarantine/";
    append_big_endian(key, hash, 8);
    return key;
}

std::string encode(const Quarantined& entry) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u64(entry.input_hash);
    out.u64(entry.shard);
    out.u64(entry.sequence);
    return bytes;
}

struct Identity {
    std::uint64_t place;

    std::uint64_t operator()(const engine::EventArrived& body) const {
        return hash64(body.event.message_id, hash64(event::customer_key(body.event)));
    }
    std::uint64_t operator()(const engine::Tick& /*body*/) const { return place; }
    std::uint64_t operator()(const engine::DefinitionsLoaded& body) const {
        return hash64("definitions", body.definitions->version);
    }
    std::uint64_t operator()(const engine::ModelsFitted& body) const {
        return hash64("models", body.models.version);
    }
    std::uint64_t operator()(const engine::HandoverArrived& body) const {
        return hash64(engine::encode(body.handover));
    }
    std::uint64_t operator()(const engine::SendStarted& body) const {
        return hash64("started", body.key.low);
    }
    std::uint64_t operator()(const engine::SendEnded& body) const {
        return hash64("ended", body.key.low);
    }
    std::uint64_t operator()(const engine::Command& body) const {
        return hash64(engine::encode(body));
    }
};

}  // namespace

std::uint64_t identity_of(const engine::Input& input, engine::ShardId shard) {
    std::string place;
    if (std::holds_alternative<engine::Tick>(input.body)) {
        append_big_endian(place, shard, 2);
        append_big_endian(place, input.sequence, 8);
    }
    return std::visit(Identity{hash64(place)}, input.body);
}

Result<std::unique_ptr<Applying>> Applying::open(store::Store& store) {
    const std::string path = store.folder() + "/applying";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, static_cast<off_t>(file_bytes)) != 0) {
        const std::string reason = std::strerror(errno);
        if (file >= 0) {
            ::close(file);
        }
        return Error{ErrorCode::PermissionDenied, "cannot write '" + path + "': " + reason};
    }
    void* memory = ::mmap(nullptr, file_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (memory == MAP_FAILED) {
        return Error{ErrorCode::Unavailable, "cannot map '" + path + "': " + std::strerror(errno)};
    }
    std::unique_ptr<Applying> applying(new Applying);
    applying->cells_ = static_cast<ApplyingCell*>(memory);
    WINBACK_TRY(const Ok counted, applying->count_aborts(store));
    static_cast<void>(counted);
    watch_for_aborts();
    return applying;
}

Status Applying::count_aborts(store::Store& store) {
    using store::Family;
    store::Cursor rows = store.scan(Family::Control, "quarantine/", "quarantine0");
    for (; rows.valid(); rows.next()) {
        ByteReader in(rows.value());
        Quarantined entry;
        entry.input_hash = in.u64();
        entry.shard = static_cast<std::uint16_t>(in.u64());
        entry.sequence = in.u64();
        if (!in.finished()) {
            return Error{ErrorCode::Corrupt, "a row (quarantine) cannot be read"};
        }
        quarantine_.emplace(entry.input_hash, entry);
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    store::Batch batch(store);
    for (int i = 0; i < applying_cells; ++i) {
        ApplyingCell& cell = cells_[i];
        if (cell.state.exchange(Nothing) != Aborted) {
            continue;
        }
        WINBACK_TRY(const auto before, store.get(Family::Control, suspect_key(cell.input_hash)));
        const int aborts = (before.has_value() ? static_cast<int>(before->size()) : 0) + 1;
        if (aborts < aborts_max) {
            batch.put(Family::Control, suspect_key(cell.input_hash), std::string(1, 'x'));
            continue;
        }
        const Quarantined entry{.input_hash = cell.input_hash,
                                .shard = static_cast<std::uint16_t>(cell.shard),
                                .sequence = cell.sequence};
        batch.put(Family::Control, quarantine_key(cell.input_hash), encode(entry));
        quarantine_.emplace(cell.input_hash, entry);
        std::fprintf(stderr,
                     "winback: input %llu of shard %u has ended the program twice; it is passed "
                     "over from now on (see the health page)\n",
                     static_cast<unsigned long long>(cell.sequence), cell.shard);
    }
    return batch.empty() ? Status(Ok{}) : store.write(batch, true);
}

Applying::~Applying() {
    cell_of_thread = nullptr;
    ::munmap(cells_, file_bytes);
}

std::vector<Quarantined> Applying::quarantined() const {
    std::vector<Quarantined> entries;
    for (const auto& [hash, entry] : quarantine_) {
        entries.push_back(entry);
    }
    return entries;
}

void Applying::enter(int cell,
                     engine::ShardId shard,
                     std::uint64_t sequence,
                     std::uint64_t input_hash) {
    WINBACK_CHECK(cell >= 0 && cell < applying_cells);
    ApplyingCell& mine = cells_[cell];
    mine.input_hash = input_hash;
    mine.sequence = sequence;
    mine.shard = shard;
    mine.state.store(BeingApplied, std::memory_order_release);
    cell_of_thread = &mine;
}

void Applying::leave(int cell) {
    cells_[cell].state.store(Nothing, std::memory_order_release);
    cell_of_thread = nullptr;
}

}  // namespace winback::host

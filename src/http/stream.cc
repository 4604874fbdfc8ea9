#include "http/stream.h"

#include <atomic>
#include <optional>
#include <utility>

#include "base/check.h"

namespace winback::http {
namespace {

class PullStream final : public BodyStream, public std::enable_shared_from_this<PullStream> {
public:
    explicit PullStream(AskPiece ask) : ask_(std::move(ask)) {}

    void attach(std::function<void()> wake) override {
        const std::lock_guard lock(mutex_);
        wake_ = std::move(wake);
    }
    State take(std::string& out) override;
    void detach() override {
        const std::lock_guard lock(mutex_);
        wake_ = nullptr;
    }
    void give(Piece piece);

private:
    const AskPiece ask_;
    std::mutex mutex_;
    std::optional<Piece> piece_;
    std::function<void()> wake_;
    bool asked_ = false;
    bool waiting_ = false;
};

// What a GivePiece holds: hands over the first piece, and a failure if none came before it was
// dropped.
class PendingPiece {
public:
    explicit PendingPiece(std::weak_ptr<PullStream> stream) : stream_(std::move(stream)) {}
    ~PendingPiece() { give({.failed = true}); }
    PendingPiece(const PendingPiece&) = delete;
    PendingPiece& operator=(const PendingPiece&) = delete;

    void give(Piece piece) {
        if (done_.exchange(true)) {
            return;
        }
        if (const auto stream = stream_.lock()) {
            stream->give(std::move(piece));
        }
    }

private:
    std::weak_ptr<PullStream> stream_;
    std::atomic<bool> done_{false};
};

BodyStream::State PullStream::take(std::string& out) {
    std::unique_lock lock(mutex_);
    if (!asked_) {
        asked_ = true;
        lock.unlock();
        {
            // Gone before the lock is taken: its end may be what gives the failure.
            const auto pending = std::make_shared<PendingPiece>(weak_from_this());
            ask_([pending](Piece piece) { pending->give(std::move(piece)); });
        }
        lock.lock();
    }
    if (!piece_) {
        waiting_ = true;
        return State::Waiting;
    }
    const Piece piece = std::move(*piece_);
    piece_.reset();
    asked_ = piece.last || piece.failed;  // Then never again.
    out += piece.bytes;
    if (piece.failed) {
        return State::Failed;
    }
    return piece.last ? State::Ended : State::More;
}

void PullStream::give(Piece piece) {
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        piece_ = std::move(piece);
        if (waiting_) {
            waiting_ = false;
            wake = wake_;
        }
    }
    if (wake) {
        wake();
    }
}

// Data lines end at CR, LF or both; each becomes a line of its own, so no data ends an event.
void append_data(std::string& out, std::string_view data) {
    for (;;) {
        const std::size_t end = data.find_first_of("\r\n");
        out += "data: ";
        out += data.substr(0, end);
        out += '\n';
        if (end == std::string_view::npos) {
            return;
        }
        const bool both = data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
        data.remove_prefix(end + (both ? 2 : 1));
    }
}

}  // namespace

BodyStreamPtr pull_stream(AskPiece ask) {
    return std::make_shared<PullStream>(std::move(ask));
}

bool PushStream::send(std::string_view bytes) {
    std::function<void()> wake;
    bool taken = true;
    {
        const std::lock_guard lock(mutex_);
        if (!open_) {
            return false;
        }
        if (bytes.size() > bytes_max_ - queue_.size()) {
            open_ = false;
            dropped_ = true;
            taken = false;
        } else {
            queue_ += bytes;
        }
        if (std::exchange(waiting_, false)) {
            wake = wake_;
        }
    }
    if (wake) {
        wake();
    }
    return taken;
}

void PushStream::end() {
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        open_ = false;
        if (std::exchange(waiting_, false)) {
            wake = wake_;
        }
    }
    if (wake) {
        wake();
    }
}

bool PushStream::is_open() const {
    const std::lock_guard lock(mutex_);
    return open_;
}

void PushStream::attach(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

BodyStream::State PushStream::take(std::string& out) {
    const std::lock_guard lock(mutex_);
    if (dropped_) {
        return State::Failed;
    }
    out += queue_;
    queue_.clear();
    if (!open_) {
        return State::Ended;
    }
    waiting_ = true;
    return State::Waiting;
}

void PushStream::detach() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
    waiting_ = false;
    open_ = false;
    queue_.clear();
    queue_.shrink_to_fit();
}

Response streamed(std::string_view type, BodyStreamPtr stream) {
    WINBACK_CHECK(stream != nullptr);
    Response response;
    response.set("Content-Type", std::string(type));
    response.stream = std::move(stream);
    return response;
}

std::shared_ptr<PushStream> make_event_stream(std::size_t bytes_max) {
    return std::make_shared<PushStream>(":\n\n", bytes_max);
}

Response event_stream(std::shared_ptr<PushStream> stream) {
    Response response = streamed("text/event-stream", std::move(stream));
    response.compressible = false;  // Each event must leave at once.
    response.set("Cache-Control", "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-Accel-Buffering", "no");  // nginx would hold events back.
    return response;
}

void append_event(std::string& out, const StreamEvent& event) {
    constexpr std::string_view breaks{"\r\n\0", 3};
    WINBACK_CHECK(event.id.find_first_of(breaks) == std::string_view::npos &&
                  event.name.find_first_of(breaks) == std::string_view::npos);
    if (!event.id.empty()) {
        out += "id: ";
        out += event.id;
        out += '\n';
    }
    if (!event.name.empty()) {
        out += "event: ";
        out += event.name;
        out += '\n';
    }
    append_data(out, event.data);
    out += '\n';
}

}  // namespace winback::http

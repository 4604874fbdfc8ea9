// Bodies that are made while they are sent: long downloads and events as they happen.
//
// A pull stream is asked for its next piece when the connection has room for one, so a client that
// reads slowly slows its producer and nothing piles up. A push stream takes what is sent whenever
// it happens; its queue is bounded, and a client that falls behind by that much is dropped. Both
// may be fed from any thread. See docs/design/http.md.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "http/response.h"

namespace winback::http {

// What a client of a push stream may be behind; then it is dropped.
constexpr std::size_t push_bytes_max = std::size_t{256} * 1024;

// What the connection sees of either kind. Everything here is called on its thread, except that
// `wake` may be called from any.
class BodyStream {
public:
    enum class State {
        More,     // There may be more at once.
        Waiting,  // Nothing now; `wake` will be called once when there is.
        Ended,    // The body is complete.
        Failed,   // It never will be: the connection is cut, so that the client can see it.
    };

    BodyStream() = default;
    virtual ~BodyStream() = default;
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;

    // Called once, before `take`. Never called for HEAD.
    virtual void attach(std::function<void()> wake) = 0;
    // Appends what is ready.
    virtual State take(std::string& out) = 0;
    // The client has gone or has it all.
    virtual void detach() = 0;
    // What to send when nothing else was for a while; not empty for streams without an end, which
    // are ended by us when the server stops or the client closes its side.
    virtual std::string_view heartbeat() const { return {}; }
};

struct Piece {
    std::string bytes;
    bool last = false;
    bool failed = false;  // The client must not take what it has for the whole.
};
// Called once, on any thread, at once or later. Dropped uncalled it means `failed`.
using GivePiece = std::function<void(Piece)>;
// Called on an I/O thread, so it must not block; never again before its piece was given and taken.
// A piece of some 64 KB is best: smaller ones cost wake-ups, larger ones memory.
using AskPiece = std::function<void(GivePiece give)>;
BodyStreamPtr pull_stream(AskPiece ask);

class PushStream final : public BodyStream {
public:
    explicit PushStream(std::string heartbeat, std::size_t bytes_max = push_bytes_max)
        : heartbeat_(std::move(heartbeat)), bytes_max_(bytes_max) {}

    // From any thread. False when the client has gone, or has now been dropped for being slow.
    bool send(std::string_view bytes);
    // From any thread: what was sent still arrives, then the body is complete.
    void end();
    bool is_open() const;

    void attach(std::function<void()> wake) override;
    State take(std::string& out) override;
    void detach() override;
    std::string_view heartbeat() const override { return heartbeat_; }

private:
    const std::string heartbeat_;
    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::string queue_;
    std::function<void()> wake_;
    bool waiting_ = false;
    bool open_ = true;
    bool dropped_ = false;
};

// An answer whose body is `stream`, of the given Content-Type.
Response streamed(std::string_view type, BodyStreamPtr stream);

// Server-sent events (WHATWG HTML §9.2): a push stream with a comment as its heartbeat, and the
// answer that carries it.
std::shared_ptr<PushStream> make_event_stream(std::size_t bytes_max = push_bytes_max);
Response event_stream(std::shared_ptr<PushStream> stream);

struct StreamEvent {
    std::string_view id;    // Empty: none. Without line ends.
    std::string_view name;  // Empty: "message". Without line ends.
    std::string_view data;  // Any text.
};
void append_event(std::string& out, const StreamEvent& event);

}  // namespace winback::http

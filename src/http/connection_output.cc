// The sending half of a connection: answers, whole or streamed, in the order of their requests.
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "http/connection.h"
#include "http/framing.h"

namespace winback::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t out_bytes_kept = std::size_t{64} * 1024;
// What a stream puts into the output at once, and into the connection before others have a turn.
constexpr std::size_t stream_bytes_at_once = std::size_t{64} * 1024;
constexpr std::size_t stream_bytes_per_turn = std::size_t{512} * 1024;

}  // namespace

void Connection::resume() {
    pump();
}

// Streams last long and hold memory, so they are counted from the moment they are answered with.
void Connection::limit_streams(Slot& slot) {
    if (slot.response->stream == nullptr) {
        return;
    }
    ServerState& state = worker_.state();
    slot.place = std::make_unique<StreamPlace>(worker_.shared_from_this());
    if (state.streams.fetch_add(1, std::memory_order_relaxed) >= state.options.streams_max) {
        slot.place.reset();
        slot.response = error(503, "unavailable", "too many streams are open; try again later");
        slot.response->add("Retry-After", "10");
    }
}

// Writes ready answers in order. True when a slot became free.
bool Connection::flush() {
    const std::uint64_t first = first_sequence_;
    bool made_room = true;
    while (made_room && !closed_ && !cut_after_output_) {
        const bool moved = fill_output();
        made_room = moved || !out_.empty();
        write_out();
        made_room = made_room && out_.empty();
    }
    write_out();
    return !closed_ && first_sequence_ != first;
}

// Moves ready answers into the output as far as its bound allows. True when it moved anything.
bool Connection::fill_output() {
    const std::uint64_t first = first_sequence_;
    const std::size_t before = out_.size();
    while (!cut_after_output_ && !slots_.empty() && slots_.front().response &&
           out_.size() < out_bytes_max) {
        if (slots_.front().response->stream != nullptr) {
            begin_stream(slots_.front());
        }
        if (slots_.front().writer == nullptr) {
            put_answer();
        } else if (!put_stream()) {
            break;
        }
    }
    if (!closed_ && first_sequence_ != first && slots_.empty()) {
        idle_since_ = steady_clock::now();
    }
    return first_sequence_ != first || out_.size() != before;
}

// Pre: the first slot has its answer, which is whole.
void Connection::put_answer() {
    Slot slot = std::move(slots_.front());
    slots_.pop_front();
    ++first_sequence_;
    const bool last = slots_.empty() && !parser_ && draining_;
    last_request_seen_ = last_request_seen_ || last;
    const Framing framing{slot.head_only, slot.keep_alive && !last, slot.http_1_0,
                          slot.accepts_gzip, worker_.date()};
    const std::size_t before = out_.size();
    const int status = slot.response->status;
    append_response(out_, std::move(*slot.response), framing);
    report(slot, status, out_.size() - before);
}

// Puts the head of a streamed answer into the output. Its response stays for its status.
void Connection::begin_stream(Slot& slot) {
    const bool to_the_end = slot.http_1_0 && !slot.head_only;
    const bool last = draining_ && slots_.size() == 1 && !parser_;
    slot.keep_alive = slot.keep_alive && !to_the_end && !last;
    last_request_seen_ = last_request_seen_ || !slot.keep_alive;
    const Framing framing{slot.head_only, slot.keep_alive, slot.http_1_0, slot.accepts_gzip,
                          worker_.date()};
    Response response = std::move(*slot.response);
    slot.response = Response{};
    slot.response->status = response.status;
    slot.writer = std::make_unique<StreamWriter>(out_, std::move(response), framing);
    slot.writer->attach(
        [worker = worker_.shared_from_this(), self = weak_from_this()] { worker->wake(self); });
    beat_at_ = steady_clock::now() + to_chrono(worker_.state().options.heartbeat);
}

// Pre: the first slot's stream has begun. True when it has ended and the slot is gone.
bool Connection::put_stream() {
    StreamWriter& writer = *slots_.front().writer;
    if (draining_ && writer.endless()) {
        writer.finish(out_);
        end_stream();
        return true;
    }
    if (out_.size() >= stream_bytes_at_once) {
        return false;
    }
    if (streamed_in_turn_ >= stream_bytes_per_turn) {
        worker_.wake(weak_from_this());
        return false;
    }
    const std::size_t before = out_.size();
    const StreamWriter::State state = writer.write(out_, stream_bytes_at_once);
    streamed_in_turn_ += out_.size() - before;
    if (out_.size() != before && writer.endless()) {
        beat_at_ = steady_clock::now() + to_chrono(worker_.state().options.heartbeat);
    }
    if (state == StreamWriter::State::Ended) {
        end_stream();
        return true;
    }
    if (state == StreamWriter::State::Failed) {
        close();
    }
    return false;
}

void Connection::end_stream() {
    const Slot slot = std::move(slots_.front());
    slots_.pop_front();
    ++first_sequence_;
    last_request_seen_ = last_request_seen_ || (slots_.empty() && !parser_ && draining_);
    cut_after_output_ = slot.http_1_0 && !slot.keep_alive;
    report(slot, slot.response->status, slot.writer->written());
}

// Null when the answer that is being sent is none, or whole.
const StreamWriter* Connection::stream_under_way() const {
    return slots_.empty() ? nullptr : slots_.front().writer.get();
}

void Connection::report(const Slot& slot, int status, std::size_t response_bytes) const {
    const ServerOptions& options = worker_.state().options;
    if (!options.on_access) {
        return;
    }
    const auto took = slot.answered - slot.received;
    options.on_access(
        {slot.method,
         slot.route == nullptr ? std::string_view() : std::string_view(slot.route->pattern),
         remote_address_, status, slot.request_bytes, response_bytes,
         std::chrono::duration_cast<std::chrono::microseconds>(took).count()});
}

void Connection::write_out() {
    if (write_armed_) {
        return;
    }
    while (!closed_ && out_written_ < out_.size()) {
        error_code ec;
        const std::size_t count = socket_.write_some(
            asio::buffer(out_.data() + out_written_, out_.size() - out_written_), ec);
        out_written_ += count;
        if (count > 0 || ec == asio::error::would_block) {
            write_deadline_ =
                steady_clock::now() + to_chrono(worker_.state().options.write_timeout);
        }
        if (ec == asio::error::would_block) {
            return;
        }
        if (ec) {
            close();
            return;
        }
    }
    out_written_ = 0;
    out_.clear();
    if (out_.capacity() > out_bytes_kept) {
        out_.shrink_to_fit();
    }
}

void Connection::arm_writing() {
    if (write_armed_ || closed_ || out_.empty()) {
        return;
    }
    write_armed_ = true;
    socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& ec) {
        self->write_armed_ = false;
        if (self->closed_) {
            return;
        }
        if (ec) {
            self->close();
            return;
        }
        self->pump();
    });
}

// Also how a client that vanished without a word is found: its heartbeat is never taken.
void Connection::keep_stream_alive(SteadyTime now) {
    const StreamWriter* stream = stream_under_way();
    if (stream == nullptr || !stream->endless() || !out_.empty() || now < beat_at_) {
        return;
    }
    slots_.front().writer->beat(out_);
    beat_at_ = now + to_chrono(worker_.state().options.heartbeat);
    pump();
}

}  // namespace winback::http

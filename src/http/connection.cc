#include "http/connection.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include "base/check.h"
#include "http/framing.h"
#include "http/problem.h"
#include "http/unpack.h"

namespace winback::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::size_t inflate_factor = 10;
constexpr std::size_t body_bytes_per_second_min = std::size_t{16} * 1024;
// How long bytes of a refused request are thrown away: closing at once would reset the
// connection and destroy the answer before the client has read it (RFC 9112 §9.6).
constexpr std::chrono::seconds linger_time{2};

Timestamp wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

// A field that goes on in a line that begins with white space. Proxies and servers have read such
// lines in different ways, so nobody may send them (RFC 9112 §5.2). `bytes` ends where a line does,
// or has the end of the header in it.
bool has_folded_line(std::string_view bytes) {
    const std::string_view header = bytes.substr(0, bytes.find("\r\n\r\n"));
    return header.find("\n ") != std::string_view::npos ||
           header.find("\n\t") != std::string_view::npos;
}

// Of a request line that has not come whole: where its target begins.
std::string_view target_in(std::string_view bytes) {
    constexpr std::size_t shown_max = 200;
    const std::size_t space = bytes.find(' ');
    const std::string_view target =
        space == std::string_view::npos ? std::string_view() : bytes.substr(space + 1, shown_max);
    return target.substr(0, target.find_first_of(" \r\n"));
}

// What a Reply holds: hands over the first answer, and 500 if none came before it was dropped.
class PendingReply {
public:
    PendingReply(std::shared_ptr<Worker> worker,
                 std::weak_ptr<Connection> connection,
                 std::uint64_t sequence)
        : worker_(std::move(worker)), connection_(std::move(connection)), sequence_(sequence) {}
    ~PendingReply() {
        if (!done_.load()) {
            complete(error(500, "internal", "the request was dropped"));
        }
    }
    PendingReply(const PendingReply&) = delete;
    PendingReply& operator=(const PendingReply&) = delete;

    void complete(Response response) {
        if (done_.exchange(true)) {
            return;
        }
        worker_->state().pending.fetch_sub(1, std::memory_order_relaxed);
        worker_->deliver({std::move(connection_), sequence_, std::move(response)});
    }

private:
    std::shared_ptr<Worker> worker_;
    std::weak_ptr<Connection> connection_;
    std::uint64_t sequence_;
    std::atomic<bool> done_{false};
};

}  // namespace

Connection::Connection(Worker& worker, Socket socket)
    : worker_(worker), socket_(std::move(socket)), idle_since_(steady_clock::now()) {
    error_code ec;
    const auto endpoint = socket_.remote_endpoint(ec);
    remote_address_ = ec ? std::string() : endpoint.address().to_string();
    socket_.set_option(asio::ip::tcp::no_delay(true), ec);
    socket_.non_blocking(true, ec);
}

void Connection::start() {
    arm_reading();
}

bool Connection::may_begin_request() const {
    const auto pipelined_max = static_cast<std::size_t>(worker_.state().options.pipelined_max);
    return !last_request_seen_ && slots_.size() < pipelined_max && out_.size() < out_bytes_max;
}

bool Connection::wants_bytes() const {
    return !peer_finished_ && (parser_ || may_begin_request());
}

void Connection::arm_reading() {
    if (read_armed_ || closed_ || !(lingering_ || wants_bytes())) {
        return;
    }
    read_armed_ = true;
    // Waiting without a buffer: thousands of idle connections hold no read buffers.
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& ec) {
        self->on_readable(ec);
    });
}

void Connection::on_readable(const error_code& ec) {
    read_armed_ = false;
    if (closed_) {
        return;
    }
    if (ec) {
        close();
    } else if (lingering_) {
        discard();
    } else {
        read_some();
        pump();
    }
}

void Connection::read_some() {
    if (!buffer_) {
        buffer_ = worker_.take_buffer();
    }
    if (begin_ > 0) {
        std::memmove(buffer_->data, buffer_->data + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    error_code ec;
    const std::size_t count =
        socket_.read_some(asio::buffer(buffer_->data + end_, read_buffer_bytes - end_), ec);
    end_ += count;
    if (ec == asio::error::eof) {
        peer_finished_ = true;
    } else if (ec && ec != asio::error::would_block) {
        close();
    }
}

// After the last answer: throws away what still comes until the client closes its side.
void Connection::discard() {
    std::unique_ptr<ReadBuffer> scratch = worker_.take_buffer();
    error_code ec;
    socket_.read_some(asio::buffer(scratch->data, read_buffer_bytes), ec);
    worker_.give_back(std::move(scratch));
    if (ec && ec != asio::error::would_block) {
        close();
        return;
    }
    arm_reading();
}

// Parses what has come, writes what is ready, and again while either makes room for the other.
void Connection::pump() {
    if (pumping_ || closed_ || lingering_) {
        return;
    }
    pumping_ = true;
    streamed_in_turn_ = 0;
    const auto self = shared_from_this();  // Handlers and failures may drop the last owner.
    do {
        parse();
    } while (!closed_ && flush() && begin_ != end_ && may_begin_request());
    pumping_ = false;
    if (!closed_) {
        finish_or_wait();
    }
}

void Connection::finish_or_wait() {
    if (begin_ == end_ && buffer_) {
        worker_.give_back(std::move(buffer_));
        begin_ = end_ = 0;
    }
    const bool answered = (slots_.empty() || cut_after_output_) && out_.empty();
    const StreamWriter* stream = stream_under_way();
    if (peer_finished_ && stream != nullptr && stream->endless()) {
        close();  // Nobody would ever see its end.
        return;
    }
    if (answered && (peer_finished_ || (draining_ && !parser_))) {
        close();
        return;
    }
    if (answered && (last_request_seen_ || cut_after_output_)) {
        error_code ec;
        socket_.shutdown(Socket::shutdown_send, ec);
        lingering_ = true;
        linger_deadline_ = steady_clock::now() + linger_time;
    }
    arm_reading();
    arm_writing();
}

void Connection::parse() {
    while (begin_ != end_ && (parser_ || may_begin_request())) {
        if (!parser_) {
            // Some clients send an empty line after a body (RFC 9112 §2.2).
            if (buffer_->data[begin_] == '\r' || buffer_->data[begin_] == '\n') {
                ++begin_;
                continue;
            }
            parser_.emplace(worker_.state().router, worker_.state().options,
                            worker_.state().uploads);
            continue_sent_ = false;
            in_body_ = false;
            request_deadline_ =
                steady_clock::now() + to_chrono(worker_.state().options.header_timeout);
        }
        error_code ec;
        const std::uint64_t body_before = parser_->body_bytes();
        const bool in_header = !parser_->is_header_done();
        const std::size_t used =
            parser_->put(asio::const_buffer(buffer_->data + begin_, end_ - begin_), ec);
        if (in_header && has_folded_line({buffer_->data + begin_, used})) {
            fail(error(400, "bad_request", "a line of the header goes on in the next one"));
            return;
        }
        begin_ += used;
        if (ec && ec != boost::beast::http::error::need_more) {
            fail_parse(ec);
            return;
        }
        if (parser_->is_done()) {
            finish_request();
            continue;
        }
        note_progress(body_before);
        if (used == 0 || ec) {
            break;
        }
    }
    if (parser_ && end_ - begin_ == read_buffer_bytes) {
        fail(error(431, "header_too_large", "a field or chunk header is too long"));
    }
}

// Pre: a request is under way. Moves its deadline with the bytes that have come.
void Connection::note_progress(std::uint64_t body_before) {
    if (!parser_->is_header_done()) {
        return;
    }
    const ServerOptions& options = worker_.state().options;
    if (!in_body_) {
        in_body_ = true;
        request_deadline_ = steady_clock::now() + to_chrono(options.body_timeout);
    }
    const std::uint64_t came = parser_->body_bytes() - body_before;
    request_deadline_ += std::chrono::milliseconds(
        static_cast<std::int64_t>(came * 1000 / body_bytes_per_second_min));
    if (parser_->expects_continue() && !continue_sent_ && parser_->body_bytes() == 0) {
        continue_sent_ = true;
        // Only when it cannot get between other answers; clients send the body anyway after a
        // moment.
        if (slots_.empty() && !parser_->http_1_0()) {
            out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        }
    }
}

void Connection::fail_parse(const error_code& ec) {
    using boost::beast::http::error;
    if (parser_->refusal()) {
        fail(std::move(*parser_->refusal()));
    } else if (ec == error::header_limit || ec == error::buffer_overflow) {
        fail(http::error(431, "header_too_large", "the request's header is too large"));
    } else {
        fail(http::error(400, "bad_request", "not well-formed HTTP: " + ec.message()));
    }
}

// Answers and closes: what follows on this connection can no longer be understood.
void Connection::fail(Response response) {
    Slot slot;
    slot.response = std::move(response);
    slot.keep_alive = false;
    slot.received = slot.answered = steady_clock::now();
    if (parser_) {
        std::string_view target = parser_->request().target;
        if (target.empty() && buffer_) {
            target = target_in({buffer_->data + begin_, end_ - begin_});
        }
        if (answers_with_problems(target)) {
            make_problem(*slot.response, target.substr(0, target.find('?')));
        }
        slot.method = parser_->request().method;
        slot.head_only = slot.method == "HEAD";
    }
    parser_.reset();
    begin_ = end_ = 0;
    last_request_seen_ = true;
    slots_.push_back(std::move(slot));
}

void Connection::finish_request() {
    Request request = std::move(parser_->request());
    const Router::Match match = std::move(parser_->match());
    Slot slot;
    slot.method = request.method;
    slot.route = match.route;
    slot.received = slot.answered = steady_clock::now();
    slot.keep_alive = parser_->keep_alive() && !draining_;
    slot.head_only = request.method == "HEAD";
    slot.http_1_0 = parser_->http_1_0();
    slot.accepts_gzip = parser_->takes_gzip();
    slot.request_bytes = parser_->body_bytes();
    parser_.reset();
    last_request_seen_ = !slot.keep_alive;
    request.received_at = wall_clock();
    request.remote_address = remote_address_;
    std::optional<Response> refusal = prepare(request, match);
    if (refusal && answers_with_problems(request.target)) {
        make_problem(*refusal,
                     std::string_view(request.target).substr(0, request.target.find('?')));
    }
    slot.request_bytes = std::max(slot.request_bytes, request.body.size());
    const std::uint64_t sequence = first_sequence_ + slots_.size();
    slot.response = std::move(refusal);
    const bool refused = slot.response.has_value();
    slots_.push_back(std::move(slot));
    if (!refused) {
        request.params = match.params;
        dispatch(std::move(request), *match.route, sequence);
    }
}

// What must hold before a handler sees the request; else the answer.
std::optional<Response> Connection::prepare(Request& request, const Router::Match& match) {
    if (match.route == nullptr) {
        return no_route(match, request.method);
    }
    if (std::optional<Response> refusal = unpack_target(request)) {
        return refusal;
    }
    const ServerOptions& options = worker_.state().options;
    const RouteOptions& limits = match.route->options;
    const std::size_t body_max =
        limits.body_bytes_max != 0 ? limits.body_bytes_max : options.body_bytes_max;
    const std::size_t inflated_max =
        limits.inflated_bytes_max != 0 ? limits.inflated_bytes_max : body_max * inflate_factor;
    if (std::optional<Response> refusal = unpack_body(request, inflated_max)) {
        return refusal;
    }
    if (worker_.state().pending.load(std::memory_order_relaxed) >= options.pending_max) {
        return too_many_requests(1, "too many requests are waiting; try again in a second");
    }
    return std::nullopt;
}

void Connection::dispatch(Request request, const Route& route, std::uint64_t sequence) {
    worker_.state().pending.fetch_add(1, std::memory_order_relaxed);
    worker_.state().requests.fetch_add(1, std::memory_order_relaxed);
    const auto pending =
        std::make_shared<PendingReply>(worker_.shared_from_this(), weak_from_this(), sequence);
    Reply reply = [pending](Response response) { pending->complete(std::move(response)); };
    try {
        route.handler(std::make_shared<const Request>(std::move(request)), std::move(reply));
    } catch (const std::exception&) {
        // A library threw through a handler. What it said may hold data of customers.
        pending->complete(error(500, "internal", "something went wrong in the server"));
    }
}

void Connection::complete(std::uint64_t sequence, Response response) {
    if (closed_ || lingering_ || cut_after_output_) {
        return;
    }
    WINBACK_CHECK(sequence >= first_sequence_ && sequence - first_sequence_ < slots_.size());
    Slot& slot = slots_[sequence - first_sequence_];
    WINBACK_CHECK(!slot.response.has_value());
    slot.response = std::move(response);
    slot.answered = steady_clock::now();
    limit_streams(slot);
    if (sequence == first_sequence_) {
        pump();
    }
}

void Connection::check_deadlines(SteadyTime now) {
    if (lingering_) {
        if (now >= linger_deadline_) {
            close();
        }
        return;
    }
    const auto idle_timeout = to_chrono(worker_.state().options.idle_timeout);
    const bool unread = !out_.empty() && now >= write_deadline_;
    const bool silent = is_idle() && now >= idle_since_ + idle_timeout;
    if (unread || silent) {
        close();
    } else if (parser_ && now >= request_deadline_) {
        fail(error(408, "request_timeout", "the request came too slowly"));
        pump();
    } else {
        keep_stream_alive(now);
    }
}

void Connection::drain() {
    draining_ = true;
    if (is_idle()) {
        close();
    } else if (stream_under_way() != nullptr) {
        pump();  // Ends it, if it is one that never would.
    }
}

void Connection::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    if (const StreamWriter* stream = stream_under_way()) {
        report(slots_.front(), slots_.front().response->status, stream->written());
    }
    error_code ec;
    socket_.close(ec);
    if (buffer_) {
        worker_.give_back(std::move(buffer_));
    }
    worker_.remove(*this);
}

}  // namespace winback::http

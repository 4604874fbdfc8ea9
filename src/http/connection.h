// One client's connection: reads requests, hands them to their handlers, writes the answers in
// order. Internal to the server. Everything happens on the thread of its worker.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "http/request_parser.h"
#include "http/stream_writer.h"
#include "http/worker.h"

namespace winback::http {

// Answers that a client does not fetch stop its further requests.
constexpr std::size_t out_bytes_max = std::size_t{1024} * 1024;

inline std::chrono::milliseconds to_chrono(Duration duration) {
    return std::chrono::milliseconds(duration.ms);
}

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Worker& worker, Socket socket);

    void start();
    void complete(std::uint64_t sequence, Response response);
    void resume();  // A streamed answer has more, or its turn has come again.
    void check_deadlines(SteadyTime now);
    void drain();
    void close();

    std::size_t index = 0;  // In its worker's list.

private:
    // Counts one streamed answer for as long as it lives.
    class StreamPlace {
    public:
        explicit StreamPlace(std::shared_ptr<Worker> worker) : worker_(std::move(worker)) {}
        ~StreamPlace() { worker_->state().streams.fetch_sub(1, std::memory_order_relaxed); }
        StreamPlace(const StreamPlace&) = delete;
        StreamPlace& operator=(const StreamPlace&) = delete;

    private:
        std::shared_ptr<Worker> worker_;
    };

    // One request that has come and whose answer has not gone yet.
    struct Slot {
        std::optional<Response> response;
        std::unique_ptr<StreamPlace> place;    // Of a streamed answer.
        std::unique_ptr<StreamWriter> writer;  // Of one that has begun.
        std::string method;
        const Route* route = nullptr;
        std::size_t request_bytes = 0;
        SteadyTime received;
        SteadyTime answered;
        bool keep_alive = true;
        bool head_only = false;
        bool http_1_0 = false;
        bool accepts_gzip = false;
    };

    bool is_idle() const { return slots_.empty() && !parser_ && out_.empty(); }
    bool may_begin_request() const;
    bool wants_bytes() const;

    void on_readable(const boost::system::error_code& ec);
    void read_some();
    void discard();
    void pump();
    void parse();
    void note_progress(std::uint64_t body_before);
    void finish_request();
    std::optional<Response> prepare(Request& request, const Router::Match& match);
    void dispatch(Request request, const Route& route, std::uint64_t sequence);
    void fail(Response response);
    void fail_parse(const boost::system::error_code& ec);
    void limit_streams(Slot& slot);
    bool flush();
    bool fill_output();
    void put_answer();
    void begin_stream(Slot& slot);
    bool put_stream();
    void end_stream();
    const StreamWriter* stream_under_way() const;
    void keep_stream_alive(SteadyTime now);
    void report(const Slot& slot, int status, std::size_t response_bytes) const;
    void write_out();
    void arm_reading();
    void arm_writing();
    void finish_or_wait();

    Worker& worker_;
    Socket socket_;
    std::string remote_address_;
    std::unique_ptr<ReadBuffer> buffer_;  // Held only while it holds bytes.
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::optional<RequestParser> parser_;  // While a request is on its way.
    std::deque<Slot> slots_;
    std::uint64_t first_sequence_ = 0;  // Of slots_.front().
    std::string out_;
    std::size_t out_written_ = 0;
    std::size_t streamed_in_turn_ = 0;
    SteadyTime beat_at_;  // While a stream without an end is under way.
    SteadyTime idle_since_;
    SteadyTime request_deadline_;
    SteadyTime write_deadline_;
    SteadyTime linger_deadline_;
    bool continue_sent_ = false;
    bool in_body_ = false;
    bool pumping_ = false;
    bool read_armed_ = false;
    bool write_armed_ = false;
    bool last_request_seen_ = false;  // No further request will be read.
    bool peer_finished_ = false;      // The client has closed its sending side.
    bool cut_after_output_ = false;   // The end of the connection ends the last answer.
    bool draining_ = false;
    bool lingering_ = false;
    bool closed_ = false;
};

}  // namespace winback::http

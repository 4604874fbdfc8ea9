// One I/O thread: its event loop, its connections and what other threads hand to it. Internal to
// the server; includes Asio, so only server.cc and connection.cc may include it.
//
// Everything but `deliver` and `wake` happens on the worker's own thread.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/server.h"

namespace winback::http {

using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;

// Beast and the kernel are fastest with large reads: at the usual 512 bytes a read, a batch of
// 100 events took eleven times as long.
constexpr std::size_t read_buffer_bytes = std::size_t{64} * 1024;

struct ReadBuffer {
    char data[read_buffer_bytes];
};

// What all workers of a server share.
struct ServerState {
    ServerOptions options;
    Router router;
    std::shared_ptr<UploadFolder> uploads;
    std::atomic<int> connections{0};
    std::atomic<int> pending{0};
    std::atomic<int> streams{0};
    std::atomic<std::uint64_t> requests{0};
};

class Connection;

struct Completion {
    std::weak_ptr<Connection> connection;
    std::uint64_t sequence = 0;
    std::optional<Response> response;  // Nothing: a streamed answer has more to send.
};

class Worker : public std::enable_shared_from_this<Worker> {
public:
    explicit Worker(std::shared_ptr<ServerState> state);

    ServerState& state() { return *state_; }
    boost::asio::io_context& context() { return context_; }

    void run() noexcept;  // Until stopped and all connections are closed.
    void adopt(Socket socket);
    void remove(Connection& connection);
    void drain();      // Closes idle connections now and the others after their last answer.
    void close_all();  // Closes the rest; run() then returns.

    // From any thread, once per sequence.
    void deliver(Completion completion);
    // From any thread: lets the connection look at its streamed answer, soon but never at once.
    void wake(std::weak_ptr<Connection> connection);

    std::unique_ptr<ReadBuffer> take_buffer();
    void give_back(std::unique_ptr<ReadBuffer> buffer);
    const std::string& date();  // Of now, for the Date field.

private:
    void sweep();
    void put_into_inbox(Completion completion);
    void empty_inbox();

    std::shared_ptr<ServerState> state_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<Executor> guard_;
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      Executor>
        sweep_timer_;
    std::chrono::milliseconds sweep_interval_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<std::unique_ptr<ReadBuffer>> buffers_;
    std::string date_;
    long long date_second_ = -1;
    bool draining_ = false;
    bool closing_ = false;

    std::mutex inbox_mutex_;
    std::vector<Completion> inbox_;
    bool finished_ = false;  // Under inbox_mutex_: nobody will empty the inbox again.
};

}  // namespace winback::http

#include "http/server.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <thread>

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "http/connection.h"
#include "http/framing.h"
#include "http/worker.h"

namespace winback::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr std::size_t buffers_kept = 64;
constexpr int backlog = 1024;
// After accept() failed for want of descriptors or memory: trying at once would only spin.
constexpr std::chrono::milliseconds accept_pause{100};

// Deadlines are met within a quarter of the shortest of them, at most a second late.
std::chrono::milliseconds sweep_interval(const ServerOptions& options) {
    const std::int64_t shortest =
        std::min({options.idle_timeout.ms, options.header_timeout.ms, options.heartbeat.ms,
                  options.body_timeout.ms, options.write_timeout.ms});
    return std::chrono::milliseconds(std::clamp<std::int64_t>(shortest / 4, 5, 1000));
}

Error listen_error(const error_code& ec, const ServerOptions& options) {
    const std::string port = std::to_string(options.port);
    if (ec == asio::error::address_in_use) {
        return {ErrorCode::Conflict,
                "port " + port + " on " + options.address +
                    " is taken by another program; stop that one, or choose another port with "
                    "--port (0 takes any free one)"};
    }
    if (ec == asio::error::access_denied) {
        return {ErrorCode::PermissionDenied,
                "port " + port +
                    " may not be opened by this user; choose one above 1023 with "
                    "--port"};
    }
    if (ec == boost::system::errc::address_not_available) {
        return {ErrorCode::InvalidArgument, "this machine has no address " + options.address +
                                                "; choose 127.0.0.1 or 0.0.0.0 with --address"};
    }
    return {ErrorCode::Unavailable,
            "cannot listen on " + options.address + " port " + port + ": " + ec.message()};
}

void refuse_connection(Socket& socket) {
    Response response = error(503, "unavailable", "too many connections; try again in a second");
    response.add("Retry-After", "1");
    std::string out;
    Framing framing;
    framing.keep_alive = false;
    const std::string date = format_http_date(std::time(nullptr));
    framing.date = date;
    append_response(out, std::move(response), framing);
    error_code ec;
    socket.non_blocking(true, ec);
    socket.write_some(asio::buffer(out), ec);
    socket.close(ec);
}

}  // namespace

Worker::Worker(std::shared_ptr<ServerState> state)
    : state_(std::move(state)),
      guard_(asio::make_work_guard(context_)),
      sweep_timer_(context_),
      sweep_interval_(sweep_interval(state_->options)) {}

void Worker::run() noexcept {
    sweep();
    context_.run();
    std::vector<Completion> late;
    const std::lock_guard lock(inbox_mutex_);
    finished_ = true;
    late.swap(inbox_);
}

void Worker::adopt(Socket socket) {
    if (draining_) {
        error_code ec;
        socket.close(ec);
        state_->connections.fetch_sub(1);
        return;
    }
    auto connection = std::make_shared<Connection>(*this, std::move(socket));
    connection->index = connections_.size();
    connections_.push_back(connection);
    connection->start();
}

void Worker::remove(Connection& connection) {
    const std::size_t index = connection.index;
    WINBACK_CHECK(index < connections_.size() && connections_[index].get() == &connection);
    const std::shared_ptr<Connection> kept = std::move(connections_[index]);
    if (index + 1 != connections_.size()) {
        connections_[index] = std::move(connections_.back());
        connections_[index]->index = index;
    }
    connections_.pop_back();
    state_->connections.fetch_sub(1);
}

// From the end, because closing moves the last connection into the place of the closed one.
void Worker::sweep() {
    const SteadyTime now = std::chrono::steady_clock::now();
    for (std::size_t i = connections_.size(); i-- > 0;) {
        const std::shared_ptr<Connection> connection = connections_[i];
        connection->check_deadlines(now);
    }
    if (closing_) {
        return;
    }
    sweep_timer_.expires_after(sweep_interval_);
    sweep_timer_.async_wait([this](const error_code& ec) {
        if (!ec) {
            sweep();
        }
    });
}

void Worker::drain() {
    draining_ = true;
    for (std::size_t i = connections_.size(); i-- > 0;) {
        const std::shared_ptr<Connection> connection = connections_[i];
        connection->drain();
    }
}

void Worker::close_all() {
    draining_ = true;
    closing_ = true;
    while (!connections_.empty()) {
        const std::shared_ptr<Connection> connection = connections_.back();
        connection->close();
    }
    sweep_timer_.cancel();
    guard_.reset();
}

void Worker::deliver(Completion completion) {
    if (context_.get_executor().running_in_this_thread()) {
        if (const auto connection = completion.connection.lock()) {
            connection->complete(completion.sequence, *std::move(completion.response));
        }
        return;
    }
    put_into_inbox(std::move(completion));
}

void Worker::wake(std::weak_ptr<Connection> connection) {
    put_into_inbox({std::move(connection), 0, std::nullopt});
}

void Worker::put_into_inbox(Completion completion) {
    const std::lock_guard lock(inbox_mutex_);
    if (finished_) {
        return;
    }
    inbox_.push_back(std::move(completion));
    if (inbox_.size() == 1) {
        // One wake-up for however many replies come before it is heard.
        asio::post(context_, [this] { empty_inbox(); });
    }
}

void Worker::empty_inbox() {
    std::vector<Completion> completions;
    {
        const std::lock_guard lock(inbox_mutex_);
        completions.swap(inbox_);
    }
    for (Completion& completion : completions) {
        const auto connection = completion.connection.lock();
        if (connection && completion.response) {
            connection->complete(completion.sequence, *std::move(completion.response));
        } else if (connection) {
            connection->resume();
        }
    }
}

std::unique_ptr<ReadBuffer> Worker::take_buffer() {
    if (buffers_.empty()) {
        return std::unique_ptr<ReadBuffer>(new ReadBuffer);
    }
    std::unique_ptr<ReadBuffer> buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
}

void Worker::give_back(std::unique_ptr<ReadBuffer> buffer) {
    if (buffers_.size() < buffers_kept) {
        buffers_.push_back(std::move(buffer));
    }
}

const std::string& Worker::date() {
    const long long now = std::time(nullptr);
    if (now != date_second_) {
        date_second_ = now;
        date_ = format_http_date(now);
    }
    return date_;
}

struct Server::Impl {
    Impl(ServerOptions options, Router router) : state(std::make_shared<ServerState>()) {
        state->options = std::move(options);
        state->router = std::move(router);
        state->uploads = std::make_shared<UploadFolder>(state->options.uploads);
        WINBACK_CHECK(state->options.header_bytes_max <= read_buffer_bytes / 2);
    }

    error_code listen(const tcp::endpoint& endpoint);
    void accept_next();
    void on_accept(const error_code& ec, Socket socket, std::size_t target);
    void retry_accept();
    void stop_accepting();
    void wait_for_drain();
    void stop();

    std::shared_ptr<ServerState> state;
    std::vector<std::shared_ptr<Worker>> workers;
    std::vector<std::thread> threads;
    // Both live on the first worker.
    std::unique_ptr<Acceptor> acceptor;
    std::unique_ptr<asio::steady_timer> accept_timer;
    std::size_t next_worker = 0;
};

error_code Server::Impl::listen(const tcp::endpoint& endpoint) {
    error_code ec;
    acceptor = std::make_unique<Acceptor>(workers.front()->context());
    acceptor->open(endpoint.protocol(), ec);
    if (!ec) {
        // Only lets a restarted server have its port back at once; it does not share ports.
        acceptor->set_option(Acceptor::reuse_address(true), ec);
    }
    if (!ec) {
        acceptor->bind(endpoint, ec);
    }
    if (!ec) {
        acceptor->listen(backlog, ec);
    }
    return ec;
}

void Server::Impl::accept_next() {
    const std::size_t target = next_worker;
    next_worker = (next_worker + 1) % workers.size();
    acceptor->async_accept(workers[target]->context(),
                           [this, target](const error_code& ec, Socket socket) {
                               on_accept(ec, std::move(socket), target);
                           });
}

void Server::Impl::on_accept(const error_code& ec, Socket socket, std::size_t target) {
    if (!acceptor->is_open()) {
        return;
    }
    if (ec) {
        retry_accept();
        return;
    }
    if (state->connections.fetch_add(1) >= state->options.connections_max) {
        state->connections.fetch_sub(1);
        refuse_connection(socket);
    } else if (target == 0) {
        workers[0]->adopt(std::move(socket));
    } else {
        // Not an owner: what waits in the worker's own queue must not keep the worker.
        Worker* worker = workers[target].get();
        asio::post(worker->context(), [worker, moved = std::move(socket)]() mutable {
            worker->adopt(std::move(moved));
        });
    }
    accept_next();
}

void Server::Impl::retry_accept() {
    accept_timer->expires_after(accept_pause);
    accept_timer->async_wait([this](const error_code& ec) {
        if (!ec && acceptor->is_open()) {
            accept_next();
        }
    });
}

void Server::Impl::stop_accepting() {
    error_code ec;
    acceptor->close(ec);
    accept_timer->cancel();
}

void Server::Impl::wait_for_drain() {
    // stop() is rare and its caller has nothing else to do: looking again every few
    // milliseconds is simpler than a signal from each worker.
    const auto deadline = std::chrono::steady_clock::now() +
                          std::chrono::milliseconds(state->options.drain_timeout.ms);
    while (state->connections.load() > 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

void Server::Impl::stop() {
    if (threads.empty()) {
        return;
    }
    asio::post(workers.front()->context(), [this] { stop_accepting(); });
    for (const std::shared_ptr<Worker>& worker : workers) {
        asio::post(worker->context(), [worker] { worker->drain(); });
    }
    wait_for_drain();
    for (const std::shared_ptr<Worker>& worker : workers) {
        asio::post(worker->context(), [worker] { worker->close_all(); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    threads.clear();
    accept_timer.reset();
    acceptor.reset();
    workers.clear();
}

Server::Server(ServerOptions options, Router router)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router))) {}

Server::~Server() {
    stop();
}

Result<std::uint16_t> Server::start() {
    Impl& impl = *impl_;
    WINBACK_CHECK(impl.workers.empty());
    const ServerOptions& options = impl.state->options;
    error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) {
        return Error{ErrorCode::InvalidArgument,
                     "\"" + options.address + "\" is not an IP address; use for example 127.0.0.1"};
    }
    try {
        for (int i = 0; i < std::max(1, options.threads); ++i) {
            impl.workers.push_back(std::make_shared<Worker>(impl.state));
        }
    } catch (const std::exception& failure) {  // Asio: no descriptors left.
        impl.workers.clear();
        return Error{ErrorCode::Unavailable, std::string("cannot serve: ") + failure.what()};
    }
    ec = impl.listen(tcp::endpoint(address, options.port));
    if (ec) {
        impl.acceptor.reset();
        impl.workers.clear();
        return listen_error(ec, options);
    }
    impl.state->uploads->clean();
    const std::uint16_t port = impl.acceptor->local_endpoint(ec).port();
    impl.accept_timer = std::make_unique<asio::steady_timer>(impl.workers.front()->context());
    impl.accept_next();
    for (const std::shared_ptr<Worker>& worker : impl.workers) {
        impl.threads.emplace_back([worker] { worker->run(); });
    }
    return port;
}

void Server::stop() noexcept {
    try {
        impl_->stop();
    } catch (const std::exception&) {
        // Without memory for a few words to the workers there is no orderly end.
        std::abort();
    }
}

ServerStats Server::stats() const {
    const ServerState& state = *impl_->state;
    return {state.connections.load(), state.pending.load(), state.streams.load(),
            state.requests.load()};
}

}  // namespace winback::http

#include "sender/smtp.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "sender/address.h"
#include "sender/mime.h"
#include "sender/smtp_connection.h"

namespace winback::sender {
namespace {

namespace asio = boost::asio;

// How often a letter moves to another connection because the one it was on had gone stale.
constexpr int moves_max = 2;

struct Submitted {
    Letter letter;
    OutcomeCallback callback;
    std::optional<Outcome> refused;  // Decided before it reached a connection.
};

struct Pending {
    OutcomeCallback callback;
    int moves = 0;
};

Status check_options(const SmtpOptions& options) {
    const auto invalid = [](std::string message) {
        return Error{ErrorCode::InvalidArgument, "smtp: " + std::move(message)};
    };
    const std::string& name = options.session.client_name;
    if (!is_host_name(name) && !(name.starts_with('[') && parse_address("a@" + name))) {
        return invalid("the client name must be a host name or an address in brackets");
    }
    if (options.host.empty() || options.port == 0) {
        return invalid("host and port are needed");
    }
    if (options.connections_max < 1 || options.connections_max > 1'000) {
        return invalid("connections: 1 to 1000 are possible");
    }
    if (options.queue_max == 0) {
        return invalid("the queue must have room for one message");
    }
    if (options.session.user.size() > 500 || options.session.password.size() > 500) {
        return invalid("user and password: at most 500 bytes each");
    }
    return Ok{};
}

Submitted prepare(Outgoing outgoing, OutcomeCallback callback) {
    Submitted out{.callback = std::move(callback)};
    Result<ComposedMail> composed = compose(outgoing.mail);
    if (!composed) {
        out.refused = Outcome{.kind = OutcomeKind::Refused, .text = composed.error().message};
        return out;
    }
    out.letter.from = composed->return_path.text();
    out.letter.to = composed->to.text();
    out.letter.needs_smtputf8 = composed->needs_smtputf8;
    out.letter.size = composed->bytes.size();
    out.letter.wire = stuff_dots(composed->bytes);
    return out;
}

}  // namespace

class SmtpSender::Pool final : public SmtpConnection::Owner {
public:
    explicit Pool(SmtpOptions options)
        : options_(std::move(options)),
          tls_context_(asio::ssl::context::tls_client),
          work_(asio::make_work_guard(io_)),
          pause_timer_(io_),
          stop_timer_(io_) {}
    ~Pool() override { stop(); }

    Status load_certificates();
    void run() {
        thread_ = std::thread([this] { io_.run(); });
    }

    // From any thread.
    bool reserve(bool wait);
    void push(Submitted submitted);
    void drain();
    void stop();
    SmtpStatus status() const;

private:
    bool next_letter(Letter& letter) override;
    bool ending() const override { return ending_; }
    void finished(Finished finished) override;
    void signed_in() override;
    void closed(SmtpConnection& connection, bool was_ready, const std::string& reason) override;

    void take_incoming();
    void dispatch();
    void open_connections();
    void post_dispatch();
    void connection_failed(const std::string& reason);
    void fail_waiting(const std::string& reason);
    void report(std::uint64_t id, const Outcome& outcome);
    void end();
    void end_if_empty();

    const SmtpOptions options_;
    asio::io_context io_{1};
    asio::ssl::context tls_context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::thread thread_;

    std::mutex join_mutex_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Submitted> incoming_;
    std::size_t outstanding_ = 0;  // Reserved or taken, without an outcome.
    bool wake_pending_ = false;
    bool stopped_ = false;
    std::string last_error_;
    int connection_count_ = 0;

    // From here on only the pool's thread.
    asio::steady_timer pause_timer_;
    asio::steady_timer stop_timer_;
    std::deque<Letter> waiting_;
    std::unordered_map<std::uint64_t, Pending> pending_;
    std::uint64_t next_id_ = 1;
    std::vector<std::shared_ptr<SmtpConnection>> connections_;
    int failures_in_a_row_ = 0;
    bool pausing_ = false;
    bool ending_ = false;
    bool dispatch_posted_ = false;
};

Status SmtpSender::Pool::load_certificates() {
    boost::system::error_code error;
    // Asio's constructor leaves the versions open; older than 1.2 is no protection (RFC 8996).
    SSL_CTX_set_min_proto_version(tls_context_.native_handle(), TLS1_2_VERSION);
    tls_context_.set_verify_mode(asio::ssl::verify_peer, error);
    if (options_.ca_file.empty()) {
        tls_context_.set_default_verify_paths(error);
    } else {
        tls_context_.load_verify_file(options_.ca_file, error);
    }
    if (error) {
        return Error{ErrorCode::NotFound,
                     "smtp: the certificates in " +
                         (options_.ca_file.empty() ? "the system's store" : options_.ca_file) +
                         " cannot be read: " + error.message()};
    }
    return Ok{};
}

bool SmtpSender::Pool::reserve(bool wait) {
    std::unique_lock lock(mutex_);
    if (wait) {
        changed_.wait(lock, [this] { return stopped_ || outstanding_ < options_.queue_max; });
    }
    if (stopped_ || outstanding_ >= options_.queue_max) {
        return false;
    }
    ++outstanding_;
    return true;
}

void SmtpSender::Pool::push(Submitted submitted) {
    {
        const std::lock_guard lock(mutex_);
        incoming_.push_back(std::move(submitted));
        if (std::exchange(wake_pending_, true)) {
            return;
        }
    }
    asio::post(io_, [this] {
        take_incoming();
        dispatch();
    });
}

void SmtpSender::Pool::take_incoming() {
    std::vector<Submitted> taken;
    {
        const std::lock_guard lock(mutex_);
        wake_pending_ = false;
        taken.swap(incoming_);
    }
    for (Submitted& submitted : taken) {
        const std::uint64_t id = next_id_++;
        pending_.emplace(id, Pending{std::move(submitted.callback)});
        if (submitted.refused) {
            report(id, *submitted.refused);
        } else if (ending_) {
            report(id, {.kind = OutcomeKind::NotSent, .text = "the sender was stopped"});
        } else {
            submitted.letter.id = id;
            waiting_.push_back(std::move(submitted.letter));
        }
    }
    end_if_empty();
}

// Idle connections first: a letter queued behind another one waits a round trip longer.
void SmtpSender::Pool::dispatch() {
    dispatch_posted_ = false;
    const auto connections = connections_;
    for (const bool idle : {true, false}) {
        for (const auto& connection : connections) {
            if (waiting_.empty()) {
                return;
            }
            if (connection->ready() && connection->idle() == idle) {
                connection->pump();
            }
        }
    }
    open_connections();
}

void SmtpSender::Pool::open_connections() {
    if (pausing_ || ending_) {
        return;
    }
    const auto wanted = std::min(connections_.size() + waiting_.size(),
                                 static_cast<std::size_t>(options_.connections_max));
    // Until one connection has stood, one attempt is enough to learn that the server is down.
    const std::size_t allowed = failures_in_a_row_ > 0 ? std::min<std::size_t>(wanted, 1) : wanted;
    while (connections_.size() < allowed) {
        connections_.push_back(
            std::make_shared<SmtpConnection>(io_, tls_context_, options_, *this));
        {
            const std::lock_guard lock(mutex_);
            ++connection_count_;
        }
        const auto connection = connections_.back();
        connection->start();
    }
}

void SmtpSender::Pool::post_dispatch() {
    if (!std::exchange(dispatch_posted_, true)) {
        asio::post(io_, [this] { dispatch(); });
    }
}

bool SmtpSender::Pool::next_letter(Letter& letter) {
    if (waiting_.empty()) {
        return false;
    }
    letter = std::move(waiting_.front());
    waiting_.pop_front();
    return true;
}

void SmtpSender::Pool::finished(Finished finished) {
    const auto found = pending_.find(finished.letter.id);
    WINBACK_CHECK(found != pending_.end());
    if (finished.try_elsewhere && !ending_ && found->second.moves < moves_max) {
        ++found->second.moves;
        waiting_.push_front(std::move(finished.letter));
        post_dispatch();
        return;
    }
    report(finished.letter.id, finished.outcome);
}

void SmtpSender::Pool::report(std::uint64_t id, const Outcome& outcome) {
    const auto found = pending_.find(id);
    WINBACK_CHECK(found != pending_.end());
    const OutcomeCallback callback = std::move(found->second.callback);
    pending_.erase(found);
    callback(outcome);
    const std::lock_guard lock(mutex_);
    WINBACK_CHECK(outstanding_ > 0);
    if (outstanding_ == options_.queue_max || outstanding_ == 1) {
        changed_.notify_all();
    }
    --outstanding_;
}

void SmtpSender::Pool::signed_in() {
    failures_in_a_row_ = 0;
    {
        const std::lock_guard lock(mutex_);
        last_error_.clear();
    }
    post_dispatch();
}

void SmtpSender::Pool::closed(SmtpConnection& connection,
                              bool was_ready,
                              const std::string& reason) {
    std::erase_if(connections_, [&](const auto& held) { return held.get() == &connection; });
    {
        const std::lock_guard lock(mutex_);
        --connection_count_;
        if (!reason.empty()) {
            last_error_ = reason;
        }
    }
    if (!was_ready && !ending_) {
        connection_failed(reason);
    }
    post_dispatch();
    end_if_empty();
}

void SmtpSender::Pool::connection_failed(const std::string& reason) {
    if (!pausing_) {
        const int doublings = std::min(failures_in_a_row_++, 16);
        const Duration pause{std::min(options_.reconnect_pause_max.ms,
                                      options_.reconnect_pause_min.ms << doublings)};
        pausing_ = true;
        pause_timer_.expires_after(std::chrono::milliseconds(pause.ms));
        pause_timer_.async_wait([this](const boost::system::error_code& error) {
            pausing_ = false;
            if (!error) {
                dispatch();
            }
        });
    }
    if (connections_.empty()) {
        fail_waiting(reason);
    }
}

void SmtpSender::Pool::fail_waiting(const std::string& reason) {
    std::deque<Letter> failed = std::exchange(waiting_, {});
    for (const Letter& letter : failed) {
        report(letter.id, {.kind = OutcomeKind::NotSent, .text = reason});
    }
}

void SmtpSender::Pool::drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return outstanding_ == 0; });
}

void SmtpSender::Pool::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(stopped_, true) && thread_.joinable()) {
            asio::post(io_, [this] { end(); });
        }
    }
    changed_.notify_all();
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) {
        thread_.join();  // io_.run() returns when end_if_empty() gave up the work guard.
    }
}

void SmtpSender::Pool::end() {
    take_incoming();
    ending_ = true;
    pause_timer_.cancel();
    fail_waiting("the sender was stopped");
    stop_timer_.expires_after(std::chrono::milliseconds(options_.stop_timeout.ms));
    stop_timer_.async_wait([this](const boost::system::error_code& error) {
        const auto connections = connections_;
        for (const auto& connection : connections) {
            if (!error) {
                connection->give_up("the sender was stopped");
            }
        }
    });
    const auto connections = connections_;
    for (const auto& connection : connections) {
        connection->quit_if_idle();
    }
    end_if_empty();
}

void SmtpSender::Pool::end_if_empty() {
    if (!ending_ || !connections_.empty() || !pending_.empty()) {
        return;
    }
    const std::lock_guard lock(mutex_);
    if (outstanding_ == 0) {  // Else somebody has reserved a place and is about to push.
        stop_timer_.cancel();
        work_.reset();
    }
}

SmtpStatus SmtpSender::Pool::status() const {
    const std::lock_guard lock(mutex_);
    return {connection_count_, outstanding_, last_error_};
}

Result<std::unique_ptr<SmtpSender>> SmtpSender::create(SmtpOptions options) {
    WINBACK_TRY([[maybe_unused]] const Ok checked, check_options(options));
    auto pool = std::make_unique<Pool>(std::move(options));
    WINBACK_TRY([[maybe_unused]] const Ok loaded, pool->load_certificates());
    pool->run();
    return std::unique_ptr<SmtpSender>(new SmtpSender(std::move(pool)));
}

SmtpSender::SmtpSender(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
SmtpSender::~SmtpSender() = default;

bool SmtpSender::try_submit(Outgoing& outgoing, OutcomeCallback& callback) {
    if (!pool_->reserve(false)) {
        return false;
    }
    pool_->push(prepare(std::move(outgoing), std::move(callback)));
    return true;
}

bool SmtpSender::submit(Outgoing outgoing, OutcomeCallback callback) {
    if (!pool_->reserve(true)) {
        return false;
    }
    pool_->push(prepare(std::move(outgoing), std::move(callback)));
    return true;
}

void SmtpSender::drain() {
    pool_->drain();
}

void SmtpSender::stop() {
    pool_->stop();
}

SmtpStatus SmtpSender::status() const {
    return pool_->status();
}

}  // namespace winback::sender

#include "load.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace winback::load {
namespace {

using Clock = std::chrono::steady_clock;

struct Client {
    int socket = -1;
    std::string request;
    std::size_t written = 0;
    std::string answer;
    Clock::time_point due;      // Latency counts from here.
    Clock::time_point send_at;  // After a 429: not before.
    bool waiting_to_send = false;
    bool awaiting_answer = false;
};

// A whole answer's size, or 0 while it is incomplete.
std::size_t answer_size(std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        return 0;
    }
    constexpr std::string_view field = "Content-Length: ";
    const std::size_t at = bytes.substr(0, end).find(field);
    const std::size_t body = at == std::string_view::npos
                                 ? 0
                                 : std::strtoull(bytes.data() + at + field.size(), nullptr, 10);
    return bytes.size() >= end + 4 + body ? end + 4 + body : 0;
}

double retry_after_seconds(std::string_view answer) {
    constexpr std::string_view field = "Retry-After: ";
    const std::size_t at = answer.find(field);
    return at == std::string_view::npos ? 1.0
                                        : std::strtod(answer.data() + at + field.size(), nullptr);
}

class Generator {
public:
    Generator(const LoadOptions& options, const WriteRequest& write)
        : options_(options), write_(write), epoll_(epoll_create1(0)) {}
    ~Generator() {
        for (const auto& client : clients_) {
            ::close(client->socket);
        }
        ::close(epoll_);
    }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    Status connect();
    LoadReport run();

private:
    bool may_begin(Clock::time_point now) const;
    void begin_due(Clock::time_point now);
    void begin(Client& client, Clock::time_point due);
    void push(Client& client);
    void on_ready(Client& client, std::uint32_t events);
    void on_answer(Client& client, std::size_t size);
    void lose(Client& client, std::string why);
    int wait_ms(Clock::time_point now) const;

    const LoadOptions& options_;
    const WriteRequest& write_;
    int epoll_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<Client*> idle_;
    std::vector<Client*> postponed_;
    std::uint64_t begun_ = 0;
    std::size_t under_way_ = 0;
    Clock::time_point start_;
    Clock::time_point next_due_;
    LoadReport report_;
};

Status Generator::connect() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    if (inet_pton(AF_INET, options_.address.c_str(), &address.sin_addr) != 1) {
        return Error{ErrorCode::InvalidArgument, options_.address + " is not an IPv4 address"};
    }
    for (int i = 0; i < options_.connections; ++i) {
        auto client = std::make_unique<Client>();
        client->socket = ::socket(AF_INET, SOCK_STREAM, 0);
        const int on = 1;
        ::setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(client->socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            const std::string why = std::strerror(errno);
            ::close(client->socket);
            return Error{ErrorCode::Unavailable, "cannot connect to " + options_.address + ":" +
                                                     std::to_string(options_.port) + ": " + why};
        }
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLET;
        event.data.ptr = client.get();
        epoll_ctl(epoll_, EPOLL_CTL_ADD, client->socket, &event);
        idle_.push_back(client.get());
        clients_.push_back(std::move(client));
    }
    return Ok{};
}

bool Generator::may_begin(Clock::time_point now) const {
    return options_.requests_max != 0
               ? begun_ < options_.requests_max
               : now < start_ + std::chrono::duration<double>(options_.seconds);
}

void Generator::begin_due(Clock::time_point now) {
    std::vector<Client*> later;
    for (Client* client : postponed_) {
        if (now >= client->send_at) {
            push(*client);
        } else {
            later.push_back(client);
        }
    }
    postponed_.swap(later);
    const double rate = options_.requests_per_second;
    while (!idle_.empty() && may_begin(now) && (rate <= 0 || now >= next_due_)) {
        Client* client = idle_.back();
        idle_.pop_back();
        begin(*client, rate > 0 ? next_due_ : now);
        if (rate > 0) {
            next_due_ =
                start_ + std::chrono::duration_cast<Clock::duration>(
                             std::chrono::duration<double>(static_cast<double>(begun_) / rate));
        }
    }
}

void Generator::begin(Client& client, Clock::time_point due) {
    write_(begun_, client.request);
    ++begun_;
    ++under_way_;
    client.due = due;
    push(client);
}

// Sends the client's request from its first byte.
void Generator::push(Client& client) {
    client.written = 0;
    client.awaiting_answer = true;
    client.waiting_to_send = true;
    on_ready(client, EPOLLOUT);
}

void Generator::on_ready(Client& client, std::uint32_t events) {
    while (client.waiting_to_send && (events & EPOLLOUT) != 0) {
        const std::string_view rest = std::string_view(client.request).substr(client.written);
        const ssize_t count =
            ::send(client.socket, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0) {
            if (errno != EAGAIN) {
                lose(client, std::strerror(errno));
            }
            break;
        }
        client.written += static_cast<std::size_t>(count);
        client.waiting_to_send = client.written < client.request.size();
    }
    std::array<char, 16384> chunk;
    while (client.awaiting_answer && (events & EPOLLIN) != 0) {
        const ssize_t count = ::recv(client.socket, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN) {
            break;
        }
        if (count <= 0) {
            lose(client, "the server closed the connection");
            break;
        }
        client.answer.append(chunk.data(), static_cast<std::size_t>(count));
        if (const std::size_t size = answer_size(client.answer); size != 0) {
            on_answer(client, size);
            break;
        }
    }
}

void Generator::on_answer(Client& client, std::size_t size) {
    const Clock::time_point now = Clock::now();
    const std::string answer = client.answer.substr(0, size);
    client.answer.erase(0, size);
    client.awaiting_answer = false;
    const std::string status = answer.substr(9, 3);
    if (status == "429") {
        ++report_.postponed;
        client.send_at = now + std::chrono::duration_cast<Clock::duration>(
                                   std::chrono::duration<double>(retry_after_seconds(answer)));
        postponed_.push_back(&client);
        return;
    }
    --under_way_;
    if (status == "200") {
        ++report_.answered;
        report_.latencies_us.push_back(static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(now - client.due).count()));
    } else {
        ++report_.failed;
        if (report_.first_failure.empty()) {
            report_.first_failure = answer;
        }
    }
    idle_.push_back(&client);
}

void Generator::lose(Client& client, std::string why) {
    if (client.awaiting_answer) {
        --under_way_;
        ++report_.failed;
    }
    client.awaiting_answer = client.waiting_to_send = false;
    if (report_.first_failure.empty()) {
        report_.first_failure = std::move(why);
    }
    epoll_ctl(epoll_, EPOLL_CTL_DEL, client.socket, nullptr);
}

int Generator::wait_ms(Clock::time_point now) const {
    constexpr int tick_ms = 100;
    if (options_.requests_per_second > 0 && !idle_.empty() && may_begin(now)) {
        return 0;  // The next is due within microseconds; sleeping would be late by a millisecond.
    }
    return postponed_.empty() ? tick_ms : 1;
}

LoadReport Generator::run() {
    start_ = next_due_ = Clock::now();
    std::array<epoll_event, 256> events;
    for (;;) {
        const Clock::time_point now = Clock::now();
        begin_due(now);
        if (under_way_ == 0 && (!may_begin(now) || idle_.empty())) {
            break;
        }
        const int count =
            epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms(now));
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            on_ready(*static_cast<Client*>(event.data.ptr), event.events);
        }
    }
    report_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    std::sort(report_.latencies_us.begin(), report_.latencies_us.end());
    return std::move(report_);
}

}  // namespace

std::uint32_t LoadReport::percentile_us(double p) const {
    if (latencies_us.empty()) {
        return 0;
    }
    const double rank = std::ceil(p * static_cast<double>(latencies_us.size()));
    const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
    return latencies_us[std::min(index, latencies_us.size() - 1)];
}

Result<LoadReport> run_load(const LoadOptions& options, const WriteRequest& write) {
    Generator generator(options, write);
    if (Status connected = generator.connect(); !connected) {
        return connected.error();
    }
    return generator.run();
}

}  // namespace winback::load

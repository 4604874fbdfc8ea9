#include "smtp/peer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace winback::test {
namespace {

bool starts_with_word(const std::string& line, const char* word) {
    const std::string wanted = word;
    return line.size() >= wanted.size() &&
           std::equal(wanted.begin(), wanted.end(), line.begin(), [](char a, char b) {
               return a == std::toupper(static_cast<unsigned char>(b));
           });
}

std::string unstuffed(const std::string& data) {
    std::string out;
    out.reserve(data.size());
    for (std::size_t i = 0; i < data.size(); ++i) {
        const bool line_start = i == 0 || data[i - 1] == '\n';
        if (!(line_start && data[i] == '.')) {
            out += data[i];
        }
    }
    return out;
}

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::abort();
}

}  // namespace

struct SmtpPeer::Conversation {
    int fd = -1;
    int number = 0;
    int message = 0;
    bool in_body = false;
    bool body_announced = false;
    bool has_rcpt = false;
    bool close_after = false;
    std::string in;
    std::size_t scanned = 0;  // How much of `in` was searched for the final dot.
    std::string out;
    ReceivedMail mail;
};

SmtpPeer::SmtpPeer(PeerOptions options) : options_(std::move(options)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 1024) != 0) {
        fail("smtp peer: listen");
    }
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { listen_loop(); });
}

SmtpPeer::~SmtpPeer() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_) {
            shutdown(fd, SHUT_RDWR);
        }
    }
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

std::vector<ReceivedMail> SmtpPeer::mails() const {
    const std::lock_guard lock(mutex_);
    return mails_;
}

std::vector<std::string> SmtpPeer::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

void SmtpPeer::listen_loop() {
    while (!stopping_) {
        const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        const int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        open_.push_back(fd);
        threads_.emplace_back([this, fd, number = ++connections_] { serve(fd, number); });
    }
}

bool SmtpPeer::flush(Conversation& conversation) {
    std::string out;
    out.swap(conversation.out);
    if (!out.empty() && options_.reply_delay_ms > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(options_.reply_delay_ms));
    }
    std::size_t at = 0;
    while (at < out.size()) {
        const ssize_t sent = send(conversation.fd, out.data() + at, out.size() - at, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        at += static_cast<std::size_t>(sent);
    }
    return !conversation.close_after;
}

// False when the connection must be closed now.
bool SmtpPeer::act(Conversation& conversation, Moment moment, const std::string& usual) {
    Action action;
    if (options_.act) {
        action = options_.act(moment, conversation.number, conversation.message);
    }
    const std::string& reply = action.reply.empty() ? usual : action.reply;
    if (!reply.empty() && !action.close && !action.silent) {
        conversation.out += reply + "\r\n";
    }
    conversation.close_after = conversation.close_after || action.close_after;
    if (action.close) {
        conversation.close_after = true;
        flush(conversation);
        return false;
    }
    return !action.close_after || flush(conversation);
}

void SmtpPeer::serve(int fd, int number) {
    Conversation conversation;
    conversation.fd = fd;
    conversation.number = number;
    bool alive = act(conversation, Moment::Greeting, "220 sink.test ESMTP");
    std::array<char, 65536> chunk{};
    while (alive) {
        if (conversation.in_body) {
            const bool waits =
                conversation.in.find("\r\n.\r\n", conversation.scanned) == std::string::npos &&
                !conversation.in.starts_with(".\r\n");
            alive = waits || body(conversation);
            if (!waits || !alive) {
                continue;
            }
            conversation.scanned = conversation.in.size() < 4 ? 0 : conversation.in.size() - 4;
        } else if (const auto end = conversation.in.find("\r\n"); end != std::string::npos) {
            const std::string line = conversation.in.substr(0, end);
            conversation.in.erase(0, end + 2);
            alive = command(conversation, line);
            continue;
        }
        if (!flush(conversation)) {
            break;
        }
        const ssize_t got = recv(fd, chunk.data(), chunk.size(), 0);
        if (got <= 0) {
            break;
        }
        ++reads_;
        conversation.in.append(chunk.data(), static_cast<std::size_t>(got));
        if (conversation.in_body && !conversation.body_announced) {
            conversation.body_announced = true;
            alive = act(conversation, Moment::BodyStarted, "");
        }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    close(fd);
}

bool SmtpPeer::body(Conversation& conversation) {
    const bool empty = conversation.in.starts_with(".\r\n");
    const std::size_t end = empty ? 0 : conversation.in.find("\r\n.\r\n", conversation.scanned) + 2;
    conversation.in_body = false;
    conversation.scanned = 0;
    conversation.mail.data = options_.keep_mails || options_.record
                                 ? unstuffed(conversation.in.substr(0, end))
                                 : std::string{};
    conversation.in.erase(0, end + 3);
    if (!conversation.has_rcpt) {
        conversation.out += "554 5.5.1 no valid recipients\r\n";
        return true;
    }
    const std::size_t before = conversation.out.size();
    if (!act(conversation, Moment::Dot, "")) {
        return false;
    }
    if (conversation.out.size() > before) {
        return true;  // Refused.
    }
    if (options_.record) {
        options_.record(conversation.mail);
    }
    ++accepted_;
    if (options_.keep_mails) {
        const std::lock_guard lock(mutex_);
        mails_.push_back(conversation.mail);
    }
    return act(conversation, Moment::Recorded, "250 2.0.0 accepted");
}

bool SmtpPeer::command(Conversation& conversation, const std::string& line) {
    if (options_.keep_mails) {
        const std::lock_guard lock(mutex_);
        commands_.push_back(line);
    }
    const auto refused = [&](std::size_t before) {
        return conversation.out.size() > before && conversation.out[before] >= '4';
    };
    const std::size_t before = conversation.out.size();
    if (starts_with_word(line, "EHLO")) {
        std::string reply = "250-sink.test\r\n" + options_.more_offers;
        reply += options_.pipelining ? "250-PIPELINING\r\n" : "";
        return act(conversation, Moment::Ehlo, reply + "250 ENHANCEDSTATUSCODES");
    }
    if (starts_with_word(line, "HELO") || starts_with_word(line, "RSET")) {
        conversation.mail = {};
        conversation.has_rcpt = false;
        conversation.out += "250 2.0.0 ok\r\n";
        return true;
    }
    if (starts_with_word(line, "AUTH")) {
        return act(conversation, Moment::Auth, "235 2.7.0 welcome");
    }
    if (starts_with_word(line, "MAIL FROM:")) {
        conversation.message = ++messages_;
        conversation.has_rcpt = false;
        conversation.mail = {.from = line.substr(10)};
        return act(conversation, Moment::Mail, "250 2.1.0 ok");
    }
    if (starts_with_word(line, "RCPT TO:")) {
        conversation.mail.to = line.substr(8);
        const bool alive = act(conversation, Moment::Rcpt, "250 2.1.5 ok");
        conversation.has_rcpt = !refused(before);
        return alive;
    }
    if (line == "DATA") {
        const bool alive = act(conversation, Moment::Data,
                               conversation.has_rcpt ? "354 go ahead" : "554 5.5.1 no recipients");
        conversation.in_body = !refused(before);
        conversation.body_announced = false;
        return alive;
    }
    if (starts_with_word(line, "QUIT")) {
        conversation.out += "221 2.0.0 bye\r\n";
        conversation.close_after = true;
        return flush(conversation);
    }
    conversation.out += "502 5.5.2 what?\r\n";
    return true;
}

}  // namespace winback::test

// A small SMTP server for tests: it accepts mail, and misbehaves at exactly the moment it is told.
//
// Blocking sockets on 127.0.0.1, one thread for each connection. It speaks no TLS; the tests of TLS
// use aiosmtpd (judge.py).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace winback::test {

enum class Moment {
    Greeting,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    BodyStarted,  // Some of the body has come, the final dot has not been looked for.
    Dot,          // The final dot has come; the message is not recorded yet.
    Recorded,     // The message counts as accepted; the reply has not been sent.
};

struct Action {
    std::string reply;         // Instead of the usual reply, without CRLF at its end.
    bool silent = false;       // Say nothing, stay connected.
    bool close = false;        // Close at once, without a reply.
    bool close_after = false;  // Close once the reply was sent.
};

struct ReceivedMail {
    std::string from;  // With parameters, as it stood in MAIL.
    std::string to;
    std::string data;  // Dots unstuffed, without the final dot.
};

struct PeerOptions {
    std::uint16_t port = 0;  // 0: any.
    bool pipelining = true;
    bool keep_mails = true;
    std::string more_offers;  // Lines such as "250-SIZE 1000\r\n".
    int reply_delay_ms = 0;   // Before each batch of replies, as a network would.
    // `connection` and `message` count from 1; a message has its number from MAIL on.
    std::function<Action(Moment, int connection, int message)> act;
    // Called before the 250 of the final dot; may be called on several threads at once.
    std::function<void(const ReceivedMail&)> record;
};

class SmtpPeer {
public:
    explicit SmtpPeer(PeerOptions options);  // Listens at once; aborts when it cannot.
    ~SmtpPeer();
    SmtpPeer(const SmtpPeer&) = delete;
    SmtpPeer& operator=(const SmtpPeer&) = delete;

    std::uint16_t port() const { return port_; }
    int connections() const { return connections_; }
    int accepted() const { return accepted_; }
    int reads() const { return reads_; }  // recv() calls that brought something.
    std::vector<ReceivedMail> mails() const;
    std::vector<std::string> commands() const;  // All command lines in order of arrival.

private:
    struct Conversation;
    void listen_loop();
    void serve(int fd, int number);
    bool command(Conversation& conversation, const std::string& line);
    bool body(Conversation& conversation);
    bool act(Conversation& conversation, Moment moment, const std::string& usual);
    bool flush(Conversation& conversation);

    PeerOptions options_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_ = false;
    std::atomic<int> connections_ = 0;
    std::atomic<int> messages_ = 0;
    std::atomic<int> accepted_ = 0;
    std::atomic<int> reads_ = 0;
    mutable std::mutex mutex_;
    std::vector<ReceivedMail> mails_;
    std::vector<std::string> commands_;
    std::vector<int> open_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace winback::test

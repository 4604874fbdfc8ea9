// Sends mail through an SMTP server, over a small pool of reused connections.
//
// One thread of its own does all I/O and calls all callbacks. Connections are opened as messages
// wait, up to a limit, and closed after a time without work. If no connection can be made, what
// waits becomes NotSent with the reason, and the next attempt comes after a growing pause.
//
// See docs/design/sending.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "sender/sender.h"
#include "sender/smtp_session.h"

namespace winback::sender {

struct SmtpOptions {
    std::string host;
    std::uint16_t port = 25;
    int connections_max = 10;       // 1..1000
    std::size_t queue_max = 1'000;  // Messages taken that have no outcome yet.
    SessionOptions session;         // allow_plain_auth has effect only on loopback addresses.
    std::string ca_file;            // PEM; empty: the system's certificates.
    std::string tls_name;           // The name the certificate must have; empty: `host`.
    Duration idle_timeout = seconds(30);
    Duration reconnect_pause_min = seconds(1);
    Duration reconnect_pause_max = seconds(60);
    Duration stop_timeout = seconds(10);
};

struct SmtpStatus {
    int connections = 0;      // Signed in or on the way there.
    std::size_t waiting = 0;  // Messages without an outcome.
    std::string last_error;   // Why the last connection failed; empty after one succeeded.
};

class SmtpSender final : public Sender {
public:
    // Connects to nothing yet. Fails with InvalidArgument (a bad option) or NotFound (CA file).
    static Result<std::unique_ptr<SmtpSender>> create(SmtpOptions options);
    ~SmtpSender() override;

    bool try_submit(Outgoing& outgoing, OutcomeCallback& callback) override;
    bool submit(Outgoing outgoing, OutcomeCallback callback) override;
    void drain() override;
    void stop() override;

    SmtpStatus status() const;

private:
    class Pool;
    explicit SmtpSender(std::unique_ptr<Pool> pool);
    std::unique_ptr<Pool> pool_;
};

}  // namespace winback::sender

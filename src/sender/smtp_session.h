// One SMTP connection as a state machine: bytes of the server in, bytes for the server out.
//
// It holds no socket, clock or thread, so every order of replies and losses can be tested. Its
// owner (smtp_connection.h) moves bytes and reports what was written; that report decides between
// NotSent and InDoubt, so it must never claim less than what may have left.
//
// With PIPELINING, the body of one letter, its final dot and MAIL, RCPT, DATA of the next letter
// leave in one write (RFC 2920): one round trip per letter. A letter's bytes are put out once; the
// session never repeats them.
//
// See docs/design/sending.md for the states and the outcomes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "sender/outcome.h"
#include "sender/smtp_reply.h"

namespace winback::sender {

enum class TlsMode {
    None,               // Never, even if offered.
    StartTlsIfOffered,  // Verified when used; without an offer the connection stays open to
                        // readers.
    StartTlsRequired,
    Implicit,  // TLS from the first byte (port 465).
};

// RFC 5321 §4.5.3.2. A shorter `data_end` means more letters in doubt (RFC 1047).
struct SmtpTimeouts {
    Duration connect = seconds(30);
    Duration greeting = minutes(5);
    Duration command = minutes(5);
    Duration data_start = minutes(2);
    Duration data_block = minutes(3);
    Duration data_end = minutes(10);
};

struct SessionOptions {
    std::string client_name = "localhost";  // For EHLO: a host name or an address literal.
    TlsMode tls = TlsMode::StartTlsRequired;
    std::string user;  // Empty: no AUTH.
    std::string password;
    bool allow_plain_auth = false;  // AUTH without TLS; the owner allows it only to loopback.
    bool pipelining = true;         // Used only where offered.
    int letters_max = 0;            // Then QUIT; 0 means without end.
    SmtpTimeouts timeouts;
};

// A message ready for the wire.
struct Letter {
    std::uint64_t id = 0;
    std::string from;  // Checked addresses (address.h).
    std::string to;
    bool needs_smtputf8 = false;
    std::size_t size = 0;  // Before dot-stuffing.
    std::string wire;      // From stuff_dots.
};

// Doubles leading dots, makes every line end CRLF (so no lone CR or LF can end the data early) and
// appends the final dot.
std::string stuff_dots(std::string_view message);

struct Finished {
    Letter letter;
    Outcome outcome;
    // The connection failed, not the letter, and it had worked before: another one may do. The
    // final dot has certainly not been written.
    bool try_elsewhere = false;
};

class SmtpSession {
public:
    explicit SmtpSession(SessionOptions options);

    // The connection stands; `tls` when it began with a handshake.
    void open(bool tls);
    void receive(std::string_view bytes);

    // True after the server agreed to STARTTLS: the owner shakes hands and calls tls_started().
    bool wants_tls() const { return phase_ == Phase::Handshake; }
    void tls_started();

    // True when another letter may be handed over now.
    bool can_take() const;
    void take(Letter letter);
    bool idle() const;  // Signed in, nothing under way.
    bool ready() const { return phase_ == Phase::Ready; }
    bool busy() const { return !transactions_.empty(); }

    // Moves the bytes to be written next into `buffer`, whose old content is dropped. `writing`
    // says how many bytes the next write may let go, before it starts; `wrote` how many really
    // went.
    bool has_output() const { return !out_.empty(); }
    void swap_output(std::string& buffer);
    void writing(std::size_t bytes);
    void wrote(std::size_t bytes);
    // The write failed without a byte leaving. Only for transports that know (plain TCP).
    void write_failed_unsent();

    void quit();                           // Politely, when nothing is under way.
    void lost(const std::string& reason);  // The connection is gone or given up.
    // True when the owner must close the connection; failure() says why, empty after QUIT.
    bool closed() const { return phase_ == Phase::Closed; }
    const std::string& failure() const { return failure_; }

    std::vector<Finished> take_finished() { return std::exchange(finished_, {}); }

    // How long the server may stay silent now. Zero: for ever (nothing is awaited).
    Duration patience() const;

private:
    enum class Phase { Start, Greeting, Hello, Handshake, Auth, Ready, Quitting, Closed };
    enum class Expect {
        Greeting,
        Ehlo,
        Helo,
        StartTls,
        AuthPlain,
        AuthUser,
        AuthPassword,
        AuthEnd,
        Mail,
        Rcpt,
        Data,
        Dot,
        Reset,
        Quit
    };
    struct Transaction {
        Letter letter;
        bool decided = false;  // `verdict` holds, though replies are still to come.
        bool data_asked = false;
        bool body_put = false;
        std::uint64_t dot_at = 0;  // Where the final dot stands in all that was ever put out.
        Outcome verdict;
    };
    struct Offers {
        bool pipelining = false, starttls = false, eight_bit = false, smtputf8 = false;
        bool auth_plain = false, auth_login = false;
        std::uint64_t size_max = 0;  // 0: not stated.
    };

    void put(std::string_view bytes);
    void command(std::string_view line, Expect expect);
    void handle(const SmtpReply& reply);
    void handle_hello(const SmtpReply& reply, bool extended);
    void read_offers(const SmtpReply& reply);
    void after_hello();
    void start_auth();
    void handle_auth(Expect expect, const SmtpReply& reply);
    void handle_envelope(Expect expect, const SmtpReply& reply);
    void handle_data(const SmtpReply& reply);
    void handle_dot(const SmtpReply& reply);
    void put_mail(const Letter& letter);
    void put_rcpt(const Letter& letter);
    bool refuse_unsendable(Letter& letter);
    void decide(Transaction& transaction, const SmtpReply& reply);
    void finish_front(bool try_elsewhere);
    void envelope_failed();
    void shut(const std::string& reason);
    bool pipelined() const { return options_.pipelining && offers_.pipelining; }

    SessionOptions options_;
    Phase phase_ = Phase::Start;
    Offers offers_;
    bool tls_ = false;
    ReplyReader reader_;
    std::deque<Expect> expected_;
    // At most two: one whose final dot awaits its reply, one in its envelope.
    std::deque<Transaction> transactions_;
    std::vector<Finished> finished_;
    std::string out_;
    std::uint64_t put_ = 0;            // Bytes ever put out,
    std::uint64_t written_ = 0;        // of these surely written,
    std::uint64_t maybe_written_ = 0;  // and of these perhaps written.
    int letters_taken_ = 0;
    int letters_served_ = 0;
    std::string failure_;
};

}  // namespace winback::sender

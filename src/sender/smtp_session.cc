#include "sender/smtp_session.h"

#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "sender/encoding.h"

namespace winback::sender {
namespace {

constexpr std::string_view final_dot = ".\r\n";

std::string describe(const SmtpReply& reply) {
    return std::to_string(reply.code) + ' ' + reply.enhanced() +
           (reply.enhanced().empty() ? "" : " ") + reply.text();
}

Outcome outcome_of(OutcomeKind kind, const SmtpReply& reply) {
    return {kind, reply.code, reply.enhanced(), reply.text()};
}

}  // namespace

std::string stuff_dots(std::string_view message) {
    std::string out;
    out.reserve(message.size() + message.size() / 64 + 8);
    bool line_start = true;
    std::size_t at = 0;
    while (at < message.size()) {
        if (line_start && message[at] == '.') {
            out += '.';
        }
        std::size_t end = at;
        while (end < message.size() && message[end] != '\r' && message[end] != '\n') {
            ++end;
        }
        out += message.substr(at, end - at);
        line_start = end < message.size();
        if (line_start) {
            out += "\r\n";
            end += message.substr(end).starts_with("\r\n") ? 2U : 1U;
        }
        at = end;
    }
    out += line_start ? "" : "\r\n";
    out += final_dot;
    return out;
}

SmtpSession::SmtpSession(SessionOptions options) : options_(std::move(options)) {}

void SmtpSession::open(bool tls) {
    WINBACK_CHECK(phase_ == Phase::Start);
    tls_ = tls;
    phase_ = Phase::Greeting;
    expected_.push_back(Expect::Greeting);
}

void SmtpSession::tls_started() {
    WINBACK_CHECK(phase_ == Phase::Handshake);
    tls_ = true;
    offers_ = {};  // What was said in the clear may have been said by anybody.
    reader_.clear();
    phase_ = Phase::Hello;
    command("EHLO " + options_.client_name, Expect::Ehlo);
}

bool SmtpSession::can_take() const {
    if (phase_ != Phase::Ready ||
        (options_.letters_max > 0 && letters_taken_ >= options_.letters_max)) {
        return false;
    }
    if (!pipelined()) {
        return expected_.empty() && transactions_.empty();
    }
    return transactions_.empty() || (transactions_.size() == 1 && transactions_.front().body_put);
}

bool SmtpSession::idle() const {
    return phase_ == Phase::Ready && transactions_.empty() && expected_.empty();
}

void SmtpSession::take(Letter letter) {
    WINBACK_CHECK(can_take());
    WINBACK_CHECK(letter.wire.ends_with("\r\n.\r\n"));
    if (refuse_unsendable(letter)) {
        return;
    }
    ++letters_taken_;
    Transaction transaction;
    transaction.letter = std::move(letter);
    transactions_.push_back(std::move(transaction));
    Transaction& taken = transactions_.back();
    put_mail(taken.letter);
    if (pipelined()) {
        put_rcpt(taken.letter);
        command("DATA", Expect::Data);
        taken.data_asked = true;
    }
}

// What the server said in advance it cannot do is not tried.
bool SmtpSession::refuse_unsendable(Letter& letter) {
    Outcome outcome{.kind = OutcomeKind::Refused};
    if (letter.needs_smtputf8 && !offers_.smtputf8) {
        outcome.enhanced = "5.6.7";
        outcome.text = "the server takes no address outside ASCII (SMTPUTF8 not offered)";
    } else if (offers_.size_max > 0 && letter.size > offers_.size_max) {
        outcome.enhanced = "5.3.4";
        outcome.text = "the message has " + std::to_string(letter.size) +
                       " bytes, the server takes " + std::to_string(offers_.size_max);
    } else {
        return false;
    }
    finished_.push_back({std::move(letter), std::move(outcome), false});
    return true;
}

void SmtpSession::put_mail(const Letter& letter) {
    std::string line = "MAIL FROM:<" + letter.from + '>';
    if (offers_.size_max > 0) {
        line += " SIZE=" + std::to_string(letter.size);
    }
    // Composed mail is 7-bit throughout unless an address in its headers is not.
    if (letter.needs_smtputf8) {
        line += offers_.eight_bit ? " BODY=8BITMIME SMTPUTF8" : " SMTPUTF8";
    }
    command(line, Expect::Mail);
}

void SmtpSession::put_rcpt(const Letter& letter) {
    command("RCPT TO:<" + letter.to + '>', Expect::Rcpt);
}

void SmtpSession::command(std::string_view line, Expect expect) {
    put(line);
    put("\r\n");
    expected_.push_back(expect);
}

void SmtpSession::put(std::string_view bytes) {
    out_ += bytes;
    put_ += bytes.size();
}

void SmtpSession::swap_output(std::string& buffer) {
    buffer.clear();
    buffer.swap(out_);
}

void SmtpSession::writing(std::size_t bytes) {
    WINBACK_CHECK(written_ + bytes <= put_ - out_.size());
    maybe_written_ = written_ + bytes;
}

void SmtpSession::wrote(std::size_t bytes) {
    WINBACK_CHECK(written_ + bytes <= maybe_written_);
    written_ += bytes;
    maybe_written_ = written_;
}

void SmtpSession::write_failed_unsent() {
    maybe_written_ = written_;
}

void SmtpSession::receive(std::string_view bytes) {
    reader_.feed(bytes);
    SmtpReply reply;
    while (phase_ != Phase::Closed && phase_ != Phase::Handshake) {
        const ReplyReader::State state = reader_.next(reply);
        if (state == ReplyReader::State::Broken) {
            shut("the server does not speak SMTP");
        }
        if (state != ReplyReader::State::Ready) {
            return;
        }
        handle(reply);
    }
    if (phase_ == Phase::Handshake && reader_.has_rest()) {
        shut("the server sent text before the TLS handshake");
    }
}

void SmtpSession::handle(const SmtpReply& reply) {
    if (expected_.empty()) {
        shut("the server ended the session: " + describe(reply));
        return;
    }
    const Expect expect = expected_.front();
    expected_.pop_front();
    switch (expect) {
        case Expect::Greeting:
            if (!reply.positive()) {
                shut("the server refused the connection: " + describe(reply));
                return;
            }
            phase_ = Phase::Hello;
            command("EHLO " + options_.client_name, Expect::Ehlo);
            return;
        case Expect::Ehlo:
        case Expect::Helo:
            handle_hello(reply, expect == Expect::Ehlo);
            return;
        case Expect::StartTls:
            if (reply.positive()) {
                phase_ = Phase::Handshake;
            } else if (options_.tls == TlsMode::StartTlsRequired) {
                shut("the server refused STARTTLS: " + describe(reply));
            } else {
                start_auth();
            }
            return;
        case Expect::AuthPlain:
        case Expect::AuthUser:
        case Expect::AuthPassword:
        case Expect::AuthEnd:
            handle_auth(expect, reply);
            return;
        case Expect::Mail:
        case Expect::Rcpt:
            handle_envelope(expect, reply);
            return;
        case Expect::Data:
            handle_data(reply);
            return;
        case Expect::Dot:
            handle_dot(reply);
            return;
        case Expect::Reset:
            if (!reply.positive()) {
                shut("the server refused RSET: " + describe(reply));
            }
            return;
        case Expect::Quit:
            phase_ = Phase::Closed;
            return;
    }
}

void SmtpSession::handle_hello(const SmtpReply& reply, bool extended) {
    if (extended && reply.permanent()) {
        command("HELO " + options_.client_name, Expect::Helo);
        return;
    }
    if (!reply.positive()) {
        shut("the server refused the greeting: " + describe(reply));
        return;
    }
    offers_ = {};
    if (extended) {
        read_offers(reply);
    }
    after_hello();
}

void SmtpSession::read_offers(const SmtpReply& reply) {
    for (std::size_t i = 1; i < reply.lines.size(); ++i) {
        const std::string_view line = reply.lines[i];
        const std::size_t end = line.find_first_of(" =");
        const std::string keyword = to_lower_ascii(line.substr(0, end));
        const std::string_view rest = end == std::string_view::npos ? "" : line.substr(end + 1);
        if (keyword == "size") {
            std::from_chars(rest.data(), rest.data() + rest.size(), offers_.size_max);
        } else if (keyword == "auth") {
            for (const std::string_view mechanism : split(rest, ' ')) {
                offers_.auth_plain |= equals_ignoring_case(mechanism, "PLAIN");
                offers_.auth_login |= equals_ignoring_case(mechanism, "LOGIN");
            }
        }
        offers_.pipelining |= keyword == "pipelining";
        offers_.starttls |= keyword == "starttls";
        offers_.eight_bit |= keyword == "8bitmime";
        offers_.smtputf8 |= keyword == "smtputf8";
    }
}

void SmtpSession::after_hello() {
    const bool wanted =
        options_.tls == TlsMode::StartTlsRequired || options_.tls == TlsMode::StartTlsIfOffered;
    if (tls_ || !wanted) {
        start_auth();
    } else if (offers_.starttls) {
        command("STARTTLS", Expect::StartTls);
    } else if (options_.tls == TlsMode::StartTlsRequired) {
        shut("the server offers no STARTTLS, but TLS is required");
    } else {
        start_auth();
    }
}

void SmtpSession::start_auth() {
    phase_ = Phase::Ready;
    if (options_.user.empty()) {
        return;
    }
    if (!tls_ && !options_.allow_plain_auth) {
        shut("no TLS: user and password are not sent in the clear");
        return;
    }
    phase_ = Phase::Auth;
    if (offers_.auth_plain) {
        const std::string secret = '\0' + options_.user + '\0' + options_.password;
        command("AUTH PLAIN " + base64(secret), Expect::AuthPlain);
    } else if (offers_.auth_login) {
        command("AUTH LOGIN", Expect::AuthUser);
    } else {
        shut("the server offers neither AUTH PLAIN nor AUTH LOGIN");
    }
}

void SmtpSession::handle_auth(Expect expect, const SmtpReply& reply) {
    if (reply.positive()) {
        phase_ = Phase::Ready;
    } else if (reply.code == 334 && expect == Expect::AuthPlain) {
        command(base64('\0' + options_.user + '\0' + options_.password), Expect::AuthEnd);
    } else if (reply.code == 334 && expect == Expect::AuthUser) {
        command(base64(options_.user), Expect::AuthPassword);
    } else if (reply.code == 334 && expect == Expect::AuthPassword) {
        command(base64(options_.password), Expect::AuthEnd);
    } else {
        shut("the server refused user or password: " + describe(reply));
    }
}

// Pre: `reply` answers a command of the letter in front, before its final dot.
void SmtpSession::decide(Transaction& transaction, const SmtpReply& reply) {
    if (transaction.decided) {
        return;
    }
    transaction.decided = true;
    transaction.verdict =
        outcome_of(reply.permanent() ? OutcomeKind::Refused : OutcomeKind::Deferred, reply);
}

void SmtpSession::handle_envelope(Expect expect, const SmtpReply& reply) {
    WINBACK_CHECK(!transactions_.empty());
    Transaction& front = transactions_.front();
    if (reply.code == 421) {
        decide(front, reply);
        finish_front(letters_served_ > 0);
        shut("the server ended the session: " + describe(reply));
    } else if (reply.positive()) {
        if (!front.data_asked && expect == Expect::Mail) {
            put_rcpt(front.letter);
        } else if (!front.data_asked) {
            front.data_asked = true;
            command("DATA", Expect::Data);
        }
    } else {
        decide(front, reply);
        if (!front.data_asked) {
            envelope_failed();
        }
    }
}

// The letter in front ends without a body; the server must forget what it took of the envelope.
void SmtpSession::envelope_failed() {
    finish_front(false);
    command("RSET", Expect::Reset);
}

void SmtpSession::handle_data(const SmtpReply& reply) {
    WINBACK_CHECK(!transactions_.empty());
    Transaction& front = transactions_.front();
    if (reply.code == 354) {
        front.body_put = true;
        if (front.decided) {
            put(final_dot);  // RFC 2920 §3.1: DATA was taken though no recipient was.
        } else {
            put(front.letter.wire);
            front.dot_at = put_ - final_dot.size();
            front.letter.wire.clear();
        }
        expected_.push_back(Expect::Dot);
    } else if (reply.code == 421) {
        decide(front, reply);
        finish_front(letters_served_ > 0);
        shut("the server ended the session: " + describe(reply));
    } else if (reply.permanent() || reply.temporary()) {
        decide(front, reply);
        envelope_failed();
    } else {
        shut("the server answered DATA with " + describe(reply));
    }
}

void SmtpSession::handle_dot(const SmtpReply& reply) {
    WINBACK_CHECK(!transactions_.empty());
    Transaction& front = transactions_.front();
    const bool dot_gone = front.decided || front.dot_at < maybe_written_;
    if (reply.code / 100 == 3 || (reply.positive() && !dot_gone)) {
        // Nothing can be known from a server that is out of step, so nothing is sent again.
        front.dot_at = 0;
        maybe_written_ = maybe_written_ == 0 ? 1 : maybe_written_;
        shut("the server is out of step: " + describe(reply));
        return;
    }
    if (!front.decided && reply.positive()) {
        front.decided = true;
        front.verdict = outcome_of(OutcomeKind::Sent, reply);
    }
    decide(front, reply);
    finish_front(false);
    ++letters_served_;
    if (reply.code == 421 || !dot_gone) {
        // Refused in the middle of the body: the rest cannot be taken back but by closing.
        shut("the server ended the session: " + describe(reply));
    }
}

void SmtpSession::finish_front(bool try_elsewhere) {
    Transaction& front = transactions_.front();
    WINBACK_CHECK(front.decided);
    WINBACK_CHECK(!try_elsewhere || !front.body_put);
    finished_.push_back({std::move(front.letter), std::move(front.verdict), try_elsewhere});
    transactions_.pop_front();
}

void SmtpSession::shut(const std::string& reason) {
    lost(reason);
}

void SmtpSession::lost(const std::string& reason) {
    if (phase_ == Phase::Closed) {
        return;
    }
    if (phase_ != Phase::Quitting) {
        failure_ = reason.empty() ? "connection lost" : reason;
    }
    phase_ = Phase::Closed;
    // A letter queued behind another one had no share in the failure.
    bool blameless = letters_served_ > 0;
    while (!transactions_.empty()) {
        Transaction& front = transactions_.front();
        bool elsewhere = false;
        if (!front.decided) {
            const bool doubt = front.body_put && front.dot_at < maybe_written_;
            front.decided = true;
            front.verdict.kind = doubt ? OutcomeKind::InDoubt : OutcomeKind::NotSent;
            front.verdict.text = failure_;
            elsewhere = !front.body_put && blameless;
        }
        finish_front(elsewhere);
        blameless = true;
    }
    expected_.clear();
}

void SmtpSession::quit() {
    WINBACK_CHECK(idle());
    phase_ = Phase::Quitting;
    command("QUIT", Expect::Quit);
}

Duration SmtpSession::patience() const {
    if (written_ < put_) {
        return options_.timeouts.data_block;
    }
    if (expected_.empty()) {
        return {};
    }
    switch (expected_.front()) {
        case Expect::Greeting:
            return options_.timeouts.greeting;
        case Expect::Data:
            return options_.timeouts.data_start;
        case Expect::Dot:
            return options_.timeouts.data_end;
        case Expect::Quit:
            return seconds(5);
        case Expect::Ehlo:
        case Expect::Helo:
        case Expect::StartTls:
        case Expect::AuthPlain:
        case Expect::AuthUser:
        case Expect::AuthPassword:
        case Expect::AuthEnd:
        case Expect::Mail:
        case Expect::Rcpt:
        case Expect::Reset:
            return options_.timeouts.command;
    }
    return options_.timeouts.command;
}

}  // namespace winback::sender

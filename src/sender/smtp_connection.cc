#include "sender/smtp_connection.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace winback::sender {
namespace {

namespace asio = boost::asio;

// One TLS record: what a single write can let go when it fails half way.
constexpr std::size_t tls_record_max = 16'384;

std::chrono::milliseconds to_chrono(Duration duration) {
    return std::chrono::milliseconds(duration.ms);
}

}  // namespace

SmtpConnection::SmtpConnection(asio::io_context& io,
                               asio::ssl::context& tls_context,
                               const SmtpOptions& options,
                               Owner& owner)
    : socket_(io),
      resolver_(io),
      tls_context_(tls_context),
      timer_(io),
      options_(options),
      owner_(owner) {}

void SmtpConnection::start() {
    watch(options_.session.timeouts.connect);
    resolver_.async_resolve(
        options_.host, std::to_string(options_.port),
        [self = shared_from_this()](const SystemError& error, Tcp::resolver::results_type found) {
            if (self->closed_) {
                return;
            }
            if (error) {
                self->give_up("the name " + self->options_.host +
                              " was not found: " + error.message());
                return;
            }
            self->connect(found);
        });
}

void SmtpConnection::connect(const Tcp::resolver::results_type& addresses) {
    asio::async_connect(
        socket_, addresses,
        [self = shared_from_this()](const SystemError& error, const Tcp::endpoint& endpoint) {
            if (self->closed_) {
                return;
            }
            if (error) {
                self->give_up("no connection to " + self->options_.host + " port " +
                              std::to_string(self->options_.port) + ": " + error.message());
                return;
            }
            self->connected(endpoint);
        });
}

void SmtpConnection::connected(const Tcp::endpoint& endpoint) {
    SystemError ignored;
    socket_.set_option(Tcp::no_delay(true), ignored);
    SessionOptions session = options_.session;
    session.allow_plain_auth = session.allow_plain_auth && endpoint.address().is_loopback();
    session_.emplace(std::move(session));
    if (options_.session.tls == TlsMode::Implicit) {
        shake_hands(true);
        return;
    }
    session_->open(false);
    read();
    pump();
}

// The name check is OpenSSL's own, so that the reason of a refusal can be told.
Status SmtpConnection::prepare_tls() {
    const std::string& name = options_.tls_name.empty() ? options_.host : options_.tls_name;
    SSL* ssl = tls_->native_handle();
    SystemError ignored;
    const auto address = asio::ip::make_address(name, ignored);
    X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const bool is_address = !ignored && !address.is_unspecified();
    const bool set =
        is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1
                   : SSL_set1_host(ssl, name.c_str()) == 1 &&
                         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                  const_cast<char*>(name.c_str())) == 1;
    if (!set) {
        return winback::Error{winback::ErrorCode::Internal, "TLS: the server name cannot be set"};
    }
    return Ok{};
}

void SmtpConnection::shake_hands(bool implicit) {
    shaking_hands_ = true;
    tls_.emplace(socket_, tls_context_);
    if (const Status prepared = prepare_tls(); !prepared) {
        give_up(prepared.error().message);
        return;
    }
    watch(options_.session.timeouts.connect);
    tls_->async_handshake(asio::ssl::stream_base::client,
                          [self = shared_from_this(), implicit](const SystemError& error) {
                              if (self->closed_) {
                                  return;
                              }
                              self->shaking_hands_ = false;
                              if (error) {
                                  self->give_up(self->handshake_error(error));
                                  return;
                              }
                              self->encrypted_ = true;
                              if (implicit) {
                                  self->session_->open(true);
                              } else {
                                  self->session_->tls_started();
                              }
                              self->read();
                              self->pump();
                          });
}

std::string SmtpConnection::handshake_error(const SystemError& error) {
    const long verdict = SSL_get_verify_result(tls_->native_handle());
    const std::string& name = options_.tls_name.empty() ? options_.host : options_.tls_name;
    if (verdict != X509_V_OK) {
        return "the certificate of " + name +
               " is refused: " + X509_verify_cert_error_string(verdict);
    }
    return "TLS handshake with " + name + " failed: " + error.message();
}

void SmtpConnection::read() {
    reading_ = true;
    auto handler = [self = shared_from_this()](const SystemError& error, std::size_t bytes) {
        self->on_read(error, bytes);
    };
    if (encrypted_) {
        tls_->async_read_some(asio::buffer(input_), std::move(handler));
    } else {
        socket_.async_read_some(asio::buffer(input_), std::move(handler));
    }
}

void SmtpConnection::on_read(const SystemError& error, std::size_t bytes) {
    reading_ = false;
    if (closed_) {
        return;
    }
    if (bytes > 0) {
        session_->receive(std::string_view(input_.data(), bytes));
    }
    if (error) {
        give_up("the server closed the connection: " + error.message());
        return;
    }
    if (!session_->closed() && !session_->wants_tls()) {
        read();
    }
    pump();
}

void SmtpConnection::deliver() {
    for (Finished& finished : session_->take_finished()) {
        owner_.finished(std::move(finished));
    }
}

void SmtpConnection::pump() {
    if (closed_ || giving_up_ || shaking_hands_ || !session_) {
        return;
    }
    if (!was_ready_ && session_->ready()) {
        was_ready_ = true;
        owner_.signed_in();
    }
    Letter letter;
    while (session_->can_take() && owner_.next_letter(letter)) {
        session_->take(std::move(letter));
    }
    deliver();
    if (session_->closed()) {
        give_up(session_->failure());
        return;
    }
    if (session_->wants_tls()) {
        shake_hands(false);
        return;
    }
    if (session_->idle() && (!session_->can_take() || owner_.ending())) {
        session_->quit();
    }
    write();
    const Duration patience = session_->patience();
    watch(patience.ms > 0 ? patience : options_.idle_timeout);
}

void SmtpConnection::write() {
    if (writing_) {
        return;
    }
    if (writing_at_ == writing_buffer_.size()) {
        session_->swap_output(writing_buffer_);
        writing_at_ = 0;
    }
    std::size_t size = writing_buffer_.size() - writing_at_;
    if (size == 0) {
        return;
    }
    size = encrypted_ ? std::min(size, tls_record_max) : size;
    writing_ = true;
    session_->writing(size);
    const auto buffer = asio::buffer(writing_buffer_.data() + writing_at_, size);
    auto handler = [self = shared_from_this()](const SystemError& error, std::size_t bytes) {
        self->on_write(error, bytes);
    };
    if (encrypted_) {
        tls_->async_write_some(buffer, std::move(handler));
    } else {
        socket_.async_write_some(buffer, std::move(handler));
    }
}

void SmtpConnection::on_write(const SystemError& error, std::size_t bytes) {
    writing_ = false;
    if (closed_) {
        return;
    }
    if (!error) {
        session_->wrote(bytes);
        writing_at_ += bytes;
    } else if (!encrypted_) {
        session_->write_failed_unsent();  // A failed send() has taken nothing.
    }
    if (giving_up_) {
        close();
        return;
    }
    if (error) {
        // The server may have said why before it closed; its reply is still to be read.
        if (!reading_) {
            give_up("the connection broke: " + error.message());
        }
        return;
    }
    pump();
}

void SmtpConnection::watch(Duration patience) {
    deadline_ = std::chrono::steady_clock::now() + to_chrono(patience);
    if (timer_set_ && timer_.expiry() <= deadline_) {
        return;  // It fires earlier and is set again then: no system call for each reply.
    }
    timer_set_ = true;
    timer_.expires_at(deadline_);
    timer_.async_wait([self = shared_from_this()](const SystemError& error) {
        if (error != asio::error::operation_aborted && !self->closed_) {
            self->on_timer();
        }
    });
}

void SmtpConnection::on_timer() {
    timer_set_ = false;
    const auto now = std::chrono::steady_clock::now();
    if (now < deadline_) {
        watch(Duration{std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now).count()});
        return;
    }
    if (session_ && session_->idle()) {
        quit_if_idle();
        return;
    }
    give_up(session_ ? "the server did not answer in time"
                     : "the server could not be reached in time");
}

void SmtpConnection::quit_if_idle() {
    if (closed_ || giving_up_) {
        return;
    }
    if (idle()) {
        session_->quit();
        pump();
    } else if (!session_ || (!session_->ready() && !session_->busy())) {
        give_up("stopped");
    }
}

// A write that is under way ends first, so that it is known what left.
void SmtpConnection::give_up(const std::string& reason) {
    if (closed_ || giving_up_) {
        return;
    }
    giving_up_ = true;
    reason_ = reason;
    SystemError ignored;
    resolver_.cancel();
    socket_.close(ignored);
    if (!writing_) {
        close();
    }
}

void SmtpConnection::close() {
    closed_ = true;
    timer_.cancel();
    if (session_) {
        session_->lost(reason_);
        deliver();
    }
    owner_.closed(*this, was_ready_, session_ ? session_->failure() : reason_);
}

}  // namespace winback::sender

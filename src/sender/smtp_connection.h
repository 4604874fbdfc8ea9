// Moves the bytes of one SmtpSession over TCP and TLS, with time limits. Used by smtp.cc only; all
// of it runs on the pool's thread.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sender/smtp.h"
#include "sender/smtp_session.h"

namespace winback::sender {

class SmtpConnection : public std::enable_shared_from_this<SmtpConnection> {
public:
    class Owner {
    public:
        virtual ~Owner() = default;
        virtual bool next_letter(Letter& letter) = 0;
        virtual bool ending() const = 0;  // No more letters will come.
        virtual void finished(Finished finished) = 0;
        virtual void signed_in() = 0;
        // The last call for this connection. `reason` is empty after an agreed end.
        virtual void closed(SmtpConnection& connection,
                            bool was_ready,
                            const std::string& reason) = 0;
    };

    SmtpConnection(boost::asio::io_context& io,
                   boost::asio::ssl::context& tls_context,
                   const SmtpOptions& options,
                   Owner& owner);

    void start();
    // Takes letters from the owner and keeps everything moving.
    void pump();
    bool ready() const { return session_ && session_->ready(); }
    bool idle() const { return session_ && session_->idle(); }
    // Says QUIT when idle; a connection that is still signing in is given up.
    void quit_if_idle();
    void give_up(const std::string& reason);

private:
    using Tcp = boost::asio::ip::tcp;
    using SystemError = boost::system::error_code;

    void connect(const Tcp::resolver::results_type& addresses);
    void connected(const Tcp::endpoint& endpoint);
    void shake_hands(bool implicit);
    Status prepare_tls();
    std::string handshake_error(const SystemError& error);
    void read();
    void on_read(const SystemError& error, std::size_t bytes);
    void write();
    void on_write(const SystemError& error, std::size_t bytes);
    void deliver();
    void watch(Duration patience);
    void on_timer();
    void close();

    Tcp::socket socket_;
    Tcp::resolver resolver_;
    boost::asio::ssl::context& tls_context_;
    boost::asio::steady_timer timer_;
    const SmtpOptions& options_;
    Owner& owner_;
    std::optional<boost::asio::ssl::stream<Tcp::socket&>> tls_;
    bool encrypted_ = false;
    std::optional<SmtpSession> session_;
    std::string writing_buffer_;
    std::size_t writing_at_ = 0;
    bool writing_ = false;
    bool reading_ = false;
    bool shaking_hands_ = false;
    bool was_ready_ = false;
    bool timer_set_ = false;
    bool closed_ = false;
    bool giving_up_ = false;
    std::string reason_;
    std::chrono::steady_clock::time_point deadline_;
    std::array<char, 16384> input_;
};

}  // namespace winback::sender

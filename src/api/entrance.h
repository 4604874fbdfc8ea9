// How people come in: by password and code, or by a one-time link; and what slows guessing down.
//
// Everything here hashes passwords or writes, so it blocks: on the entrance's own thread, where
// guesses wait for each other and not in front of the pages.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/desk.h"
#include "api/refusals.h"
#include "host/keys.h"
#include "host/throttle.h"
#include "host/users.h"
#include "http/request.h"

namespace winback::api {

constexpr std::string_view code_cookie = "winback_code";  // Between password and code.
constexpr std::size_t entrance_waiting_max = 32;          // Beyond it: 503.

struct Entry {
    enum class Kind {
        SignedIn,   // `secret` is a session's.
        NeedsCode,  // `secret` is good for one code, five minutes long.
        Wrong,      // Whatever it was: address, password, code, an account that is closed.
        Expired,    // The time for the code is over, or the link was used.
        Wait,       // Too many attempts; `wait` says how long.
        Failed,     // `problem` says why: the store, the memory.
    };
    Kind kind = Kind::Wrong;
    std::string secret;
    Duration wait;
    std::string problem;
    std::string language = {};  // Of who signed in, as their profile says.
};

class Entrance {
public:
    // The desk must outlive this. `threads` 0: the work is done inside the calls (tests).
    Entrance(Desk& desk, int threads);

    // Where its work is done.
    const std::shared_ptr<Desk>& room() const { return room_; }
    Desk& desk() { return desk_; }

    Entry by_password(const http::Request& request,
                      std::string_view email,
                      std::string_view password);
    Entry by_code(const http::Request& request, std::string_view code);
    // The password once more, of somebody who is signed in. It counts as a sign-in does, and gives
    // no session: SignedIn (without a secret), Wrong, Wait or Failed.
    Entry confirm(const http::Request& request, const host::User& user, std::string_view password);
    // A link that signs in as it is, without a purpose of its own.
    Entry by_link(const http::Request& request, std::string_view secret);
    // The first user of a folder, and the link that allows it. `wanted` has address, name and
    // language; its role is admin.
    Entry first_user(const http::Request& request,
                     std::string_view secret,
                     const host::User& wanted,
                     std::string_view password);
    // A password by an invitation or a recovery link.
    Entry choose_password(const http::Request& request,
                          std::string_view secret,
                          std::string_view password);
    // The link that this secret is, without using it up.
    std::optional<host::Key> link(std::string_view secret) const;

private:
    // Who they are when the password is right; otherwise `problem` says what to answer.
    std::optional<host::User> check(const http::Request& request,
                                    std::string_view email,
                                    std::string_view password,
                                    Entry& problem);
    Duration wait_of(const http::Request& request, std::string_view account) const;
    // Counts the attempt for account and address, until it turns out to have been right.
    host::Throttle::Attempt count(const http::Request& request, std::string_view account);
    void was_right(const http::Request& request,
                   std::string_view account,
                   const host::Throttle::Attempt& of_address);
    // Counts what is said to somebody who does not come in.
    Entry refused(Entry entry, Refusal why);
    Entry enter(const http::Request& request, const host::User& user);
    Entry ask_for_code(const host::User& user);
    Entry start_session(const http::Request& request, const host::User& user);

    Desk& desk_;
    std::shared_ptr<Desk> room_;
    host::Throttle accounts_;
    host::Throttle addresses_;
};

}  // namespace winback::api

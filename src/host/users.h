// The people who work with a data folder: who they are, what they may do, how they prove it.
//
// Everything is in memory and in the control family. Passwords are argon2id hashes, recovery codes
// BLAKE2b-256; the secret of an authenticator must be kept as it is (docs/design/people.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "host/password.h"
#include "store/store.h"

namespace winback::host {

constexpr std::size_t users_max = 1'000;
constexpr std::size_t user_name_bytes_max = 100;
constexpr std::size_t recovery_codes_count = 10;

enum class Role : std::uint8_t { Viewer, Marketer, Approver, Admin };
constexpr std::array<Role, 4> all_roles{Role::Viewer, Role::Marketer, Role::Approver, Role::Admin};
std::string_view role_name(Role role);  // "viewer", "marketer", "approver", "admin"
std::optional<Role> parse_role(std::string_view name);
// The one table from roles to scopes. `personal`: a viewer who may see who customers are.
std::vector<std::string> scopes_of(Role role, bool personal);

// What scopes there are, weakest first: read, personal, write, send, admin.
constexpr std::array<std::string_view, 5> all_scopes{"read", "personal", "write", "send", "admin"};
constexpr std::array<std::string_view, 4> all_languages{"en", "tr", "ar", "fa"};
constexpr std::array<std::string_view, 3> all_calendars{"gregorian", "persian", "islamic"};

// What others may know of a user: no secret is in it.
struct User {
    std::string id;  // 16 hex digits.
    std::string email;
    std::string name;
    Role role = Role::Viewer;
    bool personal = false;  // Of viewers; the other roles have it.
    std::string language = "en";
    std::string calendar = "gregorian";
    bool active = true;
    Timestamp created;
    Timestamp last_sign_in = timestamp_min;  // Never.
    bool has_password = false;
    bool has_totp = false;
    std::size_t recovery_codes_left = 0;
};

// Any thread. `now` is the wall clock.
class Users {
public:
    // The store must outlive this. Fails with Corrupt.
    static Result<std::unique_ptr<Users>> open(store::Store& store);

    // Sorted by name. Empty: nobody has set this folder up yet.
    std::vector<User> list() const;
    bool empty() const;
    std::optional<User> find(std::string_view id) const;
    std::optional<User> find_by_email(std::string_view email) const;

    // Takes email, name, role, personal, language and calendar. Fails with InvalidArgument,
    // Conflict (the address is taken) or LimitExceeded. `first`: only if there is no user yet.
    Result<User> create(const User& wanted, Timestamp now, bool first = false);
    // Role, personal and active. Fails with NotFound, and with Conflict when no admin who can
    // sign in would be left.
    Result<User> set_rights(std::string_view id, Role role, bool personal, bool active);
    // What people say of themselves. Fails with NotFound, InvalidArgument.
    Result<User> set_profile(std::string_view id,
                             std::string_view name,
                             std::string_view language,
                             std::string_view calendar);

    // Block while they hash. check_password does the same work for an address that nobody has;
    // it gives nobody for a user who is not active.
    Status set_password(std::string_view id, std::string_view password);
    Result<std::optional<User>> check_password(std::string_view email, std::string_view password);
    void signed_in(std::string_view id, Timestamp now);

    // A new secret, which counts when a code of it was shown. Fails with NotFound, and with
    // Conflict while another one is in force.
    Result<std::string> begin_totp(std::string_view id);
    std::optional<std::string> pending_totp(std::string_view id) const;
    // The recovery codes, shown once. Fails with PermissionDenied for a wrong code.
    Result<std::vector<std::string>> confirm_totp(std::string_view id,
                                                  std::string_view code,
                                                  Timestamp now);
    // A code of the app, or a recovery code, which is used up. True at most once for each code.
    Result<bool> take_code(std::string_view id, std::string_view code, Timestamp now);
    Status end_totp(std::string_view id);

    // Before the first use, in tests.
    void set_password_cost(const PasswordCost& cost) { cost_ = cost; }

private:
    struct Record {
        User user;
        std::string password;     // crypto_pwhash_str; empty: none yet.
        std::string totp;         // Secret in force.
        std::string totp_wanted;  // Secret that waits for its first code; not kept.
        std::int64_t totp_step = 0;
        std::vector<std::string> recovery;  // Hashes of the codes that are left.
    };
    explicit Users(store::Store& store) : store_(store) {}

    static std::string encode(const Record& record);
    static std::optional<Record> decode(std::string_view bytes);
    Status write(const Record& record, bool sync = true);
    Result<User> keep(Record record);
    Record* record_of(std::string_view id);
    const Record* record_of(std::string_view id) const;
    const Record* record_by_email(std::string_view email) const;
    bool is_last_admin(std::string_view id) const;
    Result<std::string> decoy();
    Result<bool> take_recovery_code(Record& record, std::string_view code);

    store::Store& store_;
    PasswordCost cost_;
    mutable std::mutex mutex_;
    std::map<std::string, Record, std::less<>> by_id_;
    std::map<std::string, std::string, std::less<>> id_by_email_;  // Folded to lower case.
    std::mutex decoy_mutex_;
    std::string decoy_;  // What passwords of unknown addresses are held against.
};

}  // namespace winback::host

#include "host/users.h"

#include <algorithm>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"
#include "host/totp.h"
#include "sender/address.h"

namespace winback::host {
namespace {

constexpr std::string_view row_prefix = "user/";
constexpr std::string_view row_end = "user0";  // '0' follows '/'.
constexpr std::size_t id_bytes = 8;
constexpr std::array<std::string_view, 4> role_names{"viewer", "marketer", "approver", "admin"};

template <class List>
bool is_one_of(const List& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

// Names stand in lists, in the audit trail and in logs: one line of text.
Status check_name(std::string_view name) {
    if (trim(name).empty() || name.size() > user_name_bytes_max || !is_valid_utf8(name) ||
        has_control_characters(name)) {
        return Error{ErrorCode::InvalidArgument, "a name is one line of at most 100 bytes"};
    }
    return Ok{};
}

Status check_profile(std::string_view name, std::string_view language, std::string_view calendar) {
    if (!is_one_of(all_languages, language)) {
        return Error{ErrorCode::InvalidArgument, "'language' is en, tr, ar or fa"};
    }
    if (!is_one_of(all_calendars, calendar)) {
        return Error{ErrorCode::InvalidArgument, "'calendar' is gregorian, persian or islamic"};
    }
    return check_name(name);
}

Error no_user() {
    return {ErrorCode::NotFound, "there is no such user"};
}

}  // namespace

std::string_view role_name(Role role) {
    return role_names.at(static_cast<std::size_t>(role));
}

std::optional<Role> parse_role(std::string_view name) {
    for (const Role role : all_roles) {
        if (role_name(role) == name) {
            return role;
        }
    }
    return std::nullopt;
}

std::vector<std::string> scopes_of(Role role, bool personal) {
    switch (role) {
        case Role::Viewer:
            return personal ? std::vector<std::string>{"read", "personal"}
                            : std::vector<std::string>{"read"};
        case Role::Marketer:
            return {"read", "personal", "write"};
        case Role::Approver:
            return {"read", "personal", "write", "send"};
        case Role::Admin:
            return {"read", "personal", "write", "send", "admin"};
    }
    return {};
}

Result<std::unique_ptr<Users>> Users::open(store::Store& store) {
    if (sodium_init() < 0) {
        return Error{ErrorCode::Internal, "libsodium cannot find a source of random bytes"};
    }
    std::unique_ptr<Users> users(new Users(store));
    store::Cursor rows = store.scan(store::Family::Control, row_prefix, row_end);
    for (; rows.valid(); rows.next()) {
        std::optional<Record> record = decode(rows.value());
        if (!record) {
            return Error{ErrorCode::Corrupt, "a row (user) cannot be read"};
        }
        users->id_by_email_.emplace(to_lower_ascii(record->user.email), record->user.id);
        const std::string id = record->user.id;
        users->by_id_.emplace(id, *std::move(record));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return users;
}

std::vector<User> Users::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<User> users;
    users.reserve(by_id_.size());
    for (const auto& [id, record] : by_id_) {
        users.push_back(record.user);
    }
    std::sort(users.begin(), users.end(), [](const User& a, const User& b) {
        return a.name != b.name ? a.name < b.name : a.id < b.id;
    });
    return users;
}

bool Users::empty() const {
    const std::lock_guard lock(mutex_);
    return by_id_.empty();
}

std::optional<User> Users::find(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const Record* record = record_of(id);
    return record == nullptr ? std::nullopt : std::optional(record->user);
}

std::optional<User> Users::find_by_email(std::string_view email) const {
    const std::lock_guard lock(mutex_);
    const Record* record = record_by_email(email);
    return record == nullptr ? std::nullopt : std::optional(record->user);
}

Result<User> Users::create(const User& wanted, Timestamp now, bool first) {
    WINBACK_TRY(const Ok profile, check_profile(wanted.name, wanted.language, wanted.calendar));
    static_cast<void>(profile);
    if (const auto address = sender::parse_address(wanted.email); !address) {
        return Error{ErrorCode::InvalidArgument,
                     "the e-mail address cannot be used: " + address.error().message};
    }
    Record record;
    record.user = wanted;
    record.user.created = now;
    record.user.active = true;
    record.user.last_sign_in = timestamp_min;
    record.user.has_password = record.user.has_totp = false;
    record.user.recovery_codes_left = 0;
    std::string random(id_bytes, '\0');
    randombytes_buf(random.data(), random.size());
    record.user.id = to_hex(Hash128{read_big_endian(random), 0}).substr(0, 2 * id_bytes);

    const std::lock_guard lock(mutex_);
    if (first && !by_id_.empty()) {
        return Error{ErrorCode::Conflict, "the first user was created meanwhile"};
    }
    if (by_id_.size() >= users_max) {
        return Error{ErrorCode::LimitExceeded,
                     "there are " + std::to_string(users_max) + " users already"};
    }
    if (record_by_email(wanted.email) != nullptr) {
        return Error{ErrorCode::Conflict, "somebody has this e-mail address already"};
    }
    return keep(std::move(record));
}

Result<User> Users::set_rights(std::string_view id, Role role, bool personal, bool active) {
    const std::lock_guard lock(mutex_);
    const Record* present = record_of(id);
    if (present == nullptr) {
        return no_user();
    }
    if ((role != Role::Admin || !active) && is_last_admin(id)) {
        return Error{ErrorCode::Conflict,
                     "nobody else could manage users then; make another admin first"};
    }
    Record record = *present;
    record.user.role = role;
    record.user.personal = personal;
    record.user.active = active;
    return keep(std::move(record));
}

Result<User> Users::set_profile(std::string_view id,
                                std::string_view name,
                                std::string_view language,
                                std::string_view calendar) {
    WINBACK_TRY(const Ok fine, check_profile(name, language, calendar));
    static_cast<void>(fine);
    const std::lock_guard lock(mutex_);
    const Record* present = record_of(id);
    if (present == nullptr) {
        return no_user();
    }
    Record record = *present;
    record.user.name = name;
    record.user.language = language;
    record.user.calendar = calendar;
    return keep(std::move(record));
}

// Pre: mutex_ is held.
Result<User> Users::keep(Record record) {
    record.user.has_password = !record.password.empty();
    record.user.has_totp = !record.totp.empty();
    record.user.recovery_codes_left = record.recovery.size();
    WINBACK_TRY(const Ok written, write(record));
    static_cast<void>(written);
    const std::string id = record.user.id;
    id_by_email_[to_lower_ascii(record.user.email)] = id;
    Record& kept = by_id_[id];
    kept = std::move(record);
    return kept.user;
}

Status Users::write(const Record& record, bool sync) {
    store::Batch batch(store_);
    batch.put(store::Family::Control, std::string(row_prefix) + record.user.id, encode(record));
    return store_.write(batch, sync);
}

Users::Record* Users::record_of(std::string_view id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

const Users::Record* Users::record_of(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

const Users::Record* Users::record_by_email(std::string_view email) const {
    const auto found = id_by_email_.find(to_lower_ascii(email));
    return found == id_by_email_.end() ? nullptr : record_of(found->second);
}

bool Users::is_last_admin(std::string_view id) const {
    const auto is_admin = [](const Record& r) {
        return r.user.role == Role::Admin && r.user.active;
    };
    const Record* own = record_of(id);
    return own != nullptr && is_admin(*own) &&
           std::none_of(by_id_.begin(), by_id_.end(), [&](const auto& entry) {
               return entry.first != id && is_admin(entry.second) && !entry.second.password.empty();
           });
}

}  // namespace winback::host

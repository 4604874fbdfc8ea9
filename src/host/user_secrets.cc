// What users prove themselves by: passwords, codes of an authenticator, recovery codes.
#include <algorithm>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"
#include "host/totp.h"
#include "host/users.h"

namespace winback::host {
namespace {

constexpr std::uint8_t form = 1;
constexpr std::size_t recovery_code_groups = 2;
constexpr std::size_t recovery_group_length = 5;
// Without letters and digits that look alike; 32 of them: 50 bits in a code.
constexpr std::string_view recovery_alphabet = "abcdefghjkmnpqrstuvwxyz123456789";
static_assert(recovery_alphabet.size() == 32);

Error no_user() {
    return {ErrorCode::NotFound, "there is no such user"};
}

std::string random_text(std::size_t bytes) {
    std::string text(bytes, '\0');
    randombytes_buf(text.data(), text.size());
    return text;
}

std::string new_recovery_code() {
    const std::string random = random_text(recovery_code_groups * recovery_group_length);
    std::string code;
    for (std::size_t i = 0; i < random.size(); ++i) {
        code += i > 0 && i % recovery_group_length == 0 ? "-" : "";
        code += recovery_alphabet[static_cast<unsigned char>(random[i]) % recovery_alphabet.size()];
    }
    return code;
}

// As people type it: with or without the hyphen, in capitals, with spaces.
std::string hash_of_code(std::string_view code) {
    std::string plain;
    for (const char c : to_lower_ascii(code)) {
        plain += c == '-' || c == ' ' ? std::string() : std::string(1, c);
    }
    std::string hash(crypto_generichash_BYTES, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes bytes.
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                       reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), nullptr,
                       0);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    return hash;
}

}  // namespace

std::string Users::encode(const Record& record) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.text(record.user.id);
    out.text(record.user.email);
    out.text(record.user.name);
    out.u8(static_cast<std::uint8_t>(record.user.role));
    out.boolean(record.user.personal);
    out.text(record.user.language);
    out.text(record.user.calendar);
    out.boolean(record.user.active);
    out.time(record.user.created);
    out.time(record.user.last_sign_in);
    out.text(record.password);
    out.text(record.totp);
    out.i64(record.totp_step);
    out.u64(record.recovery.size());
    for (const std::string& hash : record.recovery) {
        out.text(hash);
    }
    return bytes;
}

std::optional<Users::Record> Users::decode(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    Record record;
    User& user = record.user;
    user.id = in.text();
    user.email = in.text();
    user.name = in.text();
    const std::uint8_t role = in.u8();
    user.personal = in.boolean();
    user.language = in.text();
    user.calendar = in.text();
    user.active = in.boolean();
    user.created = in.time();
    user.last_sign_in = in.time();
    record.password = in.text();
    record.totp = in.text();
    record.totp_step = in.i64();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        record.recovery.emplace_back(in.text());
    }
    const bool hashes = std::all_of(
        record.recovery.begin(), record.recovery.end(),
        [](const std::string& hash) { return hash.size() == crypto_generichash_BYTES; });
    if (!known || !hashes || role >= all_roles.size() || !in.finished()) {
        return std::nullopt;
    }
    user.role = static_cast<Role>(role);
    user.has_password = !record.password.empty();
    user.has_totp = !record.totp.empty();
    user.recovery_codes_left = record.recovery.size();
    return record;
}

Status Users::set_password(std::string_view id, std::string_view password) {
    const std::optional<User> user = find(id);
    if (!user) {
        return no_user();
    }
    const PasswordProblem problem = problem_of_password(password, user->email, user->name);
    if (problem != PasswordProblem::None) {
        return Error{ErrorCode::InvalidArgument, std::string(password_problem_name(problem))};
    }
    WINBACK_TRY(std::string hash, hash_password(password, cost_));
    const std::lock_guard lock(mutex_);
    const Record* present = record_of(id);
    if (present == nullptr) {
        return no_user();
    }
    Record record = *present;
    record.password = std::move(hash);
    WINBACK_TRY(const User kept, keep(std::move(record)));
    static_cast<void>(kept);
    return Ok{};
}

Result<std::string> Users::decoy() {
    const std::lock_guard lock(decoy_mutex_);
    if (decoy_.empty()) {
        WINBACK_TRY(decoy_, hash_password(to_base32(random_text(totp_secret_bytes)), cost_));
    }
    return decoy_;
}

Result<std::optional<User>> Users::check_password(std::string_view email,
                                                  std::string_view password) {
    // Made before anything is looked up, so that no answer is slower for an unknown address.
    WINBACK_TRY(std::string hash, decoy());
    std::string id;
    bool known = false;
    {
        const std::lock_guard lock(mutex_);
        const Record* record = record_by_email(email);
        if (record != nullptr && record->user.active && !record->password.empty()) {
            hash = record->password;
            id = record->user.id;
            known = true;
        }
    }
    // Longer ones were never taken, and hashing them would be work for nothing.
    const bool fits = password_fits(password.substr(0, password_bytes_max + 1), hash);
    if (!known || !fits) {
        return std::optional<User>();
    }
    if (password_hash_is_old(hash, cost_)) {
        WINBACK_TRY(std::string renewed, hash_password(password, cost_));
        const std::lock_guard lock(mutex_);
        if (Record* record = record_of(id); record != nullptr && record->password == hash) {
            record->password = std::move(renewed);
            WINBACK_TRY(const Ok written, write(*record));
            static_cast<void>(written);
        }
    }
    return find(id);
}

void Users::signed_in(std::string_view id, Timestamp now) {
    const std::lock_guard lock(mutex_);
    if (Record* record = record_of(id)) {
        record->user.last_sign_in = now;
        // Not worth a sync: it is told to people and nothing hangs on it.
        static_cast<void>(write(*record, false));
    }
}

Result<std::string> Users::begin_totp(std::string_view id) {
    const std::lock_guard lock(mutex_);
    Record* record = record_of(id);
    if (record == nullptr) {
        return no_user();
    }
    if (!record->totp.empty()) {
        return Error{ErrorCode::Conflict, "an authenticator is in use already"};
    }
    record->totp_wanted = random_text(totp_secret_bytes);
    return record->totp_wanted;
}

std::optional<std::string> Users::pending_totp(std::string_view id) const {
    const std::lock_guard lock(mutex_);
    const Record* record = record_of(id);
    return record == nullptr || record->totp_wanted.empty() ? std::nullopt
                                                            : std::optional(record->totp_wanted);
}

Result<std::vector<std::string>> Users::confirm_totp(std::string_view id,
                                                     std::string_view code,
                                                     Timestamp now) {
    const std::lock_guard lock(mutex_);
    const Record* present = record_of(id);
    if (present == nullptr) {
        return no_user();
    }
    const auto step = present->totp_wanted.empty()
                          ? std::nullopt
                          : totp_step_of(present->totp_wanted, code, now, 0);
    if (!step) {
        return Error{ErrorCode::PermissionDenied, "this is not the code of the moment"};
    }
    std::vector<std::string> codes;
    Record record = *present;
    record.totp = std::move(record.totp_wanted);
    record.totp_wanted.clear();
    record.totp_step = *step;
    record.recovery.clear();
    for (std::size_t i = 0; i < recovery_codes_count; ++i) {
        codes.push_back(new_recovery_code());
        record.recovery.push_back(hash_of_code(codes.back()));
    }
    WINBACK_TRY(const User kept, keep(std::move(record)));
    static_cast<void>(kept);
    return codes;
}

Result<bool> Users::take_code(std::string_view id, std::string_view code, Timestamp now) {
    const std::lock_guard lock(mutex_);
    Record* present = record_of(id);
    if (present == nullptr || !present->user.active || present->totp.empty()) {
        return false;
    }
    const auto step = totp_step_of(present->totp, code, now, present->totp_step);
    if (!step) {
        return take_recovery_code(*present, code);
    }
    Record record = *present;
    record.totp_step = *step;
    WINBACK_TRY(const User kept, keep(std::move(record)));
    static_cast<void>(kept);
    return true;
}

// Pre: mutex_ is held.
Result<bool> Users::take_recovery_code(Record& present, std::string_view code) {
    const std::string hash = hash_of_code(code);
    const auto found =
        std::find_if(present.recovery.begin(), present.recovery.end(), [&](const std::string& own) {
            return sodium_memcmp(own.data(), hash.data(), hash.size()) == 0;
        });
    if (found == present.recovery.end()) {
        return false;
    }
    Record record = present;
    record.recovery.erase(record.recovery.begin() + (found - present.recovery.begin()));
    WINBACK_TRY(const User kept, keep(std::move(record)));
    static_cast<void>(kept);
    return true;
}

Status Users::end_totp(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const Record* present = record_of(id);
    if (present == nullptr) {
        return no_user();
    }
    Record record = *present;
    record.totp.clear();
    record.totp_wanted.clear();
    record.totp_step = 0;
    record.recovery.clear();
    WINBACK_TRY(const User kept, keep(std::move(record)));
    static_cast<void>(kept);
    return Ok{};
}

}  // namespace winback::host

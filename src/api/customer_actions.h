// What people do with one customer: notes, tags, do not disturb, consent, erasure.
//
// Every function waits until the change is durable, and writes it down in the audit trail without
// the words that were said about the customer. All fail with NotFound for somebody who is not
// there and with InvalidArgument for what cannot be.
#pragma once

#include <string>
#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "host/keys.h"
#include "http/request.h"

namespace winback::api {

constexpr std::size_t note_bytes_max = 4'096;
constexpr std::size_t action_reason_bytes_max = 200;

// Who acts, as notes and views remember them: the user, else the key that was shown.
inline const std::string& actor_id(const host::Key& key) {
    return key.user.empty() ? key.id : key.user;
}

// As commands and facts name them: "id/name".
inline std::string author_of(const host::Key& who) {
    return actor_id(who) + "/" + who.name;
}

// Who acts, and on whom.
struct Acting {
    Desk& desk;
    const host::Key& who;
    std::string customer;
};

Status add_note(const Acting& acting, std::string_view text);
// One's own; with the scope admin anybody's. Fails with PermissionDenied.
Status delete_note(const Acting& acting, const std::string& note);
Status set_tag(const Acting& acting, std::string_view tag, bool present);
// A complaint or a hard bounce, by the reason of the suppression.
bool is_grave(std::string_view suppression_reason);
// Lifting a grave one takes the scope admin: PermissionDenied.
Status set_suppressed(const Acting& acting, bool suppressed, std::string_view reason);
Status change_consent(const Acting& acting,
                      std::string_view channel,
                      std::string_view state,
                      std::string_view reason,
                      std::string_view topic);
// `typed` is the customer's id once more.
Status erase_customer(const Acting& acting, std::string_view typed, std::string_view reason);

}  // namespace winback::api

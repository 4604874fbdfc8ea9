#include "message/unsubscribe.h"

namespace winback::message {

std::string make_token(std::string_view secret, const Unsubscribe& unsubscribe) {
    return sign_token(secret, TokenPurpose::Unsubscribe,
                      {unsubscribe.customer, unsubscribe.channel, unsubscribe.topic});
}

Result<Unsubscribe> read_token(std::string_view secret, std::string_view token) {
    WINBACK_TRY(const std::vector<std::string> parts,
                read_signed(secret, TokenPurpose::Unsubscribe, 3, token));
    return Unsubscribe{parts[0], parts[1], parts[2]};
}

}  // namespace winback::message

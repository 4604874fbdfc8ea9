#include "message/state.h"

#include <algorithm>

namespace winback::message {
namespace {

constexpr std::array<std::string_view, message_state_count> state_names{
    "queued", "held", "sending", "sent", "previewed", "refused", "failed", "in_doubt"};
static_assert(static_cast<int>(MessageState::InDoubt) + 1 == message_state_count);

constexpr std::array<std::string_view, refusal_reason_count> reason_names{
    "erased",       "suppressed", "no_consent",   "control_group", "hold_out",
    "goal_reached", "sunset",     "duplicate",    "quiet_hours",   "frequency_cap",
    "budget",       "rate",       "render_error", "no_address"};
static_assert(static_cast<int>(RefusalReason::NoAddress) + 1 == refusal_reason_count);

template <class Enum, std::size_t n>
std::optional<Enum> find_name(const std::array<std::string_view, n>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view message_state_name(MessageState state) {
    return state_names[static_cast<std::size_t>(state)];
}

std::optional<MessageState> parse_message_state(std::string_view name) {
    return find_name<MessageState>(state_names, name);
}

std::string_view refusal_reason_name(RefusalReason reason) {
    return reason_names[static_cast<std::size_t>(reason)];
}

std::optional<RefusalReason> parse_refusal_reason(std::string_view name) {
    return find_name<RefusalReason>(reason_names, name);
}

}  // namespace winback::message

// What has become of a message, and why one was not sent.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace winback::message {

enum class MessageState : std::uint8_t {
    Queued,     // In the outbox, waiting for a sender.
    Held,       // Waiting for a moment that the policy named.
    Sending,    // Handed to the channel; the answer is not known yet.
    Sent,       // The channel took it.
    Previewed,  // Rendered and kept; no channel was asked.
    Refused,    // The policy said no; the reason is kept.
    Failed,     // The channel said no.
    InDoubt,    // The process ended while it was Sending. Never sent again by itself.
};
constexpr int message_state_count = 8;
std::string_view message_state_name(MessageState state);  // "in_doubt"
std::optional<MessageState> parse_message_state(std::string_view name);

// In the order of the policy's gates: the first that says no is the reason that is kept. The
// order is part of what is stored and tested; new reasons go to the end of their kind.
enum class RefusalReason : std::uint8_t {
    Erased,
    Suppressed,
    NoConsent,
    ControlGroup,
    HoldOut,
    GoalReached,
    Sunset,
    Duplicate,
    QuietHours,
    FrequencyCap,
    Budget,
    Rate,
    RenderError,  // The template stopped or failed for this customer.
    NoAddress,    // The customer has no address on this channel.
};
constexpr int refusal_reason_count = 14;
std::string_view refusal_reason_name(RefusalReason reason);  // "no_consent"
std::optional<RefusalReason> parse_refusal_reason(std::string_view name);

}  // namespace winback::message

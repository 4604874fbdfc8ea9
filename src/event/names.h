// Names of the Segment e-commerce spec that the engine gives a meaning to.
#pragma once

#include <string_view>

namespace winback::event {

inline constexpr std::string_view order_completed = "Order Completed";
inline constexpr std::string_view order_refunded = "Order Refunded";
inline constexpr std::string_view order_cancelled = "Order Cancelled";
inline constexpr std::string_view page_viewed = "Page Viewed";
inline constexpr std::string_view screen_viewed = "Screen Viewed";
inline constexpr std::string_view identified = "Identified";
inline constexpr std::string_view group_joined = "Group Joined";
inline constexpr std::string_view aliased = "Aliased";
inline constexpr std::string_view subscription_started = "Subscription Started";
inline constexpr std::string_view subscription_renewed = "Subscription Renewed";
inline constexpr std::string_view subscription_paused = "Subscription Paused";
inline constexpr std::string_view subscription_resumed = "Subscription Resumed";
inline constexpr std::string_view subscription_cancelled = "Subscription Cancelled";
inline constexpr std::string_view subscription_reactivated = "Subscription Reactivated";
inline constexpr std::string_view unsubscribed = "Unsubscribed";
inline constexpr std::string_view marked_as_spam = "Email Marked as Spam";
inline constexpr std::string_view application_installed = "Application Installed";
inline constexpr std::string_view application_uninstalled = "Application Uninstalled";

// A track event that states consent: properties channel ("email", "sms", "push", …), state
// ("granted" or "denied"), optionally topic (then it speaks of this topic on the channel alone)
// and source. identify may state it too, by the trait "consent": {"email": "granted"} or
// {"email": {"state": "granted", "source": "checkout"}}.
inline constexpr std::string_view consent_changed = "Consent Changed";

// A customer followed a counted link of a message: properties message_key, url, journey, template.
inline constexpr std::string_view link_clicked = "Link Clicked";

}  // namespace winback::event

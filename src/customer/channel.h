// The channels on which a customer may be reached and consents are given.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace winback::customer {

enum class Channel : std::uint8_t { Email, Sms, Push, InApp };
inline constexpr std::size_t channel_count = 4;
inline constexpr std::array<std::string_view, channel_count> channel_names{"email", "sms", "push",
                                                                           "in_app"};

constexpr std::string_view channel_name(Channel channel) {
    return channel_names[static_cast<std::size_t>(channel)];
}

constexpr std::optional<Channel> parse_channel(std::string_view name) {
    for (std::size_t i = 0; i < channel_count; ++i) {
        if (channel_names[i] == name) {
            return static_cast<Channel>(i);
        }
    }
    return std::nullopt;
}

}  // namespace winback::customer

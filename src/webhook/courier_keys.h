// The keys of webhooks in the store's Control family. Private to this folder.
#pragma once

#include <string>
#include <string_view>

namespace winback::webhook {

constexpr std::string_view endpoint_prefix = "webhook/endpoint/";

inline std::string endpoint_key(std::string_view id) {
    return std::string(endpoint_prefix) + std::string(id);
}

constexpr std::string_view delivery_prefix = "webhook/delivery/";

inline std::string deliveries_of(std::string_view endpoint) {
    return std::string(delivery_prefix) + std::string(endpoint) + "/";
}

// The first key behind all that begin with `prefix`.
inline std::string end_of(std::string_view prefix) {
    std::string end(prefix);
    end.back() = static_cast<char>(end.back() + 1);
    return end;
}

inline std::string hex_of(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

// `place` is the rest of the key in hex: when, where and in which order it was told.
inline std::string delivery_key(std::string_view endpoint, std::string_view place) {
    const auto value = [](char c) {
        return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    };
    std::string key = deliveries_of(endpoint);
    for (std::size_t i = 0; i + 1 < place.size(); i += 2) {
        key += static_cast<char>(value(place[i]) << 4U | value(place[i + 1]));
    }
    return key;
}

}  // namespace winback::webhook

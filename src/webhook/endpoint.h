// Where events go: an address, the events that it wants, and how it has been doing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sender/reach.h"

namespace winback::webhook {

constexpr std::size_t endpoints_max = 20;
constexpr std::size_t description_bytes_max = 200;
// How long deliveries are signed with the secret before, too, after a new one was made.
constexpr Duration secret_overlap = hours(24);

struct Endpoint {
    std::string id;  // 16 hex digits.
    std::string url;
    std::string description;
    std::vector<std::string> events;  // Types; sorted.
    bool enabled = true;
    std::string disabled_because;  // "", "manual", "failing", "gone"
    Timestamp created;
    std::uint64_t version = 1;  // Counts changes.

    std::string secret;
    std::string former_secret;
    Timestamp former_until = timestamp_min;

    Timestamp last_success = timestamp_min;
    Timestamp failing_since = timestamp_max;
    std::uint64_t lost = 0;  // Events that did not fit into its queue.

    bool wants(std::string_view type) const;
};

std::string encode(const Endpoint& endpoint);
Result<Endpoint> decode_endpoint(std::string_view bytes);

// What somebody may say of an endpoint; what is not said stays.
struct EndpointDraft {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> events;
    std::optional<bool> enabled;
};
// Fails with InvalidArgument, and then changes nothing.
Status apply(const EndpointDraft& draft, sender::Reach reach, Endpoint& endpoint);

}  // namespace winback::webhook

// One event on its way to one endpoint: its body, its attempts, and when it is tried again.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sender/http_post.h"

namespace winback::webhook {

// After the n-th failure; one more ends it. 75 hours and 35 minutes in all.
inline constexpr std::array<Duration, 9> retry_pauses{seconds(5), minutes(5), minutes(30),
                                                      hours(2),   hours(5),   hours(10),
                                                      hours(14),  hours(20),  hours(24)};

constexpr std::size_t attempts_kept = 12;
constexpr std::size_t answer_bytes_kept = 512;

enum class DeliveryState : std::uint8_t { Waiting, Delivered, Failed };
std::string_view delivery_state_name(DeliveryState state);
std::optional<DeliveryState> parse_delivery_state(std::string_view name);

struct Attempt {
    Timestamp at;
    int status = 0;      // 0: no answer.
    std::string error;   // Why there was none.
    std::string answer;  // The beginning of what came back.
    Duration took;
};

struct Delivery {
    std::string id;  // webhook-id: the same for every attempt and every endpoint.
    std::string type;
    std::string customer;
    std::string body;
    Timestamp created;
    DeliveryState state = DeliveryState::Waiting;
    Timestamp next_at;              // Waiting: not before.
    std::uint32_t tries = 0;        // Since it was made or replayed.
    std::vector<Attempt> attempts;  // The newest, oldest first.
};

std::string encode(const Delivery& delivery);
Result<Delivery> decode_delivery(std::string_view bytes);

bool succeeded(const sender::HttpOutcome& outcome);
// Adds the attempt and says what is next. `pauses` are retry_pauses but in tests.
void record(Delivery& delivery,
            const sender::HttpOutcome& outcome,
            Timestamp now,
            const std::vector<Duration>& pauses);

}  // namespace winback::webhook

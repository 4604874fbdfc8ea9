#include "webhook/delivery.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/excerpt.h"
#include "base/hash.h"

namespace winback::webhook {
namespace {

constexpr std::uint8_t row_form = 1;
constexpr std::array<std::string_view, 3> state_names{"waiting", "delivered", "failed"};
constexpr int too_many_requests = 429;
constexpr int unavailable = 503;

// A tenth more or less, so that what failed together does not come back together.
Duration spread(Duration pause, std::string_view id) {
    const auto tenth = static_cast<std::uint64_t>(pause.ms / 10 + 1);
    const auto shift = static_cast<std::int64_t>(hash64(id) % (2 * tenth));
    return {pause.ms + shift - static_cast<std::int64_t>(tenth)};
}

}  // namespace

std::string_view delivery_state_name(DeliveryState state) {
    return state_names.at(static_cast<std::size_t>(state));
}

std::optional<DeliveryState> parse_delivery_state(std::string_view name) {
    const auto found = std::find(state_names.begin(), state_names.end(), name);
    if (found == state_names.end()) {
        return std::nullopt;
    }
    return static_cast<DeliveryState>(found - state_names.begin());
}

std::string encode(const Delivery& delivery) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(row_form);
    out.text(delivery.id);
    out.text(delivery.type);
    out.text(delivery.customer);
    out.text(delivery.body);
    out.time(delivery.created);
    out.u8(static_cast<std::uint8_t>(delivery.state));
    out.time(delivery.next_at);
    out.u64(delivery.tries);
    out.u64(delivery.attempts.size());
    for (const Attempt& attempt : delivery.attempts) {
        out.time(attempt.at);
        out.u64(static_cast<std::uint64_t>(attempt.status));
        out.text(attempt.error);
        out.text(attempt.answer);
        out.i64(attempt.took.ms);
    }
    return bytes;
}

Result<Delivery> decode_delivery(std::string_view bytes) {
    ByteReader in(bytes);
    Delivery delivery;
    const bool known = in.u8() == row_form;
    delivery.id = in.text();
    delivery.type = in.text();
    delivery.customer = in.text();
    delivery.body = in.text();
    delivery.created = in.time();
    const std::uint8_t state = in.u8();
    delivery.next_at = in.time();
    delivery.tries = static_cast<std::uint32_t>(in.u64());
    const std::size_t count = in.count();
    for (std::size_t i = 0; i < count; ++i) {
        Attempt attempt;
        attempt.at = in.time();
        attempt.status = static_cast<int>(in.u64());
        attempt.error = in.text();
        attempt.answer = in.text();
        attempt.took = {in.i64()};
        delivery.attempts.push_back(std::move(attempt));
    }
    if (!known || !in.finished() || state >= state_names.size()) {
        return Error{ErrorCode::Corrupt, "a row (webhook delivery) cannot be read"};
    }
    delivery.state = static_cast<DeliveryState>(state);
    return delivery;
}

bool succeeded(const sender::HttpOutcome& outcome) {
    return outcome.status >= 200 && outcome.status < 300;
}

void record(Delivery& delivery,
            const sender::HttpOutcome& outcome,
            Timestamp now,
            const std::vector<Duration>& pauses) {
    delivery.attempts.push_back({.at = now,
                                 .status = outcome.status,
                                 .error = outcome.error,
                                 .answer = excerpt(outcome.body, answer_bytes_kept),
                                 .took = outcome.took});
    if (delivery.attempts.size() > attempts_kept) {
        delivery.attempts.erase(delivery.attempts.begin());
    }
    if (succeeded(outcome)) {
        delivery.state = DeliveryState::Delivered;
        return;
    }
    if (delivery.tries >= pauses.size()) {
        delivery.state = DeliveryState::Failed;
        return;
    }
    Duration pause = spread(pauses[delivery.tries], delivery.id);
    if (outcome.retry_after &&
        (outcome.status == too_many_requests || outcome.status == unavailable)) {
        pause = std::max(pause, *outcome.retry_after);
    }
    delivery.tries += 1;
    delivery.next_at = now + pause;
}

}  // namespace winback::webhook

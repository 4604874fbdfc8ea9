#include "event/decode.h"

#include <array>
#include <utility>

#include "base/hash.h"
#include "event/item.h"
#include "event/json.h"

namespace winback::event {
namespace {

struct Path {
    std::string_view text;
    Call call;
};

constexpr std::array<Path, 15> paths{{
    {"/v1/batch", {.batch = true}},
    {"/v1/b", {.batch = true}},
    {"/v1/import", {.batch = true}},
    {"/v1/track", {.kind = EventKind::Track}},
    {"/v1/t", {.kind = EventKind::Track}},
    {"/v1/identify", {.kind = EventKind::Identify}},
    {"/v1/i", {.kind = EventKind::Identify}},
    {"/v1/page", {.kind = EventKind::Page}},
    {"/v1/p", {.kind = EventKind::Page}},
    {"/v1/screen", {.kind = EventKind::Screen}},
    {"/v1/s", {.kind = EventKind::Screen}},
    {"/v1/group", {.kind = EventKind::Group}},
    {"/v1/g", {.kind = EventKind::Group}},
    {"/v1/alias", {.kind = EventKind::Alias}},
    {"/v1/a", {.kind = EventKind::Alias}},
}};

void reject(Decoded& decoded, std::size_t index, Refusal refusal) {
    decoded.rejected.push_back({.index = index,
                                .code = std::string(refusal_code(refusal)),
                                .message = std::string(refusal_message(refusal))});
}

Error too_large(const std::string& what, std::size_t bytes, std::size_t bytes_max) {
    return {ErrorCode::LimitExceeded, what + " is " + std::to_string(bytes) + " bytes; at most " +
                                          std::to_string(bytes_max) + " are taken"};
}

// The last of the keys `camel` and `snake` that is there and not null.
std::optional<JsonElement> part(const JsonObject& object,
                                std::string_view camel,
                                std::string_view snake) {
    std::optional<JsonElement> found;
    for (const auto field : object) {
        if ((field.key == camel || field.key == snake) && !field.value.is_null()) {
            found = field.value;
        }
    }
    return found;
}

// Gives ids to events without one. A retry brings the same bytes later, so `received` is a part
// only of live ids: two equal calls are two events, but a stored event is what it says.
class MessageIds {
public:
    MessageIds(std::string_view body, const DecodeOptions& options)
        : body_(body), options_(options) {}

    void fill(Event& event, std::size_t index) {
        event.content_id = options_.stored && event.message_id.empty();
        if (!event.message_id.empty()) {
            return;
        }
        if (options_.stored) {
            event.message_id = "content-" + to_hex(hash128(encode(event)));
            return;
        }
        if (body_hash_.empty()) {
            body_hash_ = to_hex(hash128(body_));
        }
        const std::string seed =
            body_hash_ + "/" + std::to_string(index) + "/" + std::to_string(options_.received.ms);
        event.message_id = "winback-" + to_hex(hash128(seed));
    }

private:
    std::string_view body_;
    const DecodeOptions& options_;
    std::string body_hash_;
};

void take_item(const JsonElement& json,
               std::size_t index,
               const BatchDefaults& defaults,
               const DecodeOptions& options,
               MessageIds& ids,
               Decoded& decoded) {
    Item item;
    if (const auto refusal = read_item(json, defaults, options, item)) {
        reject(decoded, index, *refusal);
        return;
    }
    ids.fill(item.event, index);
    if (decoded.write_key.empty()) {
        decoded.write_key = std::move(item.write_key);
    }
    decoded.events.push_back(std::move(item.event));
}

Status take_batch(const JsonObject& body,
                  std::size_t body_bytes,
                  const DecodeOptions& options,
                  MessageIds& ids,
                  Decoded& decoded) {
    simdjson::dom::array batch;
    const auto list = part(body, "batch", "batch");
    if (!list || list->get_array().get(batch) != simdjson::SUCCESS) {
        reject(decoded, 0, Refusal::NoBatch);
        return Ok{};
    }
    std::size_t count = 0;
    for (const JsonElement item : batch) {
        const std::size_t bytes = body_bytes > event_bytes_max ? least_size(item) : 0;
        if (bytes > event_bytes_max) {
            return too_large("event " + std::to_string(count) + " of the batch", bytes,
                             event_bytes_max);
        }
        ++count;
    }
    if (count > batch_events_max) {
        reject(decoded, 0, Refusal::BatchTooLong);
        return Ok{};
    }
    const BatchDefaults defaults{.sent_at = part(body, "sentAt", "sent_at"),
                                 .context = part(body, "context", "context")};
    decoded.events.reserve(count);
    std::size_t index = 0;
    for (const JsonElement item : batch) {
        take_item(item, index, defaults, options, ids, decoded);
        ++index;
    }
    return Ok{};
}

}  // namespace

std::optional<Call> call_from_path(std::string_view path) {
    for (const Path& known : paths) {
        if (known.text == path) {
            return known.call;
        }
    }
    return std::nullopt;
}

struct Decoder::Buffers {
    simdjson::dom::parser parser;
};

Decoder::Decoder() : buffers_(std::make_unique<Buffers>()) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Result<Decoded> Decoder::decode(std::string_view body, const DecodeOptions& options) {
    const std::size_t bytes_max = options.call.batch ? batch_bytes_max : event_bytes_max;
    if (body.size() > bytes_max) {
        return too_large("the body", body.size(), bytes_max);
    }
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (body.starts_with(byte_order_mark)) {
        body.remove_prefix(byte_order_mark.size());
    }
    JsonElement json;
    auto error = buffers_->parser.parse(body.data(), body.size()).get(json);
    if (error == simdjson::NUMBER_ERROR) {
        const std::string wide = with_wide_integers_as_fractions(body);
        error = buffers_->parser.parse(wide).get(json);
    }
    if (error != simdjson::SUCCESS) {
        return Error{ErrorCode::InvalidArgument,
                     std::string("the body is not JSON: ") + simdjson::error_message(error)};
    }
    Decoded decoded;
    JsonObject object;
    if (json.get_object().get(object) != simdjson::SUCCESS) {
        reject(decoded, 0, Refusal::NotAnObject);
        return decoded;
    }
    if (const auto key = part(object, "writeKey", "write_key")) {
        decoded.write_key = text_or_empty(*key);
    }
    MessageIds ids(body, options);
    if (options.call.batch) {
        WINBACK_TRY([[maybe_unused]] const auto taken,
                    take_batch(object, body.size(), options, ids, decoded));
    } else {
        take_item(json, 0, {}, options, ids, decoded);
    }
    return decoded;
}

}  // namespace winback::event

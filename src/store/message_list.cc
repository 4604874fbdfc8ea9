#include "store/message_list.h"

#include "base/bytes.h"

namespace winback::store {
namespace {

constexpr char mark = '\xff';  // Shards are below shard_count_max, so no key of theirs has it.
constexpr std::uint8_t form = 1;
constexpr int number_bytes = 8;
constexpr std::size_t place_bytes = 27;

// Falling, so that the newest come first.
std::uint64_t falling(Timestamp at) {
    return ~(static_cast<std::uint64_t>(at.ms) ^ (std::uint64_t{1} << 63U));
}

Timestamp risen(std::uint64_t bits) {
    return {static_cast<std::int64_t>(~bits ^ (std::uint64_t{1} << 63U))};
}

std::string prefix(message::MessageState state, std::optional<message::RefusalReason> reason) {
    std::string key(1, mark);
    key += static_cast<char>(state);
    key += reason.has_value() ? static_cast<char>(static_cast<int>(*reason) + 1) : '\0';
    return key;
}

std::string_view cut(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) {
        return text;
    }
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace

std::string message_place_from(message::MessageState state,
                               std::optional<message::RefusalReason> reason,
                               Timestamp at,
                               const Hash128& key) {
    std::string text = prefix(state, reason);
    append_big_endian(text, falling(at), number_bytes);
    append_big_endian(text, key.high, number_bytes);
    append_big_endian(text, key.low, number_bytes);
    return text;
}

std::string message_place_key(const MessagePlace& place) {
    return message_place_from(place.state, place.reason, place.at, place.key);
}

std::string message_place_end(message::MessageState state,
                              std::optional<message::RefusalReason> reason) {
    std::string text = prefix(state, reason);
    text.back() = static_cast<char>(text.back() + 1);
    return text;
}

bool parse_message_place_key(std::string_view key, MessagePlace& out) {
    if (key.size() != place_bytes || key[0] != mark) {
        return false;
    }
    const auto state = static_cast<unsigned char>(key[1]);
    const auto reason = static_cast<unsigned char>(key[2]);
    if (state >= message::message_state_count || reason > message::refusal_reason_count) {
        return false;
    }
    out.state = static_cast<message::MessageState>(state);
    out.reason =
        reason == 0 ? std::nullopt : std::optional(static_cast<message::RefusalReason>(reason - 1));
    out.at = risen(read_big_endian(key.substr(3, 8)));
    out.key = {read_big_endian(key.substr(11, 8)), read_big_endian(key.substr(19, 8))};
    return true;
}

MessageDigest digest_of(const engine::MessageDecided& decided) {
    return {.customer = decided.customer,
            .journey = decided.journey,
            .step = decided.step,
            .template_id = decided.template_id,
            .channel = decided.channel,
            .language = decided.rendered.language,
            .subject = std::string(cut(decided.rendered.subject, digest_subject_bytes_max)),
            .changed_at = decided.at};
}

std::string encode(const MessageDigest& digest) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u8(static_cast<std::uint8_t>(digest.channel));
    out.text(digest.customer);
    out.text(digest.journey);
    out.text(digest.step);
    out.text(digest.template_id);
    out.text(digest.language);
    out.text(digest.subject);
    out.time(digest.changed_at);
    return bytes;
}

Result<MessageDigest> decode_message_digest(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    MessageDigest digest;
    const std::uint8_t channel = in.u8();
    digest.customer = in.text();
    digest.journey = in.text();
    digest.step = in.text();
    digest.template_id = in.text();
    digest.language = in.text();
    digest.subject = in.text();
    digest.changed_at = in.time();
    if (!known || channel >= customer::channel_count || !in.finished()) {
        return Error{
            ErrorCode::Corrupt,
            "a row (list of messages) cannot be read; run 'winback restore' from a backup"};
    }
    digest.channel = static_cast<customer::Channel>(channel);
    return digest;
}

}  // namespace winback::store

#include "message/key.h"

namespace winback::message {
namespace {

void append_number(std::string& bytes, std::uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes += static_cast<char>(static_cast<unsigned char>(number >> shift & 0xffU));
    }
}

void append_text(std::string& bytes, std::string_view text) {
    append_number(bytes, text.size());
    bytes += text;
}

}  // namespace

MessageKey make_key(const KeyParts& parts) {
    std::string bytes;
    bytes.reserve(40 + parts.customer.size() + parts.journey.size() + parts.step.size());
    append_text(bytes, parts.customer);
    append_text(bytes, parts.journey);
    append_number(bytes, parts.entry);
    append_text(bytes, parts.step);
    append_number(bytes, parts.visit);
    return {hash128(bytes)};
}

std::string format_key(const MessageKey& key) {
    return to_hex(key.hash);
}

bool parse_key(std::string_view text, MessageKey& key) {
    return parse_hex(text, key.hash);
}

}  // namespace winback::message

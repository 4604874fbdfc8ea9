#include "event/event.h"

#include <array>

#include "base/bytes.h"
#include "event/event_form.h"
#include "event/names.h"

namespace winback::event {
namespace {

constexpr std::array<std::string_view, kind_count> kind_names{"identify", "track", "page",
                                                              "screen",   "group", "alias"};
constexpr std::array<std::string_view, surface_count> surface_names{"web", "app", "shop",
                                                                    "unknown"};

// Kind in the low four bits, then surface, then content_id: one byte of the record.
std::uint8_t pack(const Event& event) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(event.kind) |
                                     static_cast<unsigned>(event.surface) << 4U |
                                     (event.content_id ? 0x80U : 0U));
}

bool unpack(std::uint8_t byte, Event& event) {
    event.kind = static_cast<EventKind>(byte & 0x0fU);
    event.surface = static_cast<Surface>(byte >> 4U & 0x07U);
    event.content_id = (byte & 0x80U) != 0;
    return is_kind_byte(byte);
}

void write_map(ByteWriter& writer, const ValueMap& map) {
    writer.u64(map.size());
    for (const Field& field : map) {
        writer.text(field.first);
        writer.value(field.second);
    }
}

ValueMap read_map(ByteReader& reader) {
    ValueMap map;
    for (std::size_t n = reader.count(); n > 0 && reader.ok(); --n) {
        std::string key(reader.text());
        map.append(std::move(key), reader.value());
    }
    return map;
}

}  // namespace

std::string_view event_kind_name(EventKind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<EventKind> event_kind_from_name(std::string_view name) {
    for (std::size_t i = 0; i < kind_names.size(); ++i) {
        if (kind_names.at(i) == name) {
            return static_cast<EventKind>(i);
        }
    }
    return std::nullopt;
}

std::string_view kept_name(EventKind kind) {
    switch (kind) {
        case EventKind::Identify:
            return identified;
        case EventKind::Page:
            return page_viewed;
        case EventKind::Screen:
            return screen_viewed;
        case EventKind::Group:
            return group_joined;
        case EventKind::Alias:
            return aliased;
        case EventKind::Track:
            break;
    }
    return {};
}

std::string_view surface_name(Surface surface) {
    return surface_names.at(static_cast<std::size_t>(surface));
}

std::string encode(const Event& event) {
    std::string bytes;
    bytes.reserve(256);
    ByteWriter writer(bytes);
    writer.u8(event_form);
    writer.u8(pack(event));
    writer.time(event.time);
    writer.text(event.message_id);
    writer.text(event.user_id);
    writer.text(event.anonymous_id);
    writer.text(event.previous_id);
    writer.text(event.group_id);
    writer.text(event.name);
    write_map(writer, event.properties);
    write_map(writer, event.context);
    return bytes;
}

Result<Event> decode(std::string_view bytes) {
    ByteReader reader(bytes);
    Event event;
    if (reader.u8() != event_form || !unpack(reader.u8(), event)) {
        return Error{ErrorCode::Corrupt, "not an event record of a version this program knows"};
    }
    event.time = reader.time();
    event.message_id = reader.text();
    event.user_id = reader.text();
    event.anonymous_id = reader.text();
    event.previous_id = reader.text();
    event.group_id = reader.text();
    event.name = reader.text();
    event.properties = read_map(reader);
    event.context = read_map(reader);
    if (!reader.finished()) {
        return Error{ErrorCode::Corrupt, "an event record is cut short or too long"};
    }
    return event;
}

}  // namespace winback::event

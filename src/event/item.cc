#include "event/item.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "event/names.h"
#include "event/surface.h"

namespace winback::event {
namespace {

// What we read of a call; camelCase and snake_case are the same.
enum class Slot : std::uint8_t {
    UserId,
    AnonymousId,
    MessageId,
    PreviousId,
    GroupId,
    Type,
    Event,
    Name,
    Category,
    Timestamp,
    OriginalTimestamp,
    SentAt,
    Channel,
    Properties,
    Traits,
    Context,
    WriteKey,
};
constexpr std::size_t slot_count = 17;

struct SlotName {
    std::string_view text;
    Slot slot;
};

constexpr std::array<SlotName, 25> slot_names{{
    {"userId", Slot::UserId},
    {"user_id", Slot::UserId},
    {"anonymousId", Slot::AnonymousId},
    {"anonymous_id", Slot::AnonymousId},
    {"messageId", Slot::MessageId},
    {"message_id", Slot::MessageId},
    {"previousId", Slot::PreviousId},
    {"previous_id", Slot::PreviousId},
    {"groupId", Slot::GroupId},
    {"group_id", Slot::GroupId},
    {"type", Slot::Type},
    {"event", Slot::Event},
    {"name", Slot::Name},
    {"category", Slot::Category},
    {"timestamp", Slot::Timestamp},
    {"originalTimestamp", Slot::OriginalTimestamp},
    {"original_timestamp", Slot::OriginalTimestamp},
    {"sentAt", Slot::SentAt},
    {"sent_at", Slot::SentAt},
    {"channel", Slot::Channel},
    {"properties", Slot::Properties},
    {"traits", Slot::Traits},
    {"context", Slot::Context},
    {"writeKey", Slot::WriteKey},
    {"write_key", Slot::WriteKey},
}};

// The parts of a call that are there and not null; of equal keys the last one counts.
class Slots {
public:
    explicit Slots(const JsonObject& object) {
        for (const auto field : object) {
            const auto* name = std::find_if(
                slot_names.begin(), slot_names.end(),
                [&field](const SlotName& candidate) { return candidate.text == field.key; });
            if (name != slot_names.end() && !field.value.is_null()) {
                elements_.at(static_cast<std::size_t>(name->slot)) = field.value;
            }
        }
    }
    const std::optional<JsonElement>& operator[](Slot slot) const {
        return elements_.at(static_cast<std::size_t>(slot));
    }
    std::string_view text(Slot slot) const {
        const auto& element = (*this)[slot];
        return element ? text_or_empty(*element) : std::string_view{};
    }

private:
    std::array<std::optional<JsonElement>, slot_count> elements_;
};

// What we read of a context. A key of the event's own context hides the batch's.
struct Context {
    std::optional<JsonElement> locale, timezone, campaign, page, app, device, traits, active;
    std::optional<JsonElement> library, channel;

    void read(const std::optional<JsonElement>& element) {
        JsonObject object;
        if (!element || element->get_object().get(object) != simdjson::SUCCESS) {
            return;
        }
        const std::array<std::pair<std::string_view, std::optional<JsonElement>*>, 10> parts{{
            {"locale", &locale},
            {"timezone", &timezone},
            {"campaign", &campaign},
            {"page", &page},
            {"app", &app},
            {"device", &device},
            {"traits", &traits},
            {"active", &active},
            {"library", &library},
            {"channel", &channel},
        }};
        for (const auto field : object) {
            for (const auto& [name, part] : parts) {
                if (name == field.key && !field.value.is_null()) {
                    *part = field.value;
                }
            }
        }
    }
};

// The text of `key` in an optional object; empty otherwise.
std::string_view text_in(const std::optional<JsonElement>& element, std::string_view key) {
    JsonElement value;
    if (!element || !element->is_object() || element->at_key(key).get(value) != simdjson::SUCCESS) {
        return {};
    }
    return text_or_empty(value);
}

std::optional<Refusal> refusal_of(JsonFault fault) {
    switch (fault) {
        case JsonFault::None:
            break;
        case JsonFault::TooDeep:
            return Refusal::TooDeep;
        case JsonFault::TooManyFields:
            return Refusal::TooManyFields;
    }
    return std::nullopt;
}

std::optional<Timestamp> read_time(const std::optional<JsonElement>& element) {
    if (!element) {
        return std::nullopt;
    }
    double number = 0;
    if (element->is_number() && element->get_double().get(number) == simdjson::SUCCESS) {
        // Seconds reach 10^11 in the year 5138, milliseconds passed it in 1973.
        number = std::fabs(number) < 1e11 ? number * 1000 : number;
        if (number < static_cast<double>(time_limit_low.ms) ||
            number > static_cast<double>(time_limit_high.ms)) {
            return std::nullopt;
        }
        return Timestamp{static_cast<std::int64_t>(number)};
    }
    const auto time = parse_iso8601(text_or_empty(*element));
    if (!time || *time < time_limit_low || *time > time_limit_high) {
        return std::nullopt;
    }
    return *time;
}

struct IdTarget {
    Slot slot;
    std::string* id;
};

std::optional<Refusal> read_ids(const Slots& slots, Event& event) {
    const std::array<IdTarget, 4> targets{{{Slot::UserId, &event.user_id},
                                           {Slot::AnonymousId, &event.anonymous_id},
                                           {Slot::PreviousId, &event.previous_id},
                                           {Slot::GroupId, &event.group_id}}};
    for (const IdTarget& target : targets) {
        if (slots[target.slot] && !read_id(*slots[target.slot], *target.id)) {
            return Refusal::BadId;
        }
        if (target.id->size() > id_bytes_max) {
            return Refusal::IdTooLong;
        }
    }
    if (slots[Slot::MessageId] && !read_id(*slots[Slot::MessageId], event.message_id)) {
        return Refusal::BadId;
    }
    if (event.user_id.empty() && event.anonymous_id.empty()) {
        return Refusal::NoUserAnonId;
    }
    if (event.kind == EventKind::Alias) {
        if (event.user_id.empty()) {
            return Refusal::NoUserId;
        }
        if (event.previous_id.empty()) {
            return Refusal::NoPreviousId;
        }
    } else {
        event.previous_id.clear();
    }
    if (event.kind == EventKind::Group) {
        return event.group_id.empty() ? std::optional(Refusal::NoGroupId) : std::nullopt;
    }
    event.group_id.clear();
    return std::nullopt;
}

// The first version of the e-commerce spec named its events the other way round.
std::string_view present_name(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 9> names{
        {{"Completed Order", "Order Completed"},
         {"Updated Order", "Order Updated"},
         {"Started Order", "Checkout Started"},
         {"Viewed Product", "Product Viewed"},
         {"Clicked Product", "Product Clicked"},
         {"Added Product", "Product Added"},
         {"Removed Product", "Product Removed"},
         {"Viewed Product Category", "Product List Viewed"},
         {"Completed Checkout Step", "Checkout Step Completed"}}};
    for (const auto& [first, present] : names) {
        if (name == first) {
            return present;
        }
    }
    return name;
}

std::optional<Refusal> read_name(const Slots& slots, Event& event) {
    event.name = event.kind == EventKind::Track ? present_name(slots.text(Slot::Event))
                                                : kept_name(event.kind);
    if (event.name.empty()) {
        return Refusal::NoEvent;
    }
    if (event.name.size() > event_name_bytes_max) {
        return Refusal::EventNameTooLong;
    }
    const auto characters = std::count_if(event.message_id.begin(), event.message_id.end(),
                                          [](char c) { return (c & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(characters) > message_id_chars_max) {
        return Refusal::MessageIdTooLong;
    }
    return std::nullopt;
}

// Reserved traits that the spec writes in both cases become one: conditions know one name.
void settle_reserved_traits(ValueMap& traits) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> names{
        {{"firstName", "first_name"}, {"lastName", "last_name"}, {"createdAt", "created_at"}}};
    for (const auto& [camel, snake] : names) {
        const Value* value = traits.find(camel);
        if (value == nullptr) {
            continue;
        }
        if (traits.find(snake) == nullptr) {
            Value copy = *value;
            traits.set(std::string(snake), std::move(copy));
        }
        traits.erase(camel);
    }
}

std::optional<Refusal> add_map(const std::optional<JsonElement>& element, ValueMap& map) {
    if (!element) {
        return std::nullopt;
    }
    JsonObject object;
    if (element->get_object().get(object) != simdjson::SUCCESS) {
        return Refusal::BadProperties;
    }
    return refusal_of(to_map(object, 1, map));
}

std::optional<Refusal> read_properties(const Slots& slots, const Context& context, Event& event) {
    const bool has_traits = event.kind == EventKind::Identify || event.kind == EventKind::Group;
    if (event.kind == EventKind::Identify) {
        // RudderStack sends them twice, some clients only here.
        if (const auto refusal = add_map(context.traits, event.properties)) {
            return refusal;
        }
    }
    const auto& source = slots[has_traits ? Slot::Traits : Slot::Properties];
    if (const auto refusal = add_map(source, event.properties)) {
        return refusal;
    }
    if (event.kind == EventKind::Identify) {
        settle_reserved_traits(event.properties);
    }
    if (event.kind == EventKind::Page || event.kind == EventKind::Screen) {
        for (const auto& [slot, key] :
             {std::pair{Slot::Name, "name"}, {Slot::Category, "category"}}) {
            const std::string_view text = slots.text(slot);
            if (!text.empty() && event.properties.find(key) == nullptr) {
                event.properties.append(key, text);
            }
        }
    }
    return std::nullopt;
}

std::optional<Refusal> keep(std::string_view key,
                            const std::optional<JsonElement>& element,
                            ValueMap& context) {
    if (!element) {
        return std::nullopt;
    }
    Value value;
    const JsonFault fault = to_value(*element, 1, value);
    if (fault == JsonFault::None) {
        context.append(std::string(key), std::move(value));
    }
    return refusal_of(fault);
}

void keep_text(std::string_view key, std::string_view text, ValueMap& map) {
    if (!text.empty()) {
        map.append(std::string(key), text);
    }
}

std::optional<Refusal> read_context(const Context& context, Event& event) {
    ValueMap& kept = event.context;
    keep_text("locale", context.locale ? text_or_empty(*context.locale) : "", kept);
    keep_text("timezone", context.timezone ? text_or_empty(*context.timezone) : "", kept);
    ValueMap page;
    for (const std::string_view key : {"path", "referrer", "title", "url"}) {
        keep_text(key, text_in(context.page, key), page);
    }
    if (!page.empty()) {
        kept.append("page", std::move(page));
    }
    const std::string_view device = text_in(context.device, "type");
    if (!device.empty()) {
        ValueMap map;
        map.append("type", device);
        kept.append("device", std::move(map));
    }
    bool active = true;
    if (context.active && context.active->get_bool().get(active) == simdjson::SUCCESS) {
        kept.append("active", active);
    }
    if (const auto refusal = keep("campaign", context.campaign, kept)) {
        return refusal;
    }
    if (const auto refusal = keep("app", context.app, kept)) {
        return refusal;
    }
    return event.kind == EventKind::Identify ? std::nullopt : keep("traits", context.traits, kept);
}

std::optional<Refusal> read_event_time(const Slots& slots,
                                       const BatchDefaults& defaults,
                                       const DecodeOptions& options,
                                       Event& event) {
    const auto original = read_time(slots[Slot::OriginalTimestamp]);
    const auto timestamp = read_time(slots[Slot::Timestamp]);
    if (options.stored) {
        if (!timestamp && !original) {
            return Refusal::BadTimestamp;
        }
        event.time = timestamp ? *timestamp : *original;
        return std::nullopt;
    }
    const auto sent = read_time(slots[Slot::SentAt] ? slots[Slot::SentAt] : defaults.sent_at);
    event.time = corrected_time(options.received, sent, original ? original : timestamp);
    return std::nullopt;
}

struct RefusalText {
    std::string_view code;
    std::string_view message;
};

// In the order of Refusal.
constexpr std::array<RefusalText, 17> refusal_texts{{
    {"not_an_object", "the body or the event is well-formed JSON, but not an object"},
    {"no_batch", "the body has no list named 'batch'"},
    {"batch_too_long", "a batch holds at most 2500 events"},
    {"unknown_type", "'type' is not identify, track, page, screen, group or alias"},
    {"bad_id", "an id is neither text nor a number that is held exactly"},
    {"id_too_long", "an id is longer than 256 bytes"},
    {"no_user_anon_id", "neither userId nor anonymousId is given"},
    {"no_user_id", "alias needs a userId"},
    {"no_previous_id", "alias needs a previousId"},
    {"no_group_id", "group needs a groupId"},
    {"no_event", "track needs the name of the event in 'event'"},
    {"event_name_too_long", "the name of the event is longer than 256 bytes"},
    {"message_id_too_long", "messageId is longer than 100 characters"},
    {"bad_properties", "properties or traits are not an object"},
    {"too_deep", "objects and lists are nested more than 16 deep"},
    {"too_many_fields", "an object has more than 512 keys"},
    {"bad_timestamp", "a stored event needs a timestamp in ISO 8601"},
}};

}  // namespace

std::string_view refusal_code(Refusal refusal) {
    return refusal_texts.at(static_cast<std::size_t>(refusal)).code;
}

std::string_view refusal_message(Refusal refusal) {
    return refusal_texts.at(static_cast<std::size_t>(refusal)).message;
}

Timestamp corrected_time(Timestamp received,
                         std::optional<Timestamp> sent,
                         std::optional<Timestamp> original) {
    Timestamp time = original ? *original : received;
    if (sent && original) {
        time = received - (*sent - *original);
    }
    return time < time_limit_low ? received : std::min(time, received);
}

std::optional<Refusal> read_item(const JsonElement& json,
                                 const BatchDefaults& defaults,
                                 const DecodeOptions& options,
                                 Item& item) {
    JsonObject object;
    if (json.get_object().get(object) != simdjson::SUCCESS) {
        return Refusal::NotAnObject;
    }
    const Slots slots(object);
    Event& event = item.event;
    event.kind = options.call.kind;
    if (options.call.batch) {
        const auto kind = event_kind_from_name(slots.text(Slot::Type));
        if (!kind) {
            return Refusal::UnknownType;
        }
        event.kind = *kind;
    }
    if (const auto refusal = read_ids(slots, event)) {
        return refusal;
    }
    if (const auto refusal = read_name(slots, event)) {
        return refusal;
    }
    Context context;
    context.read(defaults.context);
    context.read(slots[Slot::Context]);
    if (const auto refusal = read_properties(slots, context, event)) {
        return refusal;
    }
    if (const auto refusal = read_context(context, event)) {
        return refusal;
    }
    if (const auto refusal = read_event_time(slots, defaults, options, event)) {
        return refusal;
    }
    const std::string_view channel = slots.text(Slot::Channel);
    event.surface = surface_of({.kind = event.kind,
                                .name = event.name,
                                .channel = !channel.empty()  ? channel
                                           : context.channel ? text_or_empty(*context.channel)
                                                             : std::string_view{},
                                .library = text_in(context.library, "name"),
                                .device_type = text_in(context.device, "type"),
                                .has_page = context.page.has_value()});
    item.write_key = slots.text(Slot::WriteKey);
    return std::nullopt;
}

}  // namespace winback::event

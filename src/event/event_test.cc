#include "event/event.h"

#include <gtest/gtest.h>

#include "event/surface.h"

namespace winback::event {
namespace {

Event full_event() {
    Event event{.kind = EventKind::Group,
                .surface = Surface::Shop,
                .content_id = true,
                .message_id = "m",
                .user_id = "u",
                .anonymous_id = "a",
                .previous_id = "p",
                .group_id = "g",
                .name = "Group Joined",
                .time = Timestamp{-1}};
    event.properties.set("null", Value());
    event.properties.set("list", ValueList{Value(1), Value(-2.5), Value(true), Value("x")});
    event.properties.set("time", Timestamp{123});
    event.context.set("locale", "tr-TR");
    return event;
}

TEST(EventRecord, ComesBackAsItWas) {
    const Event event = full_event();
    const auto back = decode(encode(event));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, event);
}

TEST(EventRecord, CutShortOrTooLongIsCorrupt) {
    const std::string bytes = encode(full_event());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto back = decode(std::string_view(bytes).substr(0, size));
        ASSERT_FALSE(back.has_value()) << size;
        EXPECT_EQ(back.error().code, ErrorCode::Corrupt);
    }
    EXPECT_FALSE(decode(bytes + "x").has_value());
}

TEST(EventRecord, UnknownVersionOrKindIsCorrupt) {
    std::string bytes = encode(full_event());
    bytes[0] = 2;
    EXPECT_FALSE(decode(bytes).has_value());
    bytes[0] = 1;
    bytes[1] = 6;
    EXPECT_FALSE(decode(bytes).has_value());
    bytes[1] = 0x40;
    EXPECT_FALSE(decode(bytes).has_value());
}

TEST(EventKindNames, AreReadBack) {
    for (const EventKind kind : {EventKind::Identify, EventKind::Track, EventKind::Page,
                                 EventKind::Screen, EventKind::Group, EventKind::Alias}) {
        EXPECT_EQ(event_kind_from_name(event_kind_name(kind)), kind);
    }
    EXPECT_FALSE(event_kind_from_name("Track"));
}

TEST(SurfaceOf, TakesTheFirstSignThatSpeaks) {
    using enum Surface;
    EXPECT_EQ(surface_of({.channel = "Shop", .library = "analytics.js"}), Shop);
    EXPECT_EQ(surface_of({.channel = "server"}), Unknown);
    EXPECT_EQ(surface_of({.kind = EventKind::Page, .library = "analytics-ios"}), Web);
    EXPECT_EQ(surface_of({.kind = EventKind::Screen}), App);
    EXPECT_EQ(surface_of({.name = "Application Opened", .library = "analytics.js"}), App);
    EXPECT_EQ(surface_of({.library = "RudderLabs JavaScript SDK"}), Web);
    EXPECT_EQ(surface_of({.library = "com.rudderstack.android.sdk.core"}), App);
    EXPECT_EQ(surface_of({.library = "@segment/analytics-node"}), Unknown);
    EXPECT_EQ(surface_of({.device_type = "iOS"}), App);
    EXPECT_EQ(surface_of({.has_page = true}), Web);
    EXPECT_EQ(surface_of({}), Unknown);
}

}  // namespace
}  // namespace winback::event

// Where a customer was, read from what clients say of themselves.
#pragma once

#include <string_view>

#include "event/event.h"

namespace winback::event {

// What an event says about the place it comes from; empty where it says nothing.
struct Origin {
    EventKind kind = EventKind::Track;
    std::string_view name;         // Of a track event.
    std::string_view channel;      // "web", "mobile", "server", "shop", …
    std::string_view library;      // context.library.name
    std::string_view device_type;  // context.device.type
    bool has_page = false;         // context.page is there.
};

// The first of these that speaks: channel, kind (page, screen), name ("Application …"),
// library, device, page.
Surface surface_of(const Origin& origin);

}  // namespace winback::event

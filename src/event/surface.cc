#include "event/surface.h"

#include <array>

#include "base/strings.h"

namespace winback::event {
namespace {

struct Sign {
    std::string_view text;
    Surface surface;
};

constexpr std::array<Sign, 11> channels{{
    {"web", Surface::Web},
    {"browser", Surface::Web},
    {"mobile", Surface::App},
    {"app", Surface::App},
    {"shop", Surface::Shop},
    {"store", Surface::Shop},
    {"pos", Surface::Shop},
    {"retail", Surface::Shop},
    {"in-store", Surface::Shop},
    {"phone", Surface::Shop},
    {"call-center", Surface::Shop},
}};

// Parts of the names of clients' libraries: Segment, RudderStack and their kin.
constexpr std::array<Sign, 10> libraries{{
    {"analytics.js", Surface::Web},
    {"analytics-next", Surface::Web},
    {"javascript", Surface::Web},
    {"browser", Surface::Web},
    {"android", Surface::App},
    {"ios", Surface::App},
    {"swift", Surface::App},
    {"kotlin", Surface::App},
    {"flutter", Surface::App},
    {"react-native", Surface::App},
}};

Surface channel_surface(std::string_view channel) {
    for (const Sign& sign : channels) {
        if (equals_ignoring_case(channel, sign.text)) {
            return sign.surface;
        }
    }
    return Surface::Unknown;
}

Surface library_surface(std::string_view library) {
    const std::string name = to_lower_ascii(library);
    for (const Sign& sign : libraries) {
        if (name.find(sign.text) != std::string::npos) {
            return sign.surface;
        }
    }
    return Surface::Unknown;
}

}  // namespace

Surface surface_of(const Origin& origin) {
    if (!origin.channel.empty()) {
        const Surface surface = channel_surface(origin.channel);
        if (surface != Surface::Unknown) {
            return surface;
        }
    }
    if (origin.kind == EventKind::Page) {
        return Surface::Web;
    }
    if (origin.kind == EventKind::Screen ||
        (origin.kind == EventKind::Track && origin.name.starts_with("Application "))) {
        return Surface::App;
    }
    const Surface library = library_surface(origin.library);
    if (library != Surface::Unknown) {
        return library;
    }
    if (equals_ignoring_case(origin.device_type, "ios") ||
        equals_ignoring_case(origin.device_type, "android")) {
        return Surface::App;
    }
    return origin.has_page ? Surface::Web : Surface::Unknown;
}

}  // namespace winback::event

// Any bytes decode or fail cleanly, and what decodes survives its record form.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "event/decode.h"

namespace {

void check_event(const winback::event::Event& event) {
    WINBACK_CHECK(!event.message_id.empty());
    WINBACK_CHECK(!event.name.empty());
    WINBACK_CHECK(!customer_key(event).empty());
    const auto back = winback::event::decode(winback::event::encode(event));
    WINBACK_CHECK(back.has_value());
    WINBACK_CHECK(*back == event);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's bytes
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    event::Decoder decoder;
    constexpr Timestamp received{1'700'000'000'000};
    for (int kind = -1; kind < 6; ++kind) {
        for (const bool stored : {false, true}) {
            const event::Call call{.batch = kind < 0,
                                   .kind = static_cast<event::EventKind>(kind < 0 ? 0 : kind)};
            const auto decoded =
                decoder.decode(body, {.received = received, .call = call, .stored = stored});
            if (decoded) {
                for (const event::Event& event : decoded->events) {
                    check_event(event);
                    WINBACK_CHECK(stored || event.time <= received);
                }
            }
        }
    }
    return 0;
}

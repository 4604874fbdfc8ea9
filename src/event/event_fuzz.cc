// Any bytes are an event record or Corrupt; a record that was read is written back readable.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "event/event.h"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): libFuzzer's bytes
    const auto event = event::decode({reinterpret_cast<const char*>(data), size});
    if (event) {
        const std::string bytes = event::encode(*event);
        const auto back = event::decode(bytes);
        WINBACK_CHECK(back.has_value());
        WINBACK_CHECK(event::encode(*back) == bytes);
    }
    return 0;
}

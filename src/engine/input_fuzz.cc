// Any bytes: an input or handover is read or refused, and what was read is written the same way.
#include "base/check.h"
#include "engine/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto no_playbook = [](std::uint64_t) { return engine::DefinitionsPtr(); };
    if (const auto input = engine::decode_input(bytes, no_playbook); input.has_value()) {
        const std::string once = engine::encode(*input);
        const auto again = engine::decode_input(once, no_playbook);
        WINBACK_CHECK(again.has_value());
        WINBACK_CHECK(engine::encode(*again) == once);
    }
    if (const auto handover = engine::decode_handover(bytes); handover.has_value()) {
        const std::string once = engine::encode(*handover);
        const auto again = engine::decode_handover(once);
        WINBACK_CHECK(again.has_value());
        WINBACK_CHECK(engine::encode(*again) == once);
    }
    return 0;
}

// Any bytes as a customer's or a shard's row: read or Corrupt, never a crash.
#include "base/check.h"
#include "engine/shard.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    engine::Shard shard(0, 1);
    if (shard.load_customer("c1", bytes).has_value()) {
        shard.finish_load();
        std::string row;
        shard.encode_customer(0, row);
        WINBACK_CHECK(!row.empty());
    }
    engine::Shard other(0, 1);
    const auto no_playbook = [](std::uint64_t) { return engine::DefinitionsPtr(); };
    static_cast<void>(other.load_shard(bytes, no_playbook).has_value());
    return 0;
}

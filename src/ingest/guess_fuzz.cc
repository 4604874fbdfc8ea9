// Any bytes give a guess, the same one twice, and a plan without problems gives a mapping that
// can be read.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "ingest/guess.h"

using namespace winback;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t bytes_max = 64 * 1024;
    if (size > bytes_max) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const ingest::GuessDefaults defaults{.zone = "Europe/London", .currency = "GBP", .today = {}};
    const ingest::Guess guess = ingest::guess_mapping(bytes, true, defaults);
    const ingest::Guess again = ingest::guess_mapping(bytes, true, defaults);
    const std::string text = ingest::mapping_text(guess.plan);
    WINBACK_CHECK(text == ingest::mapping_text(again.plan));
    if (guess.problem.empty() && guess.problems.empty()) {
        WINBACK_CHECK(!has_errors(ingest::read_mapping(text, "guess").diagnostics));
    }
    return 0;
}

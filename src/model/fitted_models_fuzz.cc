// Any bytes: decoding ends, and what decodes survives a round trip and predicts finite numbers.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "model/fitted_models.h"

using namespace winback;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteReader in({reinterpret_cast<const char*>(data), size});
    const auto models = model::decode_fitted_models(in);
    if (!models) {
        return 0;
    }
    std::string bytes;
    ByteWriter out(bytes);
    model::encode(out, *models);
    ByteReader again(bytes);
    const auto copy = model::decode_fitted_models(again);
    WINBACK_CHECK(copy.has_value() && again.finished() && *copy == *models);
    const model::OrderHistory history{5, {0}, {86'400'000LL * 100}, 20, {86'400'000LL * 150}};
    const double p = model::p_order(*models, history);
    WINBACK_CHECK(p >= 0 && p <= 1);
    return 0;
}

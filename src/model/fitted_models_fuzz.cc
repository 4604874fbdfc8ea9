// Any bytes: decoding ends, and what decodes survives a round trip and predicts numbers in bounds.
// The bytes are read twice: as they are, and as the parameters of models that can be.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/check.h"
#include "model/fitted_models.h"

using namespace winback;

namespace {

std::optional<model::FittedModels> decode(std::string_view bytes) {
    ByteReader in(bytes);
    auto models = model::decode_fitted_models(in);
    return models ? std::optional(*models) : std::nullopt;
}

std::string encode(const model::FittedModels& models) {
    std::string bytes;
    ByteWriter out(bytes);
    model::encode(out, models);
    return bytes;
}

double between(std::uint8_t byte, double low, double high) {
    return std::exp(std::log(low) + (std::log(high) - std::log(low)) * byte / 255);
}

model::FittedModels models_from(ByteReader& in) {
    model::FittedModels models;
    models.kind = static_cast<model::TransactionModel>(in.u8() % 2);
    models.parameters.r = between(in.u8(), 1e-6, 1e6);
    models.parameters.alpha = between(in.u8(), 1e-6, 1e9);
    models.parameters.a = between(in.u8(), 1e-6, 1e6);
    models.parameters.b = between(in.u8(), 1e-6, 1e6);
    models.unit = static_cast<model::TimeUnit>(in.u8() % 2);
    models.horizon_days = 1 + in.u8() * 14;
    return models;
}

void predict(const model::FittedModels& models, ByteReader& in) {
    model::OrderHistory history;
    history.order_days = in.u64() % 1'000'000;
    history.first = Timestamp{in.i64() % 10'000'000'000'000};
    history.last = Timestamp{in.i64() % 10'000'000'000'000};
    history.now = Timestamp{in.i64() % 10'000'000'000'000};
    const double alive = model::p_alive(models, history);
    const double order = model::p_order(models, history);
    const double orders = model::expected_orders(models, history);
    WINBACK_CHECK(alive >= 0 && alive <= 1);
    WINBACK_CHECK(order >= 0 && order <= alive);
    WINBACK_CHECK(std::isfinite(orders) && orders >= order * (1 - 1e-9));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto models = decode(bytes)) {
        const std::string again = encode(*models);
        WINBACK_CHECK(decode(again) == models);
    }
    ByteReader in(bytes);
    const model::FittedModels models = models_from(in);
    WINBACK_CHECK(decode(encode(models)) == models);
    predict(models, in);
    return 0;
}

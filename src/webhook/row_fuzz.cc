// Any bytes as a row of an endpoint or of a delivery: decoding ends, and what decodes survives a
// round trip. As the words of a draft, too: what is taken can be kept, what is refused changes
// nothing.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "webhook/delivery.h"
#include "webhook/endpoint.h"

using namespace winback;

namespace {

void draft(std::string_view bytes) {
    const std::size_t half = bytes.find('\n');
    webhook::EndpointDraft draft;
    draft.url = std::string(bytes.substr(0, half));
    if (half != std::string_view::npos) {
        draft.description = std::string(bytes.substr(half + 1));
    }
    webhook::Endpoint endpoint{.id = "0123456789abcdef", .url = "https://example.com/"};
    const std::string before = webhook::encode(endpoint);
    if (!webhook::apply(draft, sender::Reach::Public, endpoint)) {
        WINBACK_CHECK(webhook::encode(endpoint) == before);
        return;
    }
    WINBACK_CHECK(endpoint.url.starts_with("https://"));
    WINBACK_CHECK(endpoint.description.size() <= webhook::description_bytes_max);
    const std::string kept = webhook::encode(endpoint);
    const auto again = webhook::decode_endpoint(kept);
    WINBACK_CHECK(again && webhook::encode(*again) == kept);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto endpoint = webhook::decode_endpoint(bytes)) {
        const std::string kept = webhook::encode(*endpoint);
        const auto again = webhook::decode_endpoint(kept);
        WINBACK_CHECK(again && webhook::encode(*again) == kept);
    }
    if (const auto delivery = webhook::decode_delivery(bytes)) {
        const std::string kept = webhook::encode(*delivery);
        const auto again = webhook::decode_delivery(kept);
        WINBACK_CHECK(again && webhook::encode(*again) == kept);
    }
    draft(bytes);
    return 0;
}

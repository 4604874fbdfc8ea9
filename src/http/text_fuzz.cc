// Fuzzes what is read from strangers as text: URLs, queries, forms, cookies, credentials, routes,
// gzip. Beyond not crashing: decode after encode gives the same, limits hold.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "http/authorization.h"
#include "http/framing.h"
#include "http/gzip.h"
#include "http/router.h"
#include "http/url.h"

namespace {

const winback::http::Router& router() {
    static const winback::http::Router instance = [] {
        winback::http::Router made;
        const auto nothing =
            winback::http::sync([](const auto&) { return winback::http::no_content(); });
        made.add("GET", "/a/:b", nothing);
        made.add("GET", "/a/*c", nothing);
        made.add("POST", "/", nothing);
        return made;
    }();
    return instance;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace http = winback::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto decoded = http::percent_decode(text, http::Plus::IsSpace)) {
        WINBACK_CHECK(*http::percent_decode(http::percent_encode(*decoded)) == *decoded);
    }
    if (const auto pairs = http::parse_query(text)) {
        WINBACK_CHECK(pairs->size() <= http::query_pairs_max);
        WINBACK_CHECK(*http::parse_query(http::format_query(*pairs)) == *pairs);
    }
    for (const auto& [name, value] : http::parse_cookies(text)) {
        WINBACK_CHECK(name.size() + value.size() < text.size());
    }
    (void)http::parse_authorization(text);
    if (const auto bytes = http::decode_base64(text)) {
        WINBACK_CHECK(*http::decode_base64(http::encode_base64(*bytes)) == *bytes);
    }
    (void)http::accepts_gzip(text);
    (void)router().match("GET", text);
    constexpr std::size_t inflated_max = 10'000;
    if (const auto inflated = http::gunzip(text, inflated_max)) {
        WINBACK_CHECK(inflated->size() <= inflated_max);
    }
    http::Response response = http::redirect(text);
    std::string out;
    http::append_response(out, response, {});
    WINBACK_CHECK(out.find("\r\n\r\n") == out.size() - 4);
    return 0;
}

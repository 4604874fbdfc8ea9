// Fuzzes the reading of requests: whatever the bytes, and wherever the network cuts them, the same
// request comes out or the same refusal, and nothing passes its limit.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/request_parser.h"

namespace {

namespace http = winback::http;

http::ServerOptions small_limits() {
    http::ServerOptions options;
    options.header_bytes_max = 512;
    options.body_bytes_max = 100;
    return options;
}

// What a connection would make of the bytes, as text. `step`: how many come at a time.
std::string outcome(std::string_view bytes, std::size_t step, const http::Router& router) {
    const http::ServerOptions options = small_limits();
    http::RequestParser parser(router, options);
    std::size_t begin = 0;
    std::size_t end = 0;
    while (!parser.is_done()) {
        boost::system::error_code ec;
        const std::size_t used = parser.put({bytes.data() + begin, end - begin}, ec);
        begin += used;
        WINBACK_CHECK(begin <= end);
        if (ec && ec != boost::beast::http::error::need_more) {
            return "refused";
        }
        WINBACK_CHECK(parser.request().body.size() <= options.body_bytes_max);
        if (used != 0 && !ec && begin != end) {
            continue;
        }
        if (!parser.is_done() && end == bytes.size()) {
            return "incomplete";
        }
        end = std::min(bytes.size(), end + step);
    }
    std::string text = parser.request().method + " " + parser.request().target + "\n";
    for (const auto& [name, value] : parser.request().headers) {
        WINBACK_CHECK(value.find_first_of("\r\n") == std::string::npos);
        text += name + ": " + value + "\n";
    }
    return text + "\n" + parser.request().body + "|" + std::to_string(begin);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const http::Router router;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = outcome(bytes, std::max<std::size_t>(size, 1), router);
    const std::string parts = outcome(bytes, 3, router);
    // A mistake in what has not come yet is not seen yet: only complete requests must agree.
    if (whole != "refused" && whole != "incomplete" && parts != "refused") {
        WINBACK_CHECK(whole == parts);
    }
    return 0;
}

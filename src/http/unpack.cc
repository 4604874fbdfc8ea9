#include "http/unpack.h"

#include <string>
#include <utility>

#include "base/strings.h"
#include "http/gzip.h"
#include "http/url.h"

namespace winback::http {

std::string_view raw_path_of(std::string_view target) {
    constexpr std::string_view scheme = "http://";
    std::string_view path = target.substr(0, target.find('?'));
    if (path.substr(0, scheme.size()) == scheme) {
        const std::size_t slash = path.find('/', scheme.size());
        path = slash == std::string_view::npos ? std::string_view("/") : path.substr(slash);
    }
    return path;
}

std::optional<Response> unpack_target(Request& request) {
    const std::string_view target = request.target;
    Result<std::string> path = percent_decode(raw_path_of(target));
    if (!path) {
        return error(400, "bad_request", "the path: " + path.error().message);
    }
    request.path = std::move(*path);
    const std::size_t question = target.find('?');
    if (question == std::string_view::npos) {
        return std::nullopt;
    }
    Result<Pairs> query = parse_query(target.substr(question + 1));
    if (!query) {
        return error(400, "bad_request", "the query: " + query.error().message);
    }
    request.query = std::move(*query);
    return std::nullopt;
}

std::optional<Response> unpack_body(Request& request, std::size_t bytes_max) {
    const std::string* field = request.header("content-encoding");
    const std::string_view encoding = field == nullptr ? std::string_view() : trim(*field);
    if (encoding.empty() || equals_ignoring_case(encoding, "identity")) {
        return std::nullopt;
    }
    if (!equals_ignoring_case(encoding, "gzip") && !equals_ignoring_case(encoding, "x-gzip")) {
        return error(415, "unsupported_encoding", "the only Content-Encoding taken is gzip");
    }
    Result<std::string> inflated = gunzip(request.body, bytes_max);
    if (!inflated) {
        const bool large = inflated.error().code == ErrorCode::LimitExceeded;
        return error(large ? 413 : 400, large ? "too_large" : "bad_encoding",
                     inflated.error().message);
    }
    request.body = std::move(*inflated);
    return std::nullopt;
}

}  // namespace winback::http

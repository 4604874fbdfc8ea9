#include "api/public_address.h"

#include <algorithm>
#include <array>

#include "api/visitor.h"
#include "base/strings.h"
#include "host/host.h"
#include "sender/reach.h"

namespace winback::api {
namespace {

constexpr std::size_t host_bytes_max = 255;
constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view secure_scheme = "https://";

// What stands behind the scheme of an address of the internet, without a slash at its end; empty
// for any other.
std::string_view public_part(std::string_view url) {
    const std::string_view scheme = url.starts_with(plain_scheme) ? plain_scheme : secure_scheme;
    if (!url.starts_with(scheme)) {
        return {};
    }
    std::string_view rest = url.substr(scheme.size());
    while (rest.ends_with('/')) {
        rest.remove_suffix(1);
    }
    const std::string secure = std::string(secure_scheme).append(rest);
    const std::string_view name = host_in(rest);
    const bool open = sender::check_web_address(secure, sender::Reach::Public).has_value();
    return open && !is_nobodys(name) ? rest : std::string_view();
}

}  // namespace

std::string_view host_in(std::string_view url) {
    const std::size_t scheme = url.find("://");
    url = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
    return url.substr(0, url.find_first_of(":/?#"));
}

bool is_nobodys(std::string_view name) {
    constexpr std::array<std::string_view, 4> endings{".example", ".test", ".invalid",
                                                      ".localhost"};
    const std::string small = to_lower_ascii(name);
    return name.empty() || std::any_of(endings.begin(), endings.end(),
                                       [&](std::string_view end) { return small.ends_with(end); });
}

std::optional<std::string> host_of(const http::Request& request) {
    static constexpr std::string_view marks = ".-_:[]";
    const std::string* host = request.header("host");
    const bool plain = host != nullptr && !host->empty() && host->size() <= host_bytes_max &&
                       std::all_of(host->begin(), host->end(), [](char c) {
                           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                  (c >= 'A' && c <= 'Z') || marks.find(c) != std::string_view::npos;
                       });
    return plain ? std::optional(*host) : std::nullopt;
}

std::string public_address(host::Host& host, const http::Request& request) {
    const bool secure = over_tls(request);
    if (const engine::DefinitionsPtr definitions = host.definitions()) {
        const std::string_view url = definitions->workspace.base_url;
        if (const std::string_view rest = public_part(url); !rest.empty()) {
            const bool is_secure = secure || url.starts_with(secure_scheme);
            return std::string(is_secure ? secure_scheme : plain_scheme).append(rest);
        }
    }
    return std::string(secure ? secure_scheme : plain_scheme)
        .append(host_of(request).value_or("localhost:8080"));
}

}  // namespace winback::api

#include "api/visitor.h"

#include <array>

#include "base/strings.h"

namespace winback::api {
namespace {

struct Sign {
    std::string_view part;
    std::string_view name;
};
// In this order: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
constexpr std::array<Sign, 7> browsers{{{"Edg", "Edge"},
                                        {"OPR/", "Opera"},
                                        {"SamsungBrowser", "Samsung Internet"},
                                        {"Firefox/", "Firefox"},
                                        {"Chrome/", "Chrome"},
                                        {"Safari/", "Safari"},
                                        {"curl/", "curl"}}};
constexpr std::array<Sign, 6> systems{{{"iPhone", "iPhone"},
                                       {"iPad", "iPad"},
                                       {"Android", "Android"},
                                       {"Windows", "Windows"},
                                       {"Mac OS X", "macOS"},
                                       {"Linux", "Linux"}}};

template <std::size_t count>
std::string_view name_in(const std::array<Sign, count>& signs, std::string_view text) {
    for (const Sign& sign : signs) {
        if (text.find(sign.part) != std::string_view::npos) {
            return sign.name;
        }
    }
    return {};
}

bool is_this_machine(std::string_view address) {
    return address.starts_with("127.") || address == "::1";
}

}  // namespace

std::string visitor_address(const http::Request& request) {
    constexpr int network_groups = 4;  // Of eight: a /64.
    constexpr std::size_t address_bytes_max = 64;
    std::string_view address = request.remote_address;
    const std::string* forwarded = request.header("x-forwarded-for");
    if (forwarded != nullptr && is_this_machine(address)) {
        // The last one is the proxy's own word; those before it are the visitor's.
        const std::string_view list = *forwarded;
        const std::size_t comma = list.rfind(',');
        address = trim(comma == std::string_view::npos ? list : list.substr(comma + 1));
    }
    address = address.substr(0, address_bytes_max);
    int colons = 0;
    for (std::size_t i = 0; i < address.size(); ++i) {
        colons += address[i] == ':' ? 1 : 0;
        if (colons == network_groups) {
            return std::string(address.substr(0, i));
        }
    }
    return std::string(address);
}

std::string browser_of(const http::Request& request) {
    const std::string* agent = request.header("user-agent");
    if (agent == nullptr) {
        return {};
    }
    const std::string_view browser = name_in(browsers, *agent);
    const std::string_view system = name_in(systems, *agent);
    std::string text(browser);
    text += browser.empty() || system.empty() ? "" : ", ";
    return text.append(system);
}

bool over_tls(const http::Request& request) {
    const std::string* protocol = request.header("x-forwarded-proto");
    return protocol != nullptr && equals_ignoring_case(*protocol, "https");
}

bool from_own_site(const http::Request& request) {
    if (const std::string* site = request.header("sec-fetch-site")) {
        return *site == "same-origin" || *site == "none";
    }
    const std::string* origin = request.header("origin");
    const std::string* host = request.header("host");
    if (origin == nullptr) {
        return true;
    }
    const std::size_t scheme = origin->find("://");
    return host != nullptr && scheme != std::string::npos &&
           equals_ignoring_case(std::string_view(*origin).substr(scheme + 3), *host);
}

std::string own_path(std::string_view path) {
    const bool ours = path.starts_with('/') && !path.starts_with("//") &&
                      path.find('\\') == std::string_view::npos &&
                      path.find('\n') == std::string_view::npos && !path.starts_with("/sign-");
    return ours ? std::string(path) : "/";
}

}  // namespace winback::api

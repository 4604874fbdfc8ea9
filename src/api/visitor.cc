#include "api/visitor.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include <arpa/inet.h>

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

// An address of either kind as 16 bytes: IPv4 as it is mapped into IPv6 (RFC 4291 §2.5.5.2).
using AddressBytes = std::array<std::uint8_t, 16>;
constexpr AddressBytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t mapped_prefix = 12;

// With a port or without: "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1".
std::optional<AddressBytes> parse_address(std::string_view text) {
    text = trim(text);
    if (text.starts_with('[')) {
        text = text.substr(1, text.find(']') - 1);
    } else if (text.find(':') == text.rfind(':')) {
        text = text.substr(0, text.find(':'));
    }
    text = text.substr(0, text.find('%'));  // Without the name of the network card.
    const std::string name(text);
    AddressBytes bytes = mapped;
    if (::inet_pton(AF_INET, name.c_str(), &bytes[mapped_prefix]) == 1 ||
        ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) {
        return bytes;
    }
    return std::nullopt;
}

bool is_ipv4(const AddressBytes& bytes) {
    return std::equal(bytes.begin(), bytes.begin() + mapped_prefix, mapped.begin());
}

bool is_this_machine(const AddressBytes& bytes) {
    constexpr AddressBytes loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return is_ipv4(bytes) ? bytes[mapped_prefix] == 127 : bytes == loopback;
}

// The last entry of the last line: the proxy's own word. Those before it are the visitor's.
std::optional<AddressBytes> forwarded_address(const http::Request& request) {
    for (auto field = request.headers.rbegin(); field != request.headers.rend(); ++field) {
        if (equals_ignoring_case(field->first, "x-forwarded-for")) {
            const std::string_view list = field->second;
            return parse_address(list.substr(list.rfind(',') + 1));
        }
    }
    return std::nullopt;
}

}  // namespace

std::string visitor_address(const http::Request& request) {
    constexpr std::size_t network_bytes = 8;  // Of IPv6: a /64.
    std::optional<AddressBytes> address = parse_address(request.remote_address);
    if (!address) {
        return request.remote_address;
    }
    if (is_this_machine(*address)) {
        // What is no address says nothing, and all of it counts together.
        address = forwarded_address(request).value_or(*address);
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4(*address)) {
        return ::inet_ntop(AF_INET, &(*address)[mapped_prefix], text.data(), text.size());
    }
    std::fill(address->begin() + network_bytes, address->end(), std::uint8_t{0});
    return std::string(::inet_ntop(AF_INET6, address->data(), text.data(), text.size())) + "/64";
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

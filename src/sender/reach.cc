#include "sender/reach.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

#include "base/strings.h"

namespace winback::sender {
namespace {

struct Net4 {
    std::uint32_t address;
    int bits;
};

constexpr std::uint32_t ip4(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24U | b << 16U | c << 8U | d;
}

// Of the IANA registry of special-purpose addresses: not reachable from the internet.
constexpr std::array<Net4, 15> special_nets{{{ip4(0, 0, 0, 0), 8},
                                             {ip4(10, 0, 0, 0), 8},
                                             {ip4(100, 64, 0, 0), 10},
                                             {ip4(127, 0, 0, 0), 8},
                                             {ip4(169, 254, 0, 0), 16},
                                             {ip4(172, 16, 0, 0), 12},
                                             {ip4(192, 0, 0, 0), 24},
                                             {ip4(192, 0, 2, 0), 24},
                                             {ip4(192, 88, 99, 0), 24},
                                             {ip4(192, 168, 0, 0), 16},
                                             {ip4(198, 18, 0, 0), 15},
                                             {ip4(198, 51, 100, 0), 24},
                                             {ip4(203, 0, 113, 0), 24},
                                             {ip4(224, 0, 0, 0), 4},
                                             {ip4(240, 0, 0, 0), 4}}};

// Where clouds give machines their credentials and orders: never, whatever is allowed.
// 169.254.169.254 and 192.0.0.192 are of special_nets.
constexpr std::array<Net4, 2> cloud_services{
    {{ip4(100, 100, 100, 200), 32}, {ip4(168, 63, 129, 16), 32}}};

bool within(std::uint32_t address, const Net4& net) {
    return (address ^ net.address) >> (32U - static_cast<unsigned>(net.bits)) == 0;
}

enum class Kind : std::uint8_t { Public, Loopback, Private, Never };

Kind kind_of(std::uint32_t address) {
    if (std::any_of(cloud_services.begin(), cloud_services.end(),
                    [&](const Net4& net) { return within(address, net); })) {
        return Kind::Never;
    }
    if (within(address, {ip4(127, 0, 0, 0), 8})) {
        return Kind::Loopback;
    }
    for (const Net4& net : {Net4{ip4(10, 0, 0, 0), 8}, Net4{ip4(172, 16, 0, 0), 12},
                            Net4{ip4(192, 168, 0, 0), 16}, Net4{ip4(100, 64, 0, 0), 10}}) {
        if (within(address, net)) {
            return Kind::Private;
        }
    }
    const bool special = std::any_of(special_nets.begin(), special_nets.end(),
                                     [&](const Net4& net) { return within(address, net); });
    return special ? Kind::Never : Kind::Public;
}

std::uint32_t four_bytes(const unsigned char* at) {
    return ip4(at[0], at[1], at[2], at[3]);
}

bool begins_with(const in6_addr& address, std::initializer_list<unsigned char> prefix) {
    return std::equal(prefix.begin(), prefix.end(), std::begin(address.s6_addr));
}

Kind kind_of(const in6_addr& address) {
    const unsigned char* bytes = std::begin(address.s6_addr);
    if (IN6_IS_ADDR_LOOPBACK(&address)) {
        return Kind::Loopback;
    }
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        return kind_of(four_bytes(bytes + 12));
    }
    if (begins_with(address, {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54})) {
        return Kind::Never;  // As cloud_services.
    }
    if ((bytes[0] & 0xFEU) == 0xFCU) {
        return Kind::Private;  // fc00::/7
    }
    // 6to4, Teredo, NAT64 and documentation lie within or beside 2000::/3 and lead elsewhere.
    const bool global = (bytes[0] & 0xE0U) == 0x20U;
    const bool tunnel = begins_with(address, {0x20, 0x02}) ||
                        begins_with(address, {0x20, 0x01, 0, 0}) ||
                        begins_with(address, {0x20, 0x01, 0x0d, 0xb8});
    return global && !tunnel ? Kind::Public : Kind::Never;
}

bool is_allowed(Kind kind, bool secure, Reach reach) {
    switch (kind) {
        case Kind::Public:
            return secure;
        case Kind::Loopback:
            return reach != Reach::Public;
        case Kind::Private:
            return secure && reach == Reach::Private;
        case Kind::Never:
            return false;
    }
    return false;
}

struct UrlEnd {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string part_of(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) {
        return {};
    }
    std::string out(text);
    curl_free(text);
    return out;
}

Error wrong(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

// The address that a host is written as; nothing when it is a name.
std::optional<Kind> literal_kind(std::string host) {
    in_addr four{};
    if (inet_pton(AF_INET, host.c_str(), &four) == 1) {
        return kind_of(ntohl(four.s_addr));
    }
    if (host.size() > 2 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
        in6_addr six{};
        return inet_pton(AF_INET6, host.c_str(), &six) == 1 ? kind_of(six) : Kind::Never;
    }
    return std::nullopt;
}

// Names that lead into this machine or its own network (RFC 6761, RFC 6762, and what resolvers of
// companies use), whatever they resolve to.
bool is_inner_name(std::string_view host) {
    constexpr std::array<std::string_view, 5> names{"localhost", "localdomain", "local", "internal",
                                                    "home.arpa"};
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    const std::string lower = to_lower_ascii(host);
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return lower == name || lower.ends_with("." + std::string(name));
    });
}

// Not those of other protocols, to which a post would be commands: below 1024 the two of the web,
// above it what browsers block, too (Fetch standard, "port blocking").
bool is_web_port(const std::string& text) {
    constexpr std::array<unsigned, 17> blocked{1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
                                               6000, 6566, 6665, 6666, 6667, 6668, 6669, 10080};
    unsigned port = 443;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port < 1024 ? port == 80 || port == 443
                       : std::find(blocked.begin(), blocked.end(), port) == blocked.end();
}

}  // namespace

bool may_reach(const sockaddr& address, bool secure, Reach reach) {
    if (address.sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &address, sizeof four);
        return is_allowed(kind_of(ntohl(four.sin_addr.s_addr)), secure, reach);
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &address, sizeof six);
        return is_allowed(kind_of(six.sin6_addr), secure, reach);
    }
    return false;
}

Status check_web_address(std::string_view url, Reach reach) {
    if (url.size() > web_address_bytes_max) {
        return wrong("an address has at most 2048 bytes");
    }
    const bool plain =
        std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7f; });
    const std::unique_ptr<CURLU, UrlEnd> parts(curl_url());
    if (!plain || parts == nullptr ||
        curl_url_set(parts.get(), CURLUPART_URL, std::string(url).c_str(), 0) != CURLUE_OK) {
        return wrong("this is not an address of the web; write https://example.com/path");
    }
    // Read as "https://x/" by some, as nothing by others.
    if (url.find(":///") != std::string_view::npos && url.find(":///") < url.find('/')) {
        return wrong("the address names no host; write https://example.com/path");
    }
    if (!is_web_port(part_of(parts.get(), CURLUPART_PORT))) {
        return wrong("this port is not of the web; use 443, 80 or one from 1024");
    }
    const std::string scheme = part_of(parts.get(), CURLUPART_SCHEME);
    const std::string host = part_of(parts.get(), CURLUPART_HOST);
    const bool secure = scheme == "https";
    if (!secure && (scheme != "http" || reach == Reach::Public)) {
        return wrong("the address begins with https://");
    }
    if (!part_of(parts.get(), CURLUPART_USER).empty() ||
        !part_of(parts.get(), CURLUPART_PASSWORD).empty() ||
        !part_of(parts.get(), CURLUPART_FRAGMENT).empty()) {
        return wrong("the address has neither user, password nor fragment");
    }
    const std::optional<Kind> literal = literal_kind(host);
    const bool inner = reach == Reach::Public && is_inner_name(host);
    if (inner || (literal && !is_allowed(*literal, secure, reach))) {
        return wrong(
            "this address is of a private network or of this machine, which are refused; "
            "the option --webhooks-to of serve allows them");
    }
    if (!secure && !literal && host != "localhost") {
        return wrong("plain http is for this machine alone; write https://");
    }
    return Ok{};
}

}  // namespace winback::sender

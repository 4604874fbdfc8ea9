// Targets of links: which of them a reader can follow.
#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

constexpr std::string_view schemes_advised =
    "a target begins with https://, http://, mailto: or tel:";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Letters of other scripts are taken: browsers know how to write them.
bool is_host_character(char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view authority_of(std::string_view url) {
    const std::size_t begin = url.find("://");
    url.remove_prefix(begin == std::string_view::npos ? 0 : begin + 3);
    return url.substr(0, url.find_first_of("/?#"));
}

bool is_port(std::string_view text) {
    int port = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    return read.ec == std::errc{} && read.ptr == end && port >= 1 && port <= 65'535;
}

bool has_empty_label(std::string_view host) {
    if (host.ends_with('.')) {
        host.remove_suffix(1);
    }
    return host.empty() || host.starts_with('.') || host.ends_with('.') ||
           host.find("..") != std::string_view::npos;
}

std::string fault_of_web(std::string_view target) {
    const std::string_view authority = authority_of(target);
    if (authority.find('@') != std::string_view::npos) {
        return "names a user before its host, which readers and filters take for fraud";
    }
    const std::size_t colon = authority.rfind(':');
    const std::string host = host_of(target);
    const bool strange = !std::all_of(host.begin(), host.end(), is_host_character);
    if (colon != std::string_view::npos && !strange && !is_port(authority.substr(colon + 1))) {
        return "has a port that there is not";
    }
    if (strange || has_empty_label(host) || host.find('.') == std::string::npos) {
        return "leads to '" + host + "', which is no address of the web";
    }
    return {};
}

std::string fault_of_mailbox(std::string_view rest) {
    const std::string_view address = trim(rest.substr(0, rest.find('?')));
    const std::size_t at = address.find('@');
    const bool whole = at != std::string_view::npos && at > 0 && at + 1 < address.size();
    // mailto:?to=... names it behind; nobody is named in "mailto:" alone.
    return whole || (address.empty() && rest.find("to=") != std::string_view::npos)
               ? std::string()
               : "has no e-mail address behind 'mailto:'";
}

}  // namespace

std::string host_of(std::string_view url) {
    std::string_view host = authority_of(url);
    host.remove_prefix(host.rfind('@') == std::string_view::npos ? 0 : host.rfind('@') + 1);
    return to_lower_ascii(host.substr(0, host.find(':')));
}

bool is_placeholder(std::string_view host) {
    constexpr std::array<std::string_view, 7> names{
        "example.com", "example.org", "example.net", "example", "test", "invalid", "localhost"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return host == name || host.ends_with("." + std::string(name));
    });
}

std::string fault_of_link(std::string_view written) {
    const std::string_view target = trim(written);
    const std::string lower = to_lower_ascii(target);
    if (target.empty() || target == "#") {
        return "leads nowhere; " + std::string(schemes_advised);
    }
    if (target.starts_with('#')) {
        return {};  // A place in the message itself.
    }
    if (lower.starts_with("http://") || lower.starts_with("https://")) {
        return fault_of_web(target);
    }
    if (lower.starts_with("mailto:")) {
        return fault_of_mailbox(target.substr(7));
    }
    if (lower.starts_with("tel:")) {
        return std::any_of(target.begin(), target.end(), is_digit) ? std::string()
                                                                   : "has no number behind 'tel:'";
    }
    return "leads to '" + std::string(target) + "'; " + std::string(schemes_advised);
}

std::vector<std::string> targets_in_text(std::string_view text) {
    constexpr std::string_view around = " \t\r\n()<>[]{}\"'";
    constexpr std::string_view behind = ".,;:!?";
    constexpr std::array<std::string_view, 8> schemes{
        "http:", "https:", "mailto:", "tel:", "ftp:", "vbscript:", "javascript:", "data:"};
    std::vector<std::string> targets;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find_first_not_of(around, at), text.size());
        at = std::min(text.find_first_of(around, begin), text.size());
        std::string_view word = text.substr(begin, at - begin);
        word = word.substr(0, word.find_last_not_of(behind) + 1);
        const std::string lower = to_lower_ascii(word);
        const bool has_scheme =
            std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
                return lower.size() > scheme.size() && lower.starts_with(scheme);
            });
        const bool is_relative = word.size() > 2 && word[0] == '/' && is_letter(word[1]);
        const bool is_local = lower.starts_with("localhost:") || lower.starts_with("localhost/");
        if (has_scheme || is_relative || is_local) {
            targets.emplace_back(word);
        }
    }
    return targets;
}

}  // namespace winback::playbook

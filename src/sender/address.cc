#include "sender/address.h"

#include <vector>

#include <unicode/uidna.h>

#include "base/strings.h"

namespace winback::sender {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_let_dig(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_ascii(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            return false;
        }
    }
    return true;
}

bool is_atext(char c) {
    return is_let_dig(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

Error refused(std::string message) {
    return {ErrorCode::InvalidArgument, "e-mail address: " + std::move(message)};
}

// The length of the quoted string that `text` starts with, quotes included; 0 if there is none.
std::size_t quoted_length(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            return i + 1;
        }
        if (c == '\\') {
            ++i;
            if (i == text.size() || text[i] < ' ' || text[i] > '~') {
                return 0;
            }
        } else if ((static_cast<unsigned char>(c) < 0x20) || c == 0x7f) {
            return 0;
        }
    }
    return 0;
}

Status check_dot_string(std::string_view local) {
    for (const std::string_view atom : split(local, '.')) {
        if (atom.empty()) {
            return refused("the part before @ has a dot too many");
        }
        for (const char c : atom) {
            if (!is_atext(c)) {
                return refused("a character is not allowed before @");
            }
        }
    }
    return Ok{};
}

std::vector<std::string_view> groups_of(std::string_view text) {
    return text.empty() ? std::vector<std::string_view>{} : split(text, ':');
}

// Counts 16-bit groups; a trailing dotted quad counts two. Negative when one is malformed.
int count_groups(std::string_view text, bool quad_allowed) {
    int count = 0;
    const auto groups = groups_of(text);
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (quad_allowed && i + 1 == groups.size() && is_ipv4(groups[i])) {
            return count + 2;
        }
        if (groups[i].empty() || groups[i].size() > 4) {
            return -1;
        }
        for (const char c : groups[i]) {
            if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) {
                return -1;
            }
        }
        ++count;
    }
    return count;
}

bool is_address_literal(std::string_view text) {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
        return false;
    }
    text = text.substr(1, text.size() - 2);
    constexpr std::string_view tag = "IPv6:";
    if (equals_ignoring_case(text.substr(0, tag.size()), tag)) {
        return is_ipv6(text.substr(tag.size()));
    }
    return is_ipv4(text);
}

Result<std::string> ascii_domain(std::string_view domain) {
    if (is_ascii(domain)) {
        return std::string(domain);
    }
    UErrorCode status = U_ZERO_ERROR;
    constexpr unsigned options = UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI |
                                 UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES;
    UIDNA* idna = uidna_openUTS46(options, &status);
    std::string out(domain_octets_max + 1, '\0');
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    const int length =
        U_FAILURE(status)
            ? 0
            : uidna_nameToASCII_UTF8(idna, domain.data(), static_cast<int>(domain.size()),
                                     out.data(), static_cast<int>(out.size()), &info, &status);
    uidna_close(idna);
    if (U_FAILURE(status) || info.errors != 0 || length <= 0) {
        return refused("the domain is not a valid international name");
    }
    out.resize(static_cast<std::size_t>(length));
    return out;
}

}  // namespace

bool is_host_name(std::string_view text) {
    if (text.empty() || text.size() > domain_octets_max) {
        return false;
    }
    for (const std::string_view label : split(text, '.')) {
        if (label.empty() || label.size() > label_octets_max || label.front() == '-' ||
            label.back() == '-') {
            return false;
        }
        for (const char c : label) {
            if (!is_let_dig(c) && c != '-') {
                return false;
            }
        }
    }
    return true;
}

bool is_ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) {
        return false;
    }
    for (const std::string_view part : parts) {
        if (part.empty() || part.size() > 3) {
            return false;
        }
        int number = 0;
        for (const char c : part) {
            if (!is_digit(c)) {
                return false;
            }
            number = number * 10 + (c - '0');
        }
        if (number > 255) {
            return false;
        }
    }
    return true;
}

bool is_ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        return count_groups(text, true) == 8;
    }
    const std::string_view tail = text.substr(gap + 2);
    const int before = count_groups(text.substr(0, gap), false);
    const int after = count_groups(tail, true);
    // RFC 5321 lets "::" stand for two groups or more.
    return before >= 0 && after >= 0 && before + after <= 6;
}

Result<Address> parse_address(std::string_view text) {
    if (text.size() > address_octets_max) {
        return refused("longer than 254 characters");
    }
    if (!is_valid_utf8(text)) {
        return refused("not UTF-8");
    }
    const bool quoted = !text.empty() && text.front() == '"';
    const std::size_t at = quoted ? quoted_length(text) : text.find('@');
    if (at == std::string_view::npos || at >= text.size() || text[at] != '@') {
        return refused("no @ where one is needed");
    }
    if (at == 0) {
        return refused("nothing stands before @");
    }
    Address address{.local = std::string(text.substr(0, at))};
    if (address.local.size() > local_part_octets_max) {
        return refused("more than 64 characters stand before @");
    }
    if (!quoted) {
        WINBACK_TRY([[maybe_unused]] const Ok ok, check_dot_string(address.local));
    }
    address.needs_smtputf8 = !is_ascii(address.local);
    WINBACK_TRY(address.domain, ascii_domain(text.substr(at + 1)));
    if (!is_host_name(address.domain) && !is_address_literal(address.domain)) {
        return refused("the part after @ is not a domain");
    }
    if (address.local.size() + 1 + address.domain.size() > address_octets_max) {
        return refused("longer than 254 characters");
    }
    return address;
}

}  // namespace winback::sender

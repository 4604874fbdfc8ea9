#include "message/own_links.h"

#include <algorithm>

#include "base/strings.h"
#include "message/direction.h"
#include "message/html_scan.h"
#include "message/signed_token.h"
#include "template/text.h"

namespace winback::message {
namespace {

bool is_web_link(std::string_view url) {
    return equals_ignoring_case(url.substr(0, 7), "http://") ||
           equals_ignoring_case(url.substr(0, 8), "https://");
}

bool has_plain_bytes(std::string_view url) {
    return std::none_of(url.begin(), url.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f;
    });
}

std::string page(std::string_view base_url, std::string_view path, const std::string& token) {
    return std::string(base_url) + std::string(path) + token;
}

Result<Hash128> key_of(std::string_view text) {
    Hash128 key;
    if (!parse_hex(text, key)) {
        return Error{ErrorCode::InvalidArgument, "This is not a link of ours."};
    }
    return key;
}

constexpr std::size_t none = std::string_view::npos;

bool is_host_letter(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':' || byte >= 0x80;
}

// Host and port of what begins with http:// or https://, in lower case; empty when programs may
// differ about it ("a.test@b.test", "a.test\b.test") or none of `ends` follows it.
std::string host_of(std::string_view url, std::string_view ends) {
    const std::string_view rest = url.substr(url.find("//") + 2);
    std::size_t length = 0;
    while (length < rest.size() && is_host_letter(rest[length])) {
        ++length;
    }
    const bool whole = length == rest.size() || ends.find(rest[length]) != none;
    return whole ? to_lower_ascii(rest.substr(0, length)) : std::string();
}

// Where an address in a plain text ends: at white space, brackets, quotes and marks that turn the
// direction; a point or comma behind it belongs to the sentence.
std::size_t url_end(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && static_cast<unsigned char>(text[end]) > 0x20 &&
           std::string_view("<>\"()[]{}").find(text[end]) == none &&
           !begins_with_direction_mark(text.substr(end))) {
        ++end;
    }
    while (end > at && std::string_view(".,;:!?'").find(text[end - 1]) != none) {
        --end;
    }
    return end;
}

}  // namespace

std::string preferences_url(std::string_view base_url,
                            std::string_view secret,
                            std::string_view customer) {
    return page(base_url, "/p/", sign_token(secret, TokenPurpose::Preferences, {customer}));
}

Result<std::string> read_preferences_token(std::string_view secret, std::string_view token) {
    WINBACK_TRY(const std::vector<std::string> parts,
                read_signed(secret, TokenPurpose::Preferences, 1, token));
    return parts[0];
}

std::string view_url(std::string_view base_url, std::string_view secret, const Hash128& key) {
    return page(base_url, "/v/", sign_token(secret, TokenPurpose::ViewInBrowser, {to_hex(key)}));
}

Result<Hash128> read_view_token(std::string_view secret, std::string_view token) {
    WINBACK_TRY(const std::vector<std::string> parts,
                read_signed(secret, TokenPurpose::ViewInBrowser, 1, token));
    return key_of(parts[0]);
}

Result<FollowedLink> read_link_token(std::string_view secret, std::string_view token) {
    WINBACK_TRY(std::vector<std::string> parts,
                read_signed(secret, TokenPurpose::FollowLink, 2, token));
    WINBACK_TRY(const Hash128 key, key_of(parts[0]));
    // Signed by us, and still: a redirect leads to the web or nowhere.
    if (!is_web_link(parts[1]) || !has_plain_bytes(parts[1])) {
        return Error{ErrorCode::InvalidArgument, "This is not a link of ours."};
    }
    return FollowedLink{key, std::move(parts[1])};
}

std::string TrackedLinks::link(std::string_view target) const {
    const std::string_view rest =
        !base_url_.empty() && target.starts_with(base_url_) ? target.substr(base_url_.size()) : "";
    const bool ours = rest.starts_with("/u/") || rest.starts_with("/p/") ||
                      rest.starts_with("/v/") || rest.starts_with("/l/");
    if (ours || target.size() > tracked_target_bytes_max || !is_web_link(target) ||
        !has_plain_bytes(target)) {
        return std::string(target);
    }
    return page(base_url_, "/l/",
                sign_token(secret_, TokenPurpose::FollowLink, {to_hex(key_), target}));
}

void add_link_hosts(std::string_view source, std::set<std::string>& hosts) {
    for (std::size_t at = source.find("://"); at != none; at = source.find("://", at + 3)) {
        for (const std::size_t scheme_length : {4U, 5U}) {
            const std::string_view url = source.substr(at - std::min(at, scheme_length));
            std::string host = is_web_link(url) ? host_of(url, "/?#\"'<>() \t\r\n") : "";
            if (!host.empty()) {
                hosts.insert(std::move(host));
            }
        }
    }
}

std::string LinkCounter::link(std::string_view target) const {
    constexpr std::string_view ends = "/?#";
    const std::string host = is_web_link(target) ? host_of(target, ends) : std::string();
    const bool known =
        !host.empty() &&
        (hosts_.contains(host) || (is_web_link(shop_url_) && host_of(shop_url_, ends) == host));
    return known ? links_.link(target) : std::string(target);
}

std::string track_html(std::string_view html, const LinkCounter& links) {
    std::string out;
    out.reserve(html.size() * 2);
    HtmlScanner scanner(html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        std::size_t copied = 0;
        if (piece.kind == HtmlPiece::Kind::Open && piece.name == "a") {
            for (const Attribute& attribute : piece.attributes) {
                if (attribute.value_begin > 0 && equals_ignoring_case(attribute.name, "href")) {
                    out += piece.source.substr(copied, attribute.value_begin - copied);
                    liquid::append_escaped(out, links.link(decode_entities(attribute.value)));
                    copied = attribute.value_begin + attribute.value.size();
                }
            }
        }
        out += piece.source.substr(copied);
    }
    return out;
}

std::string track_text(std::string_view text, const LinkCounter& links) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find("http", at), text.size());
        out += text.substr(at, begin - at);
        const std::size_t end = url_end(text, begin);
        out += links.link(text.substr(begin, end - begin));
        at = end;
        if (at == begin && at < text.size()) {
            out += text[at];
            ++at;
        }
    }
    return out;
}

}  // namespace winback::message

#include "message/links.h"

#include <algorithm>

#include "base/strings.h"
#include "message/render.h"

namespace winback::message {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Browsers drop leading controls and spaces, and tabs and line ends anywhere.
std::string as_browser_reads(std::string_view url) {
    std::string out;
    for (const char c : url) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 || (byte == 0x20 && !out.empty())) {
            out += c;
        }
    }
    return out;
}

bool has_scheme(std::string_view url, std::initializer_list<std::string_view> schemes) {
    if (url.size() > url_bytes_max) {
        return false;
    }
    const std::string read = as_browser_reads(url);
    return std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
        return starts_with_ignoring_case(read, scheme);
    });
}

}  // namespace

bool is_safe_link(std::string_view url) {
    return has_scheme(url, {"http://", "https://", "mailto:", "tel:"});
}

bool is_safe_picture(std::string_view url) {
    return has_scheme(url, {"http://", "https://", "cid:"});
}

}  // namespace winback::message

#include "http/request.h"

#include "base/strings.h"
#include "http/url.h"

namespace winback::http {

const std::string* find_pair(const Pairs& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) {
            return &value;
        }
    }
    return nullptr;
}

const std::string* find_field(const Pairs& fields, std::string_view name) {
    for (const auto& [key, value] : fields) {
        if (key.size() == name.size() && equals_ignoring_case(key, name)) {
            return &value;
        }
    }
    return nullptr;
}

std::string_view Request::param(std::string_view name) const {
    const std::string* value = find_pair(params, name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::optional<std::string> Request::cookie(std::string_view name) const {
    for (const auto& [field, text] : headers) {
        if (!equals_ignoring_case(field, "cookie")) {
            continue;
        }
        const Pairs cookies = parse_cookies(text);
        if (const std::string* value = find_pair(cookies, name); value != nullptr) {
            return *value;
        }
    }
    return std::nullopt;
}

}  // namespace winback::http

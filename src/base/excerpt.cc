#include "base/excerpt.h"

#include <algorithm>

#include "base/strings.h"

namespace winback {

std::string excerpt(std::string_view text, std::size_t bytes) {
    constexpr int longest_character = 4;
    std::string_view part = text.substr(0, std::min(text.size(), bytes));
    for (int i = 1; i < longest_character && part.size() < text.size() && !is_valid_utf8(part);
         ++i) {
        part.remove_suffix(1);
    }
    return is_valid_utf8(part) ? std::string(part) : std::string();
}

}  // namespace winback

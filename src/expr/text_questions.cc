#include "expr/text_questions.h"

#include <algorithm>
#include <array>

namespace winback::expr {

std::int64_t length_of(std::string_view text) {
    return std::count_if(text.begin(), text.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; });
}

std::size_t search_work(std::string_view text, std::string_view part) {
    return text.size() / 8 + text.size() * part.size() / 16;
}

std::optional<bool> read_bool(std::string_view text) {
    constexpr std::array<std::string_view, 5> yes{"true", "True", "TRUE", "t", "1"};
    constexpr std::array<std::string_view, 5> no{"false", "False", "FALSE", "f", "0"};
    if (std::find(yes.begin(), yes.end(), text) != yes.end()) {
        return true;
    }
    return std::find(no.begin(), no.end(), text) != no.end() ? std::optional(false) : std::nullopt;
}

}  // namespace winback::expr

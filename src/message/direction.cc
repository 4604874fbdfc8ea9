#include "message/direction.h"

#include <algorithm>

namespace winback::message {

bool is_direction_mark(char32_t code_point) {
    return (code_point >= 0x202a && code_point <= 0x202e) ||
           (code_point >= 0x2066 && code_point <= 0x2069);
}

bool begins_with_direction_mark(std::string_view text) {
    if (text.size() < direction_mark_bytes || text[0] != '\xe2') {
        return false;
    }
    const auto last = static_cast<unsigned char>(text[2]);
    return (text[1] == '\x80' && last >= 0xaa && last <= 0xae) ||
           (text[1] == '\x81' && last >= 0xa6 && last <= 0xa9);
}

std::string without_direction_marks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        out += c;
        // Looked at from behind: bytes that are no UTF-8 must not grow together into a mark.
        const std::size_t tail = out.size() - std::min(out.size(), direction_mark_bytes);
        if (begins_with_direction_mark(std::string_view(out).substr(tail))) {
            out.resize(tail);
        }
    }
    return out;
}

std::string with_closed_isolates(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    int open = 0;
    const auto close = [&] {
        for (; open > 0; --open) {
            out += end_of_isolate;
        }
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_with_direction_mark(text.substr(i))) {
            const std::string_view mark = text.substr(i, direction_mark_bytes);
            i += direction_mark_bytes - 1;
            const bool ends = mark == end_of_isolate;
            const bool isolates = mark[1] == '\x81';
            if (isolates && (!ends || open > 0)) {
                out += mark;
                open += ends ? -1 : 1;
            }
            continue;
        }
        if (text[i] == '\n') {
            close();
        }
        out += text[i];
    }
    close();
    return out;
}

std::string isolated(std::string_view text) {
    return std::string(first_strong_isolate) + without_direction_marks(text) +
           std::string(end_of_isolate);
}

}  // namespace winback::message

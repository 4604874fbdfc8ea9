#include "api/json_spans.h"

#include <algorithm>
#include <cstddef>

namespace winback::api {
namespace {

constexpr std::string_view white_space = " \t\r\n";

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    char peek() {
        at_ = std::min(text_.find_first_not_of(white_space, at_), text_.size());
        return at_ < text_.size() ? text_[at_] : '\0';
    }
    bool take(char c) {
        if (peek() != c) {
            return false;
        }
        ++at_;
        return true;
    }
    // The next value with all that is in it; empty at the end.
    std::string_view value() {
        peek();
        const std::size_t begin = at_;
        int depth = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                string();
            } else if (c == '{' || c == '[') {
                ++depth;
                ++at_;
                continue;
            } else if (depth > 0 && (c == '}' || c == ']')) {
                --depth;
                ++at_;
            } else if (depth == 0) {
                // A number or a word.
                at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
            } else {
                ++at_;
            }
            if (depth == 0) {
                break;
            }
        }
        return text_.substr(begin, at_ - begin);
    }

private:
    void string() {
        for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
            at_ += text_[at_] == '\\' ? 1U : 0U;
        }
        at_ = std::min(at_ + 1, text_.size());
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

std::vector<std::string_view> items_of(std::string_view list) {
    std::vector<std::string_view> items;
    Scanner scanner(list);
    if (!scanner.take('[') || scanner.peek() == ']') {
        return items;
    }
    do {
        const std::string_view item = scanner.value();
        if (item.empty()) {
            return items;
        }
        items.push_back(item);
    } while (scanner.take(','));
    return items;
}

}  // namespace

std::string_view member_of(std::string_view object, std::string_view name) {
    Scanner scanner(object);
    if (!scanner.take('{')) {
        return {};
    }
    while (scanner.peek() == '"') {
        const std::string_view key = scanner.value();
        if (!scanner.take(':')) {
            return {};
        }
        const std::string_view value = scanner.value();
        if (key.size() == name.size() + 2 && key.substr(1, name.size()) == name) {
            return value;
        }
        if (!scanner.take(',')) {
            return {};
        }
    }
    return {};
}

std::vector<std::string_view> list_items(std::string_view body, std::string_view name) {
    return items_of(member_of(body, name));
}

}  // namespace winback::api

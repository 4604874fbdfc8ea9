#include "expr/reporter.h"

#include <algorithm>

#include "expr/limits.h"

namespace winback::expr {

void Reporter::error(std::string_view code, Span span, std::string message) {
    add({.code = std::string(code), .file = "", .message = std::move(message)}, span);
}

void Reporter::warning(std::string_view code, Span span, std::string message) {
    add({.code = std::string(code), .file = "", .message = std::move(message), .is_warning = true},
        span);
}

// Warnings never take the place of mistakes: a text that has one is always refused.
void Reporter::add(Diagnostic diagnostic, Span span) {
    diagnostic.position = position_at(text_, std::min<std::size_t>(span.begin, text_.size()));
    diagnostic.length = std::max(1, static_cast<int>(span.end) - static_cast<int>(span.begin));
    std::size_t weighty = 0;
    for (const Diagnostic& other : diagnostics_) {
        if (diagnostic.is_warning || !other.is_warning) {
            weighty += 1;
            if (other.position == diagnostic.position && other.length == diagnostic.length) {
                return;
            }
        }
    }
    if (weighty < diagnostics_max) {
        diagnostics_.push_back(std::move(diagnostic));
    }
}

}  // namespace winback::expr

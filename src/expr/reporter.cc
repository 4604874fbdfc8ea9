#include "expr/reporter.h"

#include <algorithm>

#include "expr/limits.h"

namespace winback::expr {

void Reporter::error(std::string_view code, Span span, std::string message) {
    if (diagnostics_.size() >= diagnostics_max) {
        return;
    }
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.position = position_at(text_, std::min<std::size_t>(span.begin, text_.size()));
    diagnostic.length = std::max(1, static_cast<int>(span.end) - static_cast<int>(span.begin));
    diagnostic.message = std::move(message);
    diagnostics_.push_back(std::move(diagnostic));
}

}  // namespace winback::expr

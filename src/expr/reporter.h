// Collects the mistakes found in one text, with positions made from byte offsets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/diagnostic.h"

namespace winback::expr {

// A range of bytes of the text.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Span&) const = default;
};

class Reporter {
public:
    // `text` and `diagnostics` must outlive the reporter.
    Reporter(std::string_view text, Diagnostics& diagnostics)
        : text_(text), diagnostics_(diagnostics) {}

    // Ignored beyond diagnostics_max, and where a mistake was reported for the same span.
    void error(std::string_view code, Span span, std::string message);
    // Ignored likewise, also where it would be the second warning for the span.
    void warning(std::string_view code, Span span, std::string message);

private:
    void add(Diagnostic diagnostic, Span span);

    std::string_view text_;
    Diagnostics& diagnostics_;
};

}  // namespace winback::expr

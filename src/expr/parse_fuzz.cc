#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "expr/parser.h"
#include "expr/printer.h"

// What parses prints, and what is printed is the same tree again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    using namespace winback::expr;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    if (!diagnostics.empty()) {
        return 0;
    }
    const std::string printed = print(ast);
    Diagnostics again;
    Reporter reporter_again(printed, again);
    const Ast reread = parse(printed, reporter_again);
    // Canonical text may be longer than what was written, by spaces and escapes.
    const bool too_long = !again.empty() && again[0].code == "too_long";
    WINBACK_CHECK(too_long || (again.empty() && equal(ast, reread)));
    WINBACK_CHECK(too_long || print(reread) == printed);
    return 0;
}

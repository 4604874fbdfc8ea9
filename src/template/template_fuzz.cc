// Any text as a template, rendered in each mode over data that has every kind of value.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/strings.h"
#include "template/program.h"
#include "template/template.h"

namespace {

using winback::Value;
using winback::ValueList;
using winback::ValueMap;

ValueMap make_data() {
    ValueMap item;
    item.set("name", "Tea <&>");
    item.set("price", 2.5);
    item.set("n", 3);
    ValueMap data;
    data.set("a", "text \"'<&>");
    data.set("b", 12);
    data.set("c", 0.1);
    data.set("d", true);
    data.set("l", ValueList{Value(3), Value(1), Value(2)});
    data.set("m", ValueList{Value(item), Value(item)});
    data.set("o", std::move(item));
    data.set("t", winback::Timestamp{1'700'000'000'000});
    return data;
}

}  // namespace

namespace {

using namespace winback::liquid;

// Parsing the printed program gives the same program.
void check_print(const Program& program) {
    const Parsed again = parse(to_source(program), {.checks_filters = false});
    if (again.program == nullptr || listing(*again.program) != listing(program)) {
        std::abort();
    }
}

void check_render(const Program& program, const RenderOptions& options) {
    static const ValueMap data = make_data();
    std::string out = "before";
    const auto error = winback::liquid::render(program, data, options, out);
    const bool sound = error ? out == "before" : out.starts_with("before");
    if (!sound || out.size() > options.limits.output_bytes + 100'000) {
        std::abort();
    }
}

Snippets make_snippets() {
    Snippets snippets;
    snippets.add("s", parse("{{ a }}{% break %}{{ forloop.index }}"));
    snippets.add("t", parse("{% include 's' %}{% render 't' %}"));
    return snippets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const Snippets snippets = make_snippets();
    const std::string_view source(reinterpret_cast<const char*>(bytes), size);
    RenderOptions options;
    options.snippets = &snippets;
    options.limits.steps = 20'000;
    options.limits.output_bytes = 100'000;
    options.limits.working_bytes = 100'000;
    for (const ParseMode mode : {ParseMode::Strict2, ParseMode::Strict, ParseMode::Lax}) {
        const Parsed parsed = parse(source, {.mode = mode, .checks_filters = false});
        if (parsed.program == nullptr) {
            for (const winback::Diagnostic& diagnostic : parsed.diagnostics) {
                winback::render(diagnostic, source);
            }
            continue;
        }
        if (mode == ParseMode::Strict2) {
            check_print(*parsed.program);
        }
        for (const EscapeMode escape : {EscapeMode::Html, EscapeMode::None, EscapeMode::Header}) {
            options.escape = escape;
            options.prints_errors = escape == EscapeMode::None;
            check_render(*parsed.program, options);
        }
    }
    return 0;
}

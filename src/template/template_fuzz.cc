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

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace winback::liquid;
    static const ValueMap data = make_data();
    const std::string_view source(reinterpret_cast<const char*>(bytes), size);
    const Parsed parsed = parse(source);
    if (parsed.program == nullptr) {
        for (const winback::Diagnostic& diagnostic : parsed.diagnostics) {
            winback::render(diagnostic, source);
        }
        return 0;
    }
    listing(*parsed.program);
    RenderOptions options;
    options.limits.steps = 20'000;
    options.limits.output_bytes = 100'000;
    options.limits.working_bytes = 100'000;
    for (const EscapeMode mode : {EscapeMode::Html, EscapeMode::None, EscapeMode::Header}) {
        options.escape = mode;
        std::string out = "before";
        const auto error = winback::liquid::render(*parsed.program, data, options, out);
        const bool sound = error ? out == "before" : out.starts_with("before");
        if (!sound || out.size() > 100'006) {
            std::abort();
        }
    }
    return 0;
}

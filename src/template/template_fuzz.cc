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

bool is_header(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
            return false;
        }
    }
    return text.find("\u0085") == std::string_view::npos &&
           text.find("\u2028") == std::string_view::npos &&
           text.find("\u2029") == std::string_view::npos;
}

// A template that has no tag, and asks for none, prints none.
bool may_print_tags(std::string_view source) {
    for (const std::string_view word : {"<", "raw", "newline_to_br", "tablerow"}) {
        if (source.find(word) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

void check_render(const Program& program, const RenderOptions& options) {
    static const ValueMap data = make_data();
    std::string out = "before";
    const auto error = winback::liquid::render(program, data, options, out);
    const bool sound = error ? out == "before" : out.starts_with("before");
    if (!sound || out.size() > options.limits.output_bytes + 6) {
        std::abort();
    }
    if (options.escape == EscapeMode::Header && !is_header(out)) {
        std::abort();
    }
    if (options.escape == EscapeMode::Html && !may_print_tags(program.source) &&
        out.find('<') != std::string::npos) {
        std::abort();
    }
    std::string again = "before";
    const auto error_again = winback::liquid::render(program, data, options, again);
    if (again != out || error.has_value() != error_again.has_value() ||
        (error && error->message != error_again->message)) {
        std::abort();
    }
}

Snippets make_snippets() {
    Snippets snippets;
    snippets.add("s", parse("{{ a }}{% break %}{{ forloop.index }}"));
    snippets.add("t", parse("{% include 's' %}{% render 't' %}"));
    snippets.add("u", parse("{% for x in u %}{{ x }}{{ a | append: c }}{% endfor %}{% capture c %}"
                            "{{ u }}{% endcapture %}{% assign a = c %}{% cycle u, c %}"));
    snippets.add("v", parse("{% if true %}{% case 1 %}{% when 1 %}{% include 'v' %}{% endcase %}"
                            "{% endif %}{% increment a %}"));
    snippets.add("w", parse("{% if %}"));
    return snippets;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const Snippets snippets = make_snippets();
    constexpr std::string_view locales[] = {"en", "tr", "de-CH", "fa", "ar"};
    const std::string_view source(reinterpret_cast<const char*>(bytes), size);
    RenderOptions options;
    options.snippets = &snippets;
    options.locale = locales[size % 5];
    options.strict_variables = size % 7 == 0;
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
        if (mode == ParseMode::Strict2) {  // Lax reading finds parameters inside of texts, too.
            check_print(*parsed.program);
        }
        for (const EscapeMode escape : {EscapeMode::Html, EscapeMode::None, EscapeMode::Header}) {
            options.escape = escape;
            options.prints_errors = escape == EscapeMode::None || size % 3 == 0;
            check_render(*parsed.program, options);
        }
    }
    return 0;
}

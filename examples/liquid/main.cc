// Renders the template on standard input for one customer: our Liquid used as a library.
#include <cstdio>
#include <iostream>
#include <iterator>
#include <string>

#include "template/template.h"

int main() {
    using namespace winback;
    const std::string source(std::istreambuf_iterator<char>(std::cin), {});
    const liquid::Parsed parsed = liquid::parse(source, {.file = "standard input"});
    if (parsed.program == nullptr) {
        for (const Diagnostic& mistake : parsed.diagnostics) {
            std::fputs(render(mistake, source).c_str(), stderr);
        }
        return 1;
    }
    ValueMap customer;
    customer.set("name", "Zoë <3");
    customer.set("orders", ValueList{Value(19.9), Value(250)});
    ValueMap data;
    data.set("customer", std::move(customer));

    liquid::RenderOptions options;
    options.locale = "de-DE";
    options.now = parse_iso8601("2026-03-01T10:00:00Z").value();
    std::string out;
    if (const auto error = liquid::render(*parsed.program, data, options, out)) {
        std::fprintf(stderr, "%s\n", liquid::describe(*error).c_str());
        return 1;
    }
    std::fputs(out.c_str(), stdout);
    return 0;
}

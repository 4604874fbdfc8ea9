// {{ 'customers.matching' | t: count: 3 }}: what the pages say, in the language of their reader.
#include "template/filters.h"

namespace winback::liquid {
namespace {

Value argument_of(const FilterInput& in, const Datum& datum) {
    if (datum.is(Datum::Kind::Bool)) {
        return datum.truthy();
    }
    if (datum.is(Datum::Kind::Int)) {
        return datum.as_int();
    }
    return datum.is(Datum::Kind::Double) ? Value(datum.as_double())
                                         : Value(std::string(in.text(datum)));
}

Datum t(FilterInput& in) {
    if (in.options.texts == nullptr) {
        return in.fail("there are no texts here");
    }
    std::vector<TextArgument> arguments;
    for (std::size_t i = 0; i < in.keyword_names.size(); ++i) {
        arguments.push_back({in.keyword_names[i], argument_of(in, in.keyword_values[i])});
    }
    const std::string_view key = in.text();
    const bool has_markup = key.ends_with(html_text_ending);
    if (!in.options.texts->write(in.buffer, key, arguments, has_markup && in.html())) {
        return in.fail("there is no text '" + std::string(key) + "' with these arguments");
    }
    return in.keep(in.buffer, has_markup);
}

}  // namespace

const FilterSpec text_by_key{"t", t, 0, 0, {}, true};

}  // namespace winback::liquid

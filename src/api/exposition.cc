#include "api/exposition.h"

#include <array>
#include <charconv>

namespace winback::api {
namespace {

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\\' || c == '"') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
}

std::string number(double value) {
    std::array<char, 32> text{};
    const auto [end, fault] = std::to_chars(text.data(), text.data() + text.size(), value);
    return fault == std::errc() ? std::string(text.data(), end) : std::string("NaN");
}

std::string in_seconds(std::int64_t micros) {
    return number(static_cast<double>(micros) / 1e6);
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out_.append(name).append(" ").append(type).append("\n");
}

void Exposition::line(std::string_view suffix,
                      Labels labels,
                      std::string_view last_label,
                      std::string_view last_value,
                      std::string_view value) {
    out_.append(name_).append(suffix);
    char before = '{';
    const auto add = [&](std::string_view label, std::string_view text) {
        out_ += before;
        out_.append(label).append("=\"");
        append_escaped(out_, text);
        out_ += '"';
        before = ',';
    };
    for (const auto& [label, text] : labels) {
        add(label, text);
    }
    if (!last_label.empty()) {
        add(last_label, last_value);
    }
    out_.append(before == ',' ? "} " : " ").append(value).append("\n");
}

void Exposition::sample(std::uint64_t value, Labels labels) {
    line("", labels, "", "", std::to_string(value));
}

void Exposition::sample(double value, Labels labels) {
    line("", labels, "", "", number(value));
}

void Exposition::histogram(std::span<const std::int64_t> bounds_micros,
                           std::span<const std::uint64_t> counts,
                           std::uint64_t sum_micros,
                           Labels labels) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < bounds_micros.size(); ++i) {
        below += counts[i];
        line("_bucket", labels, "le", in_seconds(bounds_micros[i]), std::to_string(below));
    }
    below += counts[bounds_micros.size()];
    line("_bucket", labels, "le", "+Inf", std::to_string(below));
    line("_sum", labels, "", "", in_seconds(static_cast<std::int64_t>(sum_micros)));
    line("_count", labels, "", "", std::to_string(below));
}

}  // namespace winback::api

#include "api/template_text.h"

#include <algorithm>

#include "base/strings.h"
#include "yaml/yaml.h"

namespace winback::api {
namespace {

constexpr std::string_view fence = "---\n";

struct Parts {
    std::string_view head;  // Between the fences, with its last line end.
    std::string_view body;
};

std::optional<Parts> cut(std::string_view text) {
    if (!text.starts_with(fence)) {
        return std::nullopt;
    }
    const std::size_t end = text.find("\n---\n", fence.size() - 1);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    return Parts{text.substr(fence.size(), end + 1 - fence.size()),
                 text.substr(end + 1 + fence.size())};
}

bool is_blank_or_comment(std::string_view line) {
    const std::string_view trimmed = trim(line);
    return trimmed.empty() || line.starts_with('#');
}

// Words that mean the same to YAML with and without quotes.
bool is_plain(std::string_view value) {
    return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::string quoted(std::string_view value) {
    if (is_plain(value)) {
        return std::string(value);
    }
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return out + "\"";
}

std::vector<std::string_view> lines_of(std::string_view head) {
    std::vector<std::string_view> lines = split(head, '\n');
    if (!lines.empty() && lines.back().empty()) {
        lines.pop_back();
    }
    return lines;
}

}  // namespace

const TemplateText::Field* TemplateText::find(std::string_view name) const {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

std::string TemplateText::value_of(std::string_view name) const {
    const Field* field = find(name);
    return field == nullptr ? std::string() : field->value;
}

std::string TemplateText::place_of(int line) const {
    if (line >= body_line) {
        return "body";
    }
    for (const Field& field : fields) {
        if (line >= field.first_line && line <= field.last_line) {
            return field.name;
        }
    }
    return "head";
}

std::optional<TemplateText> split_template(std::string_view text) {
    const std::optional<Parts> parts = cut(text);
    if (!parts) {
        return std::nullopt;
    }
    Diagnostics diagnostics;
    // The first fence stays as an empty line, so that lines keep their numbers.
    const yaml::YamlNode root = yaml::read_yaml("\n" + std::string(parts->head), "", diagnostics);
    if (has_errors(diagnostics) ||
        (root.kind != yaml::YamlNode::Kind::Map && !trim(parts->head).empty())) {
        return std::nullopt;
    }
    TemplateText out;
    const std::vector<std::string_view> lines = lines_of(parts->head);
    // YAML reads nothing behind the end of its document.
    const bool ends_early = std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
        return line.starts_with("...") || line.starts_with("---");
    });
    if (ends_early) {
        return std::nullopt;
    }
    out.body_line = static_cast<int>(lines.size()) + 3;
    for (std::size_t i = 0; i < root.fields.size(); ++i) {
        const yaml::YamlField& field = root.fields[i];
        // A field that shares its line with others cannot be changed alone.
        const int above = i == 0 ? 1 : root.fields[i - 1].key.position.line;
        if (field.key.position.column != 1 || field.key.position.line <= above ||
            field.key.text.empty()) {
            return std::nullopt;
        }
        int last = i + 1 < root.fields.size() ? root.fields[i + 1].key.position.line - 1
                                              : static_cast<int>(lines.size()) + 1;
        while (last > field.key.position.line &&
               is_blank_or_comment(lines[static_cast<std::size_t>(last) - 2])) {
            --last;
        }
        const bool plain = field.value.kind == yaml::YamlNode::Kind::Scalar;
        out.fields.push_back({.name = field.key.text,
                              .value = plain ? field.value.text : std::string(),
                              .plain = plain,
                              .first_line = field.key.position.line,
                              .last_line = last});
    }
    out.body = parts->body;
    return out;
}

std::string join_template(std::string_view text,
                          const TemplateFields& fields,
                          std::string_view body) {
    const std::optional<TemplateText> before = split_template(text);
    const std::vector<std::string_view> lines =
        before ? lines_of(cut(text)->head) : std::vector<std::string_view>();
    std::string out(fence);
    for (int line = 2; line < static_cast<int>(lines.size()) + 2; ++line) {
        const std::string name = before->place_of(line);
        const auto wanted = std::find_if(fields.begin(), fields.end(),
                                         [&](const auto& field) { return field.first == name; });
        const TemplateText::Field* field = before->find(name);
        if (wanted == fields.end() || field == nullptr || wanted->second == field->value) {
            out.append(lines[static_cast<std::size_t>(line) - 2]).append("\n");
        } else if (line == field->first_line && !wanted->second.empty()) {
            out.append(name).append(": ").append(quoted(wanted->second)).append("\n");
        }
    }
    for (const auto& [name, value] : fields) {
        if (!value.empty() && (!before || before->find(name) == nullptr)) {
            out.append(name).append(": ").append(quoted(value)).append("\n");
        }
    }
    // An empty head is no YAML.
    return out.append(out.size() == fence.size() ? "channel: email\n" : "")
        .append(fence)
        .append(body);
}

std::string with_line_feeds(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            out += text[i];
        } else if (i + 1 == text.size() || text[i + 1] != '\n') {
            out += '\n';
        }
    }
    return out;
}

}  // namespace winback::api

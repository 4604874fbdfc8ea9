#include "ingest/mapping_reader.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"

namespace winback::ingest {
namespace {

std::vector<std::string> to_strings(std::initializer_list<std::string_view> names) {
    return {names.begin(), names.end()};
}

std::string joined(std::initializer_list<std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        out += out.empty() ? "" : ", ";
        out += name;
    }
    return out;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string_view near = nearest(word, candidates);
    return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

}  // namespace

MappingRead read_mapping(std::string_view yaml, const std::string& file) {
    MappingRead out;
    out.mapping.file = file;
    out.mapping.zone = &utc_zone();
    const YamlNode root = yaml::read_yaml(yaml, file, out.diagnostics);
    if (!has_errors(out.diagnostics)) {
        MappingReader(out.mapping, out.diagnostics).read(root);
    }
    return out;
}

std::vector<std::size_t> bind_columns(const Mapping& mapping,
                                      const std::vector<std::string>& header,
                                      Diagnostics& diagnostics) {
    std::vector<std::size_t> places(mapping.columns.size(), 0);
    for (const Mapping::Use& use : mapping.uses) {
        const std::string& name = mapping.columns[use.column];
        const auto found = std::find(header.begin(), header.end(), name);
        const auto count = std::count(header.begin(), header.end(), name);
        places[use.column] = static_cast<std::size_t>(found - header.begin());
        if (count == 1) {
            continue;
        }
        diagnostics.push_back(
            {.code = count == 0 ? "unknown_column" : "ambiguous_column",
             .file = mapping.file,
             .position = use.position,
             .length = use.length,
             .message = count == 0
                            ? "the file has no column '" + name + "'" + suggestion(name, header)
                            : "the file has more than one column '" + name + "'"});
    }
    return places;
}

void MappingReader::report(const YamlNode& at, std::string code, std::string message) {
    diagnostics_.push_back({.code = std::move(code),
                            .file = mapping_.file,
                            .position = at.position,
                            .length = at.length,
                            .message = std::move(message)});
}

bool MappingReader::is_map(const YamlNode& node, std::string_view what, Names keys) {
    if (node.kind != YamlNode::Kind::Map) {
        report(node, "not_a_map", std::string(what) + " must be a map of: " + joined(keys));
        return false;
    }
    for (const auto& [key, value] : node.fields) {
        if (std::find(keys.begin(), keys.end(), key.text) == keys.end()) {
            report(key, "unknown_key",
                   std::string(what) + " has no '" + key.text + "'" +
                       suggestion(key.text, to_strings(keys)));
        }
    }
    return true;
}

const YamlNode* MappingReader::required(const YamlNode& map,
                                        std::string_view key,
                                        std::string_view what) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) {
        report(map, "missing_key", std::string(what) + " needs '" + std::string(key) + "'");
    }
    return node;
}

std::string MappingReader::text(const YamlNode* node, std::string_view what) {
    if (node == nullptr) {
        return {};
    }
    if (node->kind != YamlNode::Kind::Scalar || node->text.empty()) {
        report(*node, "not_text", std::string(what) + " must be a text");
        return {};
    }
    return node->text;
}

// A single text stands for a list of one.
std::vector<std::string> MappingReader::texts(const YamlNode& node, std::string_view what) {
    if (node.kind == YamlNode::Kind::Scalar) {
        return {text(&node, what)};
    }
    std::vector<std::string> out;
    for (const YamlNode& item : node.items) {
        out.push_back(text(&item, what));
    }
    if (node.kind == YamlNode::Kind::Map || out.empty()) {
        report(node, "not_a_list", std::string(what) + " must be a text or a list of texts");
    }
    return out;
}

std::size_t MappingReader::choice(const YamlNode* node, std::string_view what, Names names) {
    const std::string word = text(node, what);
    if (word.empty()) {
        return 0;
    }
    const auto* found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) {
        report(*node, "unknown_value",
               std::string(what) + " is one of: " + joined(names) +
                   suggestion(word, to_strings(names)));
        return 0;
    }
    return static_cast<std::size_t>(found - names.begin());
}

bool MappingReader::flag(const YamlNode* node, std::string_view what) {
    return choice(node, what, {"false", "true"}) == 1;
}

std::size_t MappingReader::count(const YamlNode* node,
                                 std::string_view what,
                                 std::size_t otherwise) {
    const std::string word = text(node, what);
    std::size_t value = otherwise;
    if (!word.empty()) {
        const auto end = std::from_chars(word.data(), word.data() + word.size(), value);
        if (end.ec != std::errc{} || end.ptr != word.data() + word.size() || value == 0) {
            report(*node, "not_a_count", std::string(what) + " must be a whole number above 0");
        }
    }
    return value;
}

ColumnId MappingReader::column_named(std::string name, Position position, int length) {
    const auto found = std::find(mapping_.columns.begin(), mapping_.columns.end(), name);
    const auto id = static_cast<ColumnId>(found - mapping_.columns.begin());
    if (found == mapping_.columns.end()) {
        mapping_.columns.push_back(std::move(name));
    }
    mapping_.uses.push_back({.column = id, .position = position, .length = length});
    return id;
}

ColumnId MappingReader::column(const YamlNode& node) {
    return column_named(text(&node, "the name of a column"), node.position, node.length);
}

// "{{" and "}}" stand for braces themselves.
Template MappingReader::text_template(const YamlNode& node) {
    Template out;
    if (node.kind != YamlNode::Kind::Scalar) {
        report(node, "not_text", "must be a text, with columns in braces: \"{Column}\"");
        return out;
    }
    const std::string& source = node.text;
    std::string literal;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char c = source[i];
        if ((c == '{' || c == '}') && i + 1 < source.size() && source[i + 1] == c) {
            literal += c;
            ++i;
        } else if (c == '{' && source.find('}', i) != std::string::npos) {
            const std::size_t end = source.find('}', i);
            std::string_view name = trim(std::string_view(source).substr(i + 1, end - i - 1));
            constexpr std::string_view lower = "|lower";
            const bool is_lower = name.ends_with(lower);
            name.remove_suffix(is_lower ? lower.size() : 0);
            const ColumnId id = column_named(std::string(trim(name)), node.position, node.length);
            out.parts.push_back({std::move(literal), id, is_lower});
            literal.clear();
            i = end;
        } else if (c == '{' || c == '}') {
            report(node, "lone_brace", "a brace without its pair; write {{ for a brace itself");
            return out;
        } else {
            literal += c;
        }
    }
    if (!literal.empty()) {
        out.parts.push_back({std::move(literal), std::nullopt, false});
    }
    return out;
}

}  // namespace winback::ingest

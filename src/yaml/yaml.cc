#include "yaml/yaml.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <libfyaml.h>

#include "base/strings.h"

namespace winback::yaml {
namespace {

struct DiagFree {
    void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
};
struct DocumentFree {
    void operator()(fy_document* document) const { fy_document_destroy(document); }
};

class Reader {
public:
    Reader(const std::string& file, Diagnostics& diagnostics)
        : file_(file), diagnostics_(diagnostics) {}

    // NOLINTNEXTLINE(misc-no-recursion): depth is bounded
    YamlNode read(fy_node* node, Position near, int depth) {
        YamlNode out;
        out.position = near;
        if (depth > yaml_depth_max) {
            report(near, "yaml_too_deep", "the document is nested more than 16 deep");
            return out;
        }
        if (fy_node_is_alias(node)) {
            report_alias(node, near);
            return out;
        }
        switch (fy_node_get_type(node)) {
            case FYNT_SCALAR:
                read_scalar(node, out);
                break;
            case FYNT_SEQUENCE:
                read_list(node, out, depth);
                break;
            case FYNT_MAPPING:
                read_map(node, out, depth);
                break;
        }
        return out;
    }

    void report(Position position, std::string code, std::string message) {
        diagnostics_.push_back({.code = std::move(code),
                                .file = file_,
                                .position = position,
                                .message = std::move(message)});
    }

private:
    // Once: who uses one alias uses many, and they are mended alike.
    void report_alias(fy_node* node, Position near) {
        if (has_alias_) {
            return;
        }
        has_alias_ = true;
        fy_token* token = fy_node_get_scalar_token(node);
        // The token is the name; the star stands before it.
        const fy_mark* begin = token == nullptr ? nullptr : fy_token_start_mark(token);
        report(begin == nullptr ? near : Position{begin->line + 1, std::max(1, begin->column)},
               "yaml_alias", "aliases such as *name are not taken; write the values out");
    }

    static void read_scalar(fy_node* node, YamlNode& out) {
        std::size_t size = 0;
        const char* text = fy_node_get_scalar(node, &size);
        out.text = text == nullptr ? std::string() : std::string(text, size);
        fy_token* token = fy_node_get_scalar_token(node);
        const fy_mark* begin = token == nullptr ? nullptr : fy_token_start_mark(token);
        const fy_mark* end = token == nullptr ? nullptr : fy_token_end_mark(token);
        if (begin != nullptr) {
            out.position = {begin->line + 1, begin->column + 1};
        }
        if (begin != nullptr && end != nullptr && end->line == begin->line) {
            out.length = std::max(1, end->column - begin->column);
        }
    }

    void read_list(fy_node* node, YamlNode& out, int depth) {  // NOLINT(misc-no-recursion)
        out.kind = YamlNode::Kind::List;
        void* cursor = nullptr;
        while (fy_node* item = fy_node_sequence_iterate(node, &cursor)) {
            out.items.push_back(read(item, out.position, depth + 1));
        }
    }

    void read_map(fy_node* node, YamlNode& out, int depth) {  // NOLINT(misc-no-recursion)
        out.kind = YamlNode::Kind::Map;
        void* cursor = nullptr;
        while (fy_node_pair* pair = fy_node_mapping_iterate(node, &cursor)) {
            YamlNode key = read(fy_node_pair_key(pair), out.position, depth + 1);
            if (key.kind != YamlNode::Kind::Scalar) {
                report(key.position, "yaml_key", "a key must be plain text");
                continue;
            }
            if (out.find(key.text) != nullptr) {
                report(key.position, "duplicate_key", "the key '" + key.text + "' is there twice");
            }
            // An empty or block value has no place of its own: its key's is the best.
            YamlNode value;
            value.position = key.position;
            value.length = key.length;
            if (fy_node* node_value = fy_node_pair_value(pair)) {
                value = read(node_value, key.position, depth + 1);
            }
            out.fields.push_back({std::move(key), std::move(value)});
        }
        if (!out.fields.empty()) {
            out.position = out.fields.front().key.position;
            out.length = out.fields.front().key.length;
        }
    }

    const std::string& file_;
    Diagnostics& diagnostics_;
    bool has_alias_ = false;
};

std::string_view line_at(std::string_view source, int line) {
    std::size_t start = 0;
    for (int i = 1; i < line && start != std::string_view::npos; ++i) {
        start = source.find('\n', start);
        start = start == std::string_view::npos ? start : start + 1;
    }
    return start >= source.size() ? std::string_view{}
                                  : source.substr(start, source.find('\n', start) - start);
}

// What the library says, in words that help to mend it. It meets a tab that indents a line only
// when it has given up on the line before.
Diagnostic explain(std::string_view said, Position place, std::string_view text) {
    struct Words {
        std::string_view said;
        std::string_view ours;
    };
    constexpr Words words[] = {
        {"quoted scalar",
         "the text in quotes that begins here has no end, or goes on in a line "
         "that is indented too little; close the quotes"},
        {"invalid multiline plain key",
         "the next line is indented as if this value went on; begin all keys of a map in the same "
         "column"},
        {"invalid nested block mapping",
         "a second ': ' stands in this line; put the value in quotes"},
        {"missing comma", "a comma is missing, or a '[' or '{' before has no end"},
    };
    Diagnostic out{.code = "yaml", .position = place, .message = std::string(said)};
    for (int line = place.line; line <= place.line + 1; ++line) {
        const std::string_view written = line_at(text, line);
        const std::size_t indent = std::min(written.find_first_not_of(" \t"), written.size());
        const std::size_t tab = written.substr(0, indent).find('\t');
        if (tab != std::string_view::npos) {
            out.position = {line, static_cast<int>(tab) + 1};
            out.message = "a tab indents this line; indent with spaces";
            return out;
        }
    }
    for (const Words& known : words) {
        if (said.find(known.said) != std::string_view::npos) {
            out.message = known.ours;
        }
    }
    return out;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
    for (const auto& [name, value] : fields) {
        if (name.text == key) {
            return &value;
        }
    }
    return nullptr;
}

YamlNode read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    Reader reader(file, diagnostics);
    if (text.size() > yaml_bytes_max) {
        reader.report({}, "yaml_too_long", "the file is larger than one megabyte");
        return {};
    }
    if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
        reader.report({}, "yaml_encoding", "the file is not UTF-8 text");
        return {};
    }
    // libfyaml 0.7.12 never returns from some broken directives, and a definition needs none.
    const std::size_t directive = text.starts_with('%') ? 0 : text.find("\n%");
    if (directive != std::string_view::npos) {
        const std::size_t offset = directive == 0 && text[0] == '%' ? 0 : directive + 1;
        reader.report(position_at(text, offset), "yaml_directive", "a line may not begin with %");
        return {};
    }
    fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = nullptr;
    const std::unique_ptr<fy_diag, DiagFree> diag(fy_diag_create(&diag_config));
    fy_diag_set_collect_errors(diag.get(), true);
    fy_parse_cfg config{};
    config.diag = diag.get();
    const std::unique_ptr<fy_document, DocumentFree> document(
        fy_document_build_from_string(&config, text.data(), text.size()));
    void* cursor = nullptr;
    while (const fy_diag_error* error = fy_diag_errors_iterate(diag.get(), &cursor)) {
        Diagnostic said = explain(error->msg == nullptr ? "not YAML" : error->msg,
                                  {std::max(1, error->line), std::max(1, error->column)}, text);
        reader.report(said.position, std::move(said.code), std::move(said.message));
    }
    fy_node* root = document ? fy_document_root(document.get()) : nullptr;
    if (root == nullptr) {
        if (!has_errors(diagnostics)) {
            reader.report({}, "yaml", "the file is empty or not YAML");
        }
        return {};
    }
    return reader.read(root, {}, 0);
}

Position place_in(const YamlNode& node, std::string_view source, Position inner) {
    // The first line of the text as it is written, to find it again in the file.
    const std::string_view text = node.text;
    const std::string_view first = text.substr(0, text.find('\n'));
    for (int line = node.position.line; line <= node.position.line + 2; ++line) {
        const std::string_view written = line_at(source, line);
        const auto from = line == node.position.line
                              ? static_cast<std::size_t>(node.position.column - 1)
                              : std::size_t{0};
        const std::size_t column = written.find(first, from);
        if (column != std::string_view::npos && !first.empty()) {
            return {line + inner.line - 1, static_cast<int>(column) + inner.column};
        }
    }
    return node.position;
}

}  // namespace winback::yaml

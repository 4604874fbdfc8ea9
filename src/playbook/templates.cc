#include <algorithm>

#include "playbook/parts.h"

namespace winback::playbook {
namespace {

constexpr std::string_view folder = "templates/";
constexpr std::string_view extension = ".liquid";
constexpr std::string_view fence = "---\n";
constexpr std::string_view text_part_line = "=== text ===\n";

struct FileName {
    std::string id;
    std::string language;
};

// "templates/hello.en.liquid" -> hello, en.
std::optional<FileName> parse_name(std::string_view path) {
    std::string_view name = path.substr(folder.size());
    name.remove_suffix(extension.size());
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    FileName parsed{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
    const bool language = parsed.language.size() >= 2 && parsed.language.size() <= 35;
    return is_valid_id(parsed.id) && language ? std::optional(parsed) : std::nullopt;
}

int line_of(const YamlNode* node, int otherwise) {
    return node == nullptr ? otherwise : node->position.line;
}

void read_front_matter(Reader& reader, const YamlNode& root, message::TemplateSource& source) {
    if (!reader.is_map(
            root, "front matter",
            {"channel", "subject", "preheader", "from_name", "topic", "transactional"})) {
        return;
    }
    source.channel = reader.text(root, "channel", "email");
    reader.channel(root, "channel");
    source.topic = reader.text(root, "topic");
    source.transactional = reader.flag(root, "transactional", false);
    source.from_name = reader.text(root, "from_name");
    source.preheader = reader.text(root, "preheader");
    source.subject = source.channel == "email"
                         ? reader.required_text(root, "subject", "an e-mail template")
                         : reader.text(root, "subject");
    source.subject_line = line_of(root.find("subject"), 1);
    source.preheader_line = line_of(root.find("preheader"), 1);
}

std::optional<message::TemplateSource> read_file(const std::string& path,
                                                 const std::string& content,
                                                 Diagnostics& diagnostics) {
    Reader reader(path, content, diagnostics);
    const auto name = parse_name(path);
    if (!name.has_value()) {
        reader.report({}, "bad_file_name",
                      "name a template <id>.<language>.liquid, such as hello.en.liquid");
        return std::nullopt;
    }
    const std::size_t end = content.starts_with(fence)
                                ? content.find("\n" + std::string(fence), fence.size() - 1)
                                : std::string::npos;
    if (end == std::string::npos) {
        reader.report({}, "no_front_matter",
                      "begin the file with front matter between two lines of ---");
        return std::nullopt;
    }
    // The first line stays as an empty one, so that lines keep their numbers.
    const std::string front = "\n" + content.substr(fence.size(), end + 1 - fence.size());
    const std::size_t before = diagnostics.size();
    const YamlNode root = yaml::read_yaml(front, path, diagnostics);
    if (diagnostics.size() != before) {
        return std::nullopt;
    }
    message::TemplateSource source;
    source.id = name->id;
    source.language = name->language;
    source.file = path;
    read_front_matter(reader, root, source);
    const std::size_t body = end + 1 + fence.size();
    source.body_html = content.substr(body);
    source.body_line_offset = static_cast<int>(
        std::count(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(body), '\n'));
    const std::size_t text = source.body_html.find(text_part_line);
    if (text != std::string::npos && (text == 0 || source.body_html[text - 1] == '\n')) {
        source.body_text = source.body_html.substr(text + text_part_line.size());
        source.body_html.resize(text);
    }
    return source;
}

}  // namespace

void read_templates(const Files& files,
                    engine::Definitions& definitions,
                    Diagnostics& diagnostics) {
    std::map<std::string, std::vector<message::TemplateSource>> by_id;
    for (const auto& [path, content] : files) {
        if (path.starts_with(folder) && path.ends_with(extension)) {
            if (auto source = read_file(path, content, diagnostics)) {
                by_id[source->id].push_back(*std::move(source));
            }
        }
    }
    for (const auto& [id, sources] : by_id) {
        message::CompiledTemplate compiled = message::compile_template(sources);
        diagnostics.insert(diagnostics.end(), compiled.diagnostics.begin(),
                           compiled.diagnostics.end());
        if (compiled.message_template.has_value()) {
            definitions.templates.emplace(id, *std::move(compiled.message_template));
        }
    }
}

}  // namespace winback::playbook

#include <algorithm>
#include <set>

#include "playbook/parts.h"

namespace winback::playbook {
namespace {

constexpr std::string_view folder = "templates/";
constexpr std::string_view snippet_folder = "snippets/";
constexpr std::string_view extension = ".liquid";
constexpr std::string_view fence = "---\n";
constexpr std::string_view text_part_line = "=== text ===\n";

struct FileName {
    std::string id;
    std::string language;
};

struct FrontMatter {
    Reader reader;
    YamlNode root;
};

// "hello.en.liquid" -> hello, en.
std::optional<FileName> parse_name(std::string_view name) {
    name.remove_suffix(extension.size());
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    FileName parsed{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
    const bool language = parsed.language.size() >= 2 && parsed.language.size() <= 35;
    return is_valid_id(parsed.id) && language ? std::optional(parsed) : std::nullopt;
}

// The text of a key with the place where it begins.
message::TemplateText text_of(const FrontMatter& front, std::string text, const YamlNode* node) {
    if (node == nullptr) {
        return {};
    }
    return {std::move(text), yaml::place_in(*node, front.reader.source(), {})};
}

// A text alone is the sender's name; a map may name the address, too.
void read_from(FrontMatter& front, message::TemplateSource& source) {
    const YamlNode* from = front.root.find("from");
    if (from == nullptr) {
        return;
    }
    if (from->kind == YamlNode::Kind::Scalar) {
        source.from_name = text_of(front, from->text, from);
    } else if (front.reader.is_map(*from, "from", {"name", "address"})) {
        source.from_name = text_of(front, front.reader.text(*from, "name"), from->find("name"));
        source.from_address = front.reader.mail_address(*from, "address");
    }
}

void read_front_matter(FrontMatter& front, message::TemplateSource& source) {
    Reader& reader = front.reader;
    const YamlNode& root = front.root;
    if (!reader.is_map(root, "front matter",
                       {"channel", "subject", "preheader", "from", "reply_to", "topic",
                        "transactional", "track", "language", "liquid"})) {
        return;
    }
    source.channel = reader.text(root, "channel", "email");
    reader.channel(root, "channel");
    source.topic = reader.text(root, "topic");
    if (const YamlNode* topic = root.find("topic")) {
        reader.is_id(*topic, source.topic);
    }
    source.transactional = reader.flag(root, "transactional", false);
    source.track = reader.flag(root, "track", false);
    read_from(front, source);
    source.reply_to = reader.mail_address(root, "reply_to");
    source.preheader = text_of(front, reader.text(root, "preheader"), root.find("preheader"));
    source.subject = text_of(front,
                             source.channel == "email"
                                 ? reader.required_text(root, "subject", "an e-mail template")
                                 : reader.text(root, "subject"),
                             root.find("subject"));
    const std::string language = reader.text(root, "language", source.language);
    if (message::normal_language(language) != message::normal_language(source.language)) {
        reader.report(
            *root.find("language"), "language_differs",
            "the file's name says '" + source.language + "'; rename the file or leave the key out");
    }
    source.dialect = reader.text(root, "liquid", source.dialect);
    const auto& dialects = message::dialects;
    if (std::find(dialects.begin(), dialects.end(), source.dialect) == dialects.end()) {
        std::string known;
        for (const std::string_view dialect : dialects) {
            known += (known.empty() ? "" : ", ") + std::string(dialect);
        }
        reader.report(*root.find("liquid"), "unknown_dialect",
                      "Liquid '" + source.dialect + "' is not known here; known is " + known);
        source.dialect = std::string(dialects.back());
    }
}

// The body, and behind its line the own text part.
void read_body(const std::string& content, std::size_t begin, message::TemplateSource& source) {
    const auto line_of = [&](std::size_t at) {
        return 1 + static_cast<int>(std::count(
                       content.begin(), content.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    };
    source.body_html = {content.substr(begin), {line_of(begin), 1}};
    const std::size_t mark = source.body_html.text.find(text_part_line);
    if (mark != std::string::npos && (mark == 0 || source.body_html.text[mark - 1] == '\n')) {
        const std::size_t text = begin + mark + text_part_line.size();
        source.body_text = {content.substr(text), {line_of(text), 1}};
        source.body_html.text.resize(mark);
    }
}

std::optional<message::TemplateSource> read_file(const std::string& path,
                                                 const std::string& content,
                                                 Diagnostics& diagnostics) {
    Reader reader(path, content, diagnostics);
    const auto name = parse_name(path.substr(folder.size()));
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
    const std::string head = "\n" + content.substr(fence.size(), end + 1 - fence.size());
    const std::size_t before = diagnostics.size();
    FrontMatter front{std::move(reader), yaml::read_yaml(head, path, diagnostics)};
    if (diagnostics.size() != before) {
        return std::nullopt;
    }
    message::TemplateSource source;
    source.id = name->id;
    source.language = name->language;
    source.file = path;
    read_front_matter(front, source);
    read_body(content, end + 1 + fence.size(), source);
    return source;
}

// "snippets/card.ar.liquid" -> card, ar; the language may be missing.
std::optional<message::SnippetSource> read_snippet(const std::string& path,
                                                   const std::string& content,
                                                   Diagnostics& diagnostics) {
    std::string name = path.substr(snippet_folder.size());
    name.resize(name.size() - extension.size());
    message::SnippetSource source{name, "", content, path};
    if (const auto parsed = parse_name(name + std::string(extension))) {
        source.name = parsed->id;
        source.language = parsed->language;
    } else if (!is_valid_id(name)) {
        Reader(path, content, diagnostics)
            .report({}, "bad_file_name",
                    "name a snippet <name>.liquid or <name>.<language>.liquid; a name has "
                    "lower-case letters, digits, _ and -");
        return std::nullopt;
    }
    return source;
}

message::SnippetLibrary read_snippets(const Files& files,
                                      const std::vector<message::TemplateSource>& templates,
                                      Diagnostics& diagnostics) {
    std::vector<message::SnippetSource> sources;
    for (const auto& [path, content] : files) {
        if (path.starts_with(snippet_folder) && path.ends_with(extension)) {
            if (auto source = read_snippet(path, content, diagnostics)) {
                sources.push_back(*std::move(source));
            }
        }
    }
    std::set<std::string> languages;
    for (const message::TemplateSource& source : templates) {
        languages.insert(message::normal_language(source.language));
    }
    return {std::move(sources), languages, diagnostics};
}

void report_unused(const message::SnippetLibrary& snippets,
                   const engine::Definitions& definitions,
                   Diagnostics& diagnostics) {
    std::vector<liquid::ProgramPtr> programs;
    for (const auto& [id, message_template] : definitions.templates) {
        for (const message::TemplateVariant& variant : message_template.variants) {
            for (const message::TemplatePart* part :
                 {&variant.from_name, &variant.subject, &variant.preheader, &variant.html,
                  &variant.text}) {
                programs.push_back(part->program);
            }
        }
    }
    for (const message::SnippetSource& unused : snippets.unused(programs)) {
        diagnostics.push_back({.code = "unused_snippet",
                               .file = unused.file,
                               .message = "no template uses this snippet",
                               .is_warning = true});
    }
}

}  // namespace

void read_templates(const Files& files,
                    engine::Definitions& definitions,
                    Diagnostics& diagnostics) {
    std::vector<message::TemplateSource> all;
    for (const auto& [path, content] : files) {
        if (path.starts_with(folder) && path.ends_with(extension)) {
            if (auto source = read_file(path, content, diagnostics)) {
                all.push_back(*std::move(source));
            }
        }
    }
    const message::SnippetLibrary snippets = read_snippets(files, all, diagnostics);
    std::map<std::string, std::vector<message::TemplateSource>> by_id;
    for (message::TemplateSource& source : all) {
        by_id[source.id].push_back(std::move(source));
    }
    for (const auto& [id, sources] : by_id) {
        message::CompiledTemplate compiled = message::compile_template(sources, snippets);
        diagnostics.insert(diagnostics.end(), compiled.diagnostics.begin(),
                           compiled.diagnostics.end());
        if (compiled.message_template.has_value()) {
            definitions.templates.emplace(id, *std::move(compiled.message_template));
        }
    }
    if (!has_errors(diagnostics)) {
        report_unused(snippets, definitions, diagnostics);  // Else we cannot know.
    }
}

}  // namespace winback::playbook

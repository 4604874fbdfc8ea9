#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"
#include "playbook/parts.h"

namespace winback::playbook {
namespace {

constexpr std::string_view folder = "templates/";
constexpr std::string_view snippet_folder = "snippets/";
constexpr std::string_view extension = ".liquid";
constexpr std::string_view fence = "---";
constexpr std::string_view text_part_line = "=== text ===";

struct FileName {
    std::string id;
    std::string language;
};

struct FrontMatter {
    Reader reader;
    YamlNode root;
};

struct Line {
    std::string_view text;  // Without its end and the white space before it.
    std::size_t next = 0;   // Where the next line begins.
};

Line line_at(std::string_view content, std::size_t at) {
    const std::size_t end = std::min(content.find('\n', at), content.size());
    std::string_view text = content.substr(at, end - at);
    text = text.substr(0, text.find_last_not_of(" \t") + 1);
    return {text, std::min(end + 1, content.size())};
}

// As editors of other systems save it: without their byte order mark, lines ended by "\n" alone.
// Lines keep their numbers.
std::string plain_lines(std::string_view content) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (content.starts_with(byte_order_mark)) {
        content.remove_prefix(byte_order_mark.size());
    }
    std::string out;
    out.reserve(content.size());
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (content[i] != '\r' || i + 1 == content.size() || content[i + 1] != '\n') {
            out += content[i];
        }
    }
    return out;
}

// Nothing that we keep or send may hold a NUL.
bool has_nul(Reader& reader, std::string_view content) {
    const std::size_t at = content.find('\0');
    if (at != std::string_view::npos) {
        YamlNode place;
        place.position = position_at(content, at);
        reader.report(place, "nul_byte", "the file holds a NUL byte here; save it as plain text");
    }
    return at != std::string_view::npos;
}

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

// Where the workspace lists its topics, a template has one of them: customers could not refuse
// another by its name. What is transactional they cannot refuse by topic.
void check_topic(Reader& reader,
                 const YamlNode& topic,
                 const message::TemplateSource& source,
                 const engine::Workspace& workspace) {
    const std::string& id = source.topic;
    if (!reader.is_id(topic, id) || source.transactional || workspace.topics.empty() ||
        workspace.topics.contains(id)) {
        return;
    }
    std::vector<std::string> known;
    for (const auto& [name, words] : workspace.topics) {
        known.push_back(name);
    }
    const std::string_view near = nearest(id, known);
    reader.report(topic, "unknown_topic",
                  "workspace.yaml has no topic '" + id + "'" +
                      (near.empty() ? "; add it to its 'topics'"
                                    : "; did you mean '" + std::string(near) + "'?"));
}

void read_dialect(Reader& reader, const YamlNode& root, message::TemplateSource& source) {
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

void read_front_matter(FrontMatter& front,
                       const engine::Workspace& workspace,
                       message::TemplateSource& source) {
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
    source.transactional = reader.flag(root, "transactional", false);
    if (const YamlNode* topic = root.find("topic")) {
        check_topic(reader, *topic, source, workspace);
    }
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
    read_dialect(reader, root, source);
}

// A line that its writer may have meant to begin the text part.
bool resembles_text_part_line(std::string_view line) {
    std::string word;
    for (const char c : to_lower_ascii(line)) {
        if (std::string_view("=-*#: \t").find(c) == std::string_view::npos) {
            word += c;
        }
    }
    constexpr std::array<std::string_view, 3> words{"text", "txt", "plaintext"};
    return line.find("==") != std::string_view::npos &&
           std::find(words.begin(), words.end(), word) != words.end();
}

// The body, and behind its line the own text part.
void read_body(Reader& reader,
               const std::string& content,
               std::size_t begin,
               message::TemplateSource& source) {
    int number =
        1 + static_cast<int>(std::count(
                content.begin(), content.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    source.body_html = {content.substr(begin), {number, 1}};
    bool has_text = false;
    for (std::size_t at = begin; at < content.size(); ++number) {
        const Line line = line_at(content, at);
        const bool is_mark = trim(line.text) == text_part_line;
        if (is_mark && !has_text) {
            has_text = true;
            source.body_html.text.resize(at - begin);
            source.body_text = {content.substr(line.next), {number + 1, 1}};
        } else if (is_mark || resembles_text_part_line(line.text)) {
            YamlNode place;
            place.position = {number, 1};
            place.length = static_cast<int>(line.text.size());
            reader.warn(place, "text_part_line",
                        is_mark ? "the text part has begun already; this line is mailed as text"
                                : "a text part begins with the line '=== text ==='; this one is "
                                  "mailed as text");
        }
        at = line.next;
    }
}

// Where the head ends and where the body begins, behind the fence; nothing without two fences.
struct Fences {
    std::size_t head = 0;
    std::size_t head_end = 0;
    std::size_t body = 0;
};
std::optional<Fences> find_fences(std::string_view content) {
    const Line first = line_at(content, 0);
    if (first.text != fence) {
        return std::nullopt;
    }
    for (std::size_t at = first.next; at < content.size();) {
        const Line line = line_at(content, at);
        if (line.text == fence) {
            return Fences{first.next, at, line.next};
        }
        at = line.next;
    }
    return std::nullopt;
}

std::optional<message::TemplateSource> read_file(const std::string& path,
                                                 const std::string& content,
                                                 const engine::Workspace& workspace,
                                                 Diagnostics& diagnostics) {
    Reader reader(path, content, diagnostics);
    const auto name = parse_name(path.substr(folder.size()));
    if (!name.has_value()) {
        reader.report({}, "bad_file_name",
                      "name a template <id>.<language>.liquid, such as hello.en.liquid");
        return std::nullopt;
    }
    if (has_nul(reader, content)) {
        return std::nullopt;
    }
    const auto fences = find_fences(content);
    if (!fences.has_value()) {
        reader.report({}, "no_front_matter",
                      "begin the file with front matter between two lines of ---");
        return std::nullopt;
    }
    // The first line stays as an empty one, so that lines keep their numbers.
    const std::string head = "\n" + content.substr(fences->head, fences->head_end - fences->head);
    const std::size_t before = diagnostics.size();
    FrontMatter front{std::move(reader), yaml::read_yaml(head, path, diagnostics)};
    if (diagnostics.size() != before) {
        return std::nullopt;
    }
    message::TemplateSource source;
    source.id = name->id;
    source.language = name->language;
    source.file = path;
    read_front_matter(front, workspace, source);
    read_body(front.reader, content, fences->body, source);
    return source;
}

// "snippets/card.ar.liquid" -> card, ar; the language may be missing.
std::optional<message::SnippetSource> read_snippet(const std::string& path,
                                                   const std::string& content,
                                                   Diagnostics& diagnostics) {
    std::string name = path.substr(snippet_folder.size());
    name.resize(name.size() - extension.size());
    Reader reader(path, content, diagnostics);
    if (has_nul(reader, content)) {
        return std::nullopt;
    }
    message::SnippetSource source{name, "", content, path};
    if (const auto parsed = parse_name(name + std::string(extension))) {
        source.name = parsed->id;
        source.language = parsed->language;
    } else if (!is_valid_id(name)) {
        reader.report({}, "bad_file_name",
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
            if (auto source = read_snippet(path, plain_lines(content), diagnostics)) {
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
            if (auto source =
                    read_file(path, plain_lines(content), definitions.workspace, diagnostics)) {
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

#include "message/message_template.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/strings.h"
#include "message/own_links.h"

namespace winback::message {
namespace {

bool is_language(std::string_view language) {
    constexpr std::size_t length_max = 35;  // RFC 5646 advises it.
    if (language.size() < 2 || language.size() > length_max) {
        return false;
    }
    return std::all_of(language.begin(), language.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

class Compiler {
public:
    explicit Compiler(const SnippetLibrary& snippets) : snippets_(snippets) {}

    CompiledTemplate run(const std::vector<TemplateSource>& sources);

private:
    TemplateVariant variant(const TemplateSource& source);
    // Without a program when the text is empty or wrong.
    TemplatePart part(const TemplateSource& source, const TemplateText& text);
    void check_parts(const TemplateSource& source);
    void check_common(const TemplateSource& first, const TemplateSource& source);
    void report(const TemplateSource& source, std::string code, std::string message);

    const SnippetLibrary& snippets_;
    CompiledTemplate out_;
};

void Compiler::report(const TemplateSource& source, std::string code, std::string message) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.file = source.file;
    diagnostic.message = std::move(message);
    out_.diagnostics.push_back(std::move(diagnostic));
}

TemplatePart Compiler::part(const TemplateSource& source, const TemplateText& text) {
    if (text.text.empty()) {
        return {};
    }
    liquid::Parsed parsed = liquid::parse(text.text, {.file = source.file});
    for (Diagnostic& diagnostic : parsed.diagnostics) {
        diagnostic.position.column += diagnostic.position.line == 1 ? text.at.column - 1 : 0;
        diagnostic.position.line += text.at.line - 1;
        out_.diagnostics.push_back(std::move(diagnostic));
    }
    if (parsed.program != nullptr) {
        snippets_.check_calls(*parsed.program, source.file, text.at, out_.diagnostics);
    }
    return {std::move(parsed.program), text};
}

TemplateVariant Compiler::variant(const TemplateSource& source) {
    TemplateVariant variant;
    variant.language = normal_language(source.language);
    variant.file = source.file;
    variant.dialect = source.dialect;
    variant.track = source.track;
    variant.from_address = source.from_address;
    variant.reply_to = source.reply_to;
    variant.snippets = snippets_.for_language(variant.language);
    variant.from_name = part(source, source.from_name);
    variant.subject = part(source, source.subject);
    variant.preheader = part(source, source.preheader);
    variant.html = part(source, source.body_html);
    variant.text = part(source, source.body_text);
    variant.link_hosts = snippets_.link_hosts(variant.language);
    add_link_hosts(source.body_html.text, variant.link_hosts);
    add_link_hosts(source.body_text.text, variant.link_hosts);
    return variant;
}

void Compiler::check_parts(const TemplateSource& source) {
    if (source.channel == "email" && trim(source.subject.text).empty()) {
        report(source, "no_subject", "An e-mail needs a subject; add 'subject:' to its head.");
    }
    if (trim(source.body_html.text).empty() && trim(source.body_text.text).empty()) {
        report(source, "no_body", "The template has no text below its head.");
    }
    if (!is_language(normal_language(source.language))) {
        report(source, "bad_language",
               "'" + source.language + "' is not a language tag such as 'en' or 'pt-BR'.");
    }
}

void Compiler::check_common(const TemplateSource& first, const TemplateSource& source) {
    const bool same = first.channel == source.channel && first.topic == source.topic &&
                      first.transactional == source.transactional;
    if (!same) {
        report(source, "variants_differ",
               "All languages of '" + first.id +
                   "' must have the same channel, topic and transactional; see " + first.file +
                   ".");
    }
}

CompiledTemplate Compiler::run(const std::vector<TemplateSource>& sources) {
    WINBACK_CHECK(!sources.empty());
    MessageTemplate made;
    made.id = sources[0].id;
    made.channel = sources[0].channel;
    made.topic = sources[0].topic;
    made.transactional = sources[0].transactional;
    for (const TemplateSource& source : sources) {
        check_parts(source);
        check_common(sources[0], source);
        TemplateVariant compiled = variant(source);
        const bool again = std::any_of(
            made.variants.begin(), made.variants.end(),
            [&](const TemplateVariant& other) { return other.language == compiled.language; });
        if (again) {
            report(source, "language_twice",
                   "'" + made.id + "' has two texts in '" + source.language + "'.");
        }
        made.variants.push_back(std::move(compiled));
    }
    if (!has_errors(out_.diagnostics)) {
        out_.message_template = std::move(made);
    }
    return std::move(out_);
}

const TemplateVariant* find_variant(const MessageTemplate& message_template,
                                    std::string_view language) {
    std::string wanted = normal_language(language);
    const std::string base = wanted.substr(0, wanted.find('-'));
    while (!wanted.empty()) {
        for (const TemplateVariant& variant : message_template.variants) {
            if (variant.language == wanted) {
                return &variant;
            }
        }
        const std::size_t dash = wanted.rfind('-');
        wanted.resize(dash == std::string::npos ? 0 : dash);
    }
    for (const TemplateVariant& variant : message_template.variants) {
        if (!base.empty() && variant.language.starts_with(base + "-")) {
            return &variant;
        }
    }
    return nullptr;
}

}  // namespace

CompiledTemplate compile_template(const std::vector<TemplateSource>& sources,
                                  const SnippetLibrary& snippets) {
    return Compiler(snippets).run(sources);
}

const TemplateVariant& choose_variant(const MessageTemplate& message_template,
                                      std::string_view customer_language,
                                      std::string_view workspace_language) {
    WINBACK_CHECK(!message_template.variants.empty());
    if (const TemplateVariant* found = find_variant(message_template, customer_language)) {
        return *found;
    }
    const TemplateVariant* found = find_variant(message_template, workspace_language);
    return found != nullptr ? *found : message_template.variants.front();
}

std::string normal_language(std::string_view language) {
    std::string out = to_lower_ascii(trim(language));
    std::replace(out.begin(), out.end(), '_', '-');
    return out;
}

bool is_right_to_left(std::string_view language) {
    constexpr std::array<std::string_view, 10> languages{"ar", "ckb", "dv", "fa", "he",
                                                         "iw", "ps",  "sd", "ur", "yi"};
    const std::string normal = normal_language(language);
    const std::string_view base = std::string_view(normal).substr(0, normal.find('-'));
    return std::find(languages.begin(), languages.end(), base) != languages.end();
}

}  // namespace winback::message

// What belongs to a message: the parts of its variant and the snippets that they call.
#include <algorithm>
#include <set>

#include "base/strings.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

// `parts` first, then each snippet that they reach, once.
void add_snippets(const message::TemplateVariant& variant, std::vector<Reached>& reached) {
    std::set<const liquid::Program*> seen;
    for (std::size_t i = 0; i < reached.size(); ++i) {
        for (const liquid::SnippetCall& call : liquid::snippet_calls(*reached[i].program)) {
            const liquid::Parsed* snippet = variant.snippets->find(call.name);
            if (snippet != nullptr && snippet->program != nullptr &&
                seen.insert(snippet->program.get()).second) {
                reached.push_back({snippet->program.get(), nullptr, snippet_name(call.name)});
            }
        }
    }
}

}  // namespace

std::string snippet_name(std::string_view name) {
    constexpr std::string_view extension = ".liquid";
    std::string plain = to_lower_ascii(name);
    if (plain.ends_with(extension)) {
        plain.resize(plain.size() - extension.size());
    }
    return plain;
}

std::vector<Reached> reached_by(const message::TemplateVariant& variant) {
    std::vector<Reached> reached;
    for (const message::TemplatePart* part :
         {&variant.html, &variant.text, &variant.subject, &variant.preheader, &variant.from_name}) {
        if (part->program != nullptr) {
            reached.push_back({part->program.get(), part, {}});
        }
    }
    add_snippets(variant, reached);
    return reached;
}

SnippetNames names_given_to_snippets(const engine::Definitions& definitions) {
    SnippetNames names;
    std::set<const liquid::Program*> seen;
    for (const auto& [id, message_template] : definitions.templates) {
        for (const message::TemplateVariant& variant : message_template.variants) {
            for (const Reached& reached : reached_by(variant)) {
                if (!seen.insert(reached.program).second) {
                    continue;
                }
                for (const liquid::SnippetCall& call : liquid::snippet_calls(*reached.program)) {
                    std::set<std::string>& given = names[snippet_name(call.name)];
                    for (const liquid::Alias& name : call.given) {
                        given.insert(name.name);
                    }
                    if (call.is_include) {
                        const auto& own = liquid::names_given(*reached.program);
                        given.insert(own.begin(), own.end());
                        const auto around = names.find(reached.snippet);
                        if (around != names.end() && around->first != snippet_name(call.name)) {
                            given.insert(around->second.begin(), around->second.end());
                        }
                    }
                }
            }
        }
    }
    return names;
}

Diagnostic diagnostic_in(const message::TemplateVariant& variant,
                         const Reached& where,
                         std::size_t at,
                         std::size_t length) {
    const std::string_view source = liquid::source_of(*where.program);
    const Position inside = position_at(source, std::min(at, source.size()));
    Diagnostic diagnostic;
    diagnostic.length = std::max(1, static_cast<int>(length));
    diagnostic.position = inside;
    diagnostic.file = variant.file;
    if (where.part == nullptr) {
        diagnostic.file = liquid::file_of(*where.program);
        return diagnostic;
    }
    const Position begin = where.part->source.at;
    diagnostic.position.line += begin.line - 1;
    diagnostic.position.column += inside.line == 1 ? begin.column - 1 : 0;
    return diagnostic;
}

}  // namespace winback::playbook

#include "message/snippets.h"

#include <algorithm>
#include <tuple>

#include "base/strings.h"
#include "message/message_template.h"
#include "message/own_links.h"

namespace winback::message {
namespace {

// A name is underlined with its quotes.
Diagnostic mistake(std::string code, const std::string& file, Position at, std::size_t length) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.file = file;
    diagnostic.position = at;
    diagnostic.length = static_cast<int>(std::max<std::size_t>(length, 1));
    return diagnostic;
}

void add_once(Diagnostics& diagnostics, Diagnostic diagnostic) {
    const bool known =
        std::any_of(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& other) {
            return std::tie(other.file, other.position, other.code) ==
                   std::tie(diagnostic.file, diagnostic.position, diagnostic.code);
        });
    if (!known) {
        diagnostics.push_back(std::move(diagnostic));
    }
}

// As liquid::Snippets compares names.
std::string plain_name(std::string_view name) {
    std::string lower = to_lower_ascii(name);
    constexpr std::string_view ending = ".liquid";
    if (lower.ends_with(ending)) {
        lower.resize(lower.size() - ending.size());
    }
    return lower;
}

std::vector<liquid::SnippetUse> uses_of(const liquid::ProgramPtr& program) {
    std::vector<liquid::SnippetUse> uses =
        program == nullptr ? std::vector<liquid::SnippetUse>{} : liquid::snippets_used(*program);
    for (liquid::SnippetUse& use : uses) {
        use.name = plain_name(use.name);
    }
    return uses;
}

}  // namespace

SnippetLibrary::SnippetLibrary(std::vector<SnippetSource> sources,
                               const std::set<std::string>& languages,
                               Diagnostics& diagnostics) {
    if (sources.size() > snippets_max) {
        Diagnostic many = mistake("too_many_snippets", "snippets/", {}, 1);
        many.message = "A playbook has at most 500 snippets.";
        diagnostics.push_back(std::move(many));
        return;
    }
    for (SnippetSource& source : sources) {
        source.language = normal_language(source.language);
        liquid::Parsed parsed = liquid::parse(source.text, {.file = source.file});
        diagnostics.insert(diagnostics.end(), parsed.diagnostics.begin(), parsed.diagnostics.end());
        snippets_.push_back({std::move(source), std::move(parsed)});
    }
    for (const Snippet& snippet : snippets_) {
        if (choose(snippet.source.name, "") == nullptr) {
            Diagnostic plain = mistake("no_plain_snippet", snippet.source.file, {}, 1);
            plain.message =
                "Other languages need snippets/" + snippet.source.name + ".liquid; add it.";
            add_once(diagnostics, std::move(plain));
        }
        if (snippet.parsed.program != nullptr) {
            check_calls(*snippet.parsed.program, snippet.source.file, {}, diagnostics);
        }
    }
    std::set<std::string> all = languages;
    all.insert("");
    for (const std::string& language : all) {
        check_circles(language, diagnostics);
        by_language_[language] = gather(language);
    }
}

SnippetsPtr SnippetLibrary::for_language(const std::string& language) const {
    const auto found = by_language_.find(language);
    return found == by_language_.end() ? gather(language) : found->second;
}

std::set<std::string> SnippetLibrary::link_hosts(const std::string& language) const {
    std::set<std::string> hosts;
    for (const Snippet& snippet : snippets_) {
        if (choose(snippet.source.name, language) == &snippet) {
            add_link_hosts(snippet.source.text, hosts);
        }
    }
    return hosts;
}

SnippetsPtr SnippetLibrary::gather(const std::string& language) const {
    auto gathered = std::make_shared<liquid::Snippets>();
    for (const Snippet& snippet : snippets_) {
        if (choose(snippet.source.name, language) == &snippet) {
            gathered->add(snippet.source.name, snippet.parsed);
        }
    }
    return gathered;
}

// The longest language that the message's begins with wins: pt-br, then pt, then the plain one.
const SnippetLibrary::Snippet* SnippetLibrary::choose(std::string_view name,
                                                      const std::string& language) const {
    const Snippet* chosen = nullptr;
    for (const Snippet& snippet : snippets_) {
        const std::string& own = snippet.source.language;
        const bool fits = own.empty() || own == language || language.starts_with(own + "-");
        if (snippet.source.name == name && fits &&
            (chosen == nullptr || own.size() > chosen->source.language.size())) {
            chosen = &snippet;
        }
    }
    return chosen;
}

void SnippetLibrary::check_circles(const std::string& language, Diagnostics& diagnostics) const {
    Walk walk;
    walk.language = language;
    for (const Snippet& snippet : snippets_) {
        if (choose(snippet.source.name, language) == &snippet &&
            !walk.heights.contains(snippet.source.name)) {
            visit(snippet, walk, diagnostics);
        }
    }
}

int SnippetLibrary::height_of(const Snippet& caller,
                              const liquid::SnippetUse& use,
                              Walk& walk,
                              Diagnostics& diagnostics) const {
    const Snippet* callee = choose(use.name, walk.language);
    if (callee == nullptr) {
        return 0;  // check_calls() reports it.
    }
    if (!walk.heights.contains(use.name)) {
        visit(*callee, walk, diagnostics);
    }
    const int height = walk.heights.find(use.name)->second;
    if (height == 0) {
        Diagnostic circle =
            mistake("snippet_in_circle", caller.source.file, use.position, use.name.size() + 2);
        circle.message = "A snippet cannot call itself: ";
        for (auto name = std::find(walk.path.begin(), walk.path.end(), use.name);
             name != walk.path.end(); ++name) {
            circle.message += *name + " -> ";
        }
        circle.message += use.name + ".";
        add_once(diagnostics, std::move(circle));
    } else if (height == snippet_depth_max) {
        Diagnostic deep =
            mistake("snippet_too_deep", caller.source.file, use.position, use.name.size() + 2);
        deep.message = "Snippets stand at most 10 inside one another.";
        add_once(diagnostics, std::move(deep));
    }
    return height;
}

// As deep as there are snippets at most: each is visited once.
void SnippetLibrary::visit(const Snippet& snippet, Walk& walk, Diagnostics& diagnostics) const {
    walk.heights.emplace(snippet.source.name, 0);
    walk.path.push_back(snippet.source.name);
    int height = 0;
    for (const liquid::SnippetUse& use : uses_of(snippet.parsed.program)) {
        height = std::max(height, height_of(snippet, use, walk, diagnostics));
    }
    walk.path.pop_back();
    walk.heights.find(snippet.source.name)->second = height + 1;
}

void SnippetLibrary::check_calls(const liquid::Program& program,
                                 const std::string& file,
                                 Position at,
                                 Diagnostics& diagnostics) const {
    std::vector<std::string> names;
    for (const Snippet& snippet : snippets_) {
        names.push_back(snippet.source.name);
    }
    for (const liquid::SnippetUse& use : liquid::snippets_used(program)) {
        const std::string name = plain_name(use.name);
        if (std::find(names.begin(), names.end(), name) != names.end()) {
            continue;
        }
        Position place = use.position;
        place.column += place.line == 1 ? at.column - 1 : 0;
        place.line += at.line - 1;
        const std::string_view near = nearest(name, names);
        Diagnostic unknown = mistake("unknown_snippet", file, place, use.name.size() + 2);
        unknown.message = "There is no snippet '" + use.name + "'" +
                          (near.empty() ? "; it would be the file snippets/" + name + ".liquid."
                                        : "; did you mean '" + std::string(near) + "'?");
        add_once(diagnostics, std::move(unknown));
    }
}

std::vector<SnippetSource> SnippetLibrary::unused(
    const std::vector<liquid::ProgramPtr>& programs) const {
    std::set<std::string, std::less<>> used;
    std::vector<liquid::ProgramPtr> reading = programs;
    while (!reading.empty()) {
        const liquid::ProgramPtr program = reading.back();
        reading.pop_back();
        for (const liquid::SnippetUse& use : uses_of(program)) {
            if (!used.insert(use.name).second) {
                continue;
            }
            for (const Snippet& snippet : snippets_) {
                if (snippet.source.name == use.name) {
                    reading.push_back(snippet.parsed.program);
                }
            }
        }
    }
    std::vector<SnippetSource> out;
    for (const Snippet& snippet : snippets_) {
        if (!used.contains(snippet.source.name)) {
            out.push_back(snippet.source);
        }
    }
    return out;
}

}  // namespace winback::message

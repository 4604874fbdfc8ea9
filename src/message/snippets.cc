#include "message/snippets.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/strings.h"
#include "message/message_template.h"
#include "template/text.h"

namespace winback::message {
namespace {

constexpr std::size_t none = std::string_view::npos;

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && liquid::is_space(text[at])) {
        ++at;
    }
    return at;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view word_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && is_letter(text[end])) {
        ++end;
    }
    return text.substr(at, end - at);
}

// `at` stands behind the word `render`.
void take_use(std::string_view text, std::size_t at, std::vector<SnippetUse>& uses) {
    at = skip_space(text, at);
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) {
        return;
    }
    const std::size_t end = text.find(text[at], at + 1);
    if (end != none) {
        uses.push_back({text.substr(at + 1, end - at - 1), at + 1});
    }
}

// From behind `{% comment %}` and the like to the beginning of its end tag.
std::size_t skip_block(std::string_view text, std::size_t at, std::string_view name) {
    const std::string end_name = "end" + std::string(name);
    for (std::size_t open = text.find("{%", at); open != none; open = text.find("{%", open + 2)) {
        std::size_t word = open + 2;
        word += word < text.size() && text[word] == '-' ? 1U : 0U;
        if (word_at(text, skip_space(text, word)) == end_name) {
            return open;
        }
    }
    return text.size();
}

// `{% liquid %}` holds one tag a line.
void take_lines(std::string_view text, std::size_t begin, std::vector<SnippetUse>& uses) {
    const std::size_t end = std::min(text.find("%}", begin), text.size());
    for (std::size_t line = begin; line < end;) {
        const std::size_t word = skip_space(text, line);
        if (word < end && word_at(text, word) == "render") {
            take_use(text.substr(0, end), word + 6, uses);
        }
        line = std::min(text.find('\n', std::max(line, word)), end - 1) + 1;
    }
}

Diagnostic mistake(std::string code, const std::string& file, Position at, int length) {
    Diagnostic diagnostic;
    diagnostic.code = std::move(code);
    diagnostic.file = file;
    diagnostic.position = at;
    diagnostic.length = length;
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

}  // namespace

std::vector<SnippetUse> snippet_uses(std::string_view text) {
    std::vector<SnippetUse> uses;
    for (std::size_t open = text.find("{%"); open != none; open = text.find("{%", open)) {
        std::size_t at = open + 2;
        at += at < text.size() && text[at] == '-' ? 1U : 0U;
        at = skip_space(text, at);
        const std::string_view name = word_at(text, at);
        open = std::max(at + name.size(), open + 2);
        if (name == "render") {
            take_use(text, open, uses);
        } else if (name == "liquid") {
            take_lines(text, open, uses);
        } else if (name == "comment" || name == "raw" || name == "doc") {
            open = skip_block(text, open, name);
        }
    }
    return uses;
}

SnippetLibrary::SnippetLibrary(std::vector<SnippetSource> sources,
                               const std::set<std::string>& languages,
                               Diagnostics& diagnostics)
    : sources_(std::move(sources)) {
    for (SnippetSource& source : sources_) {
        source.language = normal_language(source.language);
    }
    if (sources_.size() > snippets_max) {
        Diagnostic many = mistake("too_many_snippets", "snippets/", {}, 1);
        many.message = "A playbook has at most 500 snippets.";
        diagnostics.push_back(std::move(many));
        return;
    }
    for (const SnippetSource& source : sources_) {
        if (choose(source.name, "") == nullptr) {
            Diagnostic plain = mistake("no_plain_snippet", source.file, {}, 1);
            plain.message = "Other languages need snippets/" + source.name + ".liquid; add it.";
            add_once(diagnostics, std::move(plain));
        }
    }
    by_language_[""] = parse_for("", diagnostics);
    for (const std::string& language : languages) {
        by_language_[language] = parse_for(language, diagnostics);
    }
}

SnippetsPtr SnippetLibrary::for_language(const std::string& language) const {
    static const SnippetsPtr nothing = std::make_shared<const liquid::Snippets>();
    const auto found = by_language_.find(language);
    return found == by_language_.end() ? nothing : found->second;
}

bool SnippetLibrary::has(std::string_view name) const {
    return std::any_of(sources_.begin(), sources_.end(),
                       [&](const SnippetSource& source) { return source.name == name; });
}

// The longest language that the message's begins with wins: pt-br, then pt, then the plain one.
const SnippetSource* SnippetLibrary::choose(std::string_view name,
                                            const std::string& language) const {
    const SnippetSource* chosen = nullptr;
    for (const SnippetSource& source : sources_) {
        const bool fits = source.language.empty() || source.language == language ||
                          language.starts_with(source.language + "-");
        if (source.name == name && fits &&
            (chosen == nullptr || source.language.size() > chosen->language.size())) {
            chosen = &source;
        }
    }
    return chosen;
}

SnippetsPtr SnippetLibrary::parse_for(const std::string& language, Diagnostics& diagnostics) const {
    Walk walk;
    walk.language = language;
    for (const SnippetSource& source : sources_) {
        if (choose(source.name, language) == &source && !walk.heights.contains(source.name)) {
            visit(source, walk, diagnostics);
        }
    }
    return std::make_shared<const liquid::Snippets>(std::move(walk.parsed));
}

int SnippetLibrary::height_of(const SnippetSource& caller,
                              const SnippetUse& use,
                              Walk& walk,
                              Diagnostics& diagnostics) const {
    const SnippetSource* callee = choose(use.name, walk.language);
    if (callee == nullptr) {
        return 0;  // check_calls() reports it.
    }
    const auto length = static_cast<int>(use.name.size());
    if (!walk.heights.contains(use.name)) {
        visit(*callee, walk, diagnostics);
    }
    const int height = walk.heights.find(use.name)->second;
    if (height == 0) {
        Diagnostic circle =
            mistake("snippet_in_circle", caller.file, position_at(caller.text, use.at), length);
        circle.message = "A snippet cannot call itself: ";
        for (auto name = std::find(walk.path.begin(), walk.path.end(), use.name);
             name != walk.path.end(); ++name) {
            circle.message += *name + " -> ";
        }
        circle.message += std::string(use.name) + ".";
        add_once(diagnostics, std::move(circle));
    } else if (height == snippet_depth_max) {
        Diagnostic deep =
            mistake("snippet_too_deep", caller.file, position_at(caller.text, use.at), length);
        deep.message = "Snippets stand at most 10 inside one another.";
        add_once(diagnostics, std::move(deep));
    }
    return height;
}

void SnippetLibrary::visit(const SnippetSource& source,
                           Walk& walk,
                           Diagnostics& diagnostics) const {
    walk.heights.emplace(source.name, 0);
    walk.path.push_back(source.name);
    int height = 0;
    for (const SnippetUse& use : snippet_uses(source.text)) {
        height = std::max(height, height_of(source, use, walk, diagnostics));
    }
    walk.path.pop_back();
    walk.heights.find(source.name)->second = height + 1;
    if (height >= snippet_depth_max) {
        return;
    }
    check_calls(source.text, source.file, {}, diagnostics);
    liquid::Parsed result = liquid::parse(source.text, {source.file, &walk.parsed});
    for (Diagnostic& diagnostic : result.diagnostics) {
        // What has mistakes is not called missing; check_calls() finds what is missing.
        if (diagnostic.code != "unknown_snippet") {
            add_once(diagnostics, std::move(diagnostic));
        }
    }
    if (result.program != nullptr) {
        walk.parsed.emplace(source.name, std::move(result.program));
    }
}

void SnippetLibrary::check_calls(std::string_view text,
                                 const std::string& file,
                                 Position at,
                                 Diagnostics& diagnostics) const {
    for (const SnippetUse& use : snippet_uses(text)) {
        if (has(use.name)) {
            continue;
        }
        Position place = position_at(text, use.at);
        place.column += place.line == 1 ? at.column - 1 : 0;
        place.line += at.line - 1;
        std::vector<std::string> names;
        for (const SnippetSource& source : sources_) {
            names.push_back(source.name);
        }
        const std::string_view near = nearest(use.name, names);
        Diagnostic unknown = mistake("unknown_snippet", file, place,
                                     static_cast<int>(std::max<std::size_t>(use.name.size(), 1)));
        unknown.message =
            "There is no snippet '" + std::string(use.name) + "'" +
            (near.empty() ? "; it would be the file snippets/" + std::string(use.name) + ".liquid."
                          : "; did you mean '" + std::string(near) + "'?");
        add_once(diagnostics, std::move(unknown));
    }
}

std::vector<SnippetSource> SnippetLibrary::unused(
    const std::vector<std::string_view>& texts) const {
    std::set<std::string, std::less<>> used;
    std::vector<std::string_view> reading = texts;
    while (!reading.empty()) {
        const std::string_view text = reading.back();
        reading.pop_back();
        for (const SnippetUse& use : snippet_uses(text)) {
            if (!used.emplace(use.name).second) {
                continue;
            }
            for (const SnippetSource& source : sources_) {
                if (source.name == use.name) {
                    reading.push_back(source.text);
                }
            }
        }
    }
    std::vector<SnippetSource> out;
    std::copy_if(sources_.begin(), sources_.end(), std::back_inserter(out),
                 [&](const SnippetSource& source) { return !used.contains(source.name); });
    return out;
}

}  // namespace winback::message

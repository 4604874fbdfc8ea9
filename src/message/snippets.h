// Snippets: pieces of templates that several templates use by `{% render 'name' %}`.
//
// This is the one place that owns parsed snippets and hands them to the language. A snippet may
// have variants by language; a message uses the variant of its own language, else the plain one.
// Mistakes are found when the playbook is loaded: a snippet that is missing, that calls itself,
// directly or through others, or that stands too deep inside others.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "template/template.h"

namespace winback::message {

constexpr std::size_t snippets_max = 500;  // Files.
constexpr int snippet_depth_max = 10;      // Snippets inside snippets; below RenderLimits.

// One file: snippets/<name>.liquid or snippets/<name>.<language>.liquid.
struct SnippetSource {
    std::string name;
    std::string language;  // BCP 47; empty for the plain one.
    std::string text;
    std::string file;
};

// `{% render 'name' .. %}` in a text, in its order; comments and raw parts are passed over.
struct SnippetUse {
    std::string_view name;
    std::size_t at = 0;  // Byte of the name.
};
std::vector<SnippetUse> snippet_uses(std::string_view text);

using SnippetsPtr = std::shared_ptr<const liquid::Snippets>;

class SnippetLibrary {
public:
    SnippetLibrary() = default;
    // Parses all snippets for each of `languages` (normal form). Mistakes are added to
    // `diagnostics`, each once, and make the snippet absent.
    SnippetLibrary(std::vector<SnippetSource> sources,
                   const std::set<std::string>& languages,
                   Diagnostics& diagnostics);

    // What a message in this language may use; never null.
    SnippetsPtr for_language(const std::string& language) const;
    // True when there is a file of this name, whether or not it could be read.
    bool has(std::string_view name) const;
    // Reports names in `text` that no snippet has, for a text that begins at `at` of `file`.
    void check_calls(std::string_view text,
                     const std::string& file,
                     Position at,
                     Diagnostics& diagnostics) const;
    // Sources whose names none of `texts` and no used snippet calls.
    std::vector<SnippetSource> unused(const std::vector<std::string_view>& texts) const;

private:
    // One pass over the snippets of one language, each after those that it calls.
    struct Walk {
        std::string language;
        liquid::Snippets parsed;
        std::map<std::string, int, std::less<>> heights;  // 0 while its callees are visited.
        std::vector<std::string> path;
    };
    const SnippetSource* choose(std::string_view name, const std::string& language) const;
    SnippetsPtr parse_for(const std::string& language, Diagnostics& diagnostics) const;
    void visit(const SnippetSource& source, Walk& walk, Diagnostics& diagnostics) const;
    // How high the snippets stand that this call begins; reports a circle and too many.
    int height_of(const SnippetSource& caller,
                  const SnippetUse& use,
                  Walk& walk,
                  Diagnostics& diagnostics) const;

    std::vector<SnippetSource> sources_;
    std::map<std::string, SnippetsPtr> by_language_;
};

}  // namespace winback::message

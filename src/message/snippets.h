// Snippets: pieces of templates that several templates use by `{% render 'name' %}`.
//
// This is the one place that owns parsed snippets and hands them to the language. A snippet may
// have variants by language; a message uses the variant of its own language, else the plain one,
// which must be there. Mistakes are found when the playbook is loaded: a snippet that is missing,
// that calls itself, directly or through others, or that stands too deep inside others.
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

using SnippetsPtr = std::shared_ptr<const liquid::Snippets>;

class SnippetLibrary {
public:
    SnippetLibrary() = default;
    // Parses all snippets and checks how they call each other in each of `languages` (normal
    // form). Mistakes are added to `diagnostics`, each once.
    SnippetLibrary(std::vector<SnippetSource> sources,
                   const std::set<std::string>& languages,
                   Diagnostics& diagnostics);

    // What a message in this language may use; never null.
    SnippetsPtr for_language(const std::string& language) const;
    // The hosts of the addresses that stand in them; see add_link_hosts.
    std::set<std::string> link_hosts(const std::string& language) const;
    // Reports snippets that a program calls and that are not there. `at` is where the program's
    // text begins in `file`.
    void check_calls(const liquid::Program& program,
                     const std::string& file,
                     Position at,
                     Diagnostics& diagnostics) const;
    // Those whose names neither `programs` nor a used snippet calls.
    std::vector<SnippetSource> unused(const std::vector<liquid::ProgramPtr>& programs) const;

private:
    struct Snippet {
        SnippetSource source;
        liquid::Parsed parsed;
    };
    // One look at the snippets of one language, each after those that it calls.
    struct Walk {
        std::string language;
        std::map<std::string, int, std::less<>> heights;  // 0 while its callees are visited.
        std::vector<std::string> path;
    };
    const Snippet* choose(std::string_view name, const std::string& language) const;
    SnippetsPtr gather(const std::string& language) const;
    void check_circles(const std::string& language, Diagnostics& diagnostics) const;
    void visit(const Snippet& snippet, Walk& walk, Diagnostics& diagnostics) const;
    // How high the snippets stand that this call begins; reports a circle and too many.
    int height_of(const Snippet& caller,
                  const liquid::SnippetUse& use,
                  Walk& walk,
                  Diagnostics& diagnostics) const;

    std::vector<Snippet> snippets_;
    std::map<std::string, SnippetsPtr> by_language_;
};

}  // namespace winback::message

// What a parsed template reads, calls and prints, with places: for those who check templates
// before any is rendered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "template/template.h"

namespace winback::liquid {

// A path such as "customer.first_name"; `['first_name']` is the same as `.first_name`.
struct NameRead {
    std::string path;
    std::size_t at = 0;   // Byte of the source where it stands first.
    bool is_own = false;  // Its first name is given a value by the template itself.
};
const std::vector<NameRead>& names_read(const Program& program);  // Each path once, sorted.

// Names that the template gives a value by assign, capture and loops.
const std::vector<std::string>& names_given(const Program& program);

// A name that stands for a path, or for each item of what the path holds: `for name in path`,
// `assign name = path`, and what a snippet is given.
struct Alias {
    std::string name;
    std::string path;  // Empty when it is something else.
    bool is_item = false;
};
std::vector<Alias> aliases(const Program& program);  // By loops and assign.

// A snippet that is called by a text.
struct SnippetCall {
    std::string name;          // As written.
    bool is_include = false;   // Sees the names of its caller.
    std::vector<Alias> given;  // Parameters; first the name after `as`, or the snippet's own.
};
std::vector<SnippetCall> snippet_calls(const Program& program);

// Paths that `{{ }}` prints without any of these filters.
std::vector<NameRead> printed_without(const Program& program,
                                      const std::vector<std::string_view>& filters);

std::string_view source_of(const Program& program);
// What parse() was told the file is.
std::string_view file_of(const Program& program);

}  // namespace winback::liquid

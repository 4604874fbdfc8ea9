// Messages and pages written in Liquid: parse once, render for each customer.
//
// A parsed template is an immutable flat program, shared by all who render it. Rendering reads a
// tree of values and appends to one buffer; it has no clock, no network and no files. Values are
// never read as templates. HTML escapes what is printed unless the template says `| raw`.
// The namespace is `liquid` because `template` is a word of C++.
//
// See docs/design/templates.md for the language; limits are in limits.h.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/time.h"
#include "base/value.h"
#include "base/zone.h"
#include "template/limits.h"

namespace winback::liquid {

class Program;  // template/program.h
using ProgramPtr = std::shared_ptr<const Program>;

// The parse modes of the reference. Templates of ours are Strict2; the others are for the
// conformance suites and for reading what was written for other products.
enum class ParseMode : std::uint8_t {
    Strict2,  // Every expression is read to its end.
    Strict,   // `{{ }}`, if and for are read to their end, other tags as far as they make sense.
    Lax,      // Everything is read as far as it makes sense.
};

struct ParseOptions {
    std::string_view file;  // Named in diagnostics.
    ParseMode mode = ParseMode::Strict2;
    // Unknown filters and wrong numbers of arguments are mistakes. The reference finds out, or
    // passes over it, when rendering.
    bool checks_filters = true;
    // The filter `t` (RenderOptions::texts) is known: for pages, not for messages.
    bool has_texts = false;
};

struct Parsed {
    ProgramPtr program;  // Null when `diagnostics` has errors.
    // All mistakes, in the order in which a reader meets them: that a block is never closed shows
    // at the end.
    Diagnostics diagnostics;
};

// The program keeps its own copy of `source`.
Parsed parse(std::string_view source, const ParseOptions& options = {});

// A snippet that a template names in `render` or `include` by a text, and where.
struct SnippetUse {
    std::string name;
    Position position;
};
std::vector<SnippetUse> snippets_used(const Program& program);

// What `{% render 'name' %}` and `include` find. Names are compared without regard to case and
// to a ".liquid" behind them. A snippet with mistakes stops those who use it.
class Snippets {
public:
    void add(std::string_view name, Parsed snippet);
    const Parsed* find(std::string_view name) const;  // Null when there is none.
    bool empty() const { return snippets_.empty(); }

private:
    std::map<std::string, Parsed, std::less<>> snippets_;
};

enum class EscapeMode : std::uint8_t {
    Html,    // & < > " ' as entities.
    None,    // As it is: plain text, SMS.
    Header,  // Control characters and line ends become spaces: subject, names.
};

// What `{% link 'https://...' %}` prints for a target; an empty answer stops the message.
using LinkMaker = std::function<std::string(std::string_view target)>;

// An argument of a text: {{ 'customers.matching' | t: count: 3 }}.
struct TextArgument {
    std::string_view name;
    Value value;  // Text, a number or a truth.
};

// The words of one language, which the filter `t` finds by their key.
class Texts {
public:
    virtual ~Texts() = default;
    // Appends the text of `key` to `out`; with `html`, arguments are escaped as they are put into
    // the text. False when there is no such key or an argument is missing.
    virtual bool write(std::string& out,
                       std::string_view key,
                       const std::vector<TextArgument>& arguments,
                       bool html) const = 0;
};
// A key with this ending names a text with markup of ours: it is not escaped, its arguments are.
constexpr std::string_view html_text_ending = "_html";

struct RenderOptions {
    EscapeMode escape = EscapeMode::Html;
    const Zone* zone = nullptr;      // Dates are shown in it; UTC when null.
    std::string_view locale = "en";  // BCP 47, for money, numbers and names of months.
    Timestamp now;                   // What "now" means to the date filter.
    bool strict_variables = false;   // Reading what is not there is an error, not empty text.
    // Errors are printed where they happen ("Liquid error (line 1): ...") and rendering goes on,
    // as the reference does. Never for messages.
    bool prints_errors = false;
    const Snippets* snippets = nullptr;
    const LinkMaker* links = nullptr;  // Null: `link` prints its target.
    const Texts* texts = nullptr;      // Null: `t` is an error.
    RenderLimits limits;
};

enum class RenderErrorKind : std::uint8_t {
    Aborted,    // {% abort_message 'reason' %}; `message` is the reason.
    Limit,      // limits.h
    Type,       // Values that do not go together: comparing text with a number.
    Undefined,  // Only with strict_variables.
    Snippet,    // A snippet that is not there.
    Syntax,     // A snippet with mistakes.
};
std::string_view render_error_kind_name(RenderErrorKind kind);  // snake_case

struct RenderError {
    RenderErrorKind kind = RenderErrorKind::Type;
    std::string message;
    Position position;  // In the text of the template (or of the snippet named in `snippet`).
    std::string snippet;
};

// As the reference writes it: "Liquid error (footer line 3): divided by 0".
std::string describe(const RenderError& error);

// Appends the text to `out`. After an error `out` is as it was: half a message does not exist.
std::optional<RenderError> render(const Program& program,
                                  const ValueMap& data,
                                  const RenderOptions& options,
                                  std::string& out);

}  // namespace winback::liquid

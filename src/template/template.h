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

// Parsed templates that `{% render 'name' %}` may use. A snippet is parsed before those that use
// it, so snippets cannot call themselves.
using Snippets = std::map<std::string, ProgramPtr, std::less<>>;

struct ParseOptions {
    std::string_view file;               // Named in diagnostics.
    const Snippets* snippets = nullptr;  // Read during parse() only.
};

struct Parsed {
    ProgramPtr program;       // Null when `diagnostics` has errors.
    Diagnostics diagnostics;  // All mistakes of the text, in its order.
};

// The program keeps its own copy of `source`.
Parsed parse(std::string_view source, const ParseOptions& options = {});

// The paths that a template reads from its data ("customer.first_name", "order.items"), sorted,
// each once; names that the template itself assigns or loops over are left out.
const std::vector<std::string>& paths_read(const Program& program);

enum class EscapeMode : std::uint8_t {
    Html,    // & < > " ' as entities.
    None,    // As it is: plain text, SMS.
    Header,  // Control characters and line ends become spaces: subject, names.
};

struct RenderOptions {
    EscapeMode escape = EscapeMode::Html;
    const Zone* zone = nullptr;      // Dates are shown in it; UTC when null.
    std::string_view locale = "en";  // BCP 47, for money, numbers and names of months.
    Timestamp now;                   // What "now" means to the date filter.
    bool strict_variables = false;   // Reading what is not there is an error, not empty text.
    RenderLimits limits;
};

enum class RenderErrorKind : std::uint8_t {
    Aborted,    // {% abort_message 'reason' %}; `message` is the reason.
    Limit,      // limits.h
    Type,       // Values that do not go together: comparing text with a number.
    Undefined,  // Only with strict_variables.
};
std::string_view render_error_kind_name(RenderErrorKind kind);  // snake_case

struct RenderError {
    RenderErrorKind kind = RenderErrorKind::Type;
    std::string message;
    Position position;  // In the text of the template (or of the snippet named in `snippet`).
    std::string snippet;
};

// Appends the text to `out`. After an error `out` is as it was: half a message does not exist.
std::optional<RenderError> render(const Program& program,
                                  const ValueMap& data,
                                  const RenderOptions& options,
                                  std::string& out);

}  // namespace winback::liquid

// What a case of a suite and a request of the protocol have in common.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "conformance/json_value.h"
#include "template/template.h"

namespace winback::conformance {

// strict2, strict, lax; also raise (strict2) and warn (lax), as the reference names them.
std::optional<liquid::ParseMode> parse_mode_named(std::string_view name);

// The options by which a suite reads templates: filters are looked up when they run.
liquid::ParseOptions suite_parsing(liquid::ParseMode mode);

// The `filesystem` of a case: an object of texts, or null. Fails when it is something else.
Result<std::shared_ptr<const liquid::Snippets>> read_snippets(const Json& files,
                                                              const liquid::ParseOptions& parsing);

// The `environment`: an object, or null. Fails when it is something else.
Result<ValueMap> read_environment(const Json& environment);

// "Liquid syntax error (line 3): Unknown tag 'x'"
std::string syntax_error(const Diagnostic& diagnostic);

}  // namespace winback::conformance

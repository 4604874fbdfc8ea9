#include "conformance/liquid_parts.h"

#include <nlohmann/json.hpp>

namespace winback::conformance {

std::optional<liquid::ParseMode> parse_mode_named(std::string_view name) {
    if (name == "strict2" || name == "raise") {
        return liquid::ParseMode::Strict2;
    }
    if (name == "strict") {
        return liquid::ParseMode::Strict;
    }
    if (name == "lax" || name == "warn") {
        return liquid::ParseMode::Lax;
    }
    return std::nullopt;
}

liquid::ParseOptions suite_parsing(liquid::ParseMode mode) {
    liquid::ParseOptions options;
    options.mode = mode;
    options.checks_filters = false;
    return options;
}

Result<std::shared_ptr<const liquid::Snippets>> read_snippets(const Json& files,
                                                              const liquid::ParseOptions& parsing) {
    const auto snippets = std::make_shared<liquid::Snippets>();
    if (!files.is_object() && !files.is_null()) {
        return Error{ErrorCode::InvalidArgument, "'filesystem' is an object of names and texts"};
    }
    for (const auto& [name, source] : files.items()) {
        if (!source.is_string()) {
            return Error{ErrorCode::InvalidArgument, "'filesystem': '" + name + "' is not a text"};
        }
        snippets->add(name, liquid::parse(source.get<std::string>(), parsing));
    }
    return std::shared_ptr<const liquid::Snippets>(snippets);
}

Result<ValueMap> read_environment(const Json& environment) {
    if (!environment.is_object() && !environment.is_null()) {
        return Error{ErrorCode::InvalidArgument, "'environment' is an object of variables"};
    }
    return to_map(environment);
}

std::string syntax_error(const Diagnostic& diagnostic) {
    return "Liquid syntax error (line " + std::to_string(diagnostic.position.line) +
           "): " + diagnostic.message;
}

}  // namespace winback::conformance

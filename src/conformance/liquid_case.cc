#include "conformance/liquid_case.h"

#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include "conformance/json_value.h"
#include "template/template.h"

namespace winback::conformance {
namespace {

enum class Kind { Output, ParseError, RenderError };

struct Outcome {
    Kind kind = Kind::Output;
    std::string text;
    int line = 0;
};

std::string lower(std::string text) {
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

std::string text_of(const Json& test, const char* key) {
    return test.contains(key) && test[key].is_string() ? test[key].get<std::string>() : "";
}

liquid::ParseOptions parse_options(const Json& test) {
    liquid::ParseOptions options;
    const std::string mode = text_of(test, "parse_mode");
    options.mode = mode == "lax"      ? liquid::ParseMode::Lax
                   : mode == "strict" ? liquid::ParseMode::Strict
                                      : liquid::ParseMode::Strict2;
    options.checks_filters = false;
    return options;
}

std::string syntax_error(const Diagnostic& diagnostic) {
    return "Liquid syntax error (line " + std::to_string(diagnostic.position.line) +
           "): " + diagnostic.message;
}

liquid::RenderLimits limits_of(const Json& test) {
    liquid::RenderLimits limits;
    if (!test.contains("resource_limits") || !test["resource_limits"].is_object()) {
        return limits;
    }
    for (const auto& [name, value] : test["resource_limits"].items()) {
        if (value.is_number_integer() && name.find("score") != std::string::npos) {
            limits.steps = std::min(limits.steps, value.get<std::int64_t>());
        } else if (value.is_number_integer() && name.find("length") != std::string::npos) {
            limits.output_bytes = std::min(limits.output_bytes, value.get<std::size_t>());
        }
    }
    return limits;
}

Outcome run(const Json& test, Timestamp now) {
    const liquid::ParseOptions parsing = parse_options(test);
    liquid::Snippets snippets;
    if (test.contains("filesystem") && test["filesystem"].is_object()) {
        for (const auto& [name, source] : test["filesystem"].items()) {
            snippets.add(name, liquid::parse(source.get<std::string>(), parsing));
        }
    }
    const bool prints_errors = test.value("render_errors", false);
    const liquid::Parsed parsed = liquid::parse(text_of(test, "template"), parsing);
    if (parsed.program == nullptr) {
        const Diagnostic& first = parsed.diagnostics.at(0);
        return {prints_errors && !test.contains("errors") ? Kind::Output : Kind::ParseError,
                syntax_error(first), first.position.line};
    }
    const ValueMap data = to_map(test.contains("environment") ? test["environment"] : Json());
    liquid::RenderOptions options;
    options.escape = liquid::EscapeMode::None;
    options.now = now;
    options.prints_errors = prints_errors;
    options.snippets = &snippets;
    options.limits = limits_of(test);
    Outcome outcome;
    if (const auto error = liquid::render(*parsed.program, data, options, outcome.text)) {
        outcome = {Kind::RenderError, liquid::describe(*error), error->position.line};
    }
    return outcome;
}

bool holds_all(const std::string& text, const Json& parts) {
    const std::string whole = lower(text);
    for (const Json& part : parts) {
        if (!part.is_string() || whole.find(lower(part.get<std::string>())) == std::string::npos) {
            return false;
        }
    }
    return true;
}

// An error of one of the kinds named, whose text holds every part.
bool meets_errors(const Json& errors, const Outcome& outcome) {
    const char* const kind = outcome.kind == Kind::ParseError    ? "parse_error"
                             : outcome.kind == Kind::RenderError ? "render_error"
                                                                 : "output";
    if (!errors.contains(kind) || !holds_all(outcome.text, errors[kind])) {
        return false;
    }
    return !errors.contains("line") || !errors["line"].is_number_integer() ||
           errors["line"].get<int>() == outcome.line;
}

// Patterns are Ruby's: ^ and $ stand at every line, and (?m) lets a dot meet line ends.
bool meets_pattern(std::string pattern, const std::string& text) {
    constexpr std::string_view dot_all = "(?m)";
    RE2::Options options;
    options.set_log_errors(false);
    if (pattern.starts_with(dot_all)) {
        options.set_dot_nl(true);
        pattern.erase(0, dot_all.size());
    }
    const RE2 expression("(?m)" + pattern, options);
    return expression.ok() && RE2::PartialMatch(text, expression);
}

bool passes(const Json& test, const Outcome& outcome) {
    if (test.contains("errors")) {
        return meets_errors(test["errors"], outcome);
    }
    if (outcome.kind != Kind::Output) {
        return false;
    }
    if (test.contains("expected_pattern")) {
        return meets_pattern(text_of(test, "expected_pattern"), outcome.text);
    }
    return outcome.text == text_of(test, "expected");
}

std::string expectation(const Json& test) {
    for (const char* key : {"expected", "expected_pattern", "errors"}) {
        if (test.contains(key)) {
            return std::string(key) + " " + to_text(test[key]);
        }
    }
    return "";
}

}  // namespace

Result<CaseResult> run_liquid_case(std::string_view line, Timestamp now) {
    const Json test = Json::parse(line, nullptr, false);
    if (!test.is_object() || !test.contains("template") || !test["template"].is_string()) {
        return Error{ErrorCode::InvalidArgument, "not a JSON object with a template"};
    }
    if (!test.contains("expected") && !test.contains("expected_pattern") &&
        !test.contains("errors")) {
        return Error{ErrorCode::InvalidArgument,
                     "the case names neither expected, expected_pattern nor errors"};
    }
    const Outcome outcome = run(test, now);
    CaseResult result;
    result.name = text_of(test, "suite") + "/" + text_of(test, "name");
    result.passed = passes(test, outcome);
    if (!result.passed) {
        const std::string_view kind = outcome.kind == Kind::ParseError    ? "parse error "
                                      : outcome.kind == Kind::RenderError ? "render error "
                                                                          : "output ";
        result.expected = expectation(test);
        result.actual = std::string(kind) + to_text(outcome.text);
    }
    return result;
}

}  // namespace winback::conformance

#include "conformance/liquid_case.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>
#include <re2/re2.h>

#include "conformance/liquid_parts.h"

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
    const Json& text = member(test, key);
    return text.is_string() ? text.get<std::string>() : "";
}

// A case with everything that it needs, checked.
struct Case {
    std::string source;
    liquid::ParseOptions parsing;
    std::shared_ptr<const liquid::Snippets> snippets;
    ValueMap data;
    liquid::RenderLimits limits;
    bool prints_errors = false;
};

Error bad_case(const std::string& message) {
    return {ErrorCode::InvalidArgument, "bad case: " + message};
}

liquid::RenderLimits limits_of(const Json& given) {
    liquid::RenderLimits limits;
    for (const auto& [name, value] : given.items()) {
        if (!value.is_number_unsigned()) {
            continue;
        }
        const auto bytes = value.get<std::size_t>();
        if (name.find("assign") != std::string::npos) {
            limits.working_bytes = std::min(limits.working_bytes, bytes);
        } else if (name.find("length") != std::string::npos) {
            limits.output_bytes = std::min(limits.output_bytes, bytes);
        } else if (name.find("score") != std::string::npos) {
            limits.steps = std::min(limits.steps, value.get<std::int64_t>());
        }
    }
    return limits;
}

Result<Case> read_case(const Json& test) {
    if (!test.is_object() || !member(test, "template").is_string()) {
        return bad_case("a case is an object with a text 'template'");
    }
    const Json& mode = member(test, "parse_mode");
    const auto parse_mode = mode.is_null()     ? liquid::ParseMode::Strict2
                            : mode.is_string() ? parse_mode_named(mode.get<std::string>())
                                               : std::nullopt;
    if (!parse_mode) {
        return bad_case("'parse_mode' is strict2, strict or lax, not " + to_text(mode));
    }
    Case made;
    made.parsing = suite_parsing(*parse_mode);
    made.source = text_of(test, "template");
    auto snippets = read_snippets(member(test, "filesystem"), made.parsing);
    auto data = read_environment(member(test, "environment"));
    if (!snippets || !data) {
        return bad_case((snippets ? data.error() : snippets.error()).message);
    }
    made.snippets = *snippets;
    made.data = *std::move(data);
    const Json& prints = member(test, "render_errors");
    if (!prints.is_boolean() && !prints.is_null()) {
        return bad_case("'render_errors' is true or false, not " + to_text(prints));
    }
    made.prints_errors = prints.is_boolean() && prints.get<bool>();
    made.limits = limits_of(member(test, "resource_limits"));
    return made;
}

// Patterns are Ruby's: ^ and $ stand at every line, and (?m) lets a dot meet line ends.
std::unique_ptr<RE2> ruby_pattern(std::string pattern) {
    constexpr std::string_view dot_all = "(?m)";
    RE2::Options options;
    options.set_log_errors(false);
    if (pattern.starts_with(dot_all)) {
        options.set_dot_nl(true);
        pattern.erase(0, dot_all.size());
    }
    return std::make_unique<RE2>("(?m)" + pattern, options);
}

// What must come of a case: one of three.
std::optional<Error> check_expectation(const Json& test) {
    const Json& errors = member(test, "errors");
    if (errors.is_object()) {
        return std::nullopt;
    }
    if (!errors.is_null()) {
        return bad_case("'errors' is an object of kinds and lists of texts");
    }
    const Json& pattern = member(test, "expected_pattern");
    if (!member(test, "expected").is_string() && !pattern.is_string()) {
        return bad_case("it has no text 'expected' or 'expected_pattern', and no 'errors'");
    }
    if (pattern.is_string() && !ruby_pattern(pattern.get<std::string>())->ok()) {
        return bad_case("'expected_pattern' is no regular expression: " + to_text(pattern));
    }
    return std::nullopt;
}

Outcome run(const Case& test, const Json& json, Timestamp now) {
    const liquid::Parsed parsed = liquid::parse(test.source, test.parsing);
    if (parsed.program == nullptr) {
        const Diagnostic& first = parsed.diagnostics.at(0);
        return {test.prints_errors && !json.contains("errors") ? Kind::Output : Kind::ParseError,
                syntax_error(first), first.position.line};
    }
    liquid::RenderOptions options;
    options.escape = liquid::EscapeMode::None;
    options.now = now;
    options.prints_errors = test.prints_errors;
    options.snippets = test.snippets.get();
    options.limits = test.limits;
    Outcome outcome;
    if (const auto error = liquid::render(*parsed.program, test.data, options, outcome.text)) {
        outcome = {Kind::RenderError, liquid::describe(*error), error->position.line};
    }
    return outcome;
}

bool holds_all(const std::string& text, const Json& parts) {
    const std::string whole = lower(text);
    if (parts.is_string()) {
        return whole.find(lower(parts.get<std::string>())) != std::string::npos;
    }
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

bool passes(const Json& test, const Outcome& outcome) {
    if (test.contains("errors")) {
        return meets_errors(test["errors"], outcome);
    }
    if (outcome.kind != Kind::Output) {
        return false;
    }
    if (test.contains("expected_pattern")) {
        return RE2::PartialMatch(outcome.text, *ruby_pattern(text_of(test, "expected_pattern")));
    }
    return outcome.text == text_of(test, "expected");
}

std::string expectation(const Json& test) {
    if (test.contains("errors")) {
        return "errors " + to_text(test["errors"]);
    }
    return test.contains("expected_pattern") ? "output like " + to_text(test["expected_pattern"])
                                             : "output " + to_text(test["expected"]);
}

std::string name_of(const Json& test) {
    const std::string suite = text_of(test, "suite");
    const std::string name = text_of(test, "name");
    return suite.empty() ? name : suite + "/" + name;
}

}  // namespace

CaseResult run_liquid_case(std::string_view line, Timestamp now) {
    CaseResult result;
    const Result<Json> test = read_json(line);
    if (!test) {
        result.actual = test.error().message;
        return result;
    }
    result.name = test->is_object() ? name_of(*test) : "";
    const Result<Case> read = read_case(*test);
    const std::optional<Error> fault = read ? check_expectation(*test) : read.error();
    if (fault) {
        result.actual = fault->message;
        return result;
    }
    const Outcome outcome = run(*read, *test, now);
    result.passed = passes(*test, outcome);
    if (!result.passed) {
        const std::string_view kind = outcome.kind == Kind::ParseError    ? "parse error "
                                      : outcome.kind == Kind::RenderError ? "render error "
                                                                          : "output ";
        result.expected = expectation(*test);
        result.actual = std::string(kind) + to_text(outcome.text);
    }
    return result;
}

}  // namespace winback::conformance

#include "template/template.h"

#include <algorithm>

#include "base/check.h"
#include "base/strings.h"
#include "template/parser.h"
#include "template/renderer.h"

namespace winback::liquid {
namespace {

Diagnostics to_diagnostics(std::vector<Fault> faults,
                           std::string_view source,
                           std::string_view file) {
    Diagnostics diagnostics;
    for (Fault& fault : faults) {
        if (diagnostics.size() == diagnostics_max) {
            break;
        }
        Diagnostic diagnostic;
        diagnostic.code = std::move(fault.code);
        diagnostic.file = file;
        diagnostic.position = position_at(source, std::min<std::size_t>(fault.at, source.size()));
        diagnostic.length = static_cast<int>(fault.length);
        diagnostic.message = std::move(fault.message);
        diagnostics.push_back(std::move(diagnostic));
    }
    return diagnostics;
}

// Lower case, without ".liquid".
std::string snippet_key(std::string_view name) {
    std::string key(name);
    for (char& c : key) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    constexpr std::string_view extension = ".liquid";
    if (key.ends_with(extension)) {
        key.resize(key.size() - extension.size());
    }
    return key;
}

}  // namespace

Parsed parse(std::string_view source, const ParseOptions& options) {
    std::vector<Fault> faults;
    if (source.size() > source_bytes_max) {
        faults.push_back({"too_large", 0, 1,
                          "A template has at most " + std::to_string(source_bytes_max / 1024) +
                              " KiB; cut it into snippets."});
        return {nullptr, to_diagnostics(std::move(faults), source, options.file)};
    }
    if (!is_valid_utf8(source)) {
        faults.push_back({"not_utf8", 0, 1, "The template is not valid UTF-8; save it as such."});
        return {nullptr, to_diagnostics(std::move(faults), source, options.file)};
    }
    // In its place before it is parsed: constants are views of its source.
    const auto program = std::make_shared<Program>();
    program->source = source;
    program->file = options.file;
    Parser(*program, options, faults).run();
    if (!faults.empty()) {
        return {nullptr, to_diagnostics(std::move(faults), source, options.file)};
    }
    return {program, {}};
}

void Snippets::add(std::string_view name, Parsed snippet) {
    snippets_.insert_or_assign(snippet_key(name), std::move(snippet));
}

const Parsed* Snippets::find(std::string_view name) const {
    auto found = snippets_.find(name);  // As it stands in most cases.
    found = found != snippets_.end() ? found : snippets_.find(snippet_key(name));
    return found != snippets_.end() ? &found->second : nullptr;
}

std::string_view render_error_kind_name(RenderErrorKind kind) {
    switch (kind) {
        case RenderErrorKind::Aborted:
            return "aborted";
        case RenderErrorKind::Limit:
            return "limit";
        case RenderErrorKind::Type:
            return "type";
        case RenderErrorKind::Undefined:
            return "undefined";
        case RenderErrorKind::Snippet:
            return "snippet";
        case RenderErrorKind::Syntax:
            return "syntax";
    }
    return "";
}

std::string describe(const RenderError& error) {
    std::string text =
        error.kind == RenderErrorKind::Syntax ? "Liquid syntax error (" : "Liquid error (";
    text += error.snippet + (error.snippet.empty() ? "" : " ");
    return text + "line " + std::to_string(error.position.line) + "): " + error.message;
}

std::optional<RenderError> render(const Program& program,
                                  const ValueMap& data,
                                  const RenderOptions& options,
                                  std::string& out) {
    const std::size_t begin = out.size();
    Renderer renderer(data, options, out);
    if (renderer.run(program)) {
        WINBACK_CHECK(out.size() >= begin);
        return std::nullopt;
    }
    out.resize(begin);
    return renderer.error();
}

}  // namespace winback::liquid

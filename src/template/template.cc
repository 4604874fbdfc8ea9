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
    std::stable_sort(faults.begin(), faults.end(),
                     [](const Fault& a, const Fault& b) { return a.at < b.at; });
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
    Parser(*program, options.snippets, faults).run();
    if (!faults.empty()) {
        return {nullptr, to_diagnostics(std::move(faults), source, options.file)};
    }
    return {program, {}};
}

const std::vector<std::string>& paths_read(const Program& program) {
    return program.paths_read;
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
    }
    return "";
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

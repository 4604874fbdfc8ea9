#include "conformance/liquid_server.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "conformance/liquid_parts.h"

namespace winback::conformance {
namespace {

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;

}  // namespace

// One request and what is answered.
struct LiquidServer::Call {
    Json params;
    Json result;
    Json error;

    void fail(int code, std::string message) {
        error = Json{{"code", code}, {"message", std::move(message)}};
    }
    const Json& param(const char* name) const { return member(params, name); }
    const Json& option(const char* name) const { return member(param("options"), name); }
};

void LiquidServer::initialize(Call& call) {
    call.result = {
        {"version", "1.0"},
        {"implementation", "winback"},
        {"liquid_version", "5.13.0"},
        {"features", Json::array({"core", "lax_parsing", "strict2_parsing", "inline_errors"})}};
}

void LiquidServer::compile(Call& call) {
    const Json& source = call.param("template");
    const Json& mode = call.option("error_mode");
    if (source.is_null()) {
        return call.fail(invalid_params,
                         "Missing required parameter 'template' in compile request");
    }
    if (!source.is_string()) {
        return call.fail(invalid_params, "Invalid template: expected a string");
    }
    const auto parse_mode = mode.is_null()     ? liquid::ParseMode::Strict2
                            : mode.is_string() ? parse_mode_named(mode.get<std::string>())
                                               : std::nullopt;
    if (!parse_mode) {
        return call.fail(
            invalid_params,
            "Invalid error_mode: expected 'strict2', 'strict' or 'lax', got " + to_text(mode));
    }
    const liquid::ParseOptions parsing = suite_parsing(*parse_mode);
    const auto snippets = read_snippets(call.param("filesystem"), parsing);
    if (!snippets) {
        return call.fail(invalid_params, snippets.error().message);
    }
    const liquid::Parsed parsed = liquid::parse(source.get<std::string>(), parsing);
    if (parsed.program == nullptr) {
        const Diagnostic& first = parsed.diagnostics.at(0);
        call.result = {{"template_id", nullptr},
                       {"error",
                        {{"type", "parse_error"},
                         {"message", syntax_error(first)},
                         {"line", first.position.line}}}};
        return;
    }
    templates_[++last_id_] = {parsed.program, *snippets};
    if (templates_.size() > templates_max) {
        templates_.erase(templates_.begin());
    }
    call.result = {{"template_id", "tmpl_" + std::to_string(last_id_)}};
}

const LiquidServer::Compiled* LiquidServer::find(Call& call) const {
    constexpr std::string_view prefix = "tmpl_";
    const Json& given = call.param("template_id");
    if (given.is_null()) {
        call.fail(invalid_params, "Missing required parameter 'template_id' in render request");
        return nullptr;
    }
    const std::string id = given.is_string() ? given.get<std::string>() : to_text(given);
    std::uint64_t number = 0;
    if (id.starts_with(prefix)) {
        std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
    }
    const auto found = templates_.find(number);
    if (found == templates_.end() || id != std::string(prefix) + std::to_string(number)) {
        call.fail(invalid_params, "Unknown template_id '" + id + "'. Call compile first.");
        return nullptr;
    }
    return &found->second;
}

void LiquidServer::render(Call& call) {
    const Compiled* compiled = find(call);
    if (compiled == nullptr) {
        return;
    }
    const Result<ValueMap> data = read_environment(call.param("environment"));
    if (!data) {
        return call.fail(invalid_params, data.error().message);
    }
    liquid::RenderOptions options;
    options.escape = liquid::EscapeMode::None;
    options.now = now_;
    options.snippets = compiled->snippets.get();
    const Json& time = call.param("frozen_time");
    if (!time.is_null()) {
        const auto frozen = parse_iso8601(time.is_string() ? time.get<std::string>() : "");
        if (!frozen) {
            return call.fail(
                invalid_params,
                "Invalid frozen_time: expected an ISO 8601 time, got " + to_text(time));
        }
        options.now = *frozen;
    }
    const Json& strict = call.option("strict_errors");
    if (!strict.is_null() && !strict.is_boolean()) {
        return call.fail(invalid_params,
                         "Invalid strict_errors: expected true or false, got " + to_text(strict));
    }
    options.prints_errors = !strict.is_boolean() || !strict.get<bool>();
    std::string out;
    if (const auto error = liquid::render(*compiled->program, *data, options, out)) {
        call.result = {{"output", nullptr},
                       {"error",
                        {{"type", "render_error"},
                         {"message", liquid::describe(*error)},
                         {"line", error->position.line}}}};
        return;
    }
    call.result = {{"output", std::move(out)}, {"errors", Json::array()}};
}

void LiquidServer::dispatch(Call& call, const std::string& method) {
    const Json& options = call.param("options");
    if (!options.is_null() && !options.is_object()) {
        call.fail(invalid_params, "Invalid options: expected an object, got " + to_text(options));
    } else if (method == "initialize") {
        initialize(call);
    } else if (method == "compile") {
        compile(call);
    } else if (method == "render") {
        render(call);
    } else if (method == "quit") {
        done_ = true;
        call.result = Json::object();
    } else {
        call.fail(method_not_found, "There is no method '" + method +
                                        "'; there are initialize, compile, render and quit");
    }
}

std::string LiquidServer::answer(std::string_view line) {
    Call call;
    Json id;
    bool is_notification = false;
    if (line.size() > request_bytes_max) {
        call.fail(invalid_request, "A request has at most 16 MiB");
    } else if (const Result<Json> request = read_json(line); !request) {
        call.fail(parse_error, request.error().message);
    } else if (!request->is_object() || !member(*request, "method").is_string()) {
        call.fail(invalid_request, "A request is an object with a text 'method'");
    } else if (member(*request, "id").is_structured() || member(*request, "id").is_boolean()) {
        call.fail(invalid_request, "An id is a text or a number");
    } else if (!member(*request, "params").is_object() && !member(*request, "params").is_null()) {
        call.fail(invalid_params, "Invalid params: expected an object");
        id = member(*request, "id");
    } else {
        id = member(*request, "id");
        is_notification = !request->contains("id");
        call.params = member(*request, "params");
        dispatch(call, (*request)["method"].get<std::string>());
    }
    if (is_notification) {
        return "";
    }
    Json answer = {{"jsonrpc", "2.0"}, {"id", id}};
    answer[call.error.is_null() ? "result" : "error"] =
        call.error.is_null() ? call.result : call.error;
    return to_text(answer);
}

}  // namespace winback::conformance

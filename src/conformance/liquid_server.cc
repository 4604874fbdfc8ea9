#include "conformance/liquid_server.h"

#include <charconv>

#include <nlohmann/json.hpp>

#include "conformance/json_value.h"

namespace winback::conformance {
namespace {

constexpr int parse_error = -32700;
constexpr int invalid_request = -32600;
constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;

}  // namespace

// One request and what is answered.
struct LiquidServer::Call {
    Json params = Json::object();
    Json result;
    Json error;

    void fail(int code, std::string message) {
        error = Json{{"code", code}, {"message", std::move(message)}};
    }
    // A member of an object in the parameters, or null.
    Json option(const char* name) const {
        const bool given = params.contains("options") && params["options"].is_object() &&
                           params["options"].contains(name);
        return given ? params["options"][name] : Json();
    }
    bool has_text(const char* name) const {
        return params.contains(name) && params[name].is_string();
    }
};

void LiquidServer::initialize(Call& call) {
    call.result = {{"version", "1.0"},
                   {"implementation", "winback"},
                   {"liquid_version", "5.13.0"},
                   {"features", Json::array({"core", "lax_parsing", "strict2_parsing",
                                             "inline_errors", "ruby_types"})}};
}

void LiquidServer::compile(Call& call) {
    if (!call.has_text("template")) {
        call.fail(invalid_params, "Missing required parameter 'template' in compile request");
        return;
    }
    liquid::ParseOptions options;
    options.checks_filters = false;
    const Json mode = call.option("error_mode");
    const std::string mode_name = mode.is_string() ? mode.get<std::string>() : "strict2";
    if (mode_name == "lax" || mode_name == "warn") {
        options.mode = liquid::ParseMode::Lax;
    } else if (mode_name == "strict") {
        options.mode = liquid::ParseMode::Strict;
    } else if (mode_name != "strict2" && mode_name != "raise") {
        call.fail(
            invalid_params,
            "Invalid error_mode: expected 'strict2', 'strict' or 'lax', got '" + mode_name + "'");
        return;
    }
    const liquid::Parsed parsed =
        liquid::parse(call.params["template"].get<std::string>(), options);
    if (parsed.program == nullptr) {
        const Diagnostic& first = parsed.diagnostics.at(0);
        call.result = {
            {"template_id", nullptr},
            {"error",
             {{"type", "parse_error"},
              {"message", "Liquid syntax error (line " + std::to_string(first.position.line) +
                              "): " + first.message},
              {"line", first.position.line}}}};
        return;
    }
    const auto snippets = std::make_shared<liquid::Snippets>();
    if (call.params.contains("filesystem") && call.params["filesystem"].is_object()) {
        for (const auto& [name, source] : call.params["filesystem"].items()) {
            snippets->add(
                name, liquid::parse(source.is_string() ? source.get<std::string>() : "", options));
        }
    }
    templates_[++last_id_] = {parsed.program, snippets};
    if (templates_.size() > templates_max) {
        templates_.erase(templates_.begin());
    }
    call.result = {{"template_id", "tmpl_" + std::to_string(last_id_)}};
}

void LiquidServer::render(Call& call) {
    constexpr std::string_view prefix = "tmpl_";
    const std::string id = call.has_text("template_id")
                               ? call.params["template_id"].get<std::string>()
                               : std::string();
    std::uint64_t number = 0;
    if (id.starts_with(prefix)) {
        std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
    }
    const auto found = templates_.find(number);
    if (found == templates_.end()) {
        call.fail(invalid_params, "Unknown template_id '" + id + "'. Call compile first.");
        return;
    }
    liquid::RenderOptions options;
    options.escape = liquid::EscapeMode::None;
    options.now = now_;
    if (call.has_text("frozen_time")) {
        const auto frozen = parse_iso8601(call.params["frozen_time"].get<std::string>());
        if (!frozen) {
            call.fail(invalid_params, "frozen_time is not an ISO 8601 time");
            return;
        }
        options.now = *frozen;
    }
    const Json strict = call.option("strict_errors");
    options.prints_errors = !(strict.is_boolean() && strict.get<bool>());
    options.snippets = found->second.snippets.get();
    const ValueMap data =
        to_map(call.params.contains("environment") ? call.params["environment"] : Json());
    std::string out;
    const auto error = liquid::render(*found->second.program, data, options, out);
    if (error) {
        call.result = {{"output", nullptr},
                       {"error",
                        {{"type", "render_error"},
                         {"message", liquid::describe(*error)},
                         {"line", error->position.line}}}};
    } else {
        call.result = {{"output", std::move(out)}, {"errors", Json::array()}};
    }
}

std::string LiquidServer::answer(std::string_view line) {
    Call call;
    const Json request =
        line.size() <= request_bytes_max ? Json::parse(line, nullptr, false) : Json();
    const bool well_formed =
        request.is_object() && request.contains("method") && request["method"].is_string();
    const Json id = request.is_object() && request.contains("id") ? request["id"] : Json();
    const std::string method = well_formed ? request["method"].get<std::string>() : "";
    if (well_formed && request.contains("params") && request["params"].is_object()) {
        call.params = request["params"];
    }
    if (line.size() > request_bytes_max) {
        call.fail(invalid_request, "a request has at most 16 MiB");
    } else if (request.is_discarded()) {
        call.fail(parse_error, "the line is not JSON");
    } else if (!well_formed) {
        call.fail(invalid_request, "a request is an object with a method");
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
        call.fail(method_not_found, "there is no method '" + method + "'");
    }
    if (id.is_null() && well_formed) {
        return "";  // A notification.
    }
    Json answer = {{"jsonrpc", "2.0"}, {"id", id}};
    answer[call.error.is_null() ? "result" : "error"] =
        call.error.is_null() ? call.result : call.error;
    return to_text(answer);
}

}  // namespace winback::conformance

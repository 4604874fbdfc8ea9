#include "api/reference.h"

#include <algorithm>
#include <array>
#include <map>

#include <nlohmann/json.hpp>

#include "api/description.h"
#include "api/schema.h"
#include "base/strings.h"

namespace winback::api {
namespace {

using nlohmann::json;

constexpr int example_depth_max = 6;
constexpr std::array<std::string_view, 5> methods{"get", "post", "put", "patch", "delete"};

struct ErrorText {
    std::string_view code;
    int status;
    std::string_view text;
};

constexpr std::array<ErrorText, 19> error_texts{{
    {"invalid_argument", 400, "A parameter or the body is wrong; `errors` has every mistake."},
    {"invalid_condition", 400, "A condition has mistakes; `diagnostics` has each with its place."},
    {"invalid_template", 400, "A template has mistakes; `diagnostics` has each with its place."},
    {"bad_request", 400, "The request is not well-formed HTTP."},
    {"unauthorized", 401, "There is no token, or it is unknown or has expired."},
    {"forbidden", 403, "The token lacks the scope that the route asks for."},
    {"permission_denied", 403, "The token may not do this."},
    {"not_found", 404, "There is nothing at this path, or no such thing."},
    {"method_not_allowed", 405, "The path does not take this method; Allow names those it takes."},
    {"conflict", 409, "It cannot be done as things stand, or somebody changed it meanwhile."},
    {"folder_changed", 409, "The file was changed in the playbook's folder."},
    {"idempotency_under_way", 409, "The first request with this key is still being worked on."},
    {"idempotency_outcome_unknown", 409,
     "The server stopped while it worked on the first request with this key."},
    {"precondition_failed", 412, "If-Match names an older version; read it again."},
    {"too_large", 413, "The body is larger than the route takes."},
    {"unsupported_media_type", 415, "Send application/json."},
    {"idempotency_key_reused", 422, "This key came before with another request."},
    {"too_many_requests", 429, "Too much at once; send it again after Retry-After seconds."},
    {"unavailable", 503,
     "The server is busy or stopping; send it again after Retry-After seconds."},
}};

std::string upper(std::string text) {
    for (char& c : text) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return text;
}

std::string type_in_words(const json& given) {
    const json& document = Description::own().document();
    const json& schema = resolve(given, document);
    if (schema.contains("items")) {
        return "list of " + type_in_words(schema.at("items"));
    }
    if (schema.contains("enum") || schema.contains("const")) {
        return in_words(schema);
    }
    const json type = schema.value("type", json());
    const std::string name = type.is_string()  ? type.get<std::string>()
                             : type.is_array() ? type.at(0).get<std::string>()
                                               : std::string("anything");
    const bool nullable = type.is_array();
    const std::string format = schema.value("format", std::string());
    const std::string words = format == "date-time" ? "moment"
                              : name == "string"    ? "text"
                              : name == "integer"   ? "whole number"
                                                    : name;
    return nullable ? words + " or null" : words;
}

// Something that keeps the schema.
json example_of(const json& given, int depth = 0) {
    const json& document = Description::own().document();
    const json& schema = resolve(given, document);
    if (schema.contains("example")) {
        return schema.at("example");
    }
    if (schema.contains("default")) {
        return schema.at("default");
    }
    if (schema.contains("const")) {
        return schema.at("const");
    }
    if (schema.contains("enum")) {
        return schema.at("enum").at(0);
    }
    if (depth > example_depth_max) {
        return nullptr;
    }
    if (schema.contains("items")) {
        return json::array({example_of(schema.at("items"), depth + 1)});
    }
    const Members members = members_of(schema, document);
    if (!members.named.empty()) {
        json object = json::object();
        for (const auto& [name, child] : members.named) {
            object[name] = example_of(*child, depth + 1);
        }
        return object;
    }
    const json type = schema.value("type", json());
    const std::string name = type.is_string() ? type.get<std::string>() : std::string();
    if (name == "integer" || name == "number") {
        return schema.value("minimum", json(1));
    }
    return name == "string" ? json("text") : name == "boolean" ? json(true) : json::object();
}

ValueList members_value(const json& schema) {
    ValueList list;
    const Members members = members_of(schema, Description::own().document());
    for (const auto& [name, child] : members.named) {
        ValueMap one;
        one.set("name", name);
        one.set("type", type_in_words(*child));
        one.set("required", std::find(members.required.begin(), members.required.end(), name) !=
                                members.required.end());
        const json& resolved = resolve(*child, Description::own().document());
        one.set("text", child->value("description", resolved.value("description", "")));
        list.emplace_back(std::move(one));
    }
    return list;
}

ValueMap parameter_value(const json& given) {
    const json& parameter = resolve(given, Description::own().document());
    ValueMap one;
    one.set("name", parameter.at("name").get<std::string>());
    one.set("place", parameter.at("in").get<std::string>());
    one.set("required", parameter.value("required", false));
    one.set("type", type_in_words(parameter.at("schema")));
    const json& schema = parameter.at("schema");
    one.set("default", schema.contains("default") ? Value(schema.at("default").dump()) : Value());
    one.set("text", parameter.value("description", ""));
    return one;
}

ValueList parameters_value(const json& item, const json& operation) {
    ValueList list;
    for (const json* from : {&item, &operation}) {
        if (const auto found = from->find("parameters"); found != from->end()) {
            for (const json& parameter : *found) {
                list.emplace_back(parameter_value(parameter));
            }
        }
    }
    return list;
}

const json* schema_in(const json& holder) {
    const json& resolved = resolve(holder, Description::own().document());
    const auto content = resolved.find("content");
    if (content == resolved.end() || content->empty()) {
        return nullptr;
    }
    const json& first = content->begin().value();
    return first.contains("schema") ? &first.at("schema") : nullptr;
}

ValueList answers_value(const json& operation) {
    ValueList list;
    for (const auto& [status, answer] : operation.at("responses").items()) {
        ValueMap one;
        one.set("status", status);
        one.set("text", resolve(answer, Description::own().document()).value("description", ""));
        const json* schema = status.front() == '2' ? schema_in(answer) : nullptr;
        one.set("members", schema == nullptr ? ValueList() : members_value(*schema));
        list.emplace_back(std::move(one));
    }
    return list;
}

// In single quotes for the shell.
std::string shell_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

std::string curl(const std::string& address,
                 const std::string& method,
                 const std::string& path,
                 const json& item,
                 const json& operation) {
    std::string url = address + path;
    for (const json* from : {&item, &operation}) {
        for (const json& given : from->value("parameters", json::array())) {
            const json& parameter = resolve(given, Description::own().document());
            const std::string hole = "{" + parameter.at("name").get<std::string>() + "}";
            const std::size_t at = url.find(hole);
            if (parameter.contains("example") && at != std::string::npos) {
                url.replace(at, hole.size(), parameter.at("example").get<std::string>());
            }
        }
    }
    std::string line = "curl";
    if (method != "get") {
        line += " -X " + upper(method);
    }
    line += " " + shell_quoted(url);
    if (operation.value("security", json()) != json::array()) {
        line += " \\\n  -H \"Authorization: Bearer $TOKEN\"";
    }
    if (method == "post") {
        line += " \\\n  -H \"Idempotency-Key: $(uuidgen)\"";
    }
    if (const auto body = operation.find("requestBody"); body != operation.end()) {
        line += " \\\n  -H 'Content-Type: application/json'";
        if (const json* schema = schema_in(*body)) {
            line += " \\\n  -d " + shell_quoted(example_of(*schema).dump());
        }
    }
    return line;
}

std::string scope_of(const std::string& description) {
    constexpr std::string_view mark = "Scope: ";
    const std::size_t at = description.rfind(mark);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t begin = at + mark.size();
    return description.substr(begin, description.find_first_of(".,; ", begin) - begin);
}

ValueMap operation_value(const std::string& address,
                         const std::string& method,
                         const std::string& path,
                         const json& item,
                         const json& operation) {
    ValueMap one;
    const std::string description = operation.value("description", "");
    std::string id = method + path;
    std::replace_if(
        id.begin(), id.end(), [](char c) { return c == '/' || c == '{' || c == '}'; }, '-');
    one.set("id", id);
    one.set("method", upper(method));
    one.set("path", path);
    one.set("summary", operation.value("summary", ""));
    one.set("description", description);
    one.set("scope", scope_of(description));
    one.set("parameters", parameters_value(item, operation));
    const auto body = operation.find("requestBody");
    const json* schema = body == operation.end() ? nullptr : schema_in(*body);
    one.set("body", schema == nullptr ? ValueList() : members_value(*schema));
    one.set("curl", curl(address, method, path, item, operation));
    one.set("answers", answers_value(operation));
    return one;
}

// "Customers" for "/api/v1/customers/{id}/timeline".
std::string group_of(const std::string& path, const json& operation) {
    if (const auto tags = operation.find("tags"); tags != operation.end() && !tags->empty()) {
        return tags->at(0).get<std::string>();
    }
    constexpr std::string_view root = "/api/v1/";
    if (!path.starts_with(root)) {
        return "Watching";
    }
    std::string name =
        path.substr(root.size(), path.find_first_of("/.", root.size()) - root.size());
    std::replace(name.begin(), name.end(), '-', ' ');
    std::replace(name.begin(), name.end(), '_', ' ');
    return upper(name.substr(0, 1)) + name.substr(1);
}

}  // namespace

ValueMap reference_value(const std::string& address) {
    std::map<std::string, ValueList> groups;
    for (const auto& [path, item] : Description::own().document().at("paths").items()) {
        for (const std::string_view method : methods) {
            if (const auto operation = item.find(method); operation != item.end()) {
                groups[group_of(path, *operation)].emplace_back(
                    operation_value(address, std::string(method), path, item, *operation));
            }
        }
    }
    ValueList list;
    for (auto& [name, operations] : groups) {
        ValueMap group;
        std::string id = to_lower_ascii(name);
        std::replace(id.begin(), id.end(), ' ', '-');
        group.set("id", "group-" + id);
        group.set("name", name);
        group.set("operations", std::move(operations));
        list.emplace_back(std::move(group));
    }
    ValueList errors;
    for (const ErrorText& error : error_texts) {
        ValueMap one;
        one.set("code", error.code);
        one.set("status", error.status);
        one.set("text", error.text);
        errors.emplace_back(std::move(one));
    }
    ValueMap tree;
    tree.set("address", address);
    tree.set("groups", std::move(list));
    tree.set("errors", std::move(errors));
    return tree;
}

}  // namespace winback::api

#include "api/request_check.h"

#include <algorithm>
#include <set>

#include "api/conventions.h"
#include "api/schema.h"
#include "api/strict_json.h"
#include "base/diagnostic.h"
#include "base/excerpt.h"
#include "base/strings.h"
#include "base/value.h"

namespace winback::api {
namespace {

using nlohmann::json;

http::Response refused(std::string_view member, const std::vector<SchemaFault>& faults) {
    std::string message = faults.front().message;
    if (faults.size() > 1) {
        message += " (and " + std::to_string(faults.size() - 1) + " more: see errors)";
    }
    ValueList errors;
    for (const SchemaFault& fault : faults) {
        ValueMap one;
        one.set(std::string(member), fault.pointer);
        one.set("code", fault.code);
        one.set("message", fault.message);
        errors.emplace_back(std::move(one));
    }
    ValueMap tree;
    tree.set("code", "invalid_argument");
    tree.set("message", std::move(message));
    tree.set("errors", std::move(errors));
    return http::json(400, to_json(std::move(tree)));
}

// The text of a parameter as what its schema asks for; itself when it is no such thing.
json typed(const std::string& text, const json& schema) {
    const std::string type = schema.value("type", json()).is_string()
                                 ? schema.at("type").get<std::string>()
                                 : std::string();
    if (type == "integer" || type == "number") {
        json number = json::parse(text, nullptr, false);
        return number.is_number() ? number : json(text);
    }
    if (type == "boolean" && (text == "true" || text == "false")) {
        return text == "true";
    }
    if (type == "array") {
        return json::array({text});
    }
    return text;
}

void check_parameter(const std::string& text,
                     const QueryParameter& known,
                     std::vector<SchemaFault>& faults) {
    const json& document = Description::own().document();
    const json& schema = resolve(*known.schema, document);
    const json value = typed(text, schema);
    if (!check_schema(value, schema, document).empty()) {
        faults.push_back(
            {known.name, "invalid_value", "'" + known.name + "' is " + in_words(schema)});
    }
}

std::vector<SchemaFault> check_query(const http::Request& request, const Operation& operation) {
    std::vector<SchemaFault> faults;
    std::set<std::string_view> seen;
    std::vector<std::string> names;
    for (const QueryParameter& known : operation.query) {
        names.push_back(known.name);
        if (known.required && request.query_value(known.name) == nullptr) {
            faults.push_back({known.name, "missing", "'" + known.name + "' is missing"});
        }
    }
    for (const auto& [name, text] : request.query) {
        if (faults.size() >= schema_faults_max) {
            break;
        }
        const auto known =
            std::find_if(operation.query.begin(), operation.query.end(),
                         [&name = name](const QueryParameter& one) { return one.name == name; });
        if (known == operation.query.end()) {
            const std::string_view near = nearest(name, names);
            faults.push_back({excerpt(name), "unknown_parameter",
                              "there is no parameter '" + excerpt(name) + "'" +
                                  (near.empty() ? "; the page /api lists those of this route"
                                                : "; did you mean '" + std::string(near) + "'?")});
        } else if (!seen.insert(name).second && !known->repeats) {
            faults.push_back({name, "repeated_parameter", "'" + name + "' may come only once"});
        } else {
            check_parameter(text, *known, faults);
        }
    }
    return faults;
}

}  // namespace

http::Response invalid_request(std::string_view where, std::string_view message) {
    const bool in_body = where.empty() || where.front() == '/';
    return refused(in_body ? "pointer" : "parameter",
                   {{std::string(where), "invalid_value", std::string(message)}});
}

std::optional<http::Response> check_request(const http::Request& request,
                                            const Operation* operation) {
    if (operation == nullptr) {
        return std::nullopt;
    }
    if (const auto faults = check_query(request, *operation); !faults.empty()) {
        return refused("parameter", faults);
    }
    if (operation->body == nullptr) {
        return std::nullopt;
    }
    if (trim(request.body).empty()) {
        return operation->body_required
                   ? std::optional(invalid_request("", "the body is missing: a JSON object"))
                   : std::nullopt;
    }
    const Result<json> body = parse_strict(request.body);
    if (!body) {
        return invalid_request("", body.error().message);
    }
    const auto faults = check_schema(*body, *operation->body, Description::own().document());
    return faults.empty() ? std::nullopt : std::optional(refused("pointer", faults));
}

}  // namespace winback::api

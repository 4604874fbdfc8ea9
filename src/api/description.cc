#include "api/description.h"

#include <algorithm>

#include "api/embedded.h"
#include "api/schema.h"
#include "base/check.h"

namespace winback::api {
namespace {

using nlohmann::json;

constexpr std::string_view methods[] = {"get", "post", "put", "patch", "delete"};

json reference(std::string_view kind, std::string_view name) {
    return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

// Errors are problems, wherever they are described.
void name_problems(json& responses) {
    for (auto& [status, response] : responses.items()) {
        if (status.front() < '4' || !response.contains("content")) {
            continue;
        }
        json& content = response["content"];
        if (const auto plain = content.find("application/json"); plain != content.end()) {
            json moved = std::move(*plain);
            content.erase("application/json");
            content["application/problem+json"] = std::move(moved);
        }
    }
}

bool takes_if_match(const json& operation) {
    const json parameters = operation.value("parameters", json::array());
    return std::any_of(parameters.begin(), parameters.end(), [](const json& one) {
        return one.value("name", "") == "If-Match" ||
               one.value("$ref", "").ends_with("/parameters/IfMatch");
    });
}

void add_refusals(json& operation, std::string_view method, bool has_path_parameters) {
    json& responses = operation["responses"];
    const auto add = [&](const char* status) {
        if (!responses.contains(status)) {
            responses[status] = reference("responses", "Error");
        }
    };
    for (const char* status : {"400", "401", "403", "429", "503"}) {
        add(status);
    }
    responses["431"] = reference("responses", "HeaderTooLarge");
    if (has_path_parameters) {
        add("404");
    }
    if (method != "get") {
        for (const char* status : {"409", "413", "415", "422"}) {
            add(status);
        }
    }
    if (takes_if_match(operation)) {
        add("412");
    }
}

// A body's schema as one closed object: what `allOf` puts together, nobody can close.
void close_body(json& operation, const json& document) {
    const json::json_pointer place("/requestBody/content/application~1json/schema");
    if (!operation.contains(place)) {
        return;
    }
    const json given = operation.at(place);
    const json& schema = resolve(given, document);
    const Members members = members_of(given, document);
    if (members.named.empty() || members.open) {
        return;
    }
    json closed = {{"type", "object"}, {"additionalProperties", false}};
    for (const char* kept : {"description", "example", "examples", "anyOf", "oneOf"}) {
        if (schema.contains(kept)) {
            closed[kept] = schema.at(kept);
        }
    }
    closed["properties"] = json::object();
    for (const auto& [name, child] : members.named) {
        closed["properties"][name] = *child;
    }
    if (!members.required.empty()) {
        closed["required"] = members.required;
    }
    operation[place] = std::move(closed);
}

// A file that is streamed is whole or not at all: no fields are chosen from it.
bool is_download(const json& operation) {
    return operation.value("x-download", false);
}

bool answers_json(const json& operation) {
    return operation.contains(json::json_pointer("/responses/200/content/application~1json")) &&
           !is_download(operation);
}

// `limit` and `after` of a list that is made whole (answer_shape.h).
void add_pages(json& operation) {
    if (!operation.contains("x-cut")) {
        return;
    }
    json& parameters = operation["parameters"];
    if (!parameters.is_array()) {
        parameters = json::array();
    }
    parameters.push_back({{"name", "limit"},
                          {"in", "query"},
                          {"schema",
                           {{"type", "integer"},
                            {"minimum", 1},
                            {"maximum", cut_limit_max},
                            {"default", cut_limit_max}}}});
    parameters.push_back({{"name", "after"},
                          {"in", "query"},
                          {"schema", {{"type", "string"}}},
                          {"description", "`after` of the page before"}});
    json& schema = operation[json::json_pointer("/responses/200/content/application~1json/schema")];
    const json text_or_null = {{"type", {"string", "null"}}};
    json after = text_or_null;
    after["description"] = "A cursor; null on the last page";
    json next = text_or_null;
    next["description"] = "The address of the next page, as in the Link header";
    schema = {{"allOf",
               {schema,
                {{"type", "object"},
                 {"required", {"after", "next"}},
                 {"properties", {{"after", after}, {"next", next}}}}}}};
}

void complete_operation(json& operation,
                        std::string_view method,
                        bool has_path_parameters,
                        const json& document) {
    add_pages(operation);
    add_refusals(operation, method, has_path_parameters);
    name_problems(operation["responses"]);
    close_body(operation, document);
    json& parameters = operation["parameters"];
    if (!parameters.is_array()) {
        parameters = json::array();
    }
    if (method == "get" && answers_json(operation)) {
        parameters.push_back(reference("parameters", "Fields"));
        parameters.push_back(reference("parameters", "IfNoneMatch"));
        operation["responses"]["304"] = reference("responses", "NotModified");
    }
    const json::json_pointer json_body("/requestBody/content/application~1json");
    // An answer is kept for a request that is as small as JSON is; a file is not read twice for it.
    if (method == "post" && (!operation.contains("requestBody") || operation.contains(json_body))) {
        parameters.push_back(reference("parameters", "IdempotencyKey"));
    }
}

std::string described_path(std::string_view pattern) {
    std::string out;
    for (std::size_t i = 0; i < pattern.size();) {
        const bool begins =
            i > 0 && pattern[i - 1] == '/' && (pattern[i] == ':' || pattern[i] == '*');
        if (!begins) {
            out += pattern[i++];
            continue;
        }
        const std::size_t end = std::min(pattern.find('/', i), pattern.size());
        out += "{" + std::string(pattern.substr(i + 1, end - i - 1)) + "}";
        i = end;
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

void read_parameters(const json& list, const json& document, Operation& operation) {
    for (const json& given : list) {
        const json& parameter = resolve(given, document);
        if (parameter.value("in", "") != "query") {
            continue;
        }
        const json& schema = parameter.at("schema");
        operation.query.push_back({.name = parameter.at("name").get<std::string>(),
                                   .required = parameter.value("required", false),
                                   .repeats = schema.value("type", json()) == "array",
                                   .schema = &schema});
    }
}

}  // namespace

bool Operation::takes(std::string_view parameter) const {
    return std::any_of(query.begin(), query.end(),
                       [&](const QueryParameter& known) { return known.name == parameter; });
}

const Description& Description::own() {
    static const Description description;
    return description;
}

Description::Description() {
    join();
    complete();
    read();
    text_ = document_.dump();
}

// The first file has what is said once; the others add paths and components.
void Description::join() {
    for (const EmbeddedFile& file : embedded_api_files()) {
        json part = json::parse(file.content, nullptr, false);
        WINBACK_CHECK(part.is_object());
        if (document_.is_null()) {
            document_ = std::move(part);
            continue;
        }
        for (auto& [path, item] : part["paths"].items()) {
            WINBACK_CHECK(!document_["paths"].contains(path));
            document_["paths"][path] = std::move(item);
        }
        for (auto& [kind, components] : part["components"].items()) {
            for (auto& [name, component] : components.items()) {
                WINBACK_CHECK(!document_["components"][kind].contains(name));
                document_["components"][kind][name] = std::move(component);
            }
        }
        for (json& tag : part["tags"]) {
            document_["tags"].push_back(std::move(tag));
        }
    }
}

void Description::complete() {
    name_problems(document_["components"]["responses"]);
    const json before = document_;
    for (auto& [path, item] : document_["paths"].items()) {
        if (!path.starts_with("/api/")) {
            continue;
        }
        for (const std::string_view method : methods) {
            if (const auto operation = item.find(method); operation != item.end()) {
                complete_operation(*operation, method, path.find('{') != std::string::npos, before);
            }
        }
    }
}

void Description::read() {
    for (const auto& [path, item] : document_["paths"].items()) {
        for (const std::string_view method : methods) {
            const auto found = item.find(method);
            if (found == item.end()) {
                continue;
            }
            Operation operation;
            if (const auto shared = item.find("parameters"); shared != item.end()) {
                read_parameters(*shared, document_, operation);
            }
            if (const auto own = found->find("parameters"); own != found->end()) {
                read_parameters(*own, document_, operation);
            }
            const json::json_pointer body("/requestBody/content/application~1json/schema");
            const json::json_pointer answer("/responses/200/content/application~1json/schema");
            if (found->contains(body)) {
                operation.body = &found->at(body);
                operation.body_required = found->at("requestBody").value("required", false);
            }
            operation.answer =
                found->contains(answer) && !is_download(*found) ? &found->at(answer) : nullptr;
            operation.items = found->value("x-items", std::string());
            operation.pages = operation.takes("after");
            operation.cut = found->value("x-cut", std::string());
            operations_.emplace(upper(method) + " " + path, std::move(operation));
        }
    }
}

const Operation* Description::find(std::string_view method, std::string_view pattern) const {
    const auto found = operations_.find(std::string(method) + " " + described_path(pattern));
    return found == operations_.end() ? nullptr : &found->second;
}

}  // namespace winback::api

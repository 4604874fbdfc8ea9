// Holds a request against its schema in the API's description, so that the description is what
// the server does.
//
// The part of JSON Schema that descriptions of requests use: $ref, allOf, anyOf, oneOf, type, enum,
// const, required, properties, additionalProperties, items and the bounds of texts, numbers and
// lists. An object with `properties` is closed unless it says otherwise: a name that is
// mistyped is a mistake, not a wish that is passed over.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace winback::api {

constexpr std::size_t schema_faults_max = 20;

struct SchemaFault {
    std::string pointer;  // RFC 6901, into the body: "/events/0".
    std::string code;     // "missing", "unknown_member", "invalid_value"
    std::string message;
};

// `document` is what references point into.
std::vector<SchemaFault> check_schema(const nlohmann::json& value,
                                      const nlohmann::json& schema,
                                      const nlohmann::json& document);

// Follows $ref; a reference that leads nowhere gives an empty schema.
const nlohmann::json& resolve(const nlohmann::json& schema, const nlohmann::json& document);

// The members that a schema names, through references and allOf.
struct Members {
    std::vector<std::pair<std::string, const nlohmann::json*>> named;
    std::vector<std::string> required;
    const nlohmann::json* others = nullptr;  // The schema of all others; null: none may come.
    bool open = true;

    const nlohmann::json* find(const std::string& name) const;
};
Members members_of(const nlohmann::json& schema, const nlohmann::json& document);

// What a schema asks for, in words: "a whole number from 1 to 200".
std::string in_words(const nlohmann::json& schema);

}  // namespace winback::api

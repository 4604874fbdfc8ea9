#include "api/schema.h"

#include <algorithm>
#include <cmath>

#include "base/diagnostic.h"
#include "base/excerpt.h"

namespace winback::api {
namespace {

using nlohmann::json;

constexpr int references_max = 16;

bool has_type(const json& value, std::string_view type) {
    if (type == "object") {
        return value.is_object();
    }
    if (type == "array") {
        return value.is_array();
    }
    if (type == "string") {
        return value.is_string();
    }
    if (type == "boolean") {
        return value.is_boolean();
    }
    if (type == "null") {
        return value.is_null();
    }
    if (type == "integer") {
        return value.is_number_integer() ||
               (value.is_number() && std::trunc(value.get<double>()) == value.get<double>());
    }
    return type == "number" && value.is_number();
}

bool fits_type(const json& value, const json& type) {
    if (type.is_string()) {
        return has_type(value, type.get_ref<const std::string&>());
    }
    return std::any_of(type.begin(), type.end(), [&](const json& one) {
        return has_type(value, one.get_ref<const std::string&>());
    });
}

std::size_t characters(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

// Whether a bound of the schema is kept; one that is not there is.
bool within(const json& schema, const char* least, const char* most, double size) {
    const auto low = schema.find(least);
    const auto high = schema.find(most);
    return (low == schema.end() || size >= low->get<double>()) &&
           (high == schema.end() || size <= high->get<double>());
}

std::string number_text(const json& number) {
    return number.dump();
}

std::string range_in_words(const json& schema, const char* least, const char* most) {
    const auto low = schema.find(least);
    const auto high = schema.find(most);
    if (low != schema.end() && high != schema.end()) {
        return " from " + number_text(*low) + " to " + number_text(*high);
    }
    if (low != schema.end()) {
        return " of at least " + number_text(*low);
    }
    return high != schema.end() ? " of at most " + number_text(*high) : std::string();
}

std::string last_name(const std::string& pointer) {
    // Of an item of a list: with the name of the list, "scopes[0]".
    std::string places;
    std::size_t end = pointer.size();
    std::size_t slash = pointer.rfind('/');
    while (slash != std::string::npos && slash > 0 && slash + 1 < end &&
           pointer.find_first_not_of("0123456789", slash + 1) >= end) {
        places.insert(0, "[" + pointer.substr(slash + 1, end - slash - 1) + "]");
        end = slash;
        slash = pointer.rfind('/', end - 1);
    }
    return slash == std::string::npos
               ? "the body"
               : "'" + pointer.substr(slash + 1, end - slash - 1) + places + "'";
}

std::string escaped(const std::string& name) {
    std::string out;
    for (const char c : name) {
        out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    }
    return out;
}

class Checker {
public:
    explicit Checker(const json& document) : document_(document) {}

    void check(const json& value, const json& given, const std::string& pointer);
    std::vector<SchemaFault> take() { return std::move(faults_); }

private:
    bool full() const { return faults_.size() >= schema_faults_max; }
    void add(const std::string& pointer, std::string code, std::string message) {
        if (!full()) {
            faults_.push_back({pointer, std::move(code), std::move(message)});
        }
    }
    void object(const json& value, const json& schema, const std::string& pointer);
    bool fits_any(const json& value, const json& choices);
    static bool fits_bounds(const json& value, const json& schema);

    const json& document_;
    std::vector<SchemaFault> faults_;
};

bool Checker::fits_any(const json& value, const json& choices) {
    return std::any_of(choices.begin(), choices.end(), [&](const json& choice) {
        Checker inner(document_);
        inner.check(value, choice, "");
        return inner.faults_.empty();
    });
}

bool Checker::fits_bounds(const json& value, const json& schema) {
    if (value.is_string()) {
        return within(schema, "minLength", "maxLength",
                      static_cast<double>(characters(value.get_ref<const std::string&>())));
    }
    if (value.is_number()) {
        return within(schema, "minimum", "maximum", value.get<double>());
    }
    if (value.is_array()) {
        return within(schema, "minItems", "maxItems", static_cast<double>(value.size()));
    }
    return !value.is_object() ||
           within(schema, "minProperties", "maxProperties", static_cast<double>(value.size()));
}

void Checker::object(const json& value, const json& schema, const std::string& pointer) {
    const Members members = members_of(schema, document_);
    for (const std::string& name : members.required) {
        if (!value.contains(name)) {
            const json* wanted = members.find(name);
            add(pointer + "/" + escaped(name), "missing",
                "'" + name + "' is missing" +
                    (wanted == nullptr ? std::string()
                                       : ": " + in_words(resolve(*wanted, document_))));
        }
    }
    for (const auto& [name, child] : value.items()) {
        if (full()) {
            return;
        }
        const std::string place = pointer + "/" + escaped(name);
        if (const json* known = members.find(name)) {
            check(child, *known, place);
        } else if (!members.open) {
            std::vector<std::string> names;
            for (const auto& [other, ignored] : members.named) {
                names.push_back(other);
            }
            const std::string_view near = nearest(name, names);
            add(place, "unknown_member",
                "there is no member '" + excerpt(name) + "' here" +
                    (near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?"));
        } else if (members.others != nullptr) {
            check(child, *members.others, place);
        }
    }
}

void Checker::check(const json& value, const json& given, const std::string& pointer) {
    const json& schema = resolve(given, document_);
    if (full() || !schema.is_object()) {
        return;
    }
    const auto wrong = [&] {
        add(pointer, "invalid_value", last_name(pointer) + " is " + in_words(schema));
    };
    const auto type = schema.find("type");
    const auto choices = schema.find("enum");
    const auto constant = schema.find("const");
    if ((type != schema.end() && !fits_type(value, *type)) ||
        (choices != schema.end() &&
         std::find(choices->begin(), choices->end(), value) == choices->end()) ||
        (constant != schema.end() && *constant != value) || !fits_bounds(value, schema)) {
        wrong();
        return;
    }
    for (const char* key : {"anyOf", "oneOf"}) {
        const auto any = schema.find(key);
        if (any != schema.end() && !fits_any(value, *any)) {
            wrong();
            return;
        }
    }
    if (value.is_object()) {
        object(value, schema, pointer);
    }
    const auto items = schema.find("items");
    if (value.is_array() && items != schema.end()) {
        for (std::size_t i = 0; i < value.size() && !full(); ++i) {
            check(value[i], *items, pointer + "/" + std::to_string(i));
        }
    }
}

void gather(const json& given, const json& document, int depth, Members& members, bool& closed) {
    const json& schema = resolve(given, document);
    if (!schema.is_object() || depth > references_max) {
        return;
    }
    if (const auto properties = schema.find("properties"); properties != schema.end()) {
        closed = true;
        for (const auto& [name, child] : properties->items()) {
            members.named.emplace_back(name, &child);
        }
    }
    if (const auto required = schema.find("required"); required != schema.end()) {
        for (const json& name : *required) {
            members.required.push_back(name.get<std::string>());
        }
    }
    if (const auto all = schema.find("allOf"); all != schema.end()) {
        for (const json& part : *all) {
            gather(part, document, depth + 1, members, closed);
        }
    }
    if (const auto others = schema.find("additionalProperties"); others != schema.end()) {
        if (others->is_object()) {
            members.others = &*others;
        } else if (others->get<bool>()) {
            static const json anything = json::object();
            members.others = &anything;
        } else {
            closed = true;
        }
    }
}

}  // namespace

const json* Members::find(const std::string& name) const {
    for (const auto& [known, schema] : named) {
        if (known == name) {
            return schema;
        }
    }
    return nullptr;
}

const json& resolve(const json& schema, const json& document) {
    static const json anything = json::object();
    const json* at = &schema;
    for (int i = 0; i < references_max && at->is_object(); ++i) {
        const auto reference = at->find("$ref");
        if (reference == at->end()) {
            return *at;
        }
        const json::json_pointer pointer(reference->get_ref<const std::string&>().substr(1));
        if (!document.contains(pointer)) {
            return anything;
        }
        at = &document.at(pointer);
    }
    return at->is_object() ? *at : anything;
}

Members members_of(const json& schema, const json& document) {
    Members members;
    bool closed = false;
    gather(schema, document, 0, members, closed);
    members.open = !closed || members.others != nullptr;
    return members;
}

std::string in_words(const json& schema) {
    if (const auto choices = schema.find("enum"); choices != schema.end()) {
        std::string list;
        for (std::size_t i = 0; i < choices->size(); ++i) {
            list += i == 0 ? "" : i + 1 == choices->size() ? " or " : ", ";
            const json& choice = (*choices)[i];
            list += choice.is_string() ? choice.get<std::string>() : choice.dump();
        }
        return list;
    }
    if (const auto constant = schema.find("const"); constant != schema.end()) {
        return constant->dump();
    }
    const auto type = schema.find("type");
    std::string name = type == schema.end() ? std::string()
                       : type->is_string()  ? type->get<std::string>()
                                            : (*type)[0].get<std::string>();
    if (name == "integer" || name == "number") {
        return (name == "integer" ? "a whole number" : "a number") +
               range_in_words(schema, "minimum", "maximum");
    }
    if (name == "string") {
        const bool bounded = schema.contains("minLength") || schema.contains("maxLength");
        return "text" + range_in_words(schema, "minLength", "maxLength") +
               (bounded ? " characters" : "");
    }
    if (name == "array") {
        const bool bounded = schema.contains("minItems") || schema.contains("maxItems");
        return "a list" + range_in_words(schema, "minItems", "maxItems") +
               (bounded ? " entries" : "");
    }
    if (name == "boolean") {
        return "true or false";
    }
    return name == "object" ? "a JSON object" : "something else: see the page /api";
}

std::vector<SchemaFault> check_schema(const json& value, const json& schema, const json& document) {
    Checker checker(document);
    checker.check(value, schema, "");
    return checker.take();
}

}  // namespace winback::api

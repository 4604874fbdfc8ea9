// The official acceptance suite of Liquid, Shopify/liquid-spec, over our engine.
//
// test/data/liquid/not_yet.txt lists the cases that differ; it may only shrink. A case that is
// listed and passes is a failure too: take it off the list (WINBACK_UPDATE=1 rewrites it).
#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "template/template.h"

namespace winback::liquid {
namespace {

using Json = nlohmann::ordered_json;

Value to_value(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean:
            return json.get<bool>();
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            return json.get<std::int64_t>();
        case Json::value_t::number_float:
            return json.get<double>();
        case Json::value_t::string:
            return json.get<std::string>();
        case Json::value_t::array: {
            ValueList list;
            for (const Json& item : json) {
                list.push_back(to_value(item));
            }
            return list;
        }
        case Json::value_t::object: {
            ValueMap map;
            for (const auto& [key, item] : json.items()) {
                map.set(key, to_value(item));
            }
            return map;
        }
        case Json::value_t::null:
        case Json::value_t::binary:
        case Json::value_t::discarded:
            break;
    }
    return {};
}

// The text, or "error: ..." for whatever kind of refusal: the wording of errors is ours.
std::string outcome(const Json& test) {
    Snippets snippets;
    if (test.contains("filesystem")) {
        for (const auto& [name, source] : test["filesystem"].items()) {
            snippets[name] = parse(source.get<std::string>()).program;
            if (snippets[name] == nullptr) {
                return "error: snippet";
            }
        }
    }
    ParseOptions parse_options;
    parse_options.snippets = &snippets;
    const Parsed parsed = parse(test["template"].get<std::string>(), parse_options);
    if (parsed.program == nullptr) {
        return "error: " + parsed.diagnostics.at(0).message;
    }
    const Value data = test.contains("environment") ? to_value(test["environment"]) : Value();
    RenderOptions options;
    options.escape = EscapeMode::None;
    options.now = parse_iso8601("2024-01-01T00:01:58Z").value();
    std::string out;
    const ValueMap nothing;
    const ValueMap& map = data.as_map() != nullptr ? *data.as_map() : nothing;
    if (const auto error = render(*parsed.program, map, options, out)) {
        return "error: " + error->message;
    }
    return out;
}

bool passes(const Json& test, const std::string& actual) {
    if (test.contains("errors")) {
        return actual.starts_with("error: ");
    }
    return test.contains("expected") && actual == test["expected"].get<std::string>();
}

TEST(Conformance, AnswersAsTheReferenceDoesExceptWhereTheListSays) {
    const std::string list_path = "test/data/liquid/not_yet.txt";
    std::set<std::string> listed;
    std::ifstream list(list_path);
    for (std::string line; std::getline(list, line);) {
        listed.insert(line);
    }
    std::ifstream file("test/data/liquid/liquid_spec.jsonl");
    ASSERT_TRUE(file);
    std::set<std::string> failing;
    int total = 0;
    for (std::string line; std::getline(file, line);) {
        const Json test = Json::parse(line);
        const std::string name =
            test["suite"].get<std::string>() + "/" + test["name"].get<std::string>();
        ++total;
        const std::string actual = outcome(test);
        if (!passes(test, actual)) {
            failing.insert(name);
            if (!listed.contains(name)) {
                ADD_FAILURE() << name << "\n  template " << test["template"] << "\n  data "
                              << test.value("environment", Json()) << "\n  expected "
                              << test.value("expected", Json("an error")) << "\n  but got "
                              << Json(actual).dump(-1, ' ', false, Json::error_handler_t::replace);
            }
        }
    }
    EXPECT_EQ(total, 3133);
    if (std::getenv("WINBACK_UPDATE") != nullptr) {
        std::ofstream rewritten(list_path);
        for (const std::string& name : failing) {
            rewritten << name << "\n";
        }
        return;
    }
    for (const std::string& name : listed) {
        EXPECT_TRUE(failing.contains(name)) << name << " passes now; take it off the list";
    }
    RecordProperty("passed", total - static_cast<int>(failing.size()));
}

}  // namespace
}  // namespace winback::liquid

#include "template/template.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "scenario_runner.h"
#include "template/decimal.h"
#include "template/program.h"

namespace winback::liquid {
namespace {

ValueMap shop_data() {
    ValueMap tea;
    tea.set("title", "Tea & cups");
    tea.set("price", 4.5);
    ValueMap soap;
    soap.set("title", "Soap");
    soap.set("price", 2);
    soap.set("sale", true);
    ValueMap customer;
    customer.set("first_name", "Zoë <b>");
    customer.set("orders", 3);
    customer.set("joined", Timestamp{1'738'310'400'000});  // 2025-01-31T08:00:00Z
    ValueMap data;
    data.set("customer", std::move(customer));
    data.set("items", ValueList{Value(tea), Value(soap)});
    data.set("empty_list", ValueList{});
    data.set("tricky", "{{ customer.first_name }}{% abort_message %}");
    return data;
}

// The settings of a block: "render mode=none locale=tr zone=Europe/Berlin strict steps=100".
RenderOptions options_of(const std::string& command) {
    RenderOptions options;
    options.now = Timestamp{1'704'067'318'000};  // 2024-01-01T00:01:58Z
    std::istringstream words(command);
    static std::string locale;
    for (std::string word; words >> word;) {
        const std::string value = word.substr(std::min(word.find('=') + 1, word.size()));
        if (word.starts_with("mode=")) {
            options.escape = value == "none" ? EscapeMode::None : EscapeMode::Header;
        } else if (word.starts_with("locale=")) {
            locale = value;
            options.locale = locale;
        } else if (word.starts_with("zone=")) {
            options.zone = find_zone(value).value();
        } else if (word == "strict") {
            options.strict_variables = true;
        } else if (word.starts_with("steps=")) {
            options.limits.steps = std::stoll(value);
        } else if (word.starts_with("output=")) {
            options.limits.output_bytes = std::stoull(value);
        } else if (word.starts_with("working=")) {
            options.limits.working_bytes = std::stoull(value);
        }
    }
    return options;
}

const Snippets& test_snippets() {
    static const Snippets snippets = [] {
        Snippets made;
        made.add("greeting", parse("Hi {{ name | default: 'you' }}{{ customer.orders }}"));
        made.add("broken", parse("\n  {{ 1 | divided_by: 0 }}"));
        made.add("wrong", parse("fine\n{% if %}"));
        made.add("outer", parse("[{% render 'greeting', name: who %}]"));
        made.add("again", parse("{% render 'again' %}"));
        made.add("card", parse("<{{ card.title }}{{ forloop.index }}{{ seen }}>"));
        made.add("stop", parse("{% break %}"));
        return made;
    }();
    return snippets;
}

// One line of output stands for itself; an empty line is shown as "." as blocks end with one.
std::string shown(std::string text) {
    std::string out;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        out += (line.empty() ? "." : line) + "\n";
    }
    return out;
}

std::string answer(const test::Block& block) {
    std::string source = block.input;
    if (!source.empty()) {
        source.pop_back();  // The line end of the block.
    }
    const Parsed parsed = parse(source);
    std::string out;
    for (const Diagnostic& diagnostic : parsed.diagnostics) {
        out += winback::render(diagnostic, source);
    }
    if (parsed.program == nullptr) {
        return out;
    }
    if (block.command == "listing") {
        return listing(*parsed.program);
    }
    if (block.command == "paths") {
        for (const NameRead& read : names_read(*parsed.program)) {
            out += read.is_own ? "" : read.path + "\n";
        }
        return out;
    }
    if (block.command == "source") {
        return shown(to_source(*parsed.program));
    }
    const ValueMap data = shop_data();
    RenderOptions options = options_of(block.command);
    options.snippets = &test_snippets();
    const LinkMaker links = [](std::string_view target) {
        return target.starts_with("http") ? "https://t.example/" + std::to_string(target.size())
                                          : "";
    };
    options.links = &links;
    if (const auto error = render(*parsed.program, data, options, out)) {
        return std::string(render_error_kind_name(error->kind)) + " " +
               (error->snippet.empty() ? "" : error->snippet + ":") +
               std::to_string(error->position.line) + ":" + std::to_string(error->position.column) +
               " " + error->message + "\n";
    }
    return shown(out);
}

TEST(TemplateScenarios, HoldTrue) {
    const bool update = std::getenv("WINBACK_UPDATE") != nullptr;
    for (const char* file :
         {"template_language.scn", "template_filters.scn", "template_errors.scn"}) {
        for (const std::string& failure :
             test::run_scenario("test/scenario/" + std::string(file), answer, update)) {
            ADD_FAILURE() << failure;
        }
    }
}

TEST(Html, EscapesEveryNaughtyString) {
    std::ifstream file("test/data/blns/blns.json");
    ASSERT_TRUE(file);
    const ProgramPtr program =
        parse(
            "{{ v }}{{ v | upcase }}{{ v | append: v }}{{ v | escape }}{{ v | strip }}"
            "{{ v | newline_to_br | replace: '<br />', '' }}{{ v | json }}{{ v | split: 'a' }}"
            "{{ v | default: 'x' }}{% capture c %}{{ v }}{% endcapture %}{{ c }}{{ c | size }}"
            "{% for w in v %}{{ w }}{% endfor %}{{ v | truncate: 9 }}{{ v | escape_once }}")
            .program;
    ASSERT_NE(program, nullptr);
    int checked = 0;
    for (const auto& entry : nlohmann::json::parse(file)) {
        ValueMap data;
        data.set("v", entry.get<std::string>());
        std::string out;
        EXPECT_EQ(render(*program, data, {}, out), std::nullopt) << entry;
        EXPECT_EQ(out.find_first_of("<>\"'"), std::string::npos) << entry << "\n" << out;
        for (std::size_t at = out.find('&'); at != std::string::npos; at = out.find('&', at + 1)) {
            EXPECT_NE(out.substr(at, 12).find(';'), std::string::npos) << out.substr(at, 20);
        }
        ++checked;
    }
    EXPECT_GT(checked, 400);
}

TEST(Decimals, AreWhatPeopleExpect) {
    const std::pair<const char*, const char*> cases[] = {
        {"{{ 0.1 | plus: 0.2 }}", "0.3"},
        {"{{ 10.1 | modulo: 7.0 }}", "3.1"},
        {"{{ 1.15 | round: 1 }}", "1.2"},
        {"{{ -7 | divided_by: 2 }}", "-4"},
        {"{{ -7 | modulo: 3 }}", "2"},
        {"{{ 0.3 | divided_by: 0.1 }}", "3.0"},
        {"{{ '3.5kg' | plus: 1 }}", "4"},
        {"{{ 9223372036854775807 | plus: 1 }}", "9223372036854775808"},
        {"{{ 1234 | round: -2 }}", "1200"},
        {"{{ -1.5 | ceil }} {{ -1.5 | floor }} {{ -1.5 | abs }}", "-1 -2 1.5"},
    };
    for (const auto& [source, expected] : cases) {
        std::string out;
        EXPECT_EQ(render(*parse(source).program, {}, {}, out), std::nullopt);
        EXPECT_EQ(out, expected) << source;
    }
}

// The attacks that are published for other engines: each must stop, and soon.
TEST(Limits, StopTheKnownAttacks) {
    const char* attacks[] = {
        "{% for a in (1..999999999) %}{% for b in (1..999999999) %}{% endfor %}{% endfor %}",
        "{% assign x = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..99) %}{% assign x = x | append: x %}"
        "{% endfor %}",
        "{% for i in (1..9999999) %}xxxxxxxxxxxxxxxx{% endfor %}",
        "{{ (1..999999999) | join: 'x' }}",
        "{% capture x %}{% for i in (1..100000) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
        "{% endfor %}{% endcapture %}{{ x }}",
        "{% assign l = 'a,b' | split: ',' %}{% for i in (1..99) %}{% assign l = l | concat: l %}"
        "{% endfor %}{{ l }}",
        "{% assign x = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' %}"
        "{% for i in (1..9) %}{% assign x = x | replace: 'a', x %}{% endfor %}",
    };
    for (const char* attack : attacks) {
        const Parsed parsed = parse(attack);
        ASSERT_NE(parsed.program, nullptr) << attack;
        std::string out = "kept";
        const auto error = render(*parsed.program, {}, {}, out);
        ASSERT_TRUE(error) << attack;
        EXPECT_EQ(error->kind, RenderErrorKind::Limit) << attack;
        EXPECT_EQ(out, "kept");
    }
}

TEST(Limits, HoldWhileParsing) {
    std::string deep;
    for (int i = 0; i < 200; ++i) {
        deep += "{% if a %}";
    }
    EXPECT_EQ(parse(deep).program, nullptr);
    std::string nested = "{{ a";
    for (int i = 0; i < 5000; ++i) {
        nested += "[a";
    }
    EXPECT_EQ(parse(nested + " }}").program, nullptr);
    for (const char* piece : {"{{", "{%", "{% raw %}{% ", "{% comment %}{% ", "{{ '", "{% if"}) {
        std::string many;
        while (many.size() < source_bytes_max - 20) {
            many += piece;
        }
        const Parsed parsed = parse(many);
        EXPECT_EQ(parsed.program, nullptr);
        EXPECT_LE(parsed.diagnostics.size(), diagnostics_max);
    }
    EXPECT_EQ(parse(std::string(source_bytes_max + 1, 'x')).program, nullptr);
    EXPECT_EQ(parse("\xff").program, nullptr);
}

}  // namespace
}  // namespace winback::liquid

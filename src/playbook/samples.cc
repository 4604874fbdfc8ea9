#include <algorithm>
#include <charconv>

#include "message/message_template.h"
#include "playbook/parts.h"

namespace winback::playbook {
namespace {

bool is_quoted(std::string_view source, const YamlNode& node) {
    for (int line = 1; line < node.position.line && !source.empty(); ++line) {
        source.remove_prefix(std::min(source.find('\n'), source.size() - 1) + 1);
    }
    const auto before = static_cast<std::size_t>(node.position.column) - 2;
    return node.position.column > 1 && before < source.size() &&
           (source[before] == '"' || source[before] == '\'');
}

// Plain numbers and true or false are what they say; what stands in quotes is text.
Value scalar_of(const Reader& reader, const YamlNode& node) {
    if (!is_quoted(reader.source(), node)) {
        double number = 0;
        const char* end = node.text.data() + node.text.size();
        const auto read = std::from_chars(node.text.data(), end, number);
        if (!node.text.empty() && read.ec == std::errc{} && read.ptr == end) {
            const auto whole = static_cast<std::int64_t>(number);
            const bool is_whole = node.text.find_first_of(".eE") == std::string::npos;
            return is_whole ? Value(whole) : Value(number);
        }
        if (node.text == "true" || node.text == "false") {
            return node.text == "true";
        }
    }
    return node.text;
}

// As deep as yaml_depth_max.
Value value_of(const Reader& reader, const YamlNode& node) {
    if (node.kind == YamlNode::Kind::Scalar) {
        return scalar_of(reader, node);
    }
    if (node.kind == YamlNode::Kind::List) {
        ValueList list;
        for (const YamlNode& item : node.items) {
            list.push_back(value_of(reader, item));
        }
        return list;
    }
    ValueMap map;
    for (const auto& [key, value] : node.fields) {
        map.set(key.text, value_of(reader, value));
    }
    return map;
}

struct Names {
    std::string_view language;
    std::string_view first_name;
    std::string_view last_name;
    std::string_view country;
    std::string_view zone;
};
constexpr Names names_by_language[] = {
    {"en", "Anna", "Whitfield", "GB", "Europe/London"},
    {"tr", "Zeynep", "Yılmaz", "TR", "Europe/Istanbul"},
    {"ar", "ليلى", "الحسن", "AE", "Asia/Dubai"},
    {"fa", "سارا", "محمدی", "IR", "Asia/Tehran"},
    {"de", "Jürgen", "Groß-Böhm", "DE", "Europe/Berlin"},
};

ValueMap orders_of(int count) {
    ValueMap orders;
    orders.set("count", count);
    orders.set("revenue", count * 58.75);
    if (count > 0) {
        orders.set("days_since_last", 64);
        orders.set("usual_gap_days", 21);
    }
    return orders;
}

engine::Sample complete_sample(std::string_view language) {
    const std::string_view base = language.substr(0, language.find('-'));
    const Names* names = &names_by_language[0];
    for (const Names& known : names_by_language) {
        names = known.language == base ? &known : names;
    }
    engine::Sample sample{"complete", std::string(language), {}};
    sample.customer.set("first_name", names->first_name);
    sample.customer.set("last_name", names->last_name);
    sample.customer.set("name",
                        std::string(names->first_name) + " " + std::string(names->last_name));
    sample.customer.set("email", "customer@mail.example");
    sample.customer.set("phone", "+44 20 7946 0018");
    sample.customer.set("country", names->country);
    sample.customer.set("timezone", names->zone);
    sample.customer.set("orders", orders_of(7));
    return sample;
}

}  // namespace

const std::string hostile_text =
    "\"'>\r\nBcc: all@evil.example\r\n\r\n<winback-probe winback-probe=\"1\"> winback-probe=1 "
    "<script>alert(1)</script><!-- {{ 7 | times: 6 }} {% raw %} &lt;winback-probe&gt; "
    "javascript:alert(1) \u202egnp.live \u2066 \u0085 \u2028 " +
    std::string(300, 'W');

void read_sample(Reader& reader, const YamlNode& root, engine::Sample& sample) {
    if (root.kind != YamlNode::Kind::Map) {
        reader.report(root, "wrong_type", "a sample must be a map of keys and values");
        return;
    }
    sample.language = message::normal_language(reader.text(root, "language"));
    for (const auto& [key, value] : root.fields) {
        if (key.text != "language") {
            sample.customer.set(key.text, value_of(reader, value));
        }
    }
    if (const YamlNode* orders = root.find("orders")) {
        reader.is_map(*orders, "orders", {"count", "revenue", "days_since_last", "usual_gap_days"});
    }
}

std::vector<engine::Sample> built_in_samples(std::string_view language) {
    engine::Sample empty{"empty", std::string(language), {}};
    empty.customer.set("orders", orders_of(0));
    engine::Sample hostile = complete_sample(language);
    hostile.id = "hostile";
    for (const std::string_view name : {"first_name", "last_name", "name", "country"}) {
        hostile.customer.set(std::string(name), hostile_text);
    }
    return {complete_sample(language), empty, hostile};
}

}  // namespace winback::playbook

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "event/names.h"
#include "ingest/amount.h"
#include "ingest/mapping_reader.h"

namespace winback::ingest {
namespace {

constexpr std::size_t group_rows_max = 10'000;
constexpr std::size_t scattered_rows_max = 5'000'000;

}  // namespace

void MappingReader::read(const YamlNode& root) {
    if (!is_map(root, "a mapping",
                {"format",   "delimiter", "encoding",         "header",     "zone",
                 "currency", "decimal",   "surface",          "where",      "customer",
                 "time",     "grouping",  "customer_missing", "event",      "message_id",
                 "products", "returns",   "identify",         "properties", "lookups"})) {
        return;
    }
    read_file_part(root);
    if (mapping_.format == FileFormat::SegmentJsonl) {
        return;
    }
    if (const YamlNode* node = root.find("lookups")) {
        read_lookups(*node);  // First: fields refer to them.
    }
    if (const YamlNode* node = root.find("where")) {
        const bool is_list = node->kind == YamlNode::Kind::List;
        for (const YamlNode& item : is_list ? node->items : std::vector<YamlNode>{*node}) {
            mapping_.where.push_back(condition(item, true));
        }
    }
    if (const YamlNode* node = required(root, "customer", "a mapping")) {
        mapping_.customer = text_template(*node);
    }
    mapping_.skip_missing_customer =
        choice(root.find("customer_missing"), "customer_missing", {"reject", "skip"}) == 1;
    read_time(root);
    if (const YamlNode* node = root.find("grouping")) {
        read_grouping(*node);
    }
    if (const YamlNode* node = root.find("event")) {
        mapping_.event = text_template(*node);
    }
    if (const YamlNode* node = root.find("message_id")) {
        mapping_.message_id = text_template(*node);
    }
    if (const YamlNode* node = root.find("properties")) {
        mapping_.properties = fields(*node, "properties");
    }
    if (const YamlNode* node = root.find("products")) {
        mapping_.products = fields(*node, "products");
    }
    if (const YamlNode* node = root.find("returns")) {
        read_returns(*node);
    }
    if (const YamlNode* node = root.find("identify")) {
        read_identify(*node);
    }
    check_whole(root);
}

void MappingReader::read_file_part(const YamlNode& root) {
    mapping_.format =
        static_cast<FileFormat>(choice(root.find("format"), "format", {"csv", "segment-jsonl"}));
    constexpr std::array<char, 5> delimiters{0, ',', ';', '\t', '|'};
    mapping_.delimiter =
        delimiters.at(choice(root.find("delimiter"), "delimiter", {"auto", ",", ";", "tab", "|"}));
    mapping_.encoding = static_cast<Encoding>(
        choice(root.find("encoding"), "encoding",
               {"utf-8", "windows-1252", "windows-1254", "windows-1256", "utf-16"}));
    if (const YamlNode* node = root.find("header")) {
        mapping_.header = texts(*node, "header");
    }
    if (const YamlNode* node = root.find("zone")) {
        const auto zone = find_zone(text(node, "zone"));
        if (zone) {
            mapping_.zone = *zone;
        } else {
            report(*node, "unknown_zone", "no such time zone; an example: Europe/London");
        }
    }
    mapping_.currency = text(root.find("currency"), "currency");
    const bool is_code = mapping_.currency.size() == 3 &&
                         std::all_of(mapping_.currency.begin(), mapping_.currency.end(),
                                     [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!mapping_.currency.empty() && !is_code) {
        report(*root.find("currency"), "bad_currency",
               "a currency is an ISO 4217 code such as GBP");
    }
    mapping_.decimal_comma = choice(root.find("decimal"), "decimal", {"point", "comma"}) == 1;
    if (const YamlNode* node = root.find("surface")) {
        mapping_.surface =
            static_cast<event::Surface>(choice(node, "surface", {"web", "app", "shop", "unknown"}));
    }
}

void MappingReader::read_time(const YamlNode& root) {
    const YamlNode* node = required(root, "time", "a mapping");
    if (node == nullptr || !is_map(*node, "time", {"column", "text", "formats", "value"})) {
        return;
    }
    const YamlNode* name = node->find("column");
    const YamlNode* text_node = node->find("text");
    const YamlNode* value = node->find("value");
    if ((name != nullptr) + (text_node != nullptr) + (value != nullptr) != 1) {
        report(*node, "bad_time", "time needs one of: column, text, value");
    }
    if (text_node != nullptr) {
        mapping_.time.text = text_template(*text_node);
    }
    if (name != nullptr) {
        mapping_.time.column = column(*name);
    }
    mapping_.time.formats = {"iso8601"};
    if (const YamlNode* formats = node->find("formats")) {
        mapping_.time.formats = texts(*formats, "formats");
        for (std::size_t i = 0; i < mapping_.time.formats.size(); ++i) {
            const std::string& format = mapping_.time.formats[i];
            if (!is_date_format(format)) {
                report(formats->items.empty() ? *formats : formats->items[i], "bad_date_format",
                       "'" + format + "' is no date format; an example: \"%d/%m/%Y %H:%M\"");
            }
        }
    }
    if (value != nullptr) {
        const auto time = parse_date(text(value, "value"), "iso8601", *mapping_.zone);
        if (time) {
            mapping_.time.value = *time;
        } else {
            report(*value, "bad_time", "not a time in ISO 8601; an example: 2024-01-31T12:00:00Z");
        }
    }
}

void MappingReader::read_grouping(const YamlNode& node) {
    if (!is_map(node, "grouping", {"by", "scattered", "first_decides", "rows_max"})) {
        return;
    }
    Grouping grouping;
    if (const YamlNode* by = required(node, "by", "grouping")) {
        grouping.by = column(*by);
    }
    grouping.scattered = flag(node.find("scattered"), "scattered");
    grouping.first_decides = flag(node.find("first_decides"), "first_decides");
    grouping.rows_max = count(node.find("rows_max"), "rows_max",
                              grouping.scattered ? scattered_rows_max : group_rows_max);
    mapping_.grouping = grouping;
}

void MappingReader::read_returns(const YamlNode& node) {
    if (!is_map(node, "returns", {"when", "action", "event", "properties"})) {
        return;
    }
    Returns returns;
    if (const YamlNode* when = required(node, "when", "returns")) {
        returns.when = condition(*when, false);
    }
    returns.action = static_cast<Returns::Action>(
        choice(node.find("action"), "action", {"refund", "skip", "reject"}));
    returns.event = event::order_refunded;
    if (const YamlNode* name = node.find("event")) {
        returns.event = text(name, "event");
    }
    if (const YamlNode* properties = node.find("properties")) {
        returns.properties = fields(*properties, "properties");
    }
    mapping_.returns = std::move(returns);
}

void MappingReader::read_identify(const YamlNode& node) {
    if (!is_map(node, "identify", {"traits", "consent", "repeat"})) {
        return;
    }
    Identify identify;
    if (const YamlNode* traits = node.find("traits")) {
        identify.traits = fields(*traits, "traits");
    }
    identify.on_change = choice(node.find("repeat"), "repeat", {"never", "on_change"}) == 1;
    if (const YamlNode* channels = node.find("consent")) {
        if (channels->kind != YamlNode::Kind::Map) {
            report(*channels, "not_a_map", "consent must be a map of channels: email, sms, …");
        }
        for (const auto& [channel, spec] : channels->fields) {
            identify.consent.push_back(consent(channel.text, spec));
        }
    }
    mapping_.identify = std::move(identify);
}

ConsentSpec MappingReader::consent(const std::string& channel, const YamlNode& node) {
    ConsentSpec out{.channel = channel};
    if (!is_map(node, "a consent", {"state", "column", "granted", "source"})) {
        return out;
    }
    const YamlNode* state = node.find("state");
    const YamlNode* name = node.find("column");
    if ((state == nullptr) == (name == nullptr)) {
        report(node, "bad_consent", "a consent needs either a state or a column");
    }
    out.granted_always = choice(state, "state", {"denied", "granted"}) == 1;
    if (name != nullptr) {
        out.column = column(*name);
        const YamlNode* granted = required(node, "granted", "a consent from a column");
        if (granted != nullptr) {
            out.granted = texts(*granted, "granted");
        }
    }
    // Consent without its origin proves nothing, so it is asked for.
    out.source = text(required(node, "source", "a consent"), "source");
    return out;
}

void MappingReader::read_lookups(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::Map) {
        report(node, "not_a_map", "lookups must be a map of names");
        return;
    }
    for (const auto& [name, spec] : node.fields) {
        Lookup lookup;
        lookup.name = name.text;
        if (!is_map(spec, "a lookup", {"column", "default", "values"})) {
            continue;
        }
        if (const YamlNode* from = required(spec, "column", "a lookup")) {
            lookup.column = column(*from);
        }
        if (const YamlNode* otherwise = spec.find("default")) {
            lookup.fallback = text(otherwise, "default");
        }
        const YamlNode* values = required(spec, "values", "a lookup");
        if (values != nullptr && values->kind != YamlNode::Kind::Map) {
            report(*values, "not_a_map", "values must be a map of texts");
        } else if (values != nullptr && values->fields.size() > lookup_values_max) {
            report(*values, "too_many_values", "a lookup has at most 10000 values");
        } else if (values != nullptr) {
            for (const auto& [key, value] : values->fields) {
                lookup.values[key.text] = text(&value, "the value of a lookup");
            }
        }
        mapping_.lookups.push_back(std::move(lookup));
    }
}

Condition MappingReader::condition(const YamlNode& node, bool with_otherwise) {
    Condition out;
    const bool ok = with_otherwise ? is_map(node, "a condition",
                                            {"column", "op", "value", "otherwise", "reason"})
                                   : is_map(node, "when", {"column", "op", "value"});
    const YamlNode* name = ok ? required(node, "column", "a condition") : nullptr;
    if (name == nullptr) {
        return out;
    }
    out.column = column(*name);
    out.compare = static_cast<Compare>(choice(
        required(node, "op", "a condition"), "op",
        {"=", "!=", "<", "<=", ">", ">=", "empty", "not_empty", "starts_with", "in", "not_in"}));
    out.reject = choice(node.find("otherwise"), "otherwise", {"skip", "reject"}) == 1;
    out.reason = text(node.find("reason"), "reason");
    if (out.reason.empty()) {
        out.reason = "where_" + mapping_.columns[out.column];
    }
    const bool takes_value = out.compare != Compare::Empty && out.compare != Compare::NotEmpty;
    const YamlNode* value = takes_value ? required(node, "value", "a condition") : nullptr;
    if (value == nullptr) {
        return out;
    }
    out.values = texts(*value, "value");
    if (out.values.empty()) {
        return out;  // Reported by texts.
    }
    const bool by_size = out.compare >= Compare::Less && out.compare <= Compare::GreaterEqual;
    const auto number = parse_amount(out.values.front(), false);
    if (by_size && !number) {
        report(*value, "not_a_number", "this comparison needs a number, with a point");
    }
    out.number = number.value_or(Micros{});
    return out;
}

std::vector<FieldSpec> MappingReader::fields(const YamlNode& node, std::string_view what) {
    std::vector<FieldSpec> out;
    if (node.kind != YamlNode::Kind::Map) {
        report(node, "not_a_map", std::string(what) + " must be a map of names");
        return out;
    }
    for (const auto& [name, spec] : node.fields) {
        out.push_back(field(name.text, spec));
    }
    return out;
}

FieldSpec MappingReader::field(const std::string& name, const YamlNode& node) {
    FieldSpec out{.name = name};
    if (node.kind == YamlNode::Kind::Scalar) {
        out.text = text_template(node);
        return out;
    }
    if (!is_map(node, "a field", {"column", "text", "lookup", "sum", "rows", "type"})) {
        return out;
    }
    out.type = static_cast<FieldType>(choice(
        node.find("type"), "type", {"text", "integer", "number", "money", "boolean", "time"}));
    read_source(node, out);
    return out;
}

void MappingReader::read_source(const YamlNode& node, FieldSpec& field) {
    int sources = 0;
    if (const YamlNode* name = node.find("column")) {
        ++sources;
        field.text.parts.push_back({"", column(*name), false});
    }
    if (const YamlNode* text = node.find("text")) {
        ++sources;
        field.text = text_template(*text);
    }
    if (const YamlNode* name = node.find("lookup")) {
        ++sources;
        field.from = FieldSpec::From::Lookup;
        std::vector<std::string> known;
        for (const Lookup& lookup : mapping_.lookups) {
            known.push_back(lookup.name);
        }
        const auto found = std::find(known.begin(), known.end(), name->text);
        field.lookup = static_cast<std::size_t>(found - known.begin());
        if (found == known.end()) {
            const std::string_view near = nearest(name->text, known);
            report(*name, "unknown_lookup",
                   "there is no lookup '" + name->text + "'" +
                       (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?"));
        }
    }
    if (const YamlNode* sum = node.find("sum")) {
        ++sources;
        field.from = FieldSpec::From::Sum;
        field.factors = factors(*sum);
    }
    if (const YamlNode* rows = node.find("rows")) {
        sources += flag(rows, "rows") ? 1 : 0;
        field.from = FieldSpec::From::Rows;
    }
    if (sources != 1) {
        report(node, "bad_field", "a field needs exactly one of: column, text, lookup, sum, rows");
    }
}

// "Quantity * UnitPrice", or a list of columns whose names have stars in them.
std::vector<ColumnId> MappingReader::factors(const YamlNode& node) {
    std::vector<ColumnId> out;
    if (node.kind == YamlNode::Kind::List) {
        for (const YamlNode& item : node.items) {
            out.push_back(column(item));
        }
    } else {
        const std::string source = text(&node, "sum");
        for (const std::string_view factor : split(source, '*')) {
            out.push_back(column_named(std::string(trim(factor)), node.position, node.length));
        }
    }
    if (out.empty() || out.size() > 4) {
        report(node, "bad_sum", "a sum is of one to four columns: Quantity * UnitPrice");
    }
    return out;
}

void MappingReader::check_whole(const YamlNode& root) {
    if (!mapping_.event && !mapping_.identify) {
        report(root, "no_result", "a mapping needs 'event', 'identify' or both");
    }
    for (const std::string_view key :
         {"grouping", "properties", "products", "returns", "message_id"}) {
        const YamlNode* node = root.find(key);
        if (!mapping_.event && node != nullptr) {
            report(*node, "no_event", "'" + std::string(key) + "' needs an 'event'");
        }
    }
    if (mapping_.identify) {
        for (const FieldSpec& trait : mapping_.identify->traits) {
            if (trait.from == FieldSpec::From::Sum || trait.from == FieldSpec::From::Rows) {
                report(*root.find("identify"), "bad_field",
                       "the trait '" + trait.name + "' cannot be a sum or a count of rows");
            }
        }
    }
    for (const FieldSpec& field : mapping_.products) {
        if (field.from == FieldSpec::From::Rows) {
            report(*root.find("products"), "bad_field",
                   "a product is one row; it cannot count rows");
        }
    }
    if (mapping_.columns.size() > mapping_columns_max) {
        report(root, "too_many_columns", "a mapping names at most 256 columns");
    }
}

}  // namespace winback::ingest

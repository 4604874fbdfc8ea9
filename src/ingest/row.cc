#include "ingest/row.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/strings.h"
#include "ingest/amount.h"

namespace winback::ingest {
namespace {

constexpr std::int64_t micros_per_unit = 1'000'000;
constexpr std::size_t shown_bytes_max = 40;  // Of a cell in a message.

std::optional<bool> parse_boolean(std::string_view text) {
    constexpr std::array<std::string_view, 6> yes{"true", "yes", "y", "t", "1", "on"};
    constexpr std::array<std::string_view, 6> no{"false", "no", "n", "f", "0", "off"};
    const auto is = [text](std::string_view word) { return equals_ignoring_case(text, word); };
    if (std::any_of(yes.begin(), yes.end(), is)) {
        return true;
    }
    return std::any_of(no.begin(), no.end(), is) ? std::optional(false) : std::nullopt;
}

bool compare_numbers(Compare compare, Micros a, Micros b) {
    switch (compare) {
        case Compare::Less:
            return a < b;
        case Compare::LessEqual:
            return a <= b;
        case Compare::Greater:
            return a > b;
        case Compare::GreaterEqual:
            return a >= b;
        case Compare::Equal:
        case Compare::NotEqual:
        case Compare::Empty:
        case Compare::NotEmpty:
        case Compare::StartsWith:
        case Compare::In:
        case Compare::NotIn:
            break;
    }
    return false;
}

bool is_by_size(Compare compare) {
    return compare >= Compare::Less && compare <= Compare::GreaterEqual;
}

bool compare_texts(const Condition& condition, std::string_view text) {
    const auto& values = condition.values;
    switch (condition.compare) {
        case Compare::Equal:
            return text == values.front();
        case Compare::NotEqual:
            return text != values.front();
        case Compare::Empty:
            return text.empty();
        case Compare::NotEmpty:
            return !text.empty();
        case Compare::StartsWith:
            return text.starts_with(values.front());
        case Compare::In:
            return std::find(values.begin(), values.end(), text) != values.end();
        case Compare::NotIn:
            return std::find(values.begin(), values.end(), text) == values.end();
        case Compare::Less:
        case Compare::LessEqual:
        case Compare::Greater:
        case Compare::GreaterEqual:
            break;
    }
    return false;
}

}  // namespace

std::string_view Row::cell(ColumnId column) const {
    return trim(record_[places_[column]]);
}

RowFault Row::cell_fault(std::string code,
                         std::string_view text,
                         std::string_view expected,
                         std::string column) const {
    std::size_t size = std::min(text.size(), shown_bytes_max);
    while (size < text.size() && size > 0 && (text[size] & 0xc0) == 0x80) {
        --size;  // Not inside a character.
    }
    std::string shown = std::string(text.substr(0, size)) + (size < text.size() ? "…" : "");
    std::string message = "'" + shown + "' is not " + std::string(expected) + " (" + column + ")";
    return {std::move(code), std::move(message), std::move(column), std::move(shown)};
}

// The column a field is read from; the name of the field when it is made of several.
std::string Row::column_of(const FieldSpec& field) const {
    if (field.from == FieldSpec::From::Lookup) {
        return mapping_.columns[mapping_.lookups[field.lookup].column];
    }
    const bool one = field.from == FieldSpec::From::Text && field.text.parts.size() == 1 &&
                     field.text.parts[0].column;
    return one ? mapping_.columns[*field.text.parts[0].column] : field.name;
}

bool Row::expand(const Template& text, std::string& out) const {
    std::string built;
    for (const Template::Part& part : text.parts) {
        built += part.literal;
        if (part.column) {
            const std::string_view value = cell(*part.column);
            if (value.empty()) {
                return false;
            }
            built += part.lower ? to_lower_ascii(value) : value;
        }
    }
    out = std::move(built);
    return true;
}

bool Row::holds(const Condition& condition, bool& out, RowFault& fault) const {
    const std::string_view text = cell(condition.column);
    if (!is_by_size(condition.compare)) {
        out = compare_texts(condition, text);
        return true;
    }
    // Not `number`: a return is told by its sign.
    const auto amount = parse_amount(text, mapping_.decimal_comma);
    if (!amount) {
        fault = cell_fault("bad_number", text, "a number", mapping_.columns[condition.column]);
        return false;
    }
    out = compare_numbers(condition.compare, *amount, condition.number);
    return true;
}

bool Row::time(Timestamp& out, RowFault& fault) const {
    const TimeSpec& spec = mapping_.time;
    if (!spec.column && !spec.text) {
        out = spec.value;
        return true;
    }
    std::string built;
    if (spec.text) {
        static_cast<void>(expand(*spec.text, built));  // A part that is empty: no date.
    }
    const std::string_view text = spec.column ? cell(*spec.column) : std::string_view(built);
    for (const std::string& format : spec.formats) {
        if (const auto time = parse_date(text, format, *mapping_.zone)) {
            out = *time;
            return true;
        }
    }
    fault = cell_fault("bad_date", text, "a date in a form that the mapping names",
                       spec.column ? mapping_.columns[*spec.column] : "time");
    return false;
}

bool Row::number(ColumnId column, Micros& out, RowFault& fault) const {
    const std::string_view text = cell(column);
    const auto amount = parse_amount(text, mapping_.decimal_comma);
    if (!amount) {
        fault = cell_fault("bad_number", text, "a number", mapping_.columns[column]);
        return false;
    }
    out = column == absolute_ ? Micros{std::abs(amount->value)} : *amount;
    return true;
}

bool Row::product(const FieldSpec& field, Micros& out, RowFault& fault) const {
    out = Micros{micros_per_unit};
    for (const ColumnId column : field.factors) {
        Micros factor;
        if (!number(column, factor, fault)) {
            return false;
        }
        const auto product = multiply(out, factor);
        if (!product) {
            fault = {"too_large", "the product for '" + field.name + "' is too large"};
            return false;
        }
        out = *product;
    }
    return true;
}

bool Row::typed(const FieldSpec& field, std::string_view text, Value& out, RowFault& fault) const {
    switch (field.type) {
        case FieldType::Text:
            out = text;
            return true;
        case FieldType::Boolean: {
            const auto boolean = parse_boolean(text);
            if (!boolean) {
                fault = cell_fault("bad_boolean", text, "yes or no", column_of(field));
                return false;
            }
            out = *boolean;
            return true;
        }
        case FieldType::Time: {
            for (const std::string& format : mapping_.time.formats) {
                if (const auto time = parse_date(text, format, *mapping_.zone)) {
                    out = format_iso8601(*time);
                    return true;
                }
            }
            fault = cell_fault("bad_date", text, "a date in a form that the mapping names",
                               column_of(field));
            return false;
        }
        case FieldType::Integer:
        case FieldType::Number:
        case FieldType::Money:
            break;
    }
    const auto parsed = parse_amount(text, mapping_.decimal_comma);
    const bool whole = parsed && parsed->value % micros_per_unit == 0;
    if (!parsed || (field.type == FieldType::Integer && !whole)) {
        fault = cell_fault("bad_number", text,
                           field.type == FieldType::Integer ? "a whole number" : "a number",
                           column_of(field));
        return false;
    }
    const bool absolute = absolute_ && field.from == FieldSpec::From::Text &&
                          field.text.parts.size() == 1 && field.text.parts[0].column == absolute_;
    const Micros amount = absolute ? Micros{std::abs(parsed->value)} : *parsed;
    out = field.type == FieldType::Integer ? Value(amount.value / micros_per_unit)
                                           : Value(to_double(amount));
    return true;
}

bool Row::value(const FieldSpec& field, Value& out, RowFault& fault) const {
    out = Value();
    switch (field.from) {
        case FieldSpec::From::Text: {
            std::string text;
            return !expand(field.text, text) || typed(field, text, out, fault);
        }
        case FieldSpec::From::Lookup: {
            const Lookup& lookup = mapping_.lookups[field.lookup];
            const auto found = lookup.values.find(cell(lookup.column));
            if (found != lookup.values.end()) {
                return typed(field, found->second, out, fault);
            }
            return !lookup.fallback || typed(field, *lookup.fallback, out, fault);
        }
        case FieldSpec::From::Sum: {
            Micros amount;
            if (!product(field, amount, fault)) {
                return false;
            }
            out = to_double(amount);
            return true;
        }
        case FieldSpec::From::Rows:
            out = std::int64_t{1};
            return true;
    }
    return true;
}

bool Row::values(const std::vector<FieldSpec>& fields, ValueMap& out, RowFault& fault) const {
    for (const FieldSpec& field : fields) {
        Value one;
        if (!value(field, one, fault)) {
            return false;
        }
        if (!one.is_null()) {
            out.append(field.name, std::move(one));
        }
    }
    return true;
}

}  // namespace winback::ingest

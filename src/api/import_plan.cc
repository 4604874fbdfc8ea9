#include "api/import_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "base/zone.h"
#include "ingest/amount.h"
#include "ingest/encoding.h"

namespace winback::api {
namespace {

using ingest::ImportPlan;

constexpr std::size_t texts_max = 50;
constexpr std::size_t text_bytes_max = 200;
constexpr std::array<std::string_view, 4> delimiters{",", ";", "tab", "|"};

ValueList texts_value(const std::vector<std::string>& texts) {
    ValueList list;
    for (const std::string& text : texts) {
        list.emplace_back(text);
    }
    return list;
}

// Reads the members of `changes`; the first that is wrong is named in `problem`.
class Changes {
public:
    explicit Changes(const ValueMap& changes) : changes_(changes) {}

    void text(std::string_view name, std::string& out) {
        if (const Value* value = changes_.find(name)) {
            const std::string* text = value->as_string();
            if (text == nullptr || text->size() > text_bytes_max || !is_valid_utf8(*text)) {
                wrong(name);
            } else {
                out = std::string(trim(*text));
            }
        }
    }
    void flag(std::string_view name, bool& out) {
        if (const Value* value = changes_.find(name)) {
            const bool* flag = value->as_bool();
            flag == nullptr ? wrong(name) : static_cast<void>(out = *flag);
        }
    }
    void texts(std::string_view name, std::vector<std::string>& out) {
        const Value* value = changes_.find(name);
        if (value == nullptr) {
            return;
        }
        const ValueList* list = value->as_list();
        if (list == nullptr || list->size() > texts_max) {
            wrong(name);
            return;
        }
        out.clear();
        for (const Value& item : *list) {
            const std::string* text = item.as_string();
            if (text == nullptr || text->size() > text_bytes_max || !is_valid_utf8(*text)) {
                wrong(name);
                return;
            }
            out.push_back(*text);
        }
    }
    template <std::size_t n>
    std::optional<std::size_t> choice(std::string_view name,
                                      const std::array<std::string_view, n>& names) {
        std::string word;
        text(name, word);
        if (word.empty()) {
            return std::nullopt;
        }
        const auto* found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) {
            wrong(name);
            return std::nullopt;
        }
        return static_cast<std::size_t>(found - names.begin());
    }
    void wrong(std::string_view name) {
        if (problem.empty()) {
            problem = std::string(name);
        }
    }

    std::string problem;

private:
    const ValueMap& changes_;
};

void read_roles(Changes& changes, ImportPlan& plan) {
    std::vector<std::string> names;
    for (const ingest::Role role : plan.roles) {
        names.emplace_back(ingest::role_name(role));
    }
    changes.texts("roles", names);
    if (names.size() != plan.roles.size()) {
        changes.wrong("roles");
        return;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto role = ingest::parse_role(names[i]);
        role ? static_cast<void>(plan.roles[i] = *role) : changes.wrong("roles");
    }
}

void check_texts(Changes& changes, const ImportPlan& plan) {
    if (!find_zone(plan.zone).has_value()) {
        changes.wrong("zone");
    }
    const auto is_code = [](const std::string& code) {
        return code.empty() ||
               (code.size() == 3 &&
                std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; }));
    };
    if (!is_code(plan.currency)) {
        changes.wrong("currency");
    }
    for (const std::string& format : plan.date_formats) {
        if (!ingest::is_date_format(format)) {
            changes.wrong("date_formats");
        }
    }
    if (!plan.as_of.empty() && !parse_iso8601(plan.as_of)) {
        changes.wrong("as_of");
    }
}

}  // namespace

std::string in_capitals(std::string_view code) {
    std::string out(code);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

ValueMap plan_value(const ImportPlan& plan) {
    ValueMap map;
    map.set("format", plan.format == ingest::FileFormat::Csv ? "csv" : "segment-jsonl");
    map.set("delimiter", plan.delimiter == '\t' ? "tab" : std::string(1, plan.delimiter));
    map.set("encoding", ingest::encoding_name(plan.encoding));
    map.set("has_header", plan.has_header);
    map.set("columns", texts_value(plan.columns));
    ValueList roles;
    for (const ingest::Role role : plan.roles) {
        roles.emplace_back(std::string(ingest::role_name(role)));
    }
    map.set("roles", std::move(roles));
    map.set("shape", ingest::shape_name(plan.shape));
    map.set("date_formats", texts_value(plan.date_formats));
    map.set("decimal_comma", plan.decimal_comma);
    map.set("currency", plan.currency);
    map.set("zone", plan.zone);
    map.set("scattered", plan.scattered);
    map.set("skips_nameless", plan.skips_nameless);
    map.set("dead", texts_value(plan.dead));
    map.set("first_decides", plan.first_decides);
    map.set("only_currency", plan.only_currency);
    map.set("consent_yes", texts_value(plan.consent_yes));
    map.set("consent_for_all", plan.consent_for_all);
    map.set("consent_source", plan.consent_source);
    map.set("as_of", plan.as_of);
    return map;
}

Result<ImportPlan> changed_plan(ImportPlan base, const ValueMap& values) {
    ImportPlan plan = std::move(base);
    Changes changes(values);
    constexpr std::array<std::string_view, 5> encodings{"utf-8", "windows-1252", "windows-1254",
                                                        "windows-1256", "utf-16"};
    constexpr std::array<std::string_view, 3> shapes{"lines", "orders", "customers"};
    if (const auto delimiter = changes.choice("delimiter", delimiters)) {
        constexpr std::array<char, 4> signs{',', ';', '\t', '|'};
        plan.delimiter = signs.at(*delimiter);
    }
    if (const auto encoding = changes.choice("encoding", encodings)) {
        plan.encoding = static_cast<ingest::Encoding>(*encoding);
    }
    if (const auto shape = changes.choice("shape", shapes)) {
        plan.shape = static_cast<ingest::Shape>(*shape);
    }
    read_roles(changes, plan);
    changes.texts("date_formats", plan.date_formats);
    changes.flag("decimal_comma", plan.decimal_comma);
    changes.text("currency", plan.currency);
    plan.currency = in_capitals(plan.currency);
    changes.text("zone", plan.zone);
    changes.flag("scattered", plan.scattered);
    changes.flag("skips_nameless", plan.skips_nameless);
    changes.texts("dead", plan.dead);
    changes.flag("first_decides", plan.first_decides);
    changes.text("only_currency", plan.only_currency);
    changes.texts("consent_yes", plan.consent_yes);
    changes.flag("consent_for_all", plan.consent_for_all);
    changes.text("consent_source", plan.consent_source);
    changes.text("as_of", plan.as_of);
    check_texts(changes, plan);
    if (!changes.problem.empty()) {
        return Error{ErrorCode::InvalidArgument, "'" + changes.problem + "' cannot be that"};
    }
    return plan;
}

ValueMap guess_value(const ingest::Guess& guess) {
    ValueMap map;
    ValueList columns;
    for (std::size_t i = 0; i < guess.columns.size(); ++i) {
        const ingest::GuessedColumn& column = guess.columns[i];
        ValueMap entry;
        entry.set("name", guess.plan.columns.at(i));
        entry.set("role", ingest::role_name(column.role));
        entry.set("confidence", column.confidence);
        entry.set("reason", column.reason);
        ValueList examples;
        for (const std::string& example : column.examples) {
            constexpr std::size_t shown_max = 60;
            std::size_t size = std::min(example.size(), shown_max);
            while (size < example.size() && size > 0 && (example[size] & 0xC0) == 0x80) {
                --size;
            }
            examples.emplace_back(example.substr(0, size) + (size < example.size() ? "…" : ""));
        }
        entry.set("examples", std::move(examples));
        columns.emplace_back(std::move(entry));
    }
    map.set("columns", std::move(columns));
    ValueList questions;
    for (const ingest::Question& question : guess.questions) {
        ValueMap entry;
        entry.set("code", question.code);
        entry.set("about", question.about);
        questions.emplace_back(std::move(entry));
    }
    map.set("questions", std::move(questions));
    map.set("confidence", guess.confidence);
    map.set("rows", static_cast<std::int64_t>(guess.rows));
    return map;
}

}  // namespace winback::api

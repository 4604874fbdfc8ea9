// Which templates there are, in which languages, who sends them, and what is wrong with them.
#include <algorithm>
#include <map>

#include "base/strings.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::size_t search_bytes_max = 200;

std::string query_of(const http::Request& request, std::string_view name) {
    const std::string* value = request.query_value(name);
    return value == nullptr ? std::string() : *value;
}

bool contains(std::string_view text, std::string_view lower_part) {
    return to_lower_ascii(text).find(lower_part) != std::string::npos;
}

bool has(const ValueList& list, std::string_view text) {
    return std::any_of(list.begin(), list.end(), [&](const Value& value) {
        return value.as_string() != nullptr && *value.as_string() == text;
    });
}

struct Filter {
    std::string search;  // In small letters.
    std::string channel;
    std::string lacks;
    playbook::Files files;  // Read only to search in them.

    bool any() const { return !search.empty() || !channel.empty() || !lacks.empty(); }

    bool holds(const ValueMap& entry) const {
        if (!channel.empty() && text_at(entry, "channel") != channel) {
            return false;
        }
        if (!lacks.empty() && !has(list_at(entry, "missing"), lacks)) {
            return false;
        }
        return search.empty() || finds(entry);
    }

private:
    bool finds(const ValueMap& entry) const {
        if (contains(text_at(entry, "id"), search) || contains(text_at(entry, "topic"), search)) {
            return true;
        }
        for (const Value& use : list_at(entry, "used_by")) {
            if (contains(text_at(*use.as_map(), "name"), search)) {
                return true;
            }
        }
        for (const Value& value : list_at(entry, "variants")) {
            const ValueMap& variant = *value.as_map();
            const auto file = files.find(text_at(variant, "file"));
            if (contains(text_at(variant, "subject"), search) ||
                (file != files.end() && contains(file->second, search))) {
                return true;
            }
        }
        return false;
    }
};

// A chip for each language of the playbook, whether the template has it or not.
ValueList chips_of(const ValueMap& entry, const ValueList& languages) {
    ValueList chips;
    for (const Value& language : languages) {
        ValueMap chip;
        const std::string& tag = *language.as_string();
        chip.set("language", tag);
        chip.set("missing", has(list_at(entry, "missing"), tag));
        chip.set("path",
                 "/templates/" + text_at(entry, "id") + "?language=" + http::percent_encode(tag));
        chips.emplace_back(std::move(chip));
    }
    return chips;
}

// The subject that the reader of the page understands, else the workspace's.
const ValueMap* variant_for(const ValueMap& entry,
                            std::string_view reader,
                            std::string_view workspace) {
    const ValueList& variants = list_at(entry, "variants");
    for (const std::string_view wanted : {reader, workspace}) {
        for (const Value& variant : variants) {
            if (api::same_language(text_at(*variant.as_map(), "language"), wanted)) {
                return variant.as_map();
            }
        }
    }
    return variants.empty() ? nullptr : variants.front().as_map();
}

ValueList lacking_list(const ValueMap& tree) {
    std::map<std::string, std::int64_t> lacking;
    for (const Value& entry : list_at(tree, "templates")) {
        for (const Value& language : list_at(*entry.as_map(), "missing")) {
            lacking[*language.as_string()] += 1;
        }
    }
    ValueList list;
    for (const auto& [language, count] : lacking) {
        ValueMap map;
        map.set("language", language);
        map.set("templates", count);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace

std::string spoken_id(std::string_view id) {
    std::string words(id);
    std::replace(words.begin(), words.end(), '_', ' ');
    if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') {
        words[0] = static_cast<char>(words[0] - 'a' + 'A');
    }
    return words;
}

ValueMap template_list_data(api::TemplateDesk& templates, const http::Request& request) {
    ValueMap data = templates.list();
    Filter filter{
        .search = to_lower_ascii(trim(query_of(request, "q").substr(0, search_bytes_max))),
        .channel = query_of(request, "channel"),
        .lacks = query_of(request, "lacks"),
        .files = {}};
    if (!filter.search.empty()) {
        const auto version = static_cast<std::uint64_t>(data.find("version")->number_or(0));
        Result<playbook::Files> files = templates.desk().host().playbook_files(version);
        filter.files = files ? *std::move(files) : playbook::Files();
    }
    const std::string workspace = text_at(data, "language");
    ValueList shown;
    std::int64_t mistakes = 0;
    for (const Value& value : list_at(data, "templates")) {
        ValueMap entry = *value.as_map();
        mistakes += entry.find("errors")->number_or(0) > 0 ? 1 : 0;
        if (!filter.holds(entry)) {
            continue;
        }
        entry.set("chips", chips_of(entry, list_at(data, "languages")));
        if (const ValueMap* variant = variant_for(entry, "en", workspace)) {
            entry.set("subject", text_at(*variant, "subject"));
            entry.set("subject_varies", *variant->find("subject_varies"));
            entry.set("direction", text_at(*variant, "direction"));
            entry.set("path", "/templates/" + text_at(entry, "id") + "?language=" +
                                  http::percent_encode(text_at(*variant, "language")));
        }
        shown.emplace_back(std::move(entry));
    }
    data.set("all", static_cast<std::int64_t>(list_at(data, "templates").size()));
    data.set("language_count", static_cast<std::int64_t>(list_at(data, "languages").size()));
    data.set("lacking", lacking_list(data));
    data.set("mistakes", mistakes);
    data.set("matching", static_cast<std::int64_t>(shown.size()));
    data.set("templates", std::move(shown));
    ValueMap chosen;
    chosen.set("search", query_of(request, "q"));
    chosen.set("channel", filter.channel);
    chosen.set("lacks", filter.lacks);
    chosen.set("any", filter.any());
    data.set("chosen", std::move(chosen));
    return data;
}

}  // namespace winback::ui

#include "base/words.h"

#include <algorithm>

namespace winback {
namespace {

constexpr std::string_view ending = "_in";

const std::string* find_words(const ValueMap& words, std::string_view language) {
    for (const std::string_view tag : {language, language.substr(0, language.find('-'))}) {
        if (const Value* found = words.find(tag)) {
            return found->as_string();
        }
    }
    return nullptr;
}

Value spoken_value(const Value& value, std::string_view language) {
    if (const ValueMap* map = value.as_map()) {
        return spoken(*map, language);
    }
    if (const ValueList* list = value.as_list()) {
        ValueList items;
        items.reserve(list->size());
        for (const Value& item : *list) {
            items.push_back(spoken_value(item, language));
        }
        return items;
    }
    return value;
}

}  // namespace

const std::string& in_language(const Words& words,
                               std::string_view language,
                               const std::string& otherwise) {
    for (const std::string_view tag : {language, language.substr(0, language.find('-'))}) {
        if (const auto found = words.find(tag); found != words.end()) {
            return found->second;
        }
    }
    return otherwise;
}

void set_words(ValueMap& map, const std::string& key, const std::string& text, const Words& words) {
    map.set(key, text);
    if (words.size() > 1) {
        ValueMap all;
        for (const auto& [language, word] : words) {
            all.set(language, word);
        }
        map.set(key + std::string(ending), std::move(all));
    }
}

ValueMap spoken(const ValueMap& tree, std::string_view language) {
    const bool any = std::any_of(tree.begin(), tree.end(),
                                 [](const Field& field) { return field.first.ends_with(ending); });
    ValueMap result;
    for (const auto& [key, value] : tree) {
        const Value* all = any ? tree.find(key + std::string(ending)) : nullptr;
        const std::string* words = all == nullptr || all->as_map() == nullptr
                                       ? nullptr
                                       : find_words(*all->as_map(), language);
        result.append(key, words == nullptr ? spoken_value(value, language) : Value(*words));
    }
    return result;
}

}  // namespace winback

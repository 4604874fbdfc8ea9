#include "base/words.h"

#include <algorithm>

namespace winback {
namespace {

constexpr std::string_view ending = "_in";

// Calls `find` with the language, then with its main one, until it finds something.
template <class Find>
const std::string* find_in(std::string_view language, Find find) {
    const std::string* found = find(language);
    return found != nullptr ? found : find(language.substr(0, language.find('-')));
}

// What stands beside `key` in that language; null when nothing does.
const std::string* find_words(const ValueMap& map,
                              const std::string& key,
                              std::string_view language) {
    const Value* all = map.find(key + std::string(ending));
    if (all == nullptr || all->as_map() == nullptr) {
        return nullptr;
    }
    return find_in(language, [&](std::string_view tag) {
        const Value* found = all->as_map()->find(tag);
        return found == nullptr ? nullptr : found->as_string();
    });
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
    const std::string* found = find_in(language, [&](std::string_view tag) {
        const auto word = words.find(tag);
        return word == words.end() ? nullptr : &word->second;
    });
    return found == nullptr ? otherwise : *found;
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
        const std::string* words = any ? find_words(tree, key, language) : nullptr;
        result.append(key, words == nullptr ? spoken_value(value, language) : Value(*words));
    }
    return result;
}

std::string spoken_text(const ValueMap& map, const std::string& key, std::string_view language) {
    const Value* value = map.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    const std::string* words = find_words(map, key, language);
    return words != nullptr ? *words : text != nullptr ? *text : std::string();
}

}  // namespace winback

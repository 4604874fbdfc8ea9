// One text in several languages, as a playbook names its segments and journeys.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/value.h"

namespace winback {

// By language: "en", "pt-BR". Empty when a text stands in one language alone.
using Words = std::map<std::string, std::string, std::less<>>;

// In the language, else in its main one ("tr" of "tr-TR"), else `otherwise`.
const std::string& in_language(const Words& words,
                               std::string_view language,
                               const std::string& otherwise);

// Sets `key` to the text and, where there are several languages, `key`_in to all of them.
void set_words(ValueMap& map, const std::string& key, const std::string& text, const Words& words);

// Sets `key` to the name of a segment or journey; to the id of one that is gone.
template <class Named>
void set_name(ValueMap& map, const std::string& key, const std::string& id, const Named* named) {
    set_words(map, key, named == nullptr ? id : named->name,
              named == nullptr ? Words() : named->names);
}
// As `name`; add_names has its `description` as well.
template <class Named>
void add_name(ValueMap& map, const std::string& id, const Named* named) {
    set_name(map, "name", id, named);
}
template <class Named>
void add_names(ValueMap& map, const std::string& id, const Named* named) {
    add_name(map, id, named);
    set_words(map, "description", named == nullptr ? "" : named->description,
              named == nullptr ? Words() : named->descriptions);
}

// The tree with each `key` that has a `key`_in beside it in the reader's language. Depth as of any
// Value.
ValueMap spoken(const ValueMap& tree, std::string_view language);
// The same of one text; empty when there is none.
std::string spoken_text(const ValueMap& map, const std::string& key, std::string_view language);

}  // namespace winback

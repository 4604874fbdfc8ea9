// What the pages say, in every language: web/languages/*.yaml, one text a line under its key.
//
// A text is written in ICU's MessageFormat: "{count, plural, one {# customer} other {#
// customers}}". English decides which keys there are and which arguments each has; the other
// languages say the same (texts_test.cc). Keys are "area.name"; with the ending `_html` a text
// holds markup of ours.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "template/template.h"

namespace winback::ui {

struct Language {
    std::string_view code;  // "fa"
    std::string_view name;  // In itself: "فارسی"
    bool right_to_left;
    std::string_view digits;  // "arabext": a numbering system of CLDR; empty: Latin digits.
};
// In the order in which they are offered; English is first.
inline constexpr Language languages[] = {
    {"en", "English", false, ""},
    {"tr", "Türkçe", false, ""},
    {"ar", "العربية", true, "arab"},
    {"fa", "فارسی", true, "arabext"},
};
// Null for a language that the pages do not speak. "tr-TR" is "tr".
const Language* find_language(std::string_view name);

// {code, name} of each, for choices.
ValueList languages_value();

// The texts of one language. Any thread.
class LanguageTexts : public liquid::Texts {
public:
    // `locale` chooses the plural, and writes the numbers of `write`. Mistakes are added to
    // `diagnostics`, and the texts that have them are left out. `fallback` is asked for keys that
    // are not here.
    LanguageTexts(std::string_view yaml,
                  std::string_view file,
                  std::string locale,
                  const LanguageTexts* fallback,
                  Diagnostics& diagnostics);
    ~LanguageTexts() override;

    // A key that is nowhere is written as words: a page must not fail for a missing text. An
    // argument that is missing is left out.
    bool write(std::string& out,
               std::string_view key,
               const std::vector<liquid::TextArgument>& arguments,
               bool html) const override;
    // As `write`, with the numbers of a place that speaks the language: "en-DE".
    void write_in(std::string_view locale,
                  std::string& out,
                  std::string_view key,
                  const std::vector<liquid::TextArgument>& arguments,
                  bool html) const;
    bool has(std::string_view key) const;
    std::vector<std::string> keys() const;  // Sorted; without those of the fallback.
    std::set<std::string> arguments_of(std::string_view key) const;

private:
    struct Text;
    std::string locale_;
    const LanguageTexts* fallback_;
    std::map<std::string, std::unique_ptr<Text>, std::less<>> texts_;
};

// The texts of a language with the numbers of a place. Both must outlive it.
class PlacedTexts : public liquid::Texts {
public:
    PlacedTexts(const LanguageTexts& texts, std::string_view locale)
        : texts_(texts), locale_(locale) {}
    bool write(std::string& out,
               std::string_view key,
               const std::vector<liquid::TextArgument>& arguments,
               bool html) const override {
        texts_.write_in(locale_, out, key, arguments, html);
        return true;
    }

private:
    const LanguageTexts& texts_;
    std::string_view locale_;
};

}  // namespace winback::ui

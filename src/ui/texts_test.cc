// The languages say the same, and the templates say nothing that the languages do not.
#include "ui/texts.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "ui/embedded.h"

namespace winback::ui {
namespace {

std::string_view file_of(std::string_view path) {
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (file.path == path) {
            return file.content;
        }
    }
    return {};
}

std::unique_ptr<LanguageTexts> load(std::string_view code) {
    const std::string path = "languages/" + std::string(code) + ".yaml";
    Diagnostics diagnostics;
    auto texts = std::make_unique<LanguageTexts>(file_of(path), path, std::string(code), nullptr,
                                                 diagnostics);
    for (const Diagnostic& diagnostic : diagnostics) {
        ADD_FAILURE() << render(diagnostic, file_of(path));
    }
    return texts;
}

std::string say(const LanguageTexts& texts,
                std::string_view key,
                const std::vector<liquid::TextArgument>& arguments,
                bool html = false) {
    std::string out;
    texts.write(out, key, arguments, html);
    return out;
}

std::unique_ptr<LanguageTexts> texts_from(std::string_view yaml, std::string_view code) {
    Diagnostics diagnostics;
    auto texts =
        std::make_unique<LanguageTexts>(yaml, "x.yaml", std::string(code), nullptr, diagnostics);
    EXPECT_TRUE(diagnostics.empty());
    return texts;
}

TEST(Texts, EveryLanguageHasEveryKeyWithTheSameArguments) {
    const auto english = load("en");
    ASSERT_GT(english->keys().size(), 100U);
    for (const Language& language : languages) {
        const auto texts = load(language.code);
        EXPECT_EQ(texts->keys(), english->keys()) << language.code;
        for (const std::string& key : english->keys()) {
            EXPECT_EQ(texts->arguments_of(key), english->arguments_of(key))
                << language.code << " " << key;
        }
    }
}

// 'key' | t: a: …, b: …  A key that is put together begins with an area that there is.
TEST(Texts, TemplatesUseKeysThatThereAre) {
    const auto english = load("en");
    const std::regex use(R"('([a-z_0-9]+\.[a-z_0-9]+)' \| t\b([^|}%]*))");
    const std::regex raw(R"('([a-z_0-9]+\.[a-z_0-9]+)' \| t\b[^|}%]*\| raw)");
    const std::regex argument(R"(([a-z_]+):)");
    std::size_t uses = 0;
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (!file.path.ends_with(".liquid")) {
            continue;
        }
        const std::string text(file.content);
        for (std::sregex_iterator it(text.begin(), text.end(), use), end; it != end; ++it) {
            ++uses;
            const std::string key = (*it)[1];
            EXPECT_TRUE(english->has(key)) << file.path << ": " << key;
            std::set<std::string> given;
            const std::string arguments = (*it)[2];
            for (std::sregex_iterator at(arguments.begin(), arguments.end(), argument); at != end;
                 ++at) {
                given.insert((*at)[1]);
            }
            for (const std::string& name : english->arguments_of(key)) {
                EXPECT_TRUE(given.contains(name)) << file.path << ": " << key << " lacks " << name;
            }
        }
        for (std::sregex_iterator it(text.begin(), text.end(), raw), end; it != end; ++it) {
            EXPECT_TRUE((*it)[1].str().ends_with("_html"))
                << file.path << ": " << (*it)[1] << " is printed raw";
        }
    }
    EXPECT_GT(uses, 50U);
}

TEST(Texts, PluralsAndDigitsAreTheLanguagesOwn) {
    constexpr std::string_view days = "a.days: \"{n, plural, one {# day} other {# days}}\"\n";
    EXPECT_EQ(say(*texts_from(days, "en"), "a.days", {{"n", 1}}), "1 day");
    EXPECT_EQ(say(*texts_from(days, "en"), "a.days", {{"n", 1234}}), "1,234 days");
    constexpr std::string_view arabic =
        "a.days: \"{n, plural, one {يوم} two {يومان} few {# أيام} many {# يومًا} other {# يوم}}\"\n";
    EXPECT_EQ(say(*texts_from(arabic, "ar"), "a.days", {{"n", 2}}), "يومان");
    EXPECT_EQ(say(*texts_from(arabic, "ar"), "a.days", {{"n", 3}}), "٣ أيام");
    EXPECT_EQ(say(*texts_from("a.n: \"{n} نفر\"\n", "fa"), "a.n", {{"n", 12}}), "۱۲ نفر");
}

TEST(Texts, ArgumentsAreEscapedInMarkupAlone) {
    const auto texts = texts_from("a.b_html: \"<b>{x}</b>\"\na.c: \"{x}!\"\n", "en");
    EXPECT_EQ(say(*texts, "a.b_html", {{"x", "<i>&"}}, true), "<b>&lt;i&gt;&amp;</b>");
    EXPECT_EQ(say(*texts, "a.c", {{"x", "<i>"}}), "<i>!");
}

TEST(Texts, WhatAPersonTypedKeepsItsDirection) {
    EXPECT_EQ(say(*texts_from("a.c: \"{x}!\"\n", "en"), "a.c", {{"x", "زهرا"}}),
              "\u2068زهرا\u2069!");
    EXPECT_EQ(say(*texts_from("a.c: \"{x}!\"\n", "ar"), "a.c", {{"x", "Ada"}}), "\u2068Ada\u2069!");
}

TEST(Texts, AMissingKeyIsWrittenAsWords) {
    EXPECT_EQ(say(*texts_from("a.b: \"c\"\n", "en"), "reason.too_late", {}), "too late");
}

TEST(Texts, MistakesSayWhereTheyAre) {
    Diagnostics diagnostics;
    const LanguageTexts texts("a.b: \"{n, plural, one {x}}\"\na.c: \"fine\"\n", "en.yaml", "en",
                              nullptr, diagnostics);
    ASSERT_EQ(diagnostics.size(), 1U);
    EXPECT_EQ(diagnostics[0].position.line, 1);
    EXPECT_FALSE(texts.has("a.b"));
    EXPECT_TRUE(texts.has("a.c"));
}

TEST(Texts, FindsALanguageByItsTag) {
    EXPECT_EQ(find_language("tr-TR")->code, "tr");
    EXPECT_EQ(find_language("FA")->code, "fa");
    EXPECT_EQ(find_language("de"), nullptr);
}

}  // namespace
}  // namespace winback::ui

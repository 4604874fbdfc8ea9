// The languages say the same, and the templates say nothing that the languages do not.
#include "ui/texts.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "host/users.h"
#include "ingest/csv.h"
#include "template/calendar.h"
#include "template/locale.h"
#include "ui/embedded.h"
#include "ui/frame.h"

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

std::set<std::string> names_before_colons(re2::StringPiece text) {
    std::set<std::string> names;
    std::string name;
    while (re2::RE2::FindAndConsume(&text, "([a-z_]+):", &name)) {
        names.insert(name);
    }
    return names;
}

// 'key' | t: a: …, b: … A key that is put together of parts is not looked at.
TEST(Texts, TemplatesUseKeysThatThereAre) {
    const auto english = load("en");
    const re2::RE2 use(R"('([a-z_0-9]+\.[a-z_0-9]+)' \| t\b([^|}%]*)(\| raw)?)");
    std::size_t uses = 0;
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (!file.path.ends_with(".liquid")) {
            continue;
        }
        re2::StringPiece text(file.content.data(), file.content.size());
        std::string key;
        std::string arguments;
        std::string raw;
        while (re2::RE2::FindAndConsume(&text, use, &key, &arguments, &raw)) {
            ++uses;
            EXPECT_TRUE(english->has(key)) << file.path << ": " << key;
            EXPECT_TRUE(raw.empty() || key.ends_with("_html"))
                << file.path << ": " << key << " is printed raw";
            const std::set<std::string> given = names_before_colons(arguments);
            for (const std::string& name : english->arguments_of(key)) {
                EXPECT_TRUE(given.contains(name)) << file.path << ": " << key << " lacks " << name;
            }
        }
    }
    EXPECT_GT(uses, 50U);
}

// A key stands in a template or in the code, whole or by its beginning: 'overview.by_' | append: x.
TEST(Texts, EachIsSaidSomewhere) {
    const re2::RE2 literal(R"re(["']([a-z_0-9]+\.[a-z_0-9]*)["'])re");
    std::set<std::string> found;
    const auto look = [&](re2::StringPiece text) {
        std::string key;
        while (re2::RE2::FindAndConsume(&text, literal, &key)) {
            found.insert(key);
        }
    };
    for (const api::EmbeddedFile& file : embedded_web_files()) {
        if (file.path.ends_with(".liquid")) {
            look({file.content.data(), file.content.size()});
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator("src/ui")) {
        const std::string path = entry.path().string();
        if (path.ends_with(".cc") && !path.ends_with("_test.cc")) {
            std::ifstream file(path);
            const std::string text{std::istreambuf_iterator<char>(file), {}};
            look(text);
        }
    }
    for (const std::string& key : load("en")->keys()) {
        const bool said = std::any_of(found.begin(), found.end(), [&](const std::string& one) {
            const bool begins = one.ends_with('.') || one.ends_with('_');
            return key == one || (begins && key.starts_with(one));
        });
        EXPECT_TRUE(said) << key;
    }
}

struct Written {
    std::string key;
    std::string text;
};
std::vector<Written> written_in(std::string_view language) {
    const std::string_view file = file_of("languages/" + std::string(language) + ".yaml");
    re2::StringPiece rest(file.data(), file.size());
    std::vector<Written> list;
    Written one;
    const re2::RE2 line(R"re((?m)^([a-z_0-9.]+): "(.*)"$)re");
    while (re2::RE2::FindAndConsume(&rest, line, &one.key, &one.text)) {
        list.push_back(one);
    }
    return list;
}

// What is typed so in every language keeps its digits; all others are those of the language.
TEST(Texts, NumbersInThemHaveTheDigitsOfTheLanguage) {
    const re2::RE2 typed(R"(\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:]+Z|UTF-8|ISO 8601|OpenAPI 3\.1|)"
                         R"(/v1/|31/12|12/31|1\.234|12\.50|=0 )");
    for (const auto& [language, foreign] :
         {std::pair("ar", "[0-9۰-۹]"), std::pair("fa", "[0-9٠-٩]")}) {
        const re2::RE2 digits(foreign);
        const std::vector<Written> texts = written_in(language);
        EXPECT_GT(texts.size(), 1000U);
        for (const Written& one : texts) {
            std::string rest = one.text;
            re2::RE2::GlobalReplace(&rest, typed, "");
            EXPECT_FALSE(re2::RE2::PartialMatch(rest, digits)) << language << " " << one.key;
        }
    }
}

// docs/glossary.md, "In other languages".
TEST(Texts, OneThingHasOneName) {
    const std::pair<std::string_view, std::string_view> given_up[]{
        {"tr", "yun kitab"},     {"tr", " ileti "},        {"tr", "iletisi"},
        {"tr", "iletide"},       {"tr", "denetim izi"},    {"ar", "دليل العمل"},
        {"ar", "مفتاح إرسال"},   {"ar", "مفاتيح الإرسال"}, {"ar", "مجموعة المقارنة"},
        {"ar", "نسخة من الخطة"}, {"ar", "فضاء العمل"},     {"fa", "کتابچه"},
        {"fa", "کلید فرستادن"},  {"fa", "ردّ حسابرسی"},     {"fa", "گروه شاهد"},
        {"fa", "فضای کار "},     {"fa", "فایل"},           {"fa", "درباره "},
    };
    for (const auto& [language, words] : given_up) {
        for (const Written& one : written_in(language)) {
            EXPECT_EQ(one.text.find(words), std::string::npos) << language << " " << one.key;
        }
    }
}

// Where a change is recorded its code stands beside; each has a text of its own for the audit
// trail.
TEST(Texts, EveryCodeOfTheAuditTrailHasOne) {
    const auto english = load("en");
    const re2::RE2 recorded(
        R"re(\.what =|record(?:_webhook_change)?\(|note(?:_act)?\(|set_flag\(|act_of\()re");
    const re2::RE2 code(R"re("([a-z]+\.[a-z_]+)")re");
    std::set<std::string> found{"import.plan", "import.mapping", "import.start", "import.cancel"};
    for (const auto& entry : std::filesystem::recursive_directory_iterator("src")) {
        const std::string path = entry.path().string();
        if (!path.ends_with(".cc") || path.ends_with("_test.cc")) {
            continue;
        }
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) {
            re2::StringPiece rest(line);
            std::string what;
            while (re2::RE2::PartialMatch(line, recorded) &&
                   re2::RE2::FindAndConsume(&rest, code, &what)) {
                found.insert(what);
            }
        }
    }
    EXPECT_GT(found.size(), 30U);
    for (std::string what : found) {
        std::replace(what.begin(), what.end(), '.', '_');
        EXPECT_TRUE(english->has("audit_what." + what)) << what;
    }
}

// The page of an import puts the key together: import.reason_<code>. Codes stand where a row is
// refused, in the table of faults of CSV, and in that of events.
TEST(Texts, EveryReasonOfAnImportHasOne) {
    const auto english = load("en");
    std::set<std::string> found;
    const auto gather = [&](const std::string& path, const std::string& pattern) {
        std::ifstream file(path);
        const std::string source{std::istreambuf_iterator<char>(file), {}};
        re2::StringPiece rest(source);
        const re2::RE2 code(pattern);
        std::string what;
        const std::size_t before = found.size();
        while (re2::RE2::FindAndConsume(&rest, code, &what)) {
            found.insert(what);
        }
        EXPECT_GT(found.size(), before) << path;
    };
    const std::string refused = R"re((?:(?:why|fault)(?: =)? ?\{|cell_fault\()\s*"([a-z_0-9]+)")re";
    gather("src/ingest/row.cc", refused);
    gather("src/ingest/row_mapper.cc", refused);
    gather("src/ingest/import.cc", refused);
    gather("src/ingest/import.cc", R"re(large \? "([a-z_]+)")re");
    gather("src/ingest/plan.cc", R"re(reason: ([a-z_]+)\})re");
    gather("src/event/item.cc", R"re(\n    \{"([a-z_]+_[a-z_]+)", "[^"]* [^"]*"\})re");
    for (std::size_t i = 1; i < ingest::csv_fault_count; ++i) {
        found.emplace(ingest::csv_fault_code(static_cast<ingest::CsvFault>(i)));
    }
    EXPECT_GT(found.size(), 30U);
    // Of bodies, which a line of a file is none.
    found.erase("no_batch");
    found.erase("batch_too_long");
    for (const std::string& code : found) {
        EXPECT_TRUE(english->has("import.reason_" + code)) << code;
    }
}

TEST(Texts, PluralsAndDigitsAreTheLanguagesOwn) {
    constexpr std::string_view days = "a.days: \"{n, plural, one {# day} other {# days}}\"\n";
    EXPECT_EQ(say(*texts_from(days, "en"), "a.days", {{"n", 1}}), "1 day");
    EXPECT_EQ(say(*texts_from(days, "en"), "a.days", {{"n", 1234}}), "1,234 days");
    constexpr std::string_view arabic =
        "a.days: \"{n, plural, one {يوم} two {يومان} few {# أيام} other {# يوم}}\"\n";
    EXPECT_EQ(say(*texts_from(arabic, "ar"), "a.days", {{"n", 2}}), "يومان");
    EXPECT_EQ(say(*texts_from(arabic, "ar"), "a.days", {{"n", 3}}), "٣ أيام");
    EXPECT_EQ(say(*texts_from("a.n: \"{n} نفر\"\n", "fa"), "a.n", {{"n", 12}}), "۱۲ نفر");
}

// A page has digits and separators of one kind, whatever the country of the shop.
TEST(Texts, NumbersInThemAreThoseOfTheFrame) {
    constexpr std::string_view yaml =
        "a.n: \"{n} x\"\na.days: \"{n, plural, one {# day} other {# days}}\"\n"
        "a.number: \"{n, number}\"\n";
    for (const auto& [language, country, calendar, number] :
         {std::tuple("ar", "AE", "", "١٬٢٣٤٫٥"), std::tuple("ar", "MA", "", "١٬٢٣٤٫٥"),
          std::tuple("ar", "SA", "islamic", "١٬٢٣٤٫٥"), std::tuple("ar", "", "", "١٬٢٣٤٫٥"),
          std::tuple("fa", "IR", "persian", "۱٬۲۳۴٫۵"),
          std::tuple("fa", "AE", "gregorian", "۱٬۲۳۴٫۵"), std::tuple("en", "DE", "", "1.234,5"),
          std::tuple("en", "US", "", "1,234.5"), std::tuple("tr", "TR", "", "1.234,5")}) {
        const std::string locale = locale_of(language, country, calendar);
        const auto texts = texts_from(yaml, language);
        const PlacedTexts placed(*texts, locale);
        const auto written = [&](std::string_view key) {
            std::string out;
            placed.write(out, key, {{"n", 1234.5}}, false);
            return out;
        };
        EXPECT_EQ(written("a.n"), number + std::string(" x")) << locale;
        EXPECT_EQ(written("a.days"), number + std::string(" days")) << locale;
        EXPECT_EQ(written("a.number"), number) << locale;
        EXPECT_EQ(liquid::format_number("1234.5", locale), number) << locale;
        const std::string money = liquid::format_money("1234.5", "EUR", locale);
        // CLDR has marks of its own for money in the English of Germany.
        const std::string marked = locale == "en-DE" ? "1,234.5" : number;
        EXPECT_NE(money.find(marked), std::string::npos) << locale << " " << money;
        const liquid::Calendar expected =
            language == std::string("fa") && calendar != std::string("gregorian")
                ? liquid::Calendar::Persian
            : calendar == std::string("islamic") ? liquid::Calendar::Islamic
                                                 : liquid::Calendar::Gregorian;
        EXPECT_EQ(liquid::calendar_of(locale), expected) << locale;
    }
    EXPECT_EQ(locale_of("ar", "SA", "islamic"), "ar-SA-u-ca-islamic-nu-arab");
    EXPECT_EQ(locale_of("fa", "IR", "gregorian"), "fa-IR-u-ca-gregory-nu-arabext");
    EXPECT_EQ(locale_of("en", ""), "en-001");
    EXPECT_EQ(locale_of("en", "TR"), "en-001");
    EXPECT_EQ(locale_of("en", "DE"), "en-DE");
    EXPECT_EQ(locale_of("en", "US"), "en-US");
}

TEST(Texts, KnowsTheLanguagesThatUsersMayChoose) {
    ASSERT_EQ(std::size(languages), host::all_languages.size());
    for (std::size_t i = 0; i < std::size(languages); ++i) {
        EXPECT_EQ(languages[i].code, host::all_languages[i]);
    }
}

TEST(Texts, ABrowserGetsTheLanguageThatItLikesMost) {
    for (const auto& [accepted, language] :
         {std::pair("de, tr;q=0.5, fa;q=0.9", "fa"), std::pair("en;q=0.1, ar", "ar"),
          std::pair("tr;q=0, fa;q=0.1", "fa"), std::pair("tr;q=0", "en"), std::pair("fa, ar", "fa"),
          std::pair("tr-TR; q=0.8,ar;q=x", "tr"), std::pair("*", "en")}) {
        http::Request request;
        request.headers.emplace_back("accept-language", accepted);
        EXPECT_EQ(language_of(request, ""), language) << accepted;
    }
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

TEST(Texts, AWordThatChoosesIsTakenAsItIs) {
    constexpr std::string_view days = "a.b: \"{day, select, sunday {الأحد} other {الاثنين}}\"\n";
    EXPECT_EQ(say(*texts_from(days, "ar"), "a.b", {{"day", "sunday"}}), "الأحد");
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

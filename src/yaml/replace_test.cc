#include "yaml/replace.h"

#include <gtest/gtest.h>

namespace winback::yaml {
namespace {

std::string changed(std::string_view text,
                    const std::vector<std::string>& path,
                    std::optional<std::string_view> value,
                    bool block = false) {
    const auto out =
        with_text(text, path, value ? std::optional(NewText{*value, block}) : std::nullopt);
    return out ? *out : "! " + out.error().message;
}

constexpr std::string_view segment =
    "# Who goes.\n"
    "name:\n"
    "  en: Lapsing\n"
    "  tr: >-\n"
    "    Uzak\n"
    "    gidenler\n"
    "  fa: Y  # to be checked\n"
    "description: {en: \"Old, old\", tr: Eski}  # short\n"
    "\n"
    "# The rule.\n"
    "condition: |  # as agreed\n"
    "  a > 1  // since May\n"
    "\n"
    "    && b\n"
    "# The end.\n";

std::string with(std::string_view old, std::string_view now) {
    std::string text(segment);
    return text.replace(text.find(old), old.size(), now);
}

TEST(YamlReplace, ReplacesABlockAndKeepsWhatStandsAround) {
    EXPECT_EQ(changed(segment, {"condition"}, "c\n  || d // e\n", true),
              with("  a > 1  // since May\n\n    && b\n", "  c\n    || d // e\n"));
    EXPECT_EQ(changed(segment, {"condition"}, "a > 1  // since May\n\n  && b", true), segment);
    EXPECT_EQ(changed("condition: 'a > 1'  # x\nname: N\n", {"condition"}, "b", true),
              "condition: |  # x\n  b\nname: N\n");
    EXPECT_EQ(changed("condition: a\n", {"condition"}, "  b\nc", true),
              "condition: |2\n    b\n  c\n");
}

TEST(YamlReplace, ChangesOneLanguage) {
    EXPECT_EQ(changed(segment, {"name", "en"}, "Going"), with("en: Lapsing", "en: Going"));
    EXPECT_EQ(changed(segment, {"name", "tr"}, "Gidenler: çok"),
              with("tr: >-\n    Uzak\n    gidenler\n", "tr: \"Gidenler: çok\"\n"));
    EXPECT_EQ(changed(segment, {"name", "fa"}, "Z"), with("fa: Y  #", "fa: Z  #"));
    EXPECT_EQ(changed(segment, {"name", "ar"}, "A"),
              with("# to be checked\n", "# to be checked\n  ar: A\n"));
    EXPECT_EQ(changed(segment, {"name", "tr"}, std::nullopt),
              with("  tr: >-\n    Uzak\n    gidenler\n", ""));
}

TEST(YamlReplace, OpensAMapInBraces) {
    const std::string opened = changed(segment, {"description", "tr"}, "Yeni");
    EXPECT_EQ(opened, with("description: {en: \"Old, old\", tr: Eski}  # short\n",
                           "description:  # short\n  en: \"Old, old\"\n  tr: Yeni\n"));
    EXPECT_EQ(changed(opened, {"description"}, std::nullopt),
              with("description: {en: \"Old, old\", tr: Eski}  # short\n", ""));
}

TEST(YamlReplace, AddsAndTakesAway) {
    EXPECT_EQ(changed("name: a", {"newcomers"}, "enter"), "name: a\nnewcomers: enter\n");
    EXPECT_EQ(changed("name: a\n# end\n", {"condition"}, "b\nc", true),
              "name: a\ncondition: |\n  b\n  c\n# end\n");
    EXPECT_EQ(changed("name: a\nnewcomers: enter\n", {"newcomers"}, std::nullopt), "name: a\n");
    EXPECT_EQ(changed("name: {en: a}\nzone: b\n", {"name", "en"}, std::nullopt), "zone: b\n");
    EXPECT_EQ(changed("name: a\n", {"name", "en"}, "b"), "name:\n  en: b\n");
}

TEST(YamlReplace, RefusesWhatItWouldBreak) {
    EXPECT_EQ(changed("name: a\nname: b\n", {"name"}, "c").front(), '!');
    EXPECT_EQ(changed("- a\n", {"name"}, "c").front(), '!');
    EXPECT_EQ(changed("{name: a, zone: b}\n", {"name"}, "c").front(), '!');
}

}  // namespace
}  // namespace winback::yaml

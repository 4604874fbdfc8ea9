#include "yaml/yaml.h"

#include <gtest/gtest.h>

namespace winback::yaml {
namespace {

TEST(Yaml, KnowsThePlaceOfEveryValue) {
    Diagnostics diagnostics;
    const YamlNode root = read_yaml("a: 1\nb:\n  - x\n  - {c: yes}\n", "f.yaml", diagnostics);
    EXPECT_TRUE(diagnostics.empty());
    EXPECT_EQ(root.find("a")->text, "1");
    EXPECT_EQ(root.find("b")->items[1].find("c")->text, "yes");
    EXPECT_EQ(root.find("b")->items[1].find("c")->position, (Position{4, 9}));
}

TEST(Yaml, MistakesNameTheirLine) {
    Diagnostics diagnostics;
    read_yaml("a: 1\na: 2\n", "f.yaml", diagnostics);
    ASSERT_FALSE(diagnostics.empty());
    EXPECT_EQ(diagnostics[0].position.line, 2);
    diagnostics.clear();
    read_yaml("a: [1, 2\nb: 3\n", "f.yaml", diagnostics);
    EXPECT_FALSE(diagnostics.empty());
    diagnostics.clear();
    read_yaml("a: &x 1\nb: *x\n", "f.yaml", diagnostics);
    EXPECT_FALSE(diagnostics.empty());
}

TEST(Yaml, MistakesAreToldInWordsThatHelp) {
    const auto told = [](std::string_view text) {
        Diagnostics diagnostics;
        read_yaml(text, "f.yaml", diagnostics);
        return diagnostics.empty() ? std::string()
                                   : std::to_string(diagnostics[0].position.line) + ":" +
                                         std::to_string(diagnostics[0].position.column) + " " +
                                         diagnostics[0].message;
    };
    EXPECT_TRUE(told("name: \"Shop\nzone: x\n").starts_with("1:7 the text in quotes that begins"));
    EXPECT_TRUE(told("a: {b: 'x}\nc: 1\n").starts_with("1:8 the text in quotes that begins"));
    EXPECT_EQ(told("name: Shop\n\ttopic: x\n"), "2:1 a tab indents this line; indent with spaces");
    EXPECT_EQ(told("a:\n \tb: x\n"), "2:2 a tab indents this line; indent with spaces");
    EXPECT_TRUE(told("name: Shop\n  zone: x\n").starts_with("1:7 the next line is indented"));
    EXPECT_TRUE(told("a: b: c\n").starts_with("1:5 a second ': '"));
    EXPECT_TRUE(told("a: {b: 1\nc: 2\n").find("a comma is missing") != std::string::npos);
    EXPECT_EQ(told("a: \"x\ty\"\nb: |\n  x\n  \ty\n"), "");
}

TEST(Yaml, TellsOfAliasesOnce) {
    Diagnostics diagnostics;
    read_yaml("a: &x 1\nb: [1, *x, *x]\nc: *x\n", "f.yaml", diagnostics);
    ASSERT_EQ(diagnostics.size(), 1U);
    EXPECT_EQ(diagnostics[0].position, (Position{2, 8}));
}

TEST(Yaml, RefusesWhatWouldHangTheLibrary) {
    for (const std::string_view text :
         {"%%%%d", "a: 1\n%%%%\xa5%d\n", "a: \xa5", "%YAML 1.2\n---\na"}) {
        Diagnostics diagnostics;
        read_yaml(text, "f.yaml", diagnostics);
        EXPECT_EQ(diagnostics.size(), 1U) << text;
    }
    Diagnostics diagnostics;
    read_yaml("a: 1\n%x\n", "f.yaml", diagnostics);
    EXPECT_EQ(diagnostics.at(0).position, (Position{2, 1}));
    diagnostics.clear();
    EXPECT_EQ(read_yaml("a: |\n  %x\n", "f.yaml", diagnostics).find("a")->text, "%x\n");
}

TEST(Yaml, PlacesInsideScalarsAreFoundInTheFile) {
    const std::string source = "one: abc + def\ntwo: |\n  first line\n  second line\n";
    Diagnostics diagnostics;
    const YamlNode root = read_yaml(source, "f.yaml", diagnostics);
    EXPECT_EQ(place_in(*root.find("one"), source, {1, 7}), (Position{1, 12}));
    EXPECT_EQ(place_in(*root.find("two"), source, {2, 3}), (Position{4, 5}));
}

}  // namespace
}  // namespace winback::yaml

#include "yaml/edit.h"

#include <gtest/gtest.h>

namespace winback::yaml {
namespace {

std::string changed(std::string_view text,
                    const std::vector<std::string>& path,
                    std::string_view value) {
    const auto out = with_scalar(text, path, value);
    return out ? *out : "! " + out.error().message;
}

TEST(YamlEdit, KeepsCommentsAndTheRest) {
    EXPECT_EQ(
        changed("# The shop.\nname: Old  # as on the door\nzone: UTC\n", {"name"}, "New: shop"),
        "# The shop.\nname: \"New: shop\"  # as on the door\nzone: UTC\n");
    EXPECT_EQ(changed("name: 'It''s # ours'\n", {"name"}, "Ours"), "name: \"Ours\"\n");
    EXPECT_EQ(changed("name:   # none yet\n", {"name"}, "a"), "name: a    # none yet\n");
}

TEST(YamlEdit, AddsWhatIsNotThere) {
    EXPECT_EQ(changed("name: a\n", {"country"}, "TR"), "name: a\ncountry: TR\n");
    EXPECT_EQ(changed("name: a", {"from", "address"}, "a@b.example"),
              "name: a\nfrom:\n  address: a@b.example\n");
}

TEST(YamlEdit, ChangesOneLevelBelow) {
    EXPECT_EQ(changed("from:\n    name: A # us\n    address: a@b.c\nz: 1\n", {"from", "name"}, "B"),
              "from:\n    name: B # us\n    address: a@b.c\nz: 1\n");
    EXPECT_EQ(changed("from: {name: A, address: a@b.c}\nz: 1\n", {"from", "name"}, "B"),
              "from:\n  name: \"B\"\n  address: \"a@b.c\"\nz: 1\n");
}

TEST(YamlEdit, TurnsAMapOffAndOnAgain) {
    const std::string off =
        changed("quiet:\n  from: \"20:00\"\n  to: \"09:00\"\ncaps: []\n", {"quiet"}, "off");
    EXPECT_EQ(off, "quiet: off\ncaps: []\n");
    EXPECT_EQ(changed(off, {"quiet", "from"}, "20:00"), "quiet:\n  from: \"20:00\"\ncaps: []\n");
    EXPECT_EQ(changed("g: {share: 0.02, salt: a}\n", {"g", "share"}, "0.05"),
              "g:\n  share: \"0.05\"\n  salt: \"a\"\n");
}

TEST(YamlEdit, TakesAKeyAwayAndKeepsTheRest) {
    const std::string text = "name: Shop  # ours\ncountry: TR # by CLDR\nzone: UTC\n";
    EXPECT_EQ(without_scalar(text, "country").value(), "name: Shop  # ours\nzone: UTC\n");
    EXPECT_EQ(without_scalar(text, "reply_to").value(), text);
    EXPECT_FALSE(without_scalar("from:\n  name: Shop\nzone: UTC\n", "from").has_value());
    EXPECT_FALSE(without_scalar("a: >\n  one\n  two\nzone: UTC\n", "a").has_value());
    EXPECT_FALSE(without_scalar("- a\n", "a").has_value());
}

TEST(YamlEdit, RefusesWhatItCannotChange) {
    EXPECT_TRUE(changed("name: |\n  two\n  lines\n", {"name"}, "a").starts_with("! "));
    EXPECT_TRUE(changed("- a\n", {"name"}, "a").starts_with("! "));
}

TEST(YamlEdit, WritesEveryTextSoThatItReadsBack) {
    for (const char* text :
         {"yes", "1.5", "", " a", "a\nb", "\"q\" \\", "سلام", "{x}", "#", "a: b"}) {
        const std::string out = changed("name: a\nz: 1\n", {"name"}, text);
        EXPECT_FALSE(out.starts_with("! ")) << text << out;
    }
}

}  // namespace
}  // namespace winback::yaml

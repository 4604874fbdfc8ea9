#include "api/template_text.h"

#include <gtest/gtest.h>

namespace winback::api {
namespace {

constexpr std::string_view text =
    "---\n"
    "# Kept in git.\n"
    "channel: email\n"
    "subject: 'It''s {{ customer.first_name }}'  # short\n"
    "\n"
    "topic: offers\n"
    "---\n"
    "<p>Hello</p>\n"
    "<p>---</p>\n";

TEST(TemplateText, KnowsWhereEachFieldStands) {
    const auto split = split_template(text);
    ASSERT_TRUE(split.has_value());
    EXPECT_EQ(split->value_of("subject"), "It's {{ customer.first_name }}");
    EXPECT_EQ(split->value_of("preheader"), "");
    EXPECT_EQ(split->body, "<p>Hello</p>\n<p>---</p>\n");
    EXPECT_EQ(split->body_line, 8);
    EXPECT_EQ(split->place_of(4), "subject");
    EXPECT_EQ(split->place_of(5), "head");
    EXPECT_EQ(split->place_of(8), "body");
}

TEST(TemplateText, LeavesAloneWhatDidNotChange) {
    const auto split = split_template(text);
    TemplateFields fields;
    for (const auto& field : split->fields) {
        fields.emplace_back(field.name, field.value);
    }
    fields.emplace_back("preheader", "");
    EXPECT_EQ(join_template(text, fields, split->body), text);
}

TEST(TemplateText, RewritesTheLinesOfAFieldAlone) {
    EXPECT_EQ(join_template(text,
                            {{"subject", "Say \"hi\" \\ {{ 'x' }}"},
                             {"topic", ""},
                             {"preheader", "two\nlines"},
                             {"transactional", "true"}},
                            "B\n"),
              "---\n"
              "# Kept in git.\n"
              "channel: email\n"
              "subject: \"Say \\\"hi\\\" \\\\ {{ 'x' }}\"\n"
              "\n"
              "preheader: \"two lines\"\n"
              "transactional: true\n"
              "---\n"
              "B\n");
}

TEST(TemplateText, ReplacesAValueOfSeveralLines) {
    const std::string folded = "---\nsubject: >\n  One\n  two\n# Note\ntopic: a\n---\nB\n";
    EXPECT_EQ(join_template(folded, {{"subject", "Three"}}, "B\n"),
              "---\nsubject: \"Three\"\n# Note\ntopic: a\n---\nB\n");
}

TEST(TemplateText, KeepsWhatIsNoPlainValue) {
    const std::string map = "---\nfrom:\n  name: Anna\n  address: a@x.test\nsubject: a\n---\nB\n";
    ASSERT_NE(split_template(map)->find("from"), nullptr);
    EXPECT_FALSE(split_template(map)->find("from")->plain);
    EXPECT_EQ(split_template(map)->place_of(3), "from");
    EXPECT_EQ(join_template(map, {{"from", ""}, {"subject", "a"}}, "B\n"), map);
    EXPECT_EQ(join_template(map, {{"from", "Bea"}}, "B\n"),
              "---\nfrom: \"Bea\"\nsubject: a\n---\nB\n");
}

TEST(TemplateText, ReadsWhatItWrote) {
    for (const std::string value : {"a: b", "{{ x | default: \"y\" }}", "# no", "- a", "\\n", "'",
                                    "true", "سلام، دوست", "%", "@x", "null", "1.5"}) {
        const auto split = split_template(join_template("", {{"subject", value}}, "Body\n"));
        ASSERT_TRUE(split.has_value()) << value;
        EXPECT_EQ(split->value_of("subject"), value);
        EXPECT_EQ(split->body, "Body\n");
    }
}

TEST(TemplateText, CannotReadABrokenHead) {
    for (const char* broken :
         {"", "no head", "---\nsubject: x\n", "---\nsubject: \"\n---\nB", "---\n- a\n---\nB",
          "---\n{subject: a, topic: b}\n---\nB", "---\nsubject: a\n: b\n---\nB",
          "---\nsubject: a\n...\ntopic: b\n---\nB", "---\nsubject: a\n--- x\ntopic: b\n---\nB"}) {
        EXPECT_FALSE(split_template(broken).has_value()) << broken;
    }
}

TEST(TemplateText, EndsLinesAsFilesDo) {
    EXPECT_EQ(with_line_feeds("a\r\nb\rc\n\r\n"), "a\nb\nc\n\n");
}

}  // namespace
}  // namespace winback::api

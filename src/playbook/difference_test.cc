#include "playbook/difference.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace winback::playbook {
namespace {

// " same", "-removed", "+added", one a line.
std::string script(std::string_view before, std::string_view after) {
    std::string out;
    for (const DiffLine& line : compare_lines(before, after)) {
        out += line.kind == DiffLine::Kind::Same      ? ' '
               : line.kind == DiffLine::Kind::Removed ? '-'
                                                      : '+';
        out += std::string(line.text) + "\n";
    }
    return out;
}

// Text made again from one side of the script.
std::string side(const std::vector<DiffLine>& lines, DiffLine::Kind other) {
    std::string out;
    for (const DiffLine& line : lines) {
        out += line.kind == other ? "" : std::string(line.text) + "\n";
    }
    return out;
}

TEST(Difference, SaysWhatChangedWithTheFewestLines) {
    EXPECT_EQ(script("a\nb\nc\n", "a\nx\nc\n"), " a\n-b\n+x\n c\n");
    EXPECT_EQ(script("", "a\n"), "+a\n");
    EXPECT_EQ(script("a\n", ""), "-a\n");
    EXPECT_EQ(script("", ""), "");
    EXPECT_EQ(script("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n"),
              "-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n");
    EXPECT_EQ(script("a\r\nb", "a\nb\n"), " a\n b\n");
}

TEST(Difference, NumbersTheLinesOfBothSides) {
    const std::vector<DiffLine> lines = compare_lines("a\nb\nc\n", "a\nc\nd\n");
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[1].old_line, 2);
    EXPECT_EQ(lines[1].new_line, 0);
    EXPECT_EQ(lines[2].old_line, 3);
    EXPECT_EQ(lines[2].new_line, 2);
    EXPECT_EQ(lines[3].old_line, 0);
    EXPECT_EQ(lines[3].new_line, 3);
}

TEST(Difference, BothSidesCanBeMadeAgainFromIt) {
    std::uint64_t seed = 1;
    const auto below = [&](std::uint64_t bound) {
        return hash64(std::to_string(++seed), 5) % bound;
    };
    for (int round = 0; round < 300; ++round) {
        std::string before;
        std::string after;
        for (std::uint64_t i = below(30); i > 0; --i) {
            before += std::string(1, static_cast<char>('a' + below(4))) + "\n";
        }
        for (std::uint64_t i = below(30); i > 0; --i) {
            after += std::string(1, static_cast<char>('a' + below(4))) + "\n";
        }
        const std::vector<DiffLine> lines = compare_lines(before, after);
        EXPECT_EQ(side(lines, DiffLine::Kind::Added), before);
        EXPECT_EQ(side(lines, DiffLine::Kind::Removed), after);
    }
}

TEST(Difference, TooManyEditsReplaceTheMiddle) {
    std::string before = "head\n";
    std::string after = "head\n";
    for (int i = 0; i < 2 * edits_max; ++i) {
        before += "old " + std::to_string(i) + "\n";
        after += "new " + std::to_string(i) + "\n";
    }
    before += "tail\n";
    after += "tail\n";
    const std::vector<DiffLine> lines = compare_lines(before, after);
    EXPECT_EQ(lines.size(), 2U + 4U * edits_max);
    EXPECT_TRUE(side(lines, DiffLine::Kind::Added) == before);
}

TEST(Difference, TellsFilesApartAndShowsWhatStandsAround) {
    std::string text;
    for (int i = 1; i <= 40; ++i) {
        text += "line " + std::to_string(i) + "\n";
    }
    std::string changed = text;
    changed.replace(changed.find("line 10\n"), 8, "other\n");
    changed.replace(changed.find("line 30\n"), 8, "");
    const Files before{{"a", "same\n"}, {"b", text}, {"c", "gone\n"}};
    const Files after{{"a", "same\n"}, {"b", changed}, {"d", "new\nhere\n"}};
    const std::vector<FileDifference> files = difference(before, after);
    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].path, "b");
    EXPECT_EQ(files[0].added, 1U);
    EXPECT_EQ(files[0].removed, 2U);
    ASSERT_EQ(files[0].hunks.size(), 2U);
    EXPECT_EQ(files[0].hunks[0].size(), 8U);
    EXPECT_EQ(files[0].hunks[0].front().text, "line 7");
    EXPECT_EQ(files[1].kind, FileDifference::Kind::Removed);
    EXPECT_EQ(files[2].kind, FileDifference::Kind::Added);
    EXPECT_EQ(files[2].added, 2U);
}

TEST(Difference, ALongFileIsCut) {
    std::string text;
    for (std::size_t i = 0; i < lines_shown_max + 5; ++i) {
        text += "x\n";
    }
    const Files before;
    const Files after{{"a", text}};
    const std::vector<FileDifference> files = difference(before, after);
    ASSERT_EQ(files.size(), 1U);
    EXPECT_TRUE(files[0].cut);
    EXPECT_EQ(files[0].hunks[0].size(), lines_shown_max);
    EXPECT_EQ(files[0].added, lines_shown_max + 5);
}

}  // namespace
}  // namespace winback::playbook

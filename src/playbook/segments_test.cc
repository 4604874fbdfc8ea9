// The segments of the shipped playbook, asked of made-up customers (test/scenario/segments*.scn).
#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "expr/test_story.h"
#include "playbook/playbook.h"

namespace winback::playbook {
namespace {

constexpr std::array<const char*, 2> stories{"test/scenario/segments.scn",
                                             "test/scenario/segments_edges.scn"};

// Which answers a story has for each segment.
void add_answers(const std::string& story, std::map<std::string, std::set<std::string>>& answers) {
    std::ifstream file(story);
    std::string asked;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string first;
        std::string second;
        words >> first >> second;
        if (first == "segment") {
            asked = second;
        } else if ((first == "true" || first == "false") && !asked.empty()) {
            answers[asked].insert(first);
        }
    }
}

TEST(Segments, HaveMembersAndOthersAsTheStoryTells) {
    const auto files = read_folder("playbook");
    ASSERT_TRUE(files.has_value()) << files.error().message;
    const LoadedPlaybook loaded = load(*files);
    ASSERT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, *files);
    std::map<std::string, std::string> conditions;
    for (const segment::Segment& segment : loaded.definitions->segments) {
        conditions[segment.id] = segment.condition.text;
    }
    const bool update = std::getenv("WINBACK_UPDATE") != nullptr;
    std::map<std::string, std::set<std::string>> answers;
    for (const std::string story : stories) {
        for (const std::string& failure : expr::tell(story, update, conditions)) {
            ADD_FAILURE() << failure;
        }
        add_answers(story, answers);
    }
    for (const auto& [name, condition] : conditions) {
        EXPECT_EQ(answers[name].size(), 2U) << name << " needs a member and one who is none";
    }
}

}  // namespace
}  // namespace winback::playbook

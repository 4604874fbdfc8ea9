// The segments of the shipped playbook, asked of made-up customers (test/scenario/segments.scn).
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

const std::string story = "test/scenario/segments.scn";

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
    for (const std::string& failure : expr::tell(story, update, conditions)) {
        ADD_FAILURE() << failure;
    }
    std::map<std::string, std::set<std::string>> answers;
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
    for (const auto& [name, condition] : conditions) {
        EXPECT_EQ(answers[name].size(), 2U) << name << " needs a member and one who is none";
    }
}

}  // namespace
}  // namespace winback::playbook

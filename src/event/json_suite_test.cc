// The corpus of JSONTestSuite as bodies, and inside bodies, of the event API.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "event/decode.h"

namespace winback::event {
namespace {

constexpr std::string_view folder = "test/data/json";
constexpr Timestamp received{1'700'000'000'000};

std::vector<std::filesystem::path> corpus() {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(JsonSuite, EveryBodyIsTreatedByItsMeaning) {
    const auto files = corpus();
    ASSERT_EQ(files.size(), 318U);
    Decoder decoder;
    for (const auto& path : files) {
        const char verdict = path.filename().string()[0];
        for (const bool batch : {true, false}) {
            const auto decoded =
                decoder.decode(content(path), {.received = received, .call = {.batch = batch}});
            if (verdict == 'n') {
                EXPECT_FALSE(decoded.has_value()) << path;
            } else if (verdict == 'y') {
                ASSERT_TRUE(decoded.has_value()) << path << decoded.error().message;
                // None of them is an event: each has exactly one reason.
                EXPECT_TRUE(decoded->events.empty()) << path;
                EXPECT_EQ(decoded->rejected.size(), 1U) << path;
            }
        }
    }
}

TEST(JsonSuite, EveryTextAsAPropertyIsTakenOrRefused) {
    Decoder decoder;
    for (const auto& path : corpus()) {
        const char verdict = path.filename().string()[0];
        const std::string body = R"({"batch":[{"type":"track","userId":"u","event":"E",)"
                                 R"("properties":{"value":)" +
                                 content(path) + "}}]}";
        const auto decoded = decoder.decode(body, {.received = received, .call = {.batch = true}});
        if (verdict == 'y') {
            ASSERT_TRUE(decoded.has_value()) << path << decoded.error().message;
            EXPECT_EQ(decoded->events.size(), 1U) << path;
        } else if (verdict == 'n') {
            // A few are broken only at their end, and what follows here mends them.
            EXPECT_TRUE(!decoded.has_value() || decoded->events.size() <= 1U) << path;
        }
    }
}

TEST(NaughtyStrings, ComeThroughUnchanged) {
    const std::string list = content("test/data/blns/blns.json");
    Decoder decoder;
    const auto decoded = decoder.decode(
        R"({"userId":"u","event":"E","properties":{"list":)" + list + "}}", {.received = received});
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    const Event& event = decoded->events.at(0);
    ASSERT_GT(event.properties.find("list")->as_list()->size(), 500U);
    EXPECT_EQ(decode(encode(event))->properties, event.properties);
    // As ids and names, too: text is text.
    std::size_t taken = 0;
    for (const Value& item : *event.properties.find("list")->as_list()) {
        std::string body = R"({"userId":)";
        append_json(body, item);
        body += R"(,"event":)";
        append_json(body, item);
        const auto one = decoder.decode(body + "}", {.received = received});
        ASSERT_TRUE(one.has_value()) << body;
        for (const Event& each : one->events) {
            EXPECT_EQ(each.user_id, *item.as_string());
            EXPECT_EQ(each.name, *item.as_string());
            ++taken;
        }
    }
    EXPECT_GT(taken, 480U);
}

}  // namespace
}  // namespace winback::event

// The list of pages that the browser visits against the router: a page that is not listed is one
// that nobody has looked at.
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "ui/test_pages.h"

namespace winback::ui {
namespace {

// The value of every "pattern" in pages.json.
std::set<std::string> listed_patterns() {
    std::ifstream file("test/ui/pages.json");
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    std::set<std::string> patterns;
    constexpr std::string_view key = "\"pattern\": \"";
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
        at += key.size();
        patterns.insert(text.substr(at, text.find('"', at) - at));
    }
    return patterns;
}

std::set<std::string> routed_patterns(const http::Router& router) {
    std::set<std::string> patterns;
    for (const http::Route& route : router.routes()) {
        const bool for_programs =
            route.pattern.starts_with("/api/") || route.pattern.starts_with("/v1/");
        if (route.method == "GET" && !for_programs) {
            patterns.insert(route.pattern);
        }
    }
    return patterns;
}

TEST_F(UiTest, EveryPageIsListedForTheBrowser) {
    const std::set<std::string> listed = listed_patterns();
    const std::set<std::string> routed = routed_patterns(router_);
    ASSERT_FALSE(listed.empty());
    for (const std::string& pattern : routed) {
        EXPECT_TRUE(listed.contains(pattern))
            << pattern << " is not in test/ui/pages.json: add one line for the page";
    }
    // The server of this test has no guide and takes no files.
    const std::set<std::string> elsewhere{"/start", "/import", "/import/:id",
                                          "/import/:id/rejected.csv", "/settings/workspace"};
    for (const std::string& pattern : listed) {
        EXPECT_TRUE(routed.contains(pattern) || elsewhere.contains(pattern))
            << pattern << " is in test/ui/pages.json, and there is no such page";
    }
}

}  // namespace
}  // namespace winback::ui

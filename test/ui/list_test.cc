// The list of pages that the browser visits against the router: a page that is not listed is one
// that nobody has looked at.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "ui/test_pages.h"

namespace winback::ui {
namespace {

std::string text_of(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The value of every "pattern" in pages.json, up to `until`.
std::set<std::string> listed_patterns(std::string_view until = "nothing of this name") {
    const std::string all = text_of("test/ui/pages.json");
    const std::string text = all.substr(0, all.find(until));
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

// "/customers/{customer}?x" is of "/customers/:id".
bool is_of(std::string_view path, std::string_view pattern) {
    path = path.substr(0, path.find('?'));
    while (!path.empty() && !pattern.empty()) {
        const std::size_t end = path.find('/', 1);
        const std::size_t pattern_end = pattern.find('/', 1);
        const bool any = pattern.starts_with("/:");
        if (!any && path.substr(0, end) != pattern.substr(0, pattern_end)) {
            return false;
        }
        path = end == std::string_view::npos ? std::string_view() : path.substr(end);
        pattern = pattern_end == std::string_view::npos ? std::string_view()
                                                        : pattern.substr(pattern_end);
    }
    return path.empty() && pattern.empty();
}

TEST(Pages, EachIsInTheBenchmarkUnlessItNeedsMoreThanAShop) {
    // What the generated shop lacks: a list, a request, a file, a webhook.
    const std::set<std::string> need_more{"/lists/:id", "/approvals/:id", "/import/:id",
                                          "/settings/webhooks/:id", "/*path"};
    const std::string text = text_of("bench/ui/pages.json");
    std::set<std::string> paths;
    for (std::size_t at = text.find("\"/"); at != std::string::npos; at = text.find("\"/", at)) {
        const std::size_t end = text.find('"', ++at);
        paths.insert(text.substr(at, end - at));
        at = end + 1;
    }
    const std::set<std::string> patterns = listed_patterns("\"other\"");
    EXPECT_GT(patterns.size(), 30U);
    for (const std::string& pattern : patterns) {
        const bool asked = std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
            return is_of(path, pattern);
        });
        EXPECT_NE(asked, need_more.contains(pattern)) << pattern << " and bench/ui/pages.json";
    }
}

}  // namespace
}  // namespace winback::ui

#include "http/router.h"

#include <gtest/gtest.h>

#include "http/framing.h"

namespace winback::http {
namespace {

Router sample() {
    Router router;
    const Handler nothing = sync([](const Request&) { return no_content(); });
    router.add("GET", "/assets/*file", nothing);
    router.add("GET", "/customers/:id", nothing);
    router.add("POST", "/customers/:id/tasks/:task", nothing);
    router.add("GET", "/customers/new", nothing);
    router.add("DELETE", "/customers/:id", nothing);
    router.add("GET", "/", nothing);
    return router;
}

std::string shown(std::string_view method, std::string_view path) {
    static const Router router = sample();
    const Router::Match match = router.match(method, path);
    if (match.malformed) {
        return "malformed";
    }
    if (match.route == nullptr) {
        return "none [" + match.allow + "]";
    }
    std::string out = match.route->pattern;
    for (const auto& [name, value] : match.params) {
        out += " " + name + "=" + value;
    }
    return out;
}

TEST(Router, PrefersTheMoreSpecificPattern) {
    EXPECT_EQ(shown("GET", "/customers/new"), "/customers/new");
    EXPECT_EQ(shown("GET", "/customers/c1"), "/customers/:id id=c1");
    EXPECT_EQ(shown("GET", "/"), "/");
}

TEST(Router, BindsDecodedParameters) {
    EXPECT_EQ(shown("POST", "/customers/a%2Fb/tasks/%C3%BC"),
              "/customers/:id/tasks/:task id=a/b task=ü");
    EXPECT_EQ(shown("GET", "/assets/css/site.css"), "/assets/*file file=css/site.css");
    EXPECT_EQ(shown("HEAD", "/customers/c1"), "/customers/:id id=c1");
}

TEST(Router, SaysWhatAPathCanDo) {
    EXPECT_EQ(shown("PUT", "/customers/c1"), "none [DELETE, GET, HEAD, OPTIONS]");
    EXPECT_EQ(shown("GET", "/customers/"), "none []");
    EXPECT_EQ(shown("GET", "/customers/c1/"), "none []");
    EXPECT_EQ(shown("GET", "/assets"), "none []");
    EXPECT_EQ(shown("GET", "customers"), "malformed");
    EXPECT_EQ(shown("GET", "/customers/%00"), "malformed");
}

TEST(Response, NamesEveryStatusThatIsAnswered) {
    EXPECT_EQ(reason_phrase(302), "Found");
    EXPECT_EQ(reason_phrase(303), "See Other");
}

TEST(Response, HasOneShapeForErrors) {
    EXPECT_EQ(error(400, "a", "b \"c\"").body, R"({"code":"a","message":"b \"c\""})");
    EXPECT_EQ(error(Error{ErrorCode::NotFound, "no such customer"}).status, 404);
    EXPECT_EQ(error(Error{ErrorCode::Internal, "path /secret"}).body.find("secret"),
              std::string::npos);
}

TEST(Response, RedirectsWithoutControlCharacters) {
    EXPECT_EQ(*find_field(redirect("/a b\r\nX: y").headers, "location"), "/a%20b%0D%0AX:%20y");
}

TEST(Response, SetsCookiesThatScriptsCannotRead) {
    Response response = no_content();
    set_cookie(response, {.name = "session", .value = "abc", .max_age_seconds = 60});
    set_cookie(response, {.name = "old", .value = "", .max_age_seconds = -1, .secure = true});
    EXPECT_EQ(response.headers[0].second,
              "session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
    EXPECT_EQ(response.headers[1].second,
              "old=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
}

TEST(Response, AnswersThePreflightOfBrowsers) {
    const Response response = allow_any_origin_preflight();
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(*find_field(response.headers, "access-control-allow-origin"), "*");
    EXPECT_EQ(*find_field(response.headers, "access-control-allow-methods"), "POST");
    EXPECT_EQ(*find_field(response.headers, "access-control-allow-headers"),
              "authorization,content-type,x-retry-count,anonymousid");
    EXPECT_EQ(*find_field(response.headers, "access-control-max-age"), "86400");
}

TEST(Request, FindsCookiesAndFieldsOfAnyCase) {
    Request request;
    request.headers = {{"COOKIE", "a=1"}, {"Cookie", "b=2"}};
    EXPECT_EQ(request.cookie("b"), "2");
    EXPECT_EQ(request.cookie("c"), std::nullopt);
    EXPECT_EQ(*request.header("cookie"), "a=1");
}

TEST(Framing, WritesDatesAsHttpWantsThem) {  // RFC 9110 §5.6.7
    EXPECT_EQ(format_http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Framing, ReadsAcceptEncoding) {
    EXPECT_TRUE(accepts_gzip("gzip, deflate, br"));
    EXPECT_TRUE(accepts_gzip("br, *"));
    EXPECT_TRUE(accepts_gzip("GZIP;q=0.5"));
    EXPECT_FALSE(accepts_gzip("gzip;q=0"));
    EXPECT_FALSE(accepts_gzip("gzip; q=0.000"));
    EXPECT_FALSE(accepts_gzip("deflate, br"));
    EXPECT_FALSE(accepts_gzip(""));
}

TEST(Router, LeavesThePathsOfOthersToThem) {
    Router router;
    router.add("POST", "/form", sync([](const Request&) { return no_content(); }));
    router.add("GET", "/*path", sync([](const Request&) { return no_content(); }));
    EXPECT_NE(router.match("GET", "/elsewhere").route, nullptr);
    EXPECT_EQ(router.match("GET", "/form").route, nullptr);
    EXPECT_EQ(router.match("GET", "/form").allow, "OPTIONS, POST");
    EXPECT_EQ(router.match("PUT", "/form").allow, "OPTIONS, POST");
}

}  // namespace
}  // namespace winback::http

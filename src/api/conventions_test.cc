// The conventions of all routes: what stands in the description is what happens.
#include "api/conventions.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/api.h"
#include "api/description.h"
#include "api/idempotency.h"
#include "api/schema.h"
#include "api/test_call.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

using nlohmann::json;

class ConventionsTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        start();
    }
    void start() {
        host_ = open();
        load(*host_);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        router_ = {};
        add_api_routes(router_, *host_, {.desk = desk_});
        token_ = host_->keys().create(host::KeyKind::Api, "t", {"admin"}, wall_clock())->secret;
    }
    void TearDown() override {
        router_ = {};
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }
    http::Response ask(Call request) {
        request.headers.emplace_back("Authorization", "Bearer " + token_);
        request.headers.emplace_back("Content-Type", "application/json");
        return call(router_, request);
    }
    http::Response consent_with(const std::string& key, const std::string& state = "granted") {
        return ask({.method = "POST",
                    .target = "/api/v1/customers/ada/consent",
                    .headers = {{"Idempotency-Key", key}},
                    .body = R"({"channel":"email","state":")" + state + R"(","reason":"phone"})"});
    }
    static std::string header_of(const http::Response& response, std::string_view name) {
        const std::string* value = http::find_field(response.headers, name);
        return value == nullptr ? std::string() : *value;
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
    http::Router router_;
    std::string token_;
};

TEST_F(ConventionsTest, DoesOnceWhatIsSentTwice) {
    submit(*host_, identify("ada"));
    const http::Response first = consent_with("\"k-1\"");
    ASSERT_EQ(first.status, 200);
    const auto facts = [&] { return host_->timeline("ada", 100)->size(); };
    const std::size_t before = facts();
    const http::Response again = consent_with("k-1");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
    EXPECT_EQ(facts(), before);
    const http::Response other = consent_with("k-1", "denied");
    EXPECT_EQ(other.status, 422);
    EXPECT_NE(other.body.find("idempotency_key_reused"), std::string::npos);
    EXPECT_EQ(facts(), before);
    EXPECT_EQ(consent_with("k-2", "denied").status, 200);
    EXPECT_GT(facts(), before);
    EXPECT_EQ(consent_with("a\"b").status, 400);
    EXPECT_EQ(consent_with(std::string(201, 'x')).status, 400);
}

TEST_F(ConventionsTest, RemembersAnswersThroughARestartAndKeepsThemSealed) {
    submit(*host_, identify("ada"));
    const std::string body = consent_with("k-1").body;
    {
        // Nothing in the folder shows the answer or the key.
        const store::Cursor rows =
            host_->store().scan(store::Family::Control, "idempotency/", "idempotency0");
        ASSERT_TRUE(rows.valid());
        EXPECT_EQ(rows.value().find("success"), std::string_view::npos);
        EXPECT_EQ(rows.key().find("k-1"), std::string_view::npos);
    }
    const std::string token = token_;
    router_ = {};
    desk_.reset();
    crash(host_);
    start();
    token_ = token;
    const http::Response again = consent_with("k-1");
    EXPECT_EQ(again.body, body);
    EXPECT_EQ(header_of(again, "Idempotent-Replayed"), "true");
}

TEST_F(ConventionsTest, TakesNoChangeByCookieFromAnotherSite) {
    const auto session = host_->keys().sign_in(
        host_->keys().create(host::KeyKind::SignIn, "a", {"admin"}, wall_clock())->secret,
        wall_clock());
    ASSERT_TRUE(session.has_value());
    const auto make = [&](const std::string& method, const std::string& target,
                          http::Pairs headers) {
        headers.emplace_back("Cookie", std::string(session_cookie) + "=" + session->secret);
        headers.emplace_back("Content-Type", "application/json");
        headers.emplace_back("Host", "shop.test");
        return call(router_, {.method = method,
                              .target = target,
                              .headers = std::move(headers),
                              .body = method == "POST" ? R"({"name":"A list"})" : ""})
            .status;
    };
    for (const http::Pairs& from :
         {http::Pairs{{"Sec-Fetch-Site", "cross-site"}},
          http::Pairs{{"Sec-Fetch-Site", "same-site"}},
          http::Pairs{{"Origin", "https://evil.test"}}, http::Pairs{{"Origin", "null"}}}) {
        EXPECT_EQ(make("POST", "/api/v1/lists", from), 403);
        EXPECT_EQ(make("DELETE", "/api/v1/lists/a_list", from), 403);
        EXPECT_EQ(make("GET", "/api/v1/lists", from), 200);
    }
    EXPECT_EQ(make("POST", "/api/v1/lists", {{"Sec-Fetch-Site", "same-origin"}}), 201);
    EXPECT_EQ(make("DELETE", "/api/v1/lists/a_list", {{"Origin", "https://shop.test"}}), 204);
    // A token says by itself who sends it.
    EXPECT_EQ(ask({.method = "POST",
                   .target = "/api/v1/lists",
                   .headers = {{"Origin", "https://app.test"}, {"Host", "shop.test"}},
                   .body = R"({"name":"By a program"})"})
                  .status,
              201);
}

TEST_F(ConventionsTest, SaysWhenItDoesNotKnowWhatBecameOfARequest) {
    Idempotency ledger(host_->store());
    http::Request request;
    request.method = "POST";
    request.target = "/x";
    const IdempotentCall one = idempotent_call(request, "k", "secret", "caller");
    http::Response kept;
    const Timestamp now{1'000'000};
    EXPECT_EQ(ledger.begin(one, now, kept), Idempotency::Verdict::Run);
    EXPECT_EQ(ledger.begin(one, now, kept), Idempotency::Verdict::UnderWay);
    // The next process has the row, and nobody works on it.
    Idempotency next(host_->store());
    EXPECT_EQ(next.begin(one, now, kept), Idempotency::Verdict::Unknown);
    EXPECT_EQ(next.begin(one, now + hours(25), kept), Idempotency::Verdict::Run);
    next.end(one, http::error(503, "unavailable", "later"));
    EXPECT_EQ(next.begin(one, now + hours(25), kept), Idempotency::Verdict::Run)
        << "what may succeed later is not remembered";
    next.end(one, http::json(200, "{}"));
    EXPECT_EQ(next.begin(one, now + hours(26), kept), Idempotency::Verdict::Replay);
    // Another caller's key is another key.
    const IdempotentCall theirs = idempotent_call(request, "k", "other secret", "other");
    EXPECT_EQ(next.begin(theirs, now + hours(26), kept), Idempotency::Verdict::Run);
}

TEST_F(ConventionsTest, BoundsWhatOneCallerMayKeep) {
    Idempotency ledger(host_->store());
    http::Request request;
    http::Response kept;
    for (std::size_t i = 0; i < idempotent_answers_per_caller_max; ++i) {
        const IdempotentCall one = idempotent_call(request, std::to_string(i), "s", "caller");
        ASSERT_EQ(ledger.begin(one, {}, kept), Idempotency::Verdict::Run);
    }
    EXPECT_EQ(ledger.begin(idempotent_call(request, "more", "s", "caller"), {}, kept),
              Idempotency::Verdict::Full);
    EXPECT_EQ(ledger.begin(idempotent_call(request, "more", "t", "other"), {}, kept),
              Idempotency::Verdict::Run);
}

TEST_F(ConventionsTest, GivesATagAndSaysWhenNothingChanged) {
    submit(*host_, identify("ada"));
    const http::Response first = ask({.target = "/api/v1/customers"});
    const std::string tag = header_of(first, "ETag");
    ASSERT_FALSE(tag.empty());
    const auto with = [&](const std::string& tags) {
        return ask({.target = "/api/v1/customers", .headers = {{"If-None-Match", tags}}});
    };
    EXPECT_EQ(with(tag).status, 304);
    EXPECT_EQ(with(tag).body, "");
    EXPECT_EQ(with("\"x\", " + tag).status, 304);
    EXPECT_EQ(with("*").status, 304);
    EXPECT_EQ(with("\"x\"").status, 200);
    submit(*host_, identify("bob"));
    EXPECT_EQ(with(tag).status, 200);
    // The moment of asking alone makes no new version.
    const std::string then = header_of(ask({.target = "/api/v1/segments"}), "ETag");
    clock_->set(clock_->now() + seconds(1));
    EXPECT_EQ(header_of(ask({.target = "/api/v1/segments"}), "ETag"), then);
}

TEST_F(ConventionsTest, ChoosesFields) {
    submit(*host_, identify("ada"));
    const auto fields = [&](const std::string& target) {
        return json::parse(ask({.target = target}).body);
    };
    EXPECT_EQ(fields("/api/v1/customers?fields=id,state").at("customers").at(0),
              json::parse(R"({"id":"ada","state":"no_order"})"));
    EXPECT_TRUE(fields("/api/v1/customers?fields=id").contains("matching"));
    EXPECT_EQ(fields("/api/v1/customers/ada?fields=consents.channel,id").at("consents").at(0),
              json::parse(R"({"channel":"email"})"));
    const json wrong = fields("/api/v1/customers?fields=idd");
    EXPECT_EQ(wrong.at("errors").at(0).at("message"),
              "there is no field 'idd'; did you mean 'id'?");
}

TEST_F(ConventionsTest, LeadsFromPageToPage) {
    for (int i = 0; i < 5; ++i) {
        submit(*host_, identify("c" + std::to_string(i)));
    }
    std::vector<std::string> seen;
    std::string next = "/api/v1/customers?limit=2&q=c";
    while (!next.empty() && seen.size() < 10) {
        const http::Response page = ask({.target = next});
        const json body = json::parse(page.body);
        for (const json& customer : body.at("customers")) {
            seen.push_back(customer.at("id"));
        }
        next = body.at("next").is_null() ? "" : body.at("next").get<std::string>();
        EXPECT_EQ(header_of(page, "Link"), next.empty() ? "" : "<" + next + ">; rel=\"next\"");
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"c0", "c1", "c2", "c3", "c4"}));
    // A cursor belongs to its list, and cannot be made up.
    const json page = json::parse(ask({.target = "/api/v1/customers?limit=2&q=c"}).body);
    const std::string cursor = page.at("after");
    EXPECT_EQ(ask({.target = "/api/v1/customers?after=" + cursor}).status, 400);
    EXPECT_EQ(ask({.target = "/api/v1/customers?q=c&after=c1"}).status, 400);
    EXPECT_EQ(ask({.target = "/api/v1/customers?q=c&after=" + cursor}).status, 200);
}

TEST(Cursor, IsReadBackForItsListAlone) {
    for (const std::string& place :
         {std::string(), std::string("ada"), std::string("\0x\xff", 3)}) {
        const std::string cursor = make_cursor("list", place);
        EXPECT_EQ(read_cursor("list", cursor), place);
        EXPECT_EQ(read_cursor("other", cursor), std::nullopt);
        EXPECT_EQ(read_cursor("list", cursor + "A"), std::nullopt);
    }
    EXPECT_EQ(read_cursor("list", ""), std::nullopt);
    EXPECT_EQ(read_cursor("list", "?"), std::nullopt);
    EXPECT_EQ(read_cursor("list", std::string(10'000, 'A')), std::nullopt);
}

std::string faults_of(const char* value, const char* schema) {
    std::string out;
    for (const SchemaFault& fault :
         check_schema(json::parse(value), json::parse(schema), json::object())) {
        out += fault.pointer + ": " + fault.message + "\n";
    }
    return out;
}

TEST(Schema, SaysEveryMistakeWithItsPlace) {
    const char* schema = R"({"type":"object","required":["name","age"],"properties":{
        "name":{"type":"string","minLength":1,"maxLength":3},
        "age":{"type":"integer","minimum":0,"maximum":150},
        "kind":{"enum":["a","b","c"]},
        "list":{"type":"array","maxItems":2,"items":{"type":"boolean"}},
        "any":{"type":["string","null"]},
        "map":{"type":"object","additionalProperties":{"type":"string"}}}})";
    EXPECT_EQ(faults_of(R"({"name":"äöü","age":3,"kind":"b","list":[true],"any":null,
                           "map":{"x/y":"z"}})",
                        schema),
              "");
    EXPECT_EQ(faults_of(R"({"nam":1,"age":3.5})", schema),
              "/name: 'name' is missing: text from 1 to 3 characters\n"
              "/age: 'age' is a whole number from 0 to 150\n"
              "/nam: there is no member 'nam' here; did you mean 'name'?\n");
    EXPECT_EQ(
        faults_of(R"({"name":"","age":200,"kind":"d","list":[1],"any":2,"map":{"x/y":1}})", schema),
        "/age: 'age' is a whole number from 0 to 150\n/any: 'any' is text\n"
        "/kind: 'kind' is a, b or c\n/list/0: 'list[0]' is true or false\n"
        "/map/x~1y: 'x~1y' is text\n/name: 'name' is text from 1 to 3 characters\n");
    EXPECT_EQ(faults_of("[]", schema), ": the body is a JSON object\n");
    EXPECT_EQ(faults_of("1.0", R"({"type":"integer"})"), "");
}

TEST(Description, IsCompletedWithWhatHoldsForEveryRoute) {
    const json& document = Description::own().document();
    for (const auto& [path, item] : document.at("paths").items()) {
        if (!path.starts_with("/api/v1/")) {
            continue;
        }
        for (const auto& [method, operation] : item.items()) {
            if (method == "parameters") {
                continue;
            }
            EXPECT_TRUE(operation.at("responses").contains("401")) << method << " " << path;
            EXPECT_FALSE(operation.dump().find("application/json\":{\"schema\":{\"$ref\":"
                                               "\"#/components/schemas/Error\"") !=
                         std::string::npos);
        }
    }
    EXPECT_NE(Description::own().find("POST", "/api/v1/customers/:id/consent"), nullptr);
    EXPECT_EQ(Description::own().find("POST", "/api/v1/nothing"), nullptr);
}

}  // namespace
}  // namespace winback::api

#include "api/ingest.h"

#include <fstream>
#include <mutex>
#include <string>

#include <gtest/gtest.h>

#include "http/authorization.h"
#include "http/gzip.h"
#include "http/server.h"
#include "http/test_client.h"

namespace winback::api {
namespace {

using http::get;
using http::post;
using http::TestClient;

// Stands for the host: keeps what was submitted and answers when the test says so.
struct Sink {
    std::mutex mutex;
    std::vector<event::Event> events;
    std::vector<event::Rejection> rejected;
    std::vector<std::function<void(Status)>> waiting;
    Result<bool> answer = true;  // False: hold the answer back.

    IngestPorts ports() {
        IngestPorts ports;
        ports.is_write_key = [](std::string_view key) { return key == "wk1"; };
        ports.submit = [this](std::vector<event::Event> batch, std::function<void(Status)> done) {
            const std::lock_guard lock(mutex);
            if (!answer) {
                done(answer.error());
                return;
            }
            events.insert(events.end(), batch.begin(), batch.end());
            if (*answer) {
                done(Ok{});
            } else {
                waiting.push_back(std::move(done));
            }
        };
        ports.retry_after = [] { return milliseconds(2500); };
        ports.now = [] { return Timestamp{1'700'000'000'000}; };
        ports.on_rejected = [this](const event::Rejection& r) { rejected.push_back(r); };
        return ports;
    }
};

class IngestTest : public testing::Test {
protected:
    IngestTest() {
        http::Router router;
        add_ingest_routes(router, sink_.ports());
        server_ = std::make_unique<http::Server>(http::ServerOptions{}, std::move(router));
        port_ = *server_->start();
    }

    Sink sink_;
    std::unique_ptr<http::Server> server_;
    std::uint16_t port_ = 0;
};

const std::string with_key =
    "Authorization: Basic " + http::encode_base64("wk1:") + "\r\nContent-Type: text/plain\r\n";
constexpr std::string_view track =
    R"({"type":"track","event":"Signed Up","userId":"u1","messageId":"m1"})";
constexpr std::string_view success = R"({"success":true})";

TEST_F(IngestTest, TakesEveryCallOnItsLongAndShortPath) {
    TestClient client(port_);
    const std::string body = R"({"event":"E","userId":"u","groupId":"g","previousId":"p"})";
    int sent = 0;
    for (const char* path :
         {"identify", "track", "page", "screen", "group", "alias", "i", "t", "p", "s", "g", "a"}) {
        const http::Answer answer =
            client.exchange(post(std::string("/v1/") + path, body, with_key));
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_EQ(answer.body, success) << path;
        EXPECT_EQ(answer.field("access-control-allow-origin"), "*");
        EXPECT_EQ(sink_.events.size(), static_cast<std::size_t>(++sent)) << path;
    }
    for (const char* path : {"batch", "import", "b"}) {
        const std::string batch =
            R"({"batch":[)" + std::string(track) + "," + std::string(track) + "]}";
        EXPECT_EQ(client.exchange(post(std::string("/v1/") + path, batch, with_key)).body, success);
        EXPECT_EQ(sink_.events.size(), static_cast<std::size_t>(sent += 2)) << path;
    }
}

TEST_F(IngestTest, AnswersOnlyWhenDurable) {
    sink_.answer = false;
    TestClient client(port_);
    TestClient other(port_);
    ASSERT_TRUE(client.send(post("/v1/track", track, with_key)));
    EXPECT_EQ(other.exchange(post("/v1/m", "{}", with_key)).status, 200);
    std::vector<std::function<void(Status)>> waiting;
    while (waiting.empty()) {
        const std::lock_guard lock(sink_.mutex);
        waiting.swap(sink_.waiting);
    }
    EXPECT_EQ(server_->stats().pending, 1);
    waiting[0](Ok{});
    EXPECT_EQ(client.receive().body, success);
}

TEST_F(IngestTest, FindsTheKeyInHeaderOrBody) {
    const std::string in_body = R"({"event":"E","userId":"u","writeKey":"wk1"})";
    const std::string wrong_in_body = R"({"event":"E","userId":"u","writeKey":"other"})";
    const std::string basic = "Authorization: Basic ";
    struct Case {
        std::string fields;
        std::string body;
        int status;
    };
    const Case cases[] = {
        {basic + http::encode_base64("wk1:") + "\r\n", std::string(track), 200},
        {basic + http::encode_base64("wk1") + "\r\n", std::string(track), 200},
        {basic + http::encode_base64("wk1:") + "\r\n", wrong_in_body, 200},
        {"", in_body, 200},
        {"Authorization: Bearer token\r\n", in_body, 200},
        {"Authorization: Bearer wk1\r\n", std::string(track), 401},
        {basic + http::encode_base64("other:") + "\r\n", in_body, 401},
        {"", wrong_in_body, 401},
        {"", std::string(track), 401},
        {"", "not json", 401},
    };
    TestClient client(port_);
    for (const Case& c : cases) {
        const http::Answer answer = client.exchange(post("/v1/track", c.body, c.fields));
        EXPECT_EQ(answer.status, c.status) << c.fields << c.body;
        EXPECT_EQ(answer.body.substr(0, 28),
                  c.status == 200 ? success : R"({"code":"invalid_write_key",)");
    }
}

TEST_F(IngestTest, RefusesBodiesThatAreNotJsonOrTooLarge) {
    TestClient client(port_);
    const http::Answer broken = client.exchange(post("/v1/track", "{", with_key));
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(broken.body.substr(0, 23), R"({"code":"invalid_json",)");
    const std::string large =
        R"({"event":"E","userId":"u","properties":{"x":")" + std::string(40'000, 'x') + "\"}}";
    const http::Answer answer = client.exchange(post("/v1/track", large, with_key));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body.substr(0, 20), R"({"code":"too_large",)");
    EXPECT_TRUE(sink_.events.empty());
}

TEST_F(IngestTest, TakesTheOthersOfABatchAndSaysWhichItDidNot) {
    TestClient client(port_);
    const http::Answer answer = client.exchange(
        post("/v1/batch", R"({"batch":[{"type":"track","event":"E"},)" + std::string(track) + "]}",
             with_key));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body.substr(0, 63),
              R"({"success":true,"rejected":[{"index":0,"code":"no_user_anon_id")");
    EXPECT_EQ(sink_.events.size(), 1U);
    ASSERT_EQ(sink_.rejected.size(), 1U);
}

TEST_F(IngestTest, AsksToTryAgainWhenQueuesAreFull) {
    sink_.answer = Error{ErrorCode::Unavailable, "full"};
    TestClient client(port_);
    const http::Answer answer = client.exchange(post("/v1/track", track, with_key));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.field("retry-after"), "3");
    EXPECT_EQ(answer.field("x-ratelimit-reset"), "3");
    EXPECT_EQ(answer.field("access-control-allow-origin"), "*");
}

TEST_F(IngestTest, AnswersBrowsersBeforeTheySend) {
    TestClient client(port_);
    const http::Answer preflight = client.exchange("OPTIONS /v1/t HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.field("access-control-allow-headers"),
              "authorization,content-type,x-retry-count,anonymousid");
    const http::Answer settings = client.exchange(get("/v1/projects/wk1/settings"));
    EXPECT_EQ(settings.status, 200);
    EXPECT_NE(settings.body.find(R"("apiHost":"test/v1","protocol":"http")"), std::string::npos);
    EXPECT_EQ(client.exchange(get("/v1/projects/other/settings")).status, 404);
}

// What stands between `"name":"` and the next quote: the recordings' own form.
std::string text_of(const std::string& line, const std::string& name) {
    const std::string start = "\"" + name + "\":\"";
    const std::size_t begin = line.find(start) + start.size();
    return line.substr(begin, line.find('"', begin) - begin);
}

TEST_F(IngestTest, TakesWhatRealClientsSent) {
    std::ifstream file("test/data/segment/recordings.jsonl");
    ASSERT_TRUE(file.is_open());
    int requests = 0;
    for (std::string line; std::getline(file, line); ++requests) {
        std::string fields = with_key;
        const std::string body = *http::decode_base64(text_of(line, "body_b64"));
        if (body.substr(0, 2) == "\x1f\x8b") {
            fields += "Content-Encoding: gzip\r\n";
        }
        const std::size_t before = sink_.events.size();
        TestClient client(port_);
        const http::Answer answer = client.exchange(post(text_of(line, "path"), body, fields));
        EXPECT_EQ(answer.status, 200) << line.substr(0, 100);
        EXPECT_EQ(answer.body, success) << line.substr(0, 100);
        EXPECT_GT(sink_.events.size(), before) << line.substr(0, 100);
    }
    EXPECT_GT(requests, 3);
}

}  // namespace
}  // namespace winback::api

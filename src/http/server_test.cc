#include "http/server.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <sys/resource.h>

#include "http/gzip.h"
#include "http/test_client.h"

namespace winback::http {
namespace {

// Replies that a test holds back and gives when it likes.
class Parked {
public:
    void add(std::string name, Reply reply) {
        const std::lock_guard lock(mutex_);
        replies_.emplace_back(std::move(name), std::move(reply));
        changed_.notify_all();
    }
    // Waits until `count` requests are parked.
    void await(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return replies_.size() >= count; });
    }
    void answer_backwards() {
        std::deque<std::pair<std::string, Reply>> taken;
        {
            const std::lock_guard lock(mutex_);
            taken.swap(replies_);
        }
        while (!taken.empty()) {
            taken.back().second(text(200, taken.back().first));
            taken.pop_back();
        }
    }
    void drop_all() {
        const std::lock_guard lock(mutex_);
        replies_.clear();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::pair<std::string, Reply>> replies_;
};

Router test_router(Parked& parked) {
    Router router;
    router.add("GET", "/hello", sync([](const Request&) { return text(200, "hello"); }));
    router.add("POST", "/echo", sync([](const Request& r) { return text(200, r.body); }));
    router.add("POST", "/small", sync([](const Request& r) { return text(200, r.body); }),
               {.body_bytes_max = 100, .inflated_bytes_max = 1000});
    router.add("GET", "/who/:name", sync([](const Request& r) {
                   return text(200, std::string(r.param("name")) + "|" +
                                        r.query_value("q")->c_str() + "|" + r.remote_address);
               }));
    router.add("GET", "/page",
               sync([](const Request&) { return html(200, std::string(5000, 'x')); }));
    router.add("GET", "/park/:name", [&parked](const RequestPtr& request, Reply reply) {
        parked.add(std::string(request->param("name")), std::move(reply));
    });
    router.add("GET", "/throws",
               [](const RequestPtr&, const Reply&) { throw std::runtime_error("secret"); });
    router.add("GET", "/split", sync([](const Request&) {
                   Response response = text(200, "x");
                   response.add("X-Bad", "a\r\nSet-Cookie: b=c");
                   return response;
               }));
    return router;
}

class ServerTest : public testing::Test {
protected:
    std::uint16_t start(ServerOptions options = {}) {
        server_ = std::make_unique<Server>(std::move(options), test_router(parked_));
        Result<std::uint16_t> port = server_->start();
        EXPECT_TRUE(port.has_value());
        return port ? *port : std::uint16_t{0};
    }

    Parked parked_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    TestClient client(start());
    for (int i = 0; i < 3; ++i) {
        const Answer answer = client.exchange(post("/echo", "body " + std::to_string(i)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "body " + std::to_string(i));
        EXPECT_EQ(answer.field("connection"), "");
        EXPECT_EQ(answer.field("date").substr(25), " GMT");
    }
}

TEST_F(ServerTest, ClosesWhenTheClientAsks) {
    TestClient client(start());
    const Answer answer = client.exchange(get("/hello", "Connection: close\r\n"));
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, ClosesAfterOneRequestOfHttp10UnlessAskedToStay) {
    const std::uint16_t port = start();
    TestClient once(port);
    EXPECT_EQ(once.exchange("GET /hello HTTP/1.0\r\n\r\n").field("connection"), "close");
    EXPECT_TRUE(once.closed_by_server());
    TestClient stays(port);
    const Answer answer = stays.exchange("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(answer.field("connection"), "keep-alive");
    EXPECT_EQ(stays.exchange("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
}

TEST_F(ServerTest, DecodesPathParametersAndQuery) {
    TestClient client(start());
    const Answer answer = client.exchange(get("/who/a%2Fb%20c?q=1+2%26"));
    EXPECT_EQ(answer.body, "a/b c|1 2&|127.0.0.1");
    EXPECT_EQ(client.exchange(get("http://proxy.test/who/x?q=http://y/?z")).body,
              "x|http://y/?z|127.0.0.1");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrderWhateverTheOrderOfReplies) {
    TestClient client(start());
    std::string burst;
    for (int i = 0; i < 20; ++i) {
        burst += get("/park/" + std::to_string(i));
        burst += get("/hello");
    }
    ASSERT_TRUE(client.send(burst));
    parked_.await(20);
    parked_.answer_backwards();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(client.receive().body, std::to_string(i));
        EXPECT_EQ(client.receive().body, "hello");
    }
}

TEST_F(ServerTest, StopsReadingAConnectionWithTooManyUnansweredRequests) {
    ServerOptions options;
    options.pipelined_max = 4;
    TestClient client(start(options));
    std::string burst;
    for (int i = 0; i < 12; ++i) {
        burst += get("/park/" + std::to_string(i));
    }
    ASSERT_TRUE(client.send(burst));
    for (int round = 0; round < 3; ++round) {
        parked_.await(4);
        EXPECT_EQ(server_->stats().pending, 4);
        parked_.answer_backwards();
        for (int i = 0; i < 4; ++i) {
            EXPECT_EQ(client.receive().body, std::to_string(round * 4 + i));
        }
    }
}

TEST_F(ServerTest, HoldsThousandsOfPendingReplies) {
    ServerOptions options;
    options.threads = 2;
    const std::uint16_t port = start(options);
    std::vector<TestClient> clients;
    constexpr int connections = 100;
    constexpr int each = 50;
    for (int i = 0; i < connections; ++i) {
        clients.emplace_back(port);
        std::string burst;
        for (int k = 0; k < each; ++k) {
            burst += get("/park/" + std::to_string(k));
        }
        ASSERT_TRUE(clients.back().send(burst));
    }
    parked_.await(connections * each);
    EXPECT_EQ(server_->stats().pending, connections * each);
    parked_.answer_backwards();
    for (TestClient& client : clients) {
        for (int k = 0; k < each; ++k) {
            ASSERT_EQ(client.receive().body, std::to_string(k));
        }
    }
    EXPECT_EQ(server_->stats().pending, 0);
}

TEST_F(ServerTest, RefusesMoreThanItCanHold) {
    ServerOptions options;
    options.pending_max = 2;
    const std::uint16_t port = start(options);
    TestClient holder(port);
    ASSERT_TRUE(holder.send(get("/park/1") + get("/park/2")));
    parked_.await(2);
    TestClient client(port);
    const Answer refused = client.exchange(get("/hello"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.field("retry-after"), "1");
    EXPECT_EQ(refused.field("x-ratelimit-reset"), "1");
    parked_.answer_backwards();
    EXPECT_EQ(holder.receive().body, "1");
    EXPECT_EQ(client.exchange(get("/hello")).status, 200);
}

TEST_F(ServerTest, SurvivesRepliesToConnectionsThatHaveGone) {
    const std::uint16_t port = start();
    {
        TestClient client(port);
        ASSERT_TRUE(client.send(get("/park/1") + get("/park/2")));
        parked_.await(2);
    }
    parked_.answer_backwards();
    TestClient client(port);
    EXPECT_EQ(client.exchange(get("/hello")).status, 200);
}

TEST_F(ServerTest, TakesOnlyTheFirstReply) {
    Router router;
    router.add("GET", "/twice", [](const RequestPtr&, const Reply& reply) {
        reply(text(200, "first"));
        reply(text(200, "second"));
    });
    Server server({}, std::move(router));
    TestClient client(*server.start());
    EXPECT_EQ(client.exchange(get("/twice")).body, "first");
    EXPECT_EQ(client.exchange(get("/twice")).body, "first");
}

TEST_F(ServerTest, AnswersForHandlersThatDropTheirReplyOrThrow) {
    TestClient client(start());
    ASSERT_TRUE(client.send(get("/park/1")));
    parked_.await(1);
    parked_.drop_all();
    EXPECT_EQ(client.receive().status, 500);
    const Answer thrown = client.exchange(get("/throws"));
    EXPECT_EQ(thrown.status, 500);
    EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
}

TEST_F(ServerTest, AnswersAClientThatHasFinishedSending) {
    TestClient client(start());
    ASSERT_TRUE(client.send(get("/park/late")));
    client.finish_sending();
    parked_.await(1);
    parked_.answer_backwards();
    EXPECT_EQ(client.receive().body, "late");
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, ReadsChunkedBodiesAndForgetsTrailers) {
    TestClient client(start());
    const std::string head = "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
    const Answer answer =
        client.exchange(head + "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n");
    EXPECT_EQ(answer.body, "hello world");
    for (const char c : head + "3\r\nabc\r\n0\r\n\r\n") {
        ASSERT_TRUE(client.send({&c, 1}));
    }
    EXPECT_EQ(client.receive().body, "abc");
}

TEST_F(ServerTest, ReadsLargeBodies) {
    ServerOptions options;
    options.body_bytes_max = 8 * 1024 * 1024;
    TestClient client(start(options));
    std::string body(5'000'000, 'a');
    body.back() = 'z';
    std::thread sender([&] { client.send(post("/echo", body)); });
    EXPECT_EQ(client.receive().body, body);
    sender.join();
}

TEST_F(ServerTest, RefusesBodiesOverTheRoutesLimit) {
    const std::uint16_t port = start();
    const std::string large(101, 'x');
    TestClient announced(port);
    const Answer answer = announced.exchange(post("/small", large));
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(answer.body, R"({"code":"too_large","message":"the body is larger than 100 bytes"})");
    EXPECT_TRUE(announced.closed_by_server());
    TestClient chunked(port);
    const Answer second = chunked.exchange(
        "POST /small HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n" +
        std::string(0x50, 'x') + "\r\n50\r\n" + std::string(0x50, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(second.status, 413);
    TestClient fits(port);
    EXPECT_EQ(fits.exchange(post("/small", std::string(100, 'x'))).status, 200);
}

TEST_F(ServerTest, DeliversTheRefusalWhileTheClientIsStillSending) {
    const std::uint16_t port = start();
    TestClient client(port);
    std::thread sender([&] { client.send(post("/echo", std::string(3'000'000, 'x'))); });
    EXPECT_EQ(client.receive().status, 413);
    sender.join();
}

TEST_F(ServerTest, RefusesAFloodOfFields) {
    const std::uint16_t port = start();
    TestClient long_field(port);
    EXPECT_EQ(long_field.exchange(get("/hello", "A: " + std::string(20'000, 'x') + "\r\n")).status,
              431);
    TestClient many(port);
    std::string fields;
    for (int i = 0; i < 2000; ++i) {
        fields += "X-" + std::to_string(i) + ": value\r\n";
    }
    EXPECT_EQ(many.exchange(get("/hello", fields)).status, 431);
    TestClient dripping(port);  // Never so much at once that the parser's own limit would see it.
    ASSERT_TRUE(dripping.send("GET /hello HTTP/1.1\r\nHost: t\r\n"));
    for (int i = 0; i < 2000 && dripping.send("X-" + std::to_string(i) + ": value\r\n"); ++i) {
    }
    EXPECT_EQ(dripping.receive().status, 431);
}

TEST_F(ServerTest, SaysContinueBeforeALargeBody) {
    TestClient client(start());
    ASSERT_TRUE(
        client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n"
                    "Expect: 100-continue\r\n\r\n"));
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.exchange("body").body, "body");
}

TEST_F(ServerTest, InflatesBodiesWithinTheBound) {
    TestClient client(start());
    const std::string gzipped = "Content-Encoding: gzip\r\n";
    EXPECT_EQ(client.exchange(post("/echo", gzip("hello"), gzipped)).body, "hello");
    const Answer bomb = client.exchange(post("/small", gzip(std::string(50'000, 'x')), gzipped));
    EXPECT_EQ(bomb.status, 413);
    EXPECT_EQ(client.exchange(post("/echo", "not gzip", gzipped)).status, 400);
    EXPECT_EQ(client.exchange(post("/echo", gzip("cut").substr(0, 15), gzipped)).status, 400);
    EXPECT_EQ(client.exchange(post("/echo", "x", "Content-Encoding: br\r\n")).status, 415);
    EXPECT_EQ(client.exchange(post("/echo", "x", "Content-Encoding: identity\r\n")).body, "x");
}

TEST_F(ServerTest, CompressesPagesForThoseWhoAcceptIt) {
    TestClient client(start());
    const Answer plain = client.exchange(get("/page"));
    EXPECT_EQ(plain.body.size(), 5000U);
    EXPECT_EQ(plain.field("vary"), "Accept-Encoding");
    EXPECT_NE(plain.field("content-security-policy").find("default-src 'none'"), std::string::npos);
    const Answer small = client.exchange(get("/page", "Accept-Encoding: deflate, gzip\r\n"));
    EXPECT_EQ(small.field("content-encoding"), "gzip");
    EXPECT_LT(small.body.size(), 200U);
    EXPECT_EQ(*gunzip(small.body, 10'000), plain.body);
}

TEST_F(ServerTest, TellsUnknownPathsFromUnknownMethods) {
    TestClient client(start());
    const Answer missing = client.exchange(get("/nowhere"));
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.body, R"({"code":"not_found","message":"there is nothing at this path"})");
    const Answer method = client.exchange(post("/hello", ""));
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(method.field("allow"), "GET, HEAD, OPTIONS");
    const Answer options = client.exchange("OPTIONS /echo HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.field("allow"), "OPTIONS, POST");
}

TEST_F(ServerTest, AnswersHeadWithoutTheBody) {
    TestClient client(start());
    ASSERT_TRUE(client.send("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n" + get("/hello")));
    const Answer head = client.receive(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "5");
    EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
    const std::uint16_t port = start();
    const std::string bad[] = {
        "hello\r\n\r\n",
        "GET /hello HTTP/2.0\r\nHost: t\r\n\r\n",
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost : t\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: identity\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        std::string("GET /he\0lo HTTP/1.1\r\nHost: t\r\n\r\n", 33),
    };
    for (const std::string& request : bad) {
        TestClient client(port);
        const Answer answer = client.exchange(request);
        EXPECT_EQ(answer.status, 400) << request;
        EXPECT_EQ(answer.body.substr(0, 9), R"({"code":")") << request;
        EXPECT_TRUE(client.closed_by_server()) << request;
    }
}

TEST_F(ServerTest, KeepsTheConnectionAfterAMistakeThatLeavesNoDoubt) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(get("/who/%zz")).status, 400);
    EXPECT_EQ(client.exchange(get("/who/x?q=%")).status, 400);
    EXPECT_EQ(client.exchange(get("/who/%ff?q=1")).status, 400);
    EXPECT_EQ(client.exchange(get("/hello")).status, 200);
}

TEST_F(ServerTest, NeverLetsAFieldBreakTheFraming) {
    TestClient client(start());
    const Answer answer = client.exchange(get("/split"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.field("set-cookie"), "");
}

TEST_F(ServerTest, ClosesIdleConnections) {
    ServerOptions options;
    options.idle_timeout = milliseconds(40);
    TestClient client(start(options));
    EXPECT_EQ(client.exchange(get("/hello")).status, 200);
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(ServerTest, GivesUpOnSlowRequests) {
    ServerOptions options;
    options.header_timeout = milliseconds(40);
    options.body_timeout = milliseconds(40);
    const std::uint16_t port = start(options);
    TestClient head(port);
    ASSERT_TRUE(head.send("GET /hello HTTP/1.1\r\nHost:"));
    EXPECT_EQ(head.receive().status, 408);
    EXPECT_TRUE(head.closed_by_server());
    TestClient body(port);
    ASSERT_TRUE(body.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nab"));
    EXPECT_EQ(body.receive().status, 408);
    TestClient dripping(port);  // Each byte comes in time; the request as a whole does not.
    ASSERT_TRUE(dripping.send("GET /hello HTTP/1.1\r\nHost: "));
    while (dripping.send("x")) {
    }
}

TEST_F(ServerTest, KeepsPendingRequestsPastTheIdleTimeout) {
    ServerOptions options;
    options.idle_timeout = milliseconds(20);
    const std::uint16_t port = start(options);
    TestClient pending(port);
    ASSERT_TRUE(pending.send(get("/park/1")));
    parked_.await(1);
    TestClient idle(port);
    EXPECT_TRUE(idle.closed_by_server());  // So the timeout has passed.
    parked_.answer_backwards();
    EXPECT_EQ(pending.receive().body, "1");
}

TEST_F(ServerTest, ClosesOnClientsThatDoNotReadTheirAnswers) {
    ServerOptions options;
    options.write_timeout = milliseconds(50);
    options.body_bytes_max = 4 * 1024 * 1024;
    TestClient client(start(options));
    const std::string request = post("/echo", std::string(1'000'000, 'x'));
    int sent = 0;
    while (sent < 200 && client.send(request)) {
        ++sent;
    }
    EXPECT_LT(sent, 200);  // Neither read without end nor kept for ever.
}

TEST_F(ServerTest, ServesOthersBesideManyIdleConnections) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
    setrlimit(RLIMIT_NOFILE, &limit);
    ServerOptions options;
    options.threads = 2;
    const std::uint16_t port = start(options);
    std::vector<TestClient> idle;
    for (int i = 0; i < 500; ++i) {
        idle.emplace_back(port);
        ASSERT_TRUE(idle.back().connected());
    }
    TestClient client(port);
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
    EXPECT_EQ(server_->stats().connections, 501);
    EXPECT_EQ(idle[250].exchange(get("/hello")).body, "hello");
}

TEST_F(ServerTest, RefusesConnectionsOverTheLimit) {
    ServerOptions options;
    options.connections_max = 2;
    const std::uint16_t port = start(options);
    TestClient first(port);
    EXPECT_EQ(first.exchange(get("/hello")).status, 200);
    TestClient second(port);
    EXPECT_EQ(second.exchange(get("/hello")).status, 200);
    TestClient third(port);
    EXPECT_EQ(third.receive().status, 503);
    EXPECT_TRUE(third.closed_by_server());
    EXPECT_EQ(first.exchange(get("/hello")).status, 200);
}

TEST_F(ServerTest, StopsAfterAnsweringWhatIsPending) {
    const std::uint16_t port = start();
    TestClient pending(port);
    TestClient idle(port);
    ASSERT_TRUE(pending.send(get("/park/1")));
    parked_.await(1);
    std::thread stopper([&] { server_->stop(); });
    EXPECT_TRUE(idle.closed_by_server());  // Draining has begun.
    parked_.answer_backwards();
    const Answer answer = pending.receive();
    EXPECT_EQ(answer.body, "1");
    EXPECT_EQ(answer.field("connection"), "close");
    stopper.join();
    EXPECT_FALSE(TestClient(port).connected());
}

TEST_F(ServerTest, StopsWithoutAnswersWhenTheyDoNotCome) {
    ServerOptions options;
    options.drain_timeout = milliseconds(20);
    options.threads = 2;
    TestClient client(start(options));
    ASSERT_TRUE(client.send(get("/park/1") + get("/park/2")));
    parked_.await(2);
    server_->stop();
    EXPECT_TRUE(client.closed_by_server());
    server_.reset();
    parked_.answer_backwards();  // After the server is gone: nothing happens.
}

TEST_F(ServerTest, SaysWhichPortIsTakenAndWhatToDo) {
    ServerOptions options;
    options.port = start();
    Server second(options, Router());
    Result<std::uint16_t> port = second.start();
    ASSERT_FALSE(port.has_value());
    EXPECT_EQ(port.error().code, ErrorCode::Conflict);
    EXPECT_EQ(port.error().message,
              "port " + std::to_string(options.port) +
                  " on 127.0.0.1 is taken by another program; stop that one, or choose another "
                  "port with --port (0 takes any free one)");
}

TEST_F(ServerTest, SaysWhatIsWrongWithAnAddress) {
    ServerOptions options;
    options.address = "localhost";
    EXPECT_EQ(Server(options, Router()).start().error().code, ErrorCode::InvalidArgument);
    options.address = "203.0.113.7";
    EXPECT_EQ(Server(options, Router()).start().error().code, ErrorCode::InvalidArgument);
}

TEST_F(ServerTest, ReportsRoutesRatherThanPaths) {
    std::mutex mutex;
    std::vector<std::string> lines;
    ServerOptions options;
    options.on_access = [&](const AccessRecord& record) {
        const std::lock_guard lock(mutex);
        lines.push_back(std::string(record.method) + " " + std::string(record.route) + " " +
                        std::to_string(record.status) + " " + std::to_string(record.request_bytes));
    };
    TestClient client(start(options));
    client.exchange(get("/who/secret?q=secret"));
    client.exchange(get("/secret"));
    client.exchange(post("/echo", "12345"));
    server_->stop();
    EXPECT_EQ(lines,
              (std::vector<std::string>{"GET /who/:name 200 0", "GET  404 0", "POST /echo 200 5"}));
}

}  // namespace
}  // namespace winback::http

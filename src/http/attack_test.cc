// What hostile clients do to a server, over real sockets: they get their refusal, and the others
// notice nothing.
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "http/gzip.h"
#include "http/server.h"
#include "http/test_client.h"

namespace winback::http {
namespace {

constexpr std::size_t idle_wanted = 5000;
constexpr std::size_t slow_wanted = 200;

// How many connections this process may hold both ends of, beside a few hundred other files.
std::size_t connections_possible() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    constexpr rlim_t others = 300;
    return limit.rlim_cur < 2 * others ? 100 : (limit.rlim_cur - others) / 2;
}

class AttackTest : public testing::Test {
protected:
    std::uint16_t start(ServerOptions options = {}) {
        Router router;
        router.add("GET", "/hello", sync([](const Request&) { return text(200, "hello"); }));
        router.add("POST", "/echo", sync([](const Request& r) { return text(200, r.body); }));
        router.add("GET", "/large",
                   sync([](const Request&) { return text(200, std::string(8'000'000, 'x')); }));
        router.add("GET", "/back", sync([](const Request& request) {
                       return redirect(*request.query_value("to"));
                   }));
        server_ = std::make_unique<Server>(std::move(options), std::move(router));
        Result<std::uint16_t> port = server_->start();
        EXPECT_TRUE(port.has_value());
        port_ = port ? *port : std::uint16_t{0};
        return port_;
    }
    // Of a request on a connection of its own.
    Answer ask(std::string_view request) const {
        TestClient client(port_);
        return client.exchange(request);
    }
    std::vector<TestClient> connect(std::size_t count, std::string_view first_bytes) const {
        std::vector<TestClient> clients;
        for (std::size_t i = 0; i < count; ++i) {
            clients.emplace_back(port_);
            EXPECT_TRUE(clients.back().connected());
            clients.back().send(first_bytes);
        }
        return clients;
    }
    void await_connections(std::size_t count) const {
        while (server_->stats().connections != static_cast<int>(count)) {
        }
    }

    std::uint16_t port_ = 0;
    std::unique_ptr<Server> server_;
};

TEST_F(AttackTest, ServesEveryRequestInOrderBesideThousandsOfIdleAndHundredsOfSlowClients) {
    const std::size_t possible = connections_possible();
    const std::size_t slow_count = std::min(slow_wanted, possible / 4);
    const std::size_t idle_count = std::min(idle_wanted, possible - slow_count - 1);
    // However slow the machine is: who is thrown out and when is the next test's matter.
    ServerOptions patient;
    patient.idle_timeout = hours(1);
    patient.header_timeout = hours(1);
    patient.body_timeout = hours(1);
    patient.write_timeout = hours(1);
    start(std::move(patient));
    const std::vector<TestClient> idle = connect(idle_count, "");
    // A third each: a head that never ends, a body that never comes, an answer never read.
    const std::size_t third = slow_count / 3;
    std::vector<TestClient> heads = connect(third, "POST /echo HTTP/1.1\r\nHost: te");
    std::vector<TestClient> bodies =
        connect(third, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n");
    std::vector<TestClient> readers = connect(third, get("/large"));
    await_connections(idle_count + 3 * third);
    TestClient client(port_);
    constexpr int rounds = 40;
    constexpr int burst = 50;
    for (int i = 0; i < rounds; ++i) {
        std::string requests;
        for (int j = 0; j < burst; ++j) {
            requests += post("/echo", std::to_string(i * burst + j));
        }
        // The slow ones go on, a byte at a time.
        heads[static_cast<std::size_t>(i) % heads.size()].send("s");
        if (i < 8) {
            bodies[0].send("x");
        }
        ASSERT_TRUE(client.send(requests));
        for (int j = 0; j < burst; ++j) {
            ASSERT_EQ(client.receive().body, std::to_string(i * burst + j));
        }
    }
    // Nobody was thrown out for it, and whoever finishes is served.
    EXPECT_EQ(server_->stats().connections, static_cast<int>(idle_count + 3 * third + 1));
    EXPECT_TRUE(bodies[0].send("y"));
    EXPECT_EQ(bodies[0].receive().body, "xxxxxxxxy");
    EXPECT_EQ(readers[0].receive().body.size(), 8'000'000U);
}

TEST_F(AttackTest, ThrowsOutSlowClientsAndKeepsTheOthers) {
    ServerOptions options;
    options.header_timeout = milliseconds(50);
    options.body_timeout = milliseconds(50);
    options.write_timeout = milliseconds(50);
    start(options);
    const std::vector<TestClient> idle = connect(50, "");
    std::vector<TestClient> heads = connect(20, "GET /hello HTTP/1.1\r\n");
    std::vector<TestClient> bodies =
        connect(20, "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n");
    const std::vector<TestClient> readers = connect(20, get("/large"));
    for (TestClient& client : heads) {
        EXPECT_EQ(client.receive().status, 408);
    }
    for (TestClient& client : bodies) {
        EXPECT_EQ(client.receive().status, 408);
    }
    heads.clear();
    bodies.clear();
    await_connections(50);
    EXPECT_EQ(ask(get("/hello")).body, "hello");
}

TEST_F(AttackTest, RefusesHeadsThatGrowWithoutEnd) {
    start();
    EXPECT_EQ(ask("GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n").status, 431);
    EXPECT_EQ(ask("GET /hello HTTP/1.1\r\nHost: t\r\nX: " + std::string(40'000, 'a')).status, 431);
    std::string many = "GET /hello HTTP/1.1\r\nHost: t\r\n";
    for (int i = 0; i < 3000; ++i) {
        many += "a: b\r\n";
    }
    EXPECT_EQ(ask(many).status, 431);
    EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                  std::string(100'000, 'e'))
                  .status,
              431);
}

TEST_F(AttackTest, RefusesBodiesThatGrowWithoutEnd) {
    start();
    EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999\r\n\r\n").status,
              413);
    EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: "
                  "99999999999999999999999999\r\n\r\n")
                  .status,
              400);
    EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "FFFFFFFFFFFF\r\n")
                  .status,
              413);
}

TEST_F(AttackTest, InflatesNoBomb) {
    start();
    const std::string bomb = gzip(std::string(100'000'000, '\0'));
    ASSERT_LT(bomb.size(), 512U * 1024);
    EXPECT_EQ(ask(post("/echo", bomb, "Content-Encoding: gzip\r\n")).status, 413);
    // Members one after the other count together.
    std::string members;
    const std::string member = gzip(std::string(1'000'000, '\0'));
    for (int i = 0; i < 100; ++i) {
        members += member;
    }
    EXPECT_EQ(ask(post("/echo", members, "Content-Encoding: gzip\r\n")).status, 413);
    // What is packed twice is unpacked once.
    EXPECT_EQ(ask(post("/echo", gzip(bomb), "Content-Encoding: gzip\r\n")).body, bomb);
    EXPECT_EQ(ask(post("/echo", gzip(bomb), "Content-Encoding: gzip, gzip\r\n")).status, 415);
}

TEST_F(AttackTest, RefusesFieldsThatTwoReadersCouldSplitDifferently) {
    start();
    for (const std::string_view field :
         {"X: a\r\n b", "X: a\rb", "X: a\nY: b", "X : a", " X: a", "X", ": a", "X\t: a",
          "Content-Length: +5", "Content-Length: 5, 6", "Content-Length: 0x5",
          "Transfer-Encoding: chunked, gzip",
          "Transfer-Encoding: \x0b"
          "chunked",
          "Content-Length: 5\r\nTransfer-Encoding: chunked", "Host: other"}) {
        const Answer answer =
            ask("POST /echo HTTP/1.1\r\nHost: t\r\n" + std::string(field) + "\r\n\r\n12345");
        // A line feed alone, or a folded line, may be taken as what it stands for; then nothing
        // of it is left to be taken in another way.
        EXPECT_TRUE(answer.status == 400 || answer.body.empty()) << field << " " << answer.status;
    }
    std::string nul = "GET /hello HTTP/1.1\r\nHost: t\r\nX: a b\r\n\r\n";
    nul[nul.find("a b") + 1] = '\0';
    EXPECT_EQ(ask(nul).status, 400);
}

TEST_F(AttackTest, RefusesLinesThatGoOnInTheNext) {
    start();
    for (const std::string_view field :
         {"X: a\r\n b", "X: a\r\n\tb", "X: a\r\n Transfer-Encoding: chunked",
          "X: a\r\n \r\nY: b"}) {
        EXPECT_EQ(ask("POST /echo HTTP/1.1\r\nHost: t\r\n" + std::string(field) +
                      "\r\nContent-Length: 5\r\n\r\n12345")
                      .status,
                  400)
            << field;
    }
    // In a body such lines are nothing special.
    EXPECT_EQ(ask(post("/echo", "a\r\n b\n\tc")).body, "a\r\n b\n\tc");
}

TEST_F(AttackTest, SaysThatATargetIsTooLongAsTheApiSaysIt) {
    start();
    const Answer api =
        ask("GET /api/v1/" + std::string(40'000, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(api.status, 431);
    EXPECT_EQ(api.field("content-type"), "application/problem+json");
    const Answer other = ask("GET /" + std::string(40'000, 'a') + " HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(other.field("content-type"), "application/json; charset=utf-8");
    EXPECT_EQ(other.field("x-content-type-options"), "nosniff");
}

TEST_F(AttackTest, LetsNoValueOfARequestSplitTheAnswer) {
    start();
    const Answer answer = ask(get("/back?to=/a%0D%0ASet-Cookie:%20x=y%0D%0A%0D%0A<script>"));
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(answer.field("set-cookie"), "");
    EXPECT_EQ(answer.field("location"), "/a%0D%0ASet-Cookie:%20x=y%0D%0A%0D%0A<script>");
}

TEST_F(AttackTest, TakesTargetsInTheirFewFormsOnly) {
    start();
    EXPECT_EQ(ask(get("http://elsewhere.test/hello")).body, "hello");
    EXPECT_EQ(ask(get("http://elsewhere.test")).status, 404);
    for (const std::string_view target :
         {"?a=b", "hello", "xhello", "elsewhere.test:443", "https://elsewhere.test/hello", "*",
          "//hello", "/hello/", "/./hello", "/x/../hello", "/%2e%2e/hello", "/hello%00", "/hello%",
          "/HELLO", "http:///hello%zz", "/hello;x=1"}) {
        const Answer answer = ask(get(target));
        EXPECT_TRUE(answer.status == 404 || answer.status == 400) << target << answer.status;
    }
    EXPECT_EQ(ask(get("/hello")).body, "hello");
}

}  // namespace
}  // namespace winback::http

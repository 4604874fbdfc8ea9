#include "http/stream.h"

#include <condition_variable>
#include <deque>
#include <thread>

#include "http/gzip.h"
#include "http/server.h"
#include "http/test_client.h"

namespace winback::http {
namespace {

// Pieces that a test gives when it likes, and how often one was asked for.
class Tap {
public:
    AskPiece ask() {
        return [this](GivePiece give) {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(give));
            ++asked_count_;
            changed_.notify_all();
        };
    }
    // Waits until a piece is asked for.
    GivePiece next() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !asked_.empty(); });
        GivePiece give = std::move(asked_.front());
        asked_.pop_front();
        return give;
    }
    int asked_count() {
        const std::lock_guard lock(mutex_);
        return asked_count_;
    }
    void drop_all() {
        const std::lock_guard lock(mutex_);
        asked_.clear();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<GivePiece> asked_;
    int asked_count_ = 0;
};

// Lines "0\n", "1\n" and so on, `count` pieces of `lines` each, given at once.
AskPiece counting(int count, int lines) {
    const auto next = std::make_shared<int>(0);
    return [next, count, lines](const GivePiece& give) {
        Piece piece;
        for (int i = 0; i < lines; ++i) {
            piece.bytes += std::to_string((*next)++) + "\n";
        }
        piece.last = *next >= count * lines;
        give(std::move(piece));
    };
}

std::string counted(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i) + "\n";
    }
    return text;
}

class StreamTest : public testing::Test {
protected:
    std::uint16_t start(ServerOptions options = {}) {
        Router router;
        router.add("GET", "/hello", sync([](const Request&) { return text(200, "hello"); }));
        router.add("GET", "/lines", sync([](const Request&) {
                       return streamed("text/csv", pull_stream(counting(1000, 1000)));
                   }));
        router.add("GET", "/tap", sync([this](const Request&) {
                       return streamed("application/octet-stream", pull_stream(tap_.ask()));
                   }));
        router.add("GET", "/split", sync([](const Request&) {
                       Response response = streamed("text/csv", pull_stream(counting(1, 1)));
                       response.add("X-Bad", "a\r\nb: c");
                       return response;
                   }));
        router.add("GET", "/events", [this](const RequestPtr&, const Reply& reply) {
            const auto stream = make_event_stream(1000);
            reply(event_stream(stream));
            const std::lock_guard lock(mutex_);
            pushed_.push_back(stream);
            changed_.notify_all();
        });
        options.on_access = [this](const AccessRecord& record) {
            const std::lock_guard lock(mutex_);
            bytes_reported_ = record.response_bytes;
            changed_.notify_all();
        };
        server_ = std::make_unique<Server>(std::move(options), std::move(router));
        Result<std::uint16_t> port = server_->start();
        EXPECT_TRUE(port.has_value());
        return port ? *port : std::uint16_t{0};
    }
    std::shared_ptr<PushStream> pushed(std::size_t index) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return pushed_.size() > index; });
        return pushed_[index];
    }
    // Waits until the server holds no stream any more.
    void await_no_streams() {
        while (server_->stats().streams != 0) {
            std::this_thread::yield();
        }
    }

    Tap tap_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<PushStream>> pushed_;
    std::size_t bytes_reported_ = 0;
    std::unique_ptr<Server> server_;
};

TEST_F(StreamTest, SendsALongBodyInChunksAndKeepsTheConnection) {
    TestClient client(start());
    for (int i = 0; i < 2; ++i) {
        const Answer answer = client.exchange(get("/lines"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.field("transfer-encoding"), "chunked");
        EXPECT_EQ(answer.field("content-length"), "");
        EXPECT_TRUE(answer.body == counted(1'000'000));
    }
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
}

TEST_F(StreamTest, GzipsAStreamForClientsThatAcceptIt) {
    TestClient client(start());
    const Answer answer = client.exchange(get("/lines", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(answer.field("content-encoding"), "gzip");
    EXPECT_LT(answer.body.size(), counted(1'000'000).size() / 2);
    const Result<std::string> inflated = gunzip(answer.body, 10'000'000);
    ASSERT_TRUE(inflated.has_value());
    EXPECT_TRUE(*inflated == counted(1'000'000));
}

TEST_F(StreamTest, EndsTheBodyWithTheConnectionForHttp10) {
    TestClient client(start());
    ASSERT_TRUE(
        client.send("GET /lines HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/hello")));
    const Answer head = client.receive_head();
    EXPECT_EQ(head.field("connection"), "close");
    EXPECT_EQ(head.field("transfer-encoding"), "");
    EXPECT_TRUE(client.receive_rest() == counted(1'000'000));
}

TEST_F(StreamTest, AnswersHeadWithoutAskingTheProducer) {
    TestClient client(start());
    client.send("HEAD /tap HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.receive(true).field("transfer-encoding"), "chunked");
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
    EXPECT_EQ(tap_.asked_count(), 0);
}

TEST_F(StreamTest, KeepsTheOrderOfPipelinedAnswersAroundAStream) {
    TestClient client(start());
    client.send(get("/hello") + get("/tap") + get("/hello"));
    EXPECT_EQ(client.receive().body, "hello");
    tap_.next()({.bytes = "one "});
    tap_.next()({.bytes = "two", .last = true});
    EXPECT_EQ(client.receive().body, "one two");
    EXPECT_EQ(client.receive().body, "hello");
}

TEST_F(StreamTest, AsksForNoMoreThanTheClientTakes) {
    const std::uint16_t port = start();
    TestClient client(port);
    client.send(get("/tap"));
    const std::string piece(1'000'000, 'x');
    // The kernel's buffers take some; then a client that reads nothing stops the producer.
    int given = 0;
    std::thread producer([&] {
        for (given = 0; given < 64; ++given) {
            tap_.next()({.bytes = piece, .last = given == 63});
        }
    });
    TestClient other(port);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(other.exchange(get("/hello")).body, "hello");
    }
    EXPECT_LT(tap_.asked_count(), 30);
    EXPECT_EQ(client.receive().body.size(), 64 * piece.size());
    producer.join();
    EXPECT_EQ(tap_.asked_count(), 64);
}

TEST_F(StreamTest, CutsTheConnectionWhenTheProducerFails) {
    const std::uint16_t port = start();
    TestClient failed(port);
    failed.send(get("/tap"));
    tap_.next()({.bytes = "half"});
    tap_.next()({.failed = true});
    EXPECT_EQ(failed.receive().status, 0);
    TestClient dropped(port);
    dropped.send(get("/tap"));
    tap_.next() = nullptr;  // Never called.
    EXPECT_EQ(dropped.receive().status, 0);
    await_no_streams();
}

TEST_F(StreamTest, SurvivesPiecesForClientsThatHaveGone) {
    const std::uint16_t port = start();
    GivePiece give;
    {
        TestClient client(port);
        client.send(get("/tap"));
        give = tap_.next();
        give({.bytes = std::string(20'000'000, 'x')});
        client.receive_head();
        give = nullptr;
    }
    await_no_streams();
    TestClient client(port);
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
}

TEST_F(StreamTest, ReplacesAStreamWhoseFieldsWouldBreakTheFraming) {
    TestClient client(start());
    EXPECT_EQ(client.exchange(get("/split")).status, 500);
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
}

TEST_F(StreamTest, PushesEventsAsTheyHappen) {
    TestClient client(start());
    client.send(get("/events", "Accept-Encoding: gzip\r\n"));
    const Answer head = client.receive_head();
    EXPECT_EQ(head.field("content-type"), "text/event-stream");
    EXPECT_EQ(head.field("content-encoding"), "");
    const auto stream = pushed(0);
    for (int i = 0; i < 3; ++i) {
        std::string event;
        append_event(event, {.id = std::to_string(i), .name = "tick", .data = "a\nb"});
        EXPECT_TRUE(stream->send(event));
        EXPECT_EQ(client.receive_chunk(),
                  "id: " + std::to_string(i) + "\nevent: tick\ndata: a\ndata: b\n\n");
    }
    stream->end();
    EXPECT_EQ(client.receive_chunk(), "");
    EXPECT_EQ(client.exchange(get("/hello")).body, "hello");
}

TEST_F(StreamTest, KeepsAnIdleEventStreamPastTheTimeoutsByAHeartbeat) {
    ServerOptions options;
    options.idle_timeout = milliseconds(40);
    options.write_timeout = milliseconds(40);
    options.heartbeat = milliseconds(60);
    TestClient client(start(options));
    client.send(get("/events"));
    client.receive_head();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client.receive_chunk(), ":\n\n");
    }
    EXPECT_TRUE(pushed(0)->send("data: x\n\n"));
}

TEST_F(StreamTest, DropsAClientThatFallsBehind) {
    const std::uint16_t port = start();
    TestClient client(port);
    client.send(get("/events"));
    client.receive_head();
    const auto stream = pushed(0);
    const std::string event(900, 'x');
    int sent = 0;
    while (sent < 1'000'000 && stream->send(event)) {
        ++sent;
    }
    EXPECT_LT(sent, 1'000'000);
    EXPECT_FALSE(stream->is_open());
    await_no_streams();
}

TEST_F(StreamTest, ClosesOnAClientThatTakesNothingOfAStream) {
    ServerOptions options;
    options.write_timeout = milliseconds(100);
    TestClient client(start(options));
    client.send(get("/lines"));
    client.send(get("/lines"));
    client.send(get("/lines"));
    client.receive_head();
    await_no_streams();
}

TEST_F(StreamTest, NoticesAClientThatClosedItsEventStream) {
    const std::uint16_t port = start();
    {
        TestClient client(port);
        client.send(get("/events"));
        client.receive_head();
    }
    await_no_streams();
    EXPECT_FALSE(pushed(0)->send("data: x\n\n"));
}

TEST_F(StreamTest, LimitsTheStreamsThatAreOpen) {
    ServerOptions options;
    options.streams_max = 2;
    const std::uint16_t port = start(options);
    TestClient first(port);
    TestClient second(port);
    first.send(get("/events"));
    second.send(get("/events"));
    EXPECT_EQ(first.receive_head().status, 200);
    EXPECT_EQ(second.receive_head().status, 200);
    TestClient third(port);
    const Answer refused = third.exchange(get("/events"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.field("retry-after"), "10");
    pushed(0)->end();
    EXPECT_EQ(first.receive_chunk(), "");
    third.send(get("/events"));
    EXPECT_EQ(third.receive_head().status, 200);
}

TEST_F(StreamTest, EndsEventStreamsWhenTheServerStops) {
    TestClient client(start());
    client.send(get("/events"));
    client.receive_head();
    pushed(0)->send("data: last\n\n");
    EXPECT_EQ(client.receive_chunk(), "data: last\n\n");
    server_->stop();
    EXPECT_EQ(client.receive_chunk(), "");
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(StreamTest, FinishesADownloadBeforeItStops) {
    TestClient client(start());
    client.send(get("/tap"));
    const GivePiece give = tap_.next();
    std::thread stopper([&] { server_->stop(); });
    give({.bytes = "whole", .last = true});
    EXPECT_EQ(client.receive().body, "whole");
    stopper.join();
}

TEST(AppendEvent, LetsNoDataEndAnEvent) {
    std::string out;
    append_event(out, {.data = "a\r\n\r\nid: 9\rb\n"});
    EXPECT_EQ(out, "data: a\ndata: \ndata: id: 9\ndata: b\ndata: \n\n");
}

}  // namespace
}  // namespace winback::http

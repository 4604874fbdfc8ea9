// The queue of webhooks against a real receiver.
#include "webhook/courier.h"

#include <atomic>
#include <condition_variable>

#include <gtest/gtest.h>

#include "host/test_folder.h"
#include "http/server.h"
#include "webhook/signature.h"

namespace winback::webhook {
namespace {

constexpr std::chrono::seconds patience{20};

// Keeps what it got and answers as it is told.
class Receiver {
public:
    Receiver() {
        http::Router router;
        router.add("POST", "/hook",
                   http::sync([this](const http::Request& request) { return take(request); }));
        server_ = std::make_unique<http::Server>(http::ServerOptions{}, std::move(router));
        port_ = server_->start().value();
    }
    ~Receiver() { server_->stop(); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/hook"; }
    void answer(int status) { status_ = status; }
    std::vector<http::Request> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, patience, [&] { return requests_.size() >= count; });
        EXPECT_GE(requests_.size(), count);
        return requests_;
    }

private:
    http::Response take(const http::Request& request) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        arrived_.notify_all();
        http::Response response = http::text(status_, "thank you");
        if (status_ == 302) {
            response.set("Location", "/elsewhere");
        }
        return response;
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<http::Request> requests_;
    std::atomic<int> status_{204};
    std::unique_ptr<http::Server> server_;
    std::uint16_t port_ = 0;
};

class CourierTest : public host::HostTest {
protected:
    CourierOptions courier_options() const {
        CourierOptions options;
        options.http.reach = reach_;
        options.http.timeout = seconds(5);
        options.pauses = {milliseconds(20), milliseconds(20)};
        options.failing_max = Duration{};
        options.log = [this](std::string_view line) { log_ += std::string(line) + "\n"; };
        return options;
    }
    std::unique_ptr<host::Host> open_with(CourierOptions options) {
        courier_ = std::make_shared<Courier>(std::move(options));
        host::HostOptions host_options = this->options();
        host_options.outbound = courier_;
        return open(std::move(host_options));
    }
    Endpoint endpoint(const std::string& url, std::vector<std::string> events) {
        return courier_->create({.url = url, .events = std::move(events)}).value();
    }
    // Until no delivery of the endpoint waits.
    void settle(const std::string& id) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (courier_->waiting(id) > 0 && std::chrono::steady_clock::now() < end) {
            std::this_thread::yield();
        }
        EXPECT_EQ(courier_->waiting(id), 0U);
    }
    std::vector<Listed> log_of(const std::string& id) {
        return courier_->deliveries(id, std::nullopt, "", 100).value();
    }

    mutable std::string log_;
    sender::Reach reach_ = sender::Reach::Loopback;
    std::shared_ptr<Courier> courier_;
};

TEST_F(CourierTest, TellsWhatHappenedSignedAndOnce) {
    Receiver receiver;
    auto host = open_with(courier_options());
    const Endpoint hook =
        endpoint(receiver.url(), {"segment.entered", "journey.entered", "playbook.loaded"});
    courier_->start();
    load(*host);
    submit(*host, order("ada", 20));
    submit(*host, order("ada", 20));
    const auto requests = receiver.wait_for(3);
    settle(hook.id);
    std::set<std::string> types;
    std::set<std::string> ids;
    for (const http::Request& request : requests) {
        const std::string& id = *request.header("webhook-id");
        const Timestamp at{std::stoll(*request.header("webhook-timestamp")) * 1000};
        EXPECT_EQ(*request.header("webhook-signature"),
                  sign(hook.secret, id, at, request.body).value());
        ids.insert(id);
        types.insert(request.body.substr(9, request.body.find('"', 9) - 9));
    }
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_EQ(types,
              (std::set<std::string>{"segment.entered", "journey.entered", "playbook.loaded"}));
    EXPECT_EQ(receiver.wait_for(3).size(), 3U) << "nothing comes twice";
    EXPECT_EQ(courier_->figures().delivered, 3U);
    EXPECT_GT(courier_->find(hook.id)->last_success, timestamp_min);
    host->close().value();
}

TEST_F(CourierTest, KeepsWhatWaitsThroughACrash) {
    std::string id;
    {
        auto host = open_with(courier_options());
        id = endpoint("http://127.0.0.1:65432/hook", {"segment.entered"}).id;
        load(*host);
        submit(*host, order("ada", 20));
        submit(*host, order("ada", 20));
        EXPECT_EQ(courier_->waiting(id), 1U) << "it was never started";
        crash(host);
    }
    Receiver receiver;
    auto host = open_with(courier_options());
    EXPECT_EQ(courier_->waiting(id), 1U);
    const std::string told = log_of(id).at(0).delivery.id;
    ASSERT_TRUE(courier_->change(id, {.url = receiver.url()}));
    courier_->start();
    EXPECT_EQ(*receiver.wait_for(1)[0].header("webhook-id"), told);
    settle(id);
    host->close().value();
}

TEST_F(CourierTest, TriesAgainWithTheSameIdThenGivesUpAndIsTurnedOff) {
    Receiver receiver;
    receiver.answer(500);
    auto host = open_with(courier_options());
    const Endpoint hook = endpoint(receiver.url(), {"playbook.loaded"});
    courier_->start();
    const std::string place = courier_->test(hook.id).value();
    const auto requests = receiver.wait_for(3);
    settle(hook.id);
    EXPECT_EQ(*requests[0].header("webhook-id"), *requests[2].header("webhook-id"));
    const Delivery failed = courier_->delivery(hook.id, place)->delivery;
    EXPECT_EQ(failed.state, DeliveryState::Failed);
    ASSERT_EQ(failed.attempts.size(), 3U);
    EXPECT_EQ(failed.attempts[0].status, 500);
    EXPECT_EQ(failed.attempts[0].answer, "thank you");
    EXPECT_EQ(courier_->find(hook.id)->disabled_because, "failing");
    EXPECT_NE(log_.find(hook.id), std::string::npos);
    EXPECT_EQ(courier_->test(hook.id).error().code, ErrorCode::Conflict) << "it is off";
    // Mended, turned on, and sent again.
    receiver.answer(200);
    ASSERT_TRUE(courier_->change(hook.id, {.enabled = true}));
    EXPECT_EQ(courier_->replay_failed(hook.id).value(), 1U);
    receiver.wait_for(4);
    settle(hook.id);
    EXPECT_EQ(courier_->delivery(hook.id, place)->delivery.state, DeliveryState::Delivered);
    ASSERT_TRUE(courier_->replay(hook.id, place));
    receiver.wait_for(5);
    settle(hook.id);
    host->close().value();
}

TEST_F(CourierTest, FollowsNoRedirectAndLeavesWhoIsGone) {
    Receiver receiver;
    receiver.answer(302);
    auto host = open_with(courier_options());
    const Endpoint hook = endpoint(receiver.url(), {"playbook.loaded"});
    courier_->start();
    const std::string place = courier_->test(hook.id).value();
    receiver.wait_for(3);
    settle(hook.id);
    const Delivery turned_away = courier_->delivery(hook.id, place)->delivery;
    for (const Attempt& attempt : turned_away.attempts) {
        EXPECT_EQ(attempt.status, 302);
    }
    receiver.answer(410);
    ASSERT_TRUE(courier_->change(hook.id, {.enabled = true}));
    ASSERT_TRUE(courier_->test(hook.id));
    receiver.wait_for(4);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (courier_->find(hook.id)->enabled && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    EXPECT_EQ(courier_->find(hook.id)->disabled_because, "gone");
    host->close().value();
}

TEST_F(CourierTest, ReachesNoPrivateAddressWhateverItsNameSays) {
    Receiver receiver;
    const std::string port = receiver.url().substr(17, receiver.url().rfind('/') - 17);
    const std::string named = "https://localhost:" + port + "/hook";
    auto host = open_with(courier_options());
    const Endpoint hook = endpoint(named, {"message.sent"});
    host->close().value();
    host.reset();
    reach_ = sender::Reach::Public;
    host = open_with(courier_options());
    for (const std::string& inner : {receiver.url(), named}) {
        EXPECT_FALSE(
            courier_->create({.url = inner, .events = std::vector<std::string>{"message.sent"}}));
    }
    // A name that passed the form is refused when it has been resolved.
    courier_->start();
    const std::string place = courier_->test(hook.id).value();
    settle(hook.id);
    const Delivery refused = courier_->delivery(hook.id, place)->delivery;
    EXPECT_EQ(refused.state, DeliveryState::Failed);
    EXPECT_NE(refused.attempts[0].error.find("private network"), std::string::npos)
        << refused.attempts[0].error;
    host->close().value();
}

TEST_F(CourierTest, SignsWithBothSecretsForADay) {
    Receiver receiver;
    auto host = open_with(courier_options());
    const Endpoint hook = endpoint(receiver.url(), {"playbook.loaded"});
    const Endpoint renewed = courier_->renew_secret(hook.id).value();
    EXPECT_NE(renewed.secret, hook.secret);
    courier_->start();
    ASSERT_TRUE(courier_->test(hook.id));
    const http::Request request = receiver.wait_for(1)[0];
    const Timestamp at{std::stoll(*request.header("webhook-timestamp")) * 1000};
    const std::string& id = *request.header("webhook-id");
    EXPECT_EQ(*request.header("webhook-signature"),
              sign(renewed.secret, id, at, request.body).value() + " " +
                  sign(hook.secret, id, at, request.body).value());
    settle(hook.id);
    host->close().value();
}

TEST_F(CourierTest, HoldsABoundedQueueAndABoundedLog) {
    CourierOptions options = courier_options();
    options.waiting_max = 3;
    options.finished_kept = 2;
    Receiver receiver;
    auto host = open_with(options);
    load(*host);
    const Endpoint hook = endpoint(receiver.url(), {"segment.entered"});
    for (const std::string user : {"a", "b", "c", "d", "e"}) {
        submit(*host, order(user, 1));
        submit(*host, order(user, 1));
    }
    EXPECT_EQ(courier_->waiting(hook.id), 3U);
    EXPECT_EQ(courier_->find(hook.id)->lost, 2U);
    courier_->start();
    receiver.wait_for(3);
    settle(hook.id);
    EXPECT_EQ(log_of(hook.id).size(), 2U);
    EXPECT_EQ(courier_->find(hook.id)->lost, 2U);
    host->close().value();
}

TEST_F(CourierTest, ForgetsWhatItSaidOfSomebodyWhoIsErased) {
    auto host = open_with(courier_options());
    load(*host);
    const Endpoint hook =
        endpoint("http://127.0.0.1:65432/hook", {"customer.erased", "segment.entered"});
    for (const std::string user : {"ada", "bob"}) {
        submit(*host, order(user, 1));
        submit(*host, order(user, 1));
    }
    EXPECT_EQ(courier_->waiting(hook.id), 2U);
    host->command({.kind = engine::Command::Kind::Erase, .customer = "ada"}, [](const Status&) {});
    const std::vector<Listed> left = log_of(hook.id);
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0].delivery.type, "customer.erased");
    EXPECT_EQ(left[1].delivery.customer, "bob");
    host->close().value();
}

TEST_F(CourierTest, PagesThroughItsLogNewestFirst) {
    auto host = open_with(courier_options());
    const Endpoint hook = endpoint("http://127.0.0.1:65432/hook", {"playbook.loaded"});
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(courier_->test(hook.id));
    }
    std::set<std::string> places;
    std::string before;
    for (int pages = 0; pages < 3; ++pages) {
        const std::vector<Listed> page =
            courier_->deliveries(hook.id, DeliveryState::Waiting, before, 2).value();
        for (const Listed& listed : page) {
            EXPECT_TRUE(before.empty() || listed.place < before);
            before = listed.place;
            places.insert(listed.place);
        }
    }
    EXPECT_EQ(places.size(), 5U);
    ASSERT_TRUE(courier_->remove(hook.id));
    EXPECT_FALSE(courier_->find(hook.id));
    EXPECT_FALSE(courier_->deliveries(hook.id, std::nullopt, "", 1));
    host->close().value();
}

}  // namespace
}  // namespace winback::webhook

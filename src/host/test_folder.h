// For tests: a data folder with a small playbook, a clock that stands still, a sender that
// records, and a description of everybody in the folder.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "host/host.h"
#include "playbook/playbook.h"

namespace winback::host {

inline constexpr Timestamp test_start{1'780'300'800'000};  // 2026-06-01T08:00:00Z

inline PlaybookFiles test_playbook(
    const std::string& condition = "ev(\"Order Completed\").count() >= 2") {
    return {
        {"workspace.yaml",
         "name: Shop\nzone: Europe/London\ncurrency: GBP\n"
         "from: {name: Shop, address: hello@shop.example}\naddress: 1 Street\n"
         "base_url: https://shop.example/\nbrand_url: https://shop.example\n"},
        {"policies.yaml", "quiet_hours: {from: \"23:00\", to: \"05:00\"}\n"},
        {"segments/regulars.yaml", "name: Regulars\ncondition: '" + condition + "'\n"},
        {"templates/hello.en.liquid", "---\nsubject: Hello\n---\n<p>Hello {{ customer.id }}</p>\n"},
        {"journeys/greet.yaml",
         "name: Greet\nenter: {segment: regulars}\nhold_out: {share: 0}\n"
         "goal: {event: Order Completed, within: 30d}\n"
         "steps:\n  - message: {id: first, template: hello}\n"
         "  - wait: 1d\n  - message: {id: second, template: hello}\n"},
    };
}

inline Result<engine::Definitions> compile_playbook(const PlaybookFiles& files) {
    playbook::LoadedPlaybook loaded = playbook::load(files);
    if (!loaded.definitions.has_value()) {
        return Error{ErrorCode::InvalidArgument, playbook::render(loaded.diagnostics, files)};
    }
    return *std::move(loaded.definitions);
}

// Answers at once with what `answer` says; keeps the callback when it says nothing.
class RecordingSender final : public sender::Sender {
public:
    std::function<std::optional<sender::Outcome>(const sender::Mail&)> answer;
    std::map<std::string, int> handed_over;  // By message key.

    bool try_submit(sender::Outgoing& outgoing, sender::OutcomeCallback& callback) override {
        std::optional<sender::Outcome> outcome;
        {
            const std::lock_guard lock(mutex_);
            handed_over[outgoing.mail.message_key] += 1;
            outcome = answer ? answer(outgoing.mail)
                             : sender::Outcome{
                                   .kind = sender::OutcomeKind::Sent, .code = 250, .text = "ok"};
        }
        if (outcome.has_value()) {
            callback(*outcome);
        }
        return true;
    }
    bool submit(sender::Outgoing outgoing, sender::OutcomeCallback callback) override {
        return try_submit(outgoing, callback);
    }
    void drain() override {}
    void stop() override {}

private:
    std::mutex mutex_;
};

class HostTest : public ::testing::Test {
protected:
    void SetUp() override {
        namespace fs = std::filesystem;
        std::string name = (fs::temp_directory_path() / "winback-host-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        base_ = name;
        folder_ = base_ + "/data";
    }
    void TearDown() override { std::filesystem::remove_all(base_); }

    HostOptions options() {
        HostOptions options;
        options.folder = folder_;
        options.shards = shards_;
        options.mode = Mode::Inline;
        options.sync = false;
        options.clock = clock_;
        options.compile = compile_playbook;
        options.send.email = sender_;
        options.flush_lag_inputs = 100;  // Some rows are written, some wait.
        options.on_fatal = [](const Error& /*error*/) {};
        options.before_write = [this]() -> std::optional<Error> {
            if (writes_left_ == 0) {
                return Error{ErrorCode::Unavailable, "the test says no"};
            }
            if (writes_left_ > 0) {
                --writes_left_;
            }
            return std::nullopt;
        };
        return options;
    }
    std::unique_ptr<Host> open() { return open(options()); }
    static std::unique_ptr<Host> open(HostOptions options) {
        auto host = Host::open(std::move(options));
        EXPECT_TRUE(host.has_value()) << (host.has_value() ? "" : host.error().message);
        return host.has_value() ? *std::move(host) : nullptr;
    }
    // As kill -9 leaves it: nothing more is written.
    void crash(std::unique_ptr<Host>& host) {
        writes_left_ = 0;
        host.reset();
        writes_left_ = -1;
    }
    static void load(Host& host, const PlaybookFiles& files = test_playbook()) {
        auto definitions = compile_playbook(files);
        ASSERT_TRUE(definitions.has_value()) << definitions.error().message;
        definitions->hash = hash64(files.at("segments/regulars.yaml"));
        const auto version = host.load_playbook(*std::move(definitions), files);
        ASSERT_TRUE(version.has_value()) << version.error().message;
    }

    event::Event event(const std::string& user, const std::string& name) {
        event::Event event;
        event.message_id = "m" + std::to_string(++events_);
        event.user_id = user;
        event.name = name;
        event.time = clock_->now();
        return event;
    }
    event::Event order(const std::string& user, double revenue = 10) {
        event::Event order = event(user, "Order Completed");
        order.properties.set("revenue", revenue);
        order.properties.set("order_id", "o" + std::to_string(events_));
        return order;
    }
    event::Event identify(const std::string& user, const std::string& anonymous = "") {
        event::Event identify = event(user, "Identified");
        identify.kind = event::EventKind::Identify;
        identify.anonymous_id = anonymous;
        identify.properties.set("email", user + "@example.test");
        return identify;
    }
    static bool submit(Host& host, event::Event event) {
        bool durable = false;
        host.submit(std::move(event), [&](Status status) { durable = status.has_value(); });
        return durable;
    }
    static bool command(Host& host, engine::Command command) {
        bool durable = false;
        host.command(std::move(command), [&](Status status) { durable = status.has_value(); });
        return durable;
    }
    static bool consent(Host& host, const std::string& user) {
        return command(host, {.kind = engine::Command::Kind::SetConsent,
                              .customer = user,
                              .consent = expr::ConsentState::Granted,
                              .reason = "test"});
    }
    // Lets time pass, with everything that comes due on the way.
    void pass(Host& host, Duration by) {
        const Timestamp end = clock_->now() + by;
        for (Timestamp due = host.next_due(); due <= end; due = host.next_due()) {
            clock_->set(std::max(due, clock_->now() + milliseconds(1)));
            host.run_until_idle();
        }
        clock_->set(end);
        host.run_until_idle();
    }

    // Exactly the state: rows and histories of every shard.
    static std::map<std::string, std::uint64_t> fingerprint(Host& host) {
        std::map<std::string, std::uint64_t> state;
        std::mutex mutex;  // Shards are asked beside each other.
        host.query([&](ShardView view) {
            const std::lock_guard lock(mutex);
            const customer::Customers& customers = view.shard.customers();
            state["shard " + std::to_string(view.id)] = customers.fingerprint();
            for (std::size_t c = 0; c < customers.size(); ++c) {
                std::string row;
                view.shard.encode_customer(static_cast<customer::CustomerIndex>(c), row);
                state[std::string(customers.id(static_cast<customer::CustomerIndex>(c)))] =
                    hash64(row);
            }
        });
        return state;
    }
    // The names of what differs.
    template <class Map>
    static std::string difference(const Map& a, const Map& b) {
        std::string names;
        for (const auto& [name, value] : a) {
            const auto other = b.find(name);
            names += other != b.end() && other->second == value ? "" : name + "; ";
        }
        for (const auto& [name, value] : b) {
            names += a.contains(name) ? "" : "new " + name + "; ";
        }
        return names;
    }
    // What a person would see, whatever the number of shards.
    static std::map<std::string, std::string> describe(Host& host) {
        std::map<std::string, std::string> people;
        std::mutex mutex;  // Shards are asked beside each other.
        host.query([&](ShardView view) {
            const std::lock_guard lock(mutex);
            const customer::Customers& customers = view.shard.customers();
            for (std::size_t i = 0; i < customers.size(); ++i) {
                const auto c = static_cast<customer::CustomerIndex>(i);
                std::string text = to_json(Value(customers.attributes(c)));
                text += " orders " + std::to_string(customers.orders(c).count);
                text += " revenue " + std::to_string(customers.orders(c).revenue.value);
                text += " into '" + std::string(customers.merged_into(c)) + "' absorbed";
                std::vector<std::string> absorbed = customers.absorbed_ids(c);
                std::sort(absorbed.begin(), absorbed.end());
                for (const std::string& id : absorbed) {
                    text += " " + id;
                }
                for (const std::string& name : customers.event_names()) {
                    const auto times = customers.event_times(c, name);
                    text += times.empty() ? "" : " " + name + " " + std::to_string(times.size());
                }
                for (const engine::MessageRecord& record : view.shard.messages(c)) {
                    text += " " + record.step + " ";
                    text += message::message_state_name(record.state);
                }
                people[std::string(customers.id(c))] = text;
            }
        });
        return people;
    }

    std::string base_;
    std::string folder_;
    std::uint32_t shards_ = 8;
    std::atomic<int> writes_left_ = -1;  // Below 0: as many as there are.
    int events_ = 0;
    std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>(test_start);
    std::shared_ptr<RecordingSender> sender_ = std::make_shared<RecordingSender>();
};

}  // namespace winback::host

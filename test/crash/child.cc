#include "child.h"

#include <condition_variable>
#include <cstdio>
#include <mutex>

#include <unistd.h>

#include "host/host.h"
#include "playbook/playbook.h"
#include "sender/smtp.h"

namespace winback::crash {
namespace {

constexpr Timestamp noon{1'780'315'200'000};  // 2026-06-01T12:00:00Z

playbook::Files files() {
    return {
        {"workspace.yaml",
         "name: Shop\nzone: Europe/London\ncurrency: GBP\n"
         "from: {name: Shop, address: hello@shop.example}\naddress: 1 Street\n"
         "base_url: https://shop.example/\nbrand_url: https://shop.example\n"},
        {"policies.yaml", "quiet_hours: {from: \"23:00\", to: \"05:00\"}\n"},
        {"segments/regulars.yaml",
         "name: Regulars\ncondition: 'ev(\"Order Completed\").count() >= 2'\n"},
        {"templates/hello.en.liquid", "---\nsubject: Hello\n---\n<p>Hello</p>\n"},
        {"journeys/greet.yaml",
         "name: Greet\nenter: {segment: regulars}\nhold_out: {share: 0}\n"
         "goal: {event: Order Completed, within: 30d}\n"
         "steps:\n  - message: {id: first, template: hello}\n"},
    };
}

Result<engine::Definitions> compile(const playbook::Files& texts) {
    playbook::LoadedPlaybook loaded = playbook::load(texts);
    if (!loaded.definitions.has_value()) {
        return Error{ErrorCode::InvalidArgument, playbook::render(loaded.diagnostics, texts)};
    }
    return *std::move(loaded.definitions);
}

// A visit without a name, then who it was, then consent (a command), then two orders.
event::Event make_event(int customer, int action) {
    event::Event event;
    event.message_id = "m" + std::to_string(customer) + "-" + std::to_string(action);
    event.content_id = customer % 3 == 0;  // As an import does.
    event.time = noon - hours(12) + seconds(customer * actions_per_customer + action);
    if (action == 0) {
        event.anonymous_id = "visitor" + std::to_string(customer);
        event.name = "Product Viewed";
        return event;
    }
    event.user_id = user_id(customer);
    if (action == 1) {
        event.kind = event::EventKind::Identify;
        event.name = "Identified";
        event.anonymous_id = "visitor" + std::to_string(customer);
        event.properties.set("email", user_id(customer) + "@example.test");
        return event;
    }
    event.name = "Order Completed";
    event.properties.set("order_id", event.message_id);
    event.properties.set("revenue", 10.0);
    return event;
}

class Acknowledgements {
public:
    // Each batch has two parts: its events and its commands.
    void expect(int parts) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_ < batches_in_flight; });
        open_ += 1;
        left_.push_back(parts);
    }
    void part_done(int batch, bool durable) {
        const std::lock_guard lock(mutex_);
        if (!durable) {
            std::_Exit(3);
        }
        if (--left_[static_cast<std::size_t>(batch - first_)] > 0) {
            return;
        }
        open_ -= 1;
        const std::string line = "ack " + std::to_string(batch) + "\n";
        // One write: a line is whole or absent.
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
            std::_Exit(4);
        }
        changed_.notify_all();
    }
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_ == 0; });
    }
    explicit Acknowledgements(int first) : first_(first) {}

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<int> left_;
    int open_ = 0;
    int first_;
};

void submit_batch(host::Host& host, int batch, Acknowledgements& acks) {
    constexpr int customers = batch_actions / actions_per_customer;
    acks.expect(2 + customers);
    const auto done = [&acks, batch](Status status) { acks.part_done(batch, status.has_value()); };
    std::vector<event::Event> before;
    std::vector<event::Event> orders;
    for (int i = 0; i < customers; ++i) {
        const int customer = batch * customers + i;
        before.push_back(make_event(customer, 0));
        before.push_back(make_event(customer, 1));
        orders.push_back(make_event(customer, 3));
        orders.push_back(make_event(customer, 4));
    }
    host.submit_batch(std::move(before), done);
    for (int i = 0; i < customers; ++i) {
        host.command({.kind = engine::Command::Kind::SetConsent,
                      .customer = user_id(batch * customers + i),
                      .consent = expr::ConsentState::Granted,
                      .reason = "test"},
                     done);
    }
    host.submit_batch(std::move(orders), done);
}

void report(host::Host& host) {
    std::mutex mutex;
    host.query([&](host::ShardView view) {
        const std::lock_guard lock(mutex);
        const customer::Customers& customers = view.shard.customers();
        for (std::size_t i = 0; i < customers.size(); ++i) {
            const auto c = static_cast<customer::CustomerIndex>(i);
            if (customers.merged_into(c).empty()) {
                std::printf("customer %s %u %zu\n", std::string(customers.id(c)).c_str(),
                            customers.orders(c).count,
                            customers.event_times(c, "Product Viewed").size());
            }
            for (const engine::MessageRecord& record : view.shard.messages(c)) {
                std::printf("message %s %s\n", to_hex(record.key).c_str(),
                            std::string(message::message_state_name(record.state)).c_str());
            }
        }
    });
    for (const Hash128& key : host.in_doubt()) {
        std::printf("in_doubt %s\n", to_hex(key).c_str());
    }
    std::printf("end\n");
    std::fflush(stdout);
}

}  // namespace

std::string user_id(int customer) {
    return "user" + std::to_string(customer);
}

int run_child(const ChildOptions& options) {
    sender::SmtpOptions smtp;
    smtp.host = "127.0.0.1";
    smtp.port = options.smtp_port;
    smtp.session.tls = sender::TlsMode::None;
    auto sender = sender::SmtpSender::create(smtp);
    host::HostOptions host_options;
    host_options.folder = options.folder;
    host_options.shards = 16;
    host_options.workers = 2;
    host_options.clock = std::make_shared<host::SystemClock>(noon - host::SystemClock().now());
    host_options.compile = compile;
    host_options.flush_lag_inputs = 2'000;
    host_options.send.email = std::shared_ptr<sender::Sender>(*std::move(sender));
    host_options.send.in_flight_max = messages_in_flight;
    host_options.send.retry_first = milliseconds(50);
    auto host = host::Host::open(std::move(host_options));
    if (!host.has_value()) {
        std::fprintf(stderr, "child: %s\n", host.error().message.c_str());
        return 1;
    }
    auto definitions = compile(files());
    if (!definitions.has_value() ||
        !(*host)->load_playbook(*std::move(definitions), files()).has_value()) {
        std::fprintf(stderr, "child: the playbook was not loaded\n");
        return 1;
    }
    Acknowledgements acks(options.first_batch);
    for (int batch = options.first_batch; batch < options.batch_count; ++batch) {
        submit_batch(**host, batch, acks);
    }
    acks.wait();
    if (options.finish) {
        (*host)->run_until_idle();
        report(**host);
        return (*host)->close().has_value() ? 0 : 1;
    }
    ::pause();
    return 0;
}

}  // namespace winback::crash

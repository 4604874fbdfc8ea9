// winback_shop: fills a new data folder with a made-up shop, for the benchmark of the pages.
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include <CLI/CLI.hpp>

#include "host/clock.h"
#include "host/host.h"
#include "shop.h"

namespace {

using winback::event::Event;
using winback::host::Host;

constexpr std::size_t batch_events = 500;
constexpr int under_way_max = 64;

// Submits batches, a few under way at a time; an answer other than yes ends the program's work.
class Feeder {
public:
    explicit Feeder(Host& host) : host_(host) {}

    void add(std::vector<Event> events) {
        std::move(events.begin(), events.end(), std::back_inserter(batch_));
        if (batch_.size() >= batch_events) {
            send();
        }
    }
    bool finish() {
        send();
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return under_way_ == 0; });
        return !failed_;
    }

private:
    void send() {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return under_way_ < under_way_max; });
            ++under_way_;
        }
        host_.submit_batch(std::move(batch_), [this](const winback::Status& status) {
            const std::lock_guard lock(mutex_);
            failed_ = failed_ || !status.has_value();
            --under_way_;
            changed_.notify_one();
        });
        batch_ = {};
    }

    Host& host_;
    std::vector<Event> batch_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int under_way_ = 0;
    bool failed_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Fills a new data folder with a made-up shop."};
    winback::shop::ShopOptions shop;
    winback::host::HostOptions options;
    app.add_option("--data", options.folder, "new data folder")->required();
    app.add_option("--customers", shop.customers, "how many")
        ->capture_default_str()
        ->check(CLI::Range(1, 99'999'999));
    app.add_option("--seed", shop.seed, "another seed, other people")->capture_default_str();
    app.add_option("--days", shop.days, "how long ago the first came")->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    shop.until = winback::host::SystemClock().now();
    options.sync = false;
    options.queue_inputs_max = under_way_max * (batch_events + 1'000);
    auto opened = Host::open(std::move(options));
    if (!opened.has_value()) {
        std::fprintf(stderr, "%s\n", opened.error().message.c_str());
        return 1;
    }
    Host& host = **opened;
    if (!host.created()) {
        std::fprintf(stderr, "the folder exists already\n");
        return 1;
    }
    Feeder feeder(host);
    std::uint64_t events = 0;
    for (std::uint64_t n = 0; n < shop.customers; ++n) {
        std::vector<Event> made = winback::shop::events_of(shop, n);
        events += made.size();
        feeder.add(std::move(made));
    }
    const bool fed = feeder.finish();
    const winback::Status closed = host.close();
    if (!fed || !closed.has_value()) {
        std::fprintf(stderr, "the shop could not be written\n");
        return 1;
    }
    std::printf("%llu customers, %llu events\n", static_cast<unsigned long long>(shop.customers),
                static_cast<unsigned long long>(events));
    return 0;
}

// Looking at customers anew lets what arrives in between.
#include <future>

#include <gtest/gtest.h>

#include "host/outbound.h"
#include "host/test_folder.h"

namespace winback::host {
namespace {

constexpr int customers = 120;

// Submits one event while customers are looked at, from within the first of the looks, and counts
// how many come before it. So no wall clock decides the test.
class CountingLooks final : public Outbound {
public:
    std::function<void()> at_first_look;
    int ticks = 0;
    std::size_t looks = 0;
    std::size_t looks_before_event = 0;
    std::size_t most_at_once = 0;
    std::promise<void> arrived;
    std::promise<void> all_looked_at;

    Status open(store::Store& /*store*/) override { return Ok{}; }
    std::function<void()> gather(const engine::Input& input,
                                 const engine::Effects& effects,
                                 const engine::Shard& /*shard*/,
                                 store::Batch& /*batch*/) override {
        if (at_first_look == nullptr) {
            return {};
        }
        if (std::holds_alternative<engine::EventArrived>(input.body)) {
            looks_before_event = looks;
            arrived.set_value();
        } else if (std::holds_alternative<engine::Tick>(input.body)) {
            const bool had_all = looks == customers;
            looks += effects.touched.size();
            most_at_once = std::max(most_at_once, effects.touched.size());
            if (++ticks == 1) {
                at_first_look();
            }
            if (looks == customers && !had_all) {
                all_looked_at.set_value();
            }
        }
        return {};
    }
    void forget(const std::vector<std::string>& /*customers*/, store::Batch& /*batch*/) override {}
    void announce(std::string_view /*type*/, ValueMap /*data*/) override {}
    void stop() override {}
};

// Costs milliseconds of everybody.
std::string heavy_condition() {
    std::string list = "[1";
    for (int i = 1; i < 400; ++i) {
        list += ",1";
    }
    list += "]";
    return "ev(\"Order Completed\").count() >= 0 && " + list + ".all(a, " + list +
           ".all(b, a == b))";
}

TEST_F(HostTest, AnEventIsTakenBetweenTheLooksThatAHeavySegmentCosts) {
    const auto counting = std::make_shared<CountingLooks>();
    HostOptions threads = options();
    threads.mode = Mode::Threads;
    threads.workers = 1;
    threads.outbound = counting;
    auto host = open(threads);
    load(*host);
    for (int i = 0; i < customers; ++i) {
        host->submit(order("c" + std::to_string(i)), [](Status /*status*/) {});
    }
    host->run_until_idle();
    const event::Event late = event("somebody_new", "Page Viewed");
    Host& running = *host;
    counting->at_first_look = [&] { running.submit(late, [](Status /*status*/) {}); };
    load(*host, test_playbook(heavy_condition()));
    counting->arrived.get_future().wait();
    counting->all_looked_at.get_future().wait();
    EXPECT_LT(counting->looks_before_event, customers / 2U);
    EXPECT_LE(counting->most_at_once, 8U) << "each costs milliseconds";
    EXPECT_GE(counting->ticks, customers / 8);
    const auto before = fingerprint(*host);
    crash(host);
    host = open();
    EXPECT_EQ(difference(before, fingerprint(*host)), "") << "the log says who was looked at when";
}

}  // namespace
}  // namespace winback::host

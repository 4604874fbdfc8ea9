#include "api/walk.h"

#include <atomic>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "api/behind.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

class WalkTest : public host::HostTest {
protected:
    std::unique_ptr<host::Host> threaded() {
        host::HostOptions options = this->options();
        options.mode = host::Mode::Threads;
        options.workers = 2;
        return open(std::move(options));
    }
    // From a thread of its own, in batches.
    std::thread arriving(host::Host& host, int batches) {
        std::vector<std::vector<event::Event>> work(static_cast<std::size_t>(batches));
        for (auto& batch : work) {
            for (int i = 0; i < 50; ++i) {
                batch.push_back(order("user" + std::to_string(events_ * 31 % 1'009)));
            }
        }
        return std::thread([&host, work = std::move(work)]() mutable {
            for (auto& batch : work) {
                host.submit_batch(std::move(batch), [](const Status&) {});
            }
        });
    }
};

TEST_F(WalkTest, SeesEverybodyOnceWhileEventsArrive) {
    const auto host = threaded();
    load(*host);
    arriving(*host, 60).join();
    host->run_until_idle();
    std::thread client = arriving(*host, 60);
    std::set<std::string> seen;
    std::size_t visits = 0;
    const auto look = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        ++visits;
        for (CustomerIndex c = from; c < to; ++c) {
            EXPECT_TRUE(seen.emplace(view.shard.customers().id(c)).second);
        }
    };
    EXPECT_TRUE(Walk(*host).run(look));
    client.join();
    EXPECT_EQ(seen.size(), 1'009U);
    EXPECT_GE(visits, shards_);
}

TEST_F(WalkTest, TheSizesThatShardsKeepAreThoseOfARecount) {
    const auto host = threaded();
    load(*host);
    const engine::DefinitionsPtr definitions = host->definitions();
    const segment::Segment& regulars = *definitions->segment("regulars");
    for (int round = 0; round < 5; ++round) {
        arriving(*host, 20).join();
        host->run_until_idle();
        std::atomic<std::size_t> kept = 0;
        host->query(
            [&](const host::ShardView& view) { kept += view.shard.segment_size("regulars"); });
        std::size_t counted = 0;
        Walk(*host).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
            const auto query = view.shard.query(regulars.condition, definitions->symbols);
            for (CustomerIndex c = from; c < to; ++c) {
                counted += query->holds(c, view.now) ? 1U : 0U;
            }
        });
        EXPECT_EQ(kept, counted);
        EXPECT_EQ(counted > 0, round > 0);  // Everybody orders about once in a round.
    }
}

TEST_F(WalkTest, GoesOnWhereItPaused) {
    const auto host = open();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(submit(*host, order("user" + std::to_string(i))));
    }
    std::multiset<std::string> seen;
    std::size_t visits = 0;
    const auto look = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                          expr::Interrupt&) {
        ++visits;
        for (CustomerIndex c = from; c < to; ++c) {
            seen.emplace(view.shard.customers().id(c));
        }
    };
    using std::chrono::milliseconds;
    Walk walk(*host);
    EXPECT_EQ(walk.run_for(milliseconds(0), look), Walk::End::Paused);
    EXPECT_EQ(visits, 1U);  // Of no time at all one slice still comes.
    std::size_t calls = 1;
    for (; walk.run_for(milliseconds(0), look) == Walk::End::Paused; ++calls) {
        ASSERT_LT(calls, 100U);
    }
    EXPECT_GT(calls, 1U);
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 100U);
    EXPECT_EQ(walk.run_for(milliseconds(0), look), Walk::End::Whole);
    EXPECT_EQ(seen.size(), 100U);
    EXPECT_TRUE(walk.run(look));  // Another pass.
    EXPECT_EQ(seen.size(), 200U);
}

// Slices are halved until it is one customer alone who takes too long.
TEST_F(WalkTest, AsksACopyOfWhoTakesTooLong) {
    const auto host = threaded();
    load(*host);
    arriving(*host, 60).join();
    host->run_until_idle();
    std::set<const engine::Shard*> live;
    std::mutex mutex;
    host->query([&](const host::ShardView& view) {
        const std::lock_guard lock(mutex);
        live.insert(&view.shard);
    });
    std::multiset<std::string> seen;
    std::size_t copies = 0;
    const auto ask = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                         expr::Interrupt& interrupt) {
        const customer::Customers& customers = view.shard.customers();
        const bool is_live = live.contains(&view.shard);
        std::vector<std::string> ids;
        for (CustomerIndex c = from; c < to; ++c) {
            ids.emplace_back(customers.id(c));
            constexpr std::uint64_t second = 1'000'000'000;
            if (ids.back().ends_with('7') && interrupt.before(second)) {
                EXPECT_TRUE(is_live);
                return;  // Before anything counts.
            }
        }
        copies += is_live ? 0 : 1;
        EXPECT_TRUE(is_live || ids.front().ends_with('7'));
        EXPECT_TRUE(is_live || customers.orders(from).count > 0);
        EXPECT_FALSE(interrupt.given_up());
        seen.insert(ids.begin(), ids.end());
    };
    EXPECT_TRUE(Walk(*host).run(ask));
    EXPECT_EQ(seen.size(), 1'009U);
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 1'009U);
    EXPECT_EQ(copies, 101U);  // 7, 17, … 1007.
}

TEST_F(WalkTest, StopsBetweenSlices) {
    const auto host = open();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(submit(*host, order("user" + std::to_string(i))));
    }
    std::atomic<bool> enough = false;
    std::size_t visits = 0;
    const auto look = [&](const host::ShardView&, CustomerIndex, CustomerIndex) {
        ++visits;
        enough = true;
    };
    EXPECT_FALSE(Walk(*host).run(look, &enough));
    EXPECT_EQ(visits, 1U);
}

TEST_F(WalkTest, NoPageStandsBehindWhatNobodyWaitsFor) {
    const auto host = open();
    Desk desk(*host, {.threads = 1});
    std::promise<void> gate;
    std::shared_future<void> opened(gate.get_future());
    std::atomic<int> done = 0;
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(desk.part<Behind>().post([&done, opened] {
            opened.wait();
            ++done;
        }));
    }
    std::promise<void> answered;
    EXPECT_TRUE(desk.post([&] { answered.set_value(); }));
    answered.get_future().wait();
    EXPECT_EQ(done, 0);
    gate.set_value();
    while (done < 3) {
        std::this_thread::yield();
    }
}

}  // namespace
}  // namespace winback::api

#include "host/host.h"

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/applying.h"
#include "host/test_folder.h"
#include "store/row_key.h"

namespace winback::host {
namespace {

using message::MessageState;

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t below(std::uint64_t bound) {
        std::string bytes = std::to_string(++state_);
        return hash64(bytes, 7) % bound;
    }

private:
    std::uint64_t state_;
};

// A day in a shop: visitors, sign-ups on the way, orders, the same event twice, consents.
class HostStory : public HostTest {
protected:
    struct Act {
        event::Event event;
        bool consents = false;
        Duration pause;
    };
    std::vector<Act> story(std::uint64_t seed, int length) {
        Random random(seed);
        std::vector<Act> acts;
        Timestamp at = test_start;
        events_ = 0;
        for (int i = 0; i < 6; ++i) {
            acts.push_back({.event = identify("user" + std::to_string(i)),
                            .consents = true,
                            .pause = minutes(1)});
            at = at + minutes(1);
        }
        for (int i = 0; i < length; ++i) {
            const std::string user = "user" + std::to_string(random.below(6));
            const std::string visitor = "visitor" + std::to_string(random.below(8));
            Act act;
            switch (random.below(8)) {
                case 0:
                case 1:
                    act.event = order(user, static_cast<double>(random.below(50)));
                    break;
                case 2:
                case 3:
                    act.event = event("", "Product Viewed");
                    act.event.anonymous_id = visitor;
                    break;
                case 4:
                    act.event = identify(user, visitor);
                    break;
                case 5:
                    act.event = identify(user);
                    act.consents = true;
                    break;
                case 6:
                    act.event = acts.empty() ? order(user) : acts[random.below(acts.size())].event;
                    break;
                default:
                    act.event = order(user);
                    act.event.anonymous_id = visitor;
            }
            if (act.event.message_id == "m" + std::to_string(events_)) {
                act.event.time = at;  // Not when it is an earlier one once more.
            }
            act.pause = minutes(static_cast<std::int64_t>(1 + random.below(120)));
            at = at + act.pause;
            acts.push_back(std::move(act));
        }
        return acts;
    }
    // False when it was not durable.
    bool play(Host& host, const Act& act) {
        if (!submit(host, act.event)) {
            return false;
        }
        if (act.consents && !consent(host, event::customer_key(act.event))) {
            return false;
        }
        return true;
    }
};

TEST_F(HostStory, ComesBackExactlyAsItWasWhereverItIsKilled) {
    const std::vector<Act> acts = story(1, 300);
    auto host = open();
    load(*host);
    Random random(99);
    int crashes = 0;
    for (const Act& act : acts) {
        ASSERT_TRUE(play(*host, act));
        pass(*host, act.pause);
        if (random.below(10) == 0) {
            const auto before = fingerprint(*host);
            crash(host);
            host = open();
            ASSERT_NE(host, nullptr);
            ASSERT_EQ(difference(before, fingerprint(*host)), "");
            ++crashes;
        }
    }
    EXPECT_GT(crashes, 10);
    EXPECT_GT(sender_->handed_over.size(), 5U);
    for (const auto& [key, times] : sender_->handed_over) {
        EXPECT_EQ(times, 1) << key;
    }
    const auto before = fingerprint(*host);
    ASSERT_TRUE(host->close().has_value());
    host.reset();
    host = open();
    EXPECT_EQ(difference(before, fingerprint(*host)), "");
    EXPECT_EQ(host->health().replayed_at_start, 0U) << "a clean end leaves nothing to replay";
}

TEST_F(HostStory, OneShardAndEightTellTheSameStory) {
    const std::vector<Act> acts = story(2, 250);
    std::map<std::string, std::string> first;
    for (const std::uint32_t shards : {1U, 8U}) {
        shards_ = shards;
        folder_ = base_ + "/shards" + std::to_string(shards);
        clock_ = std::make_shared<VirtualClock>(test_start);
        auto host = open();
        load(*host);
        for (const Act& act : acts) {
            ASSERT_TRUE(play(*host, act));
            pass(*host, act.pause);
        }
        if (shards == 1) {
            first = describe(*host);
        } else {
            EXPECT_EQ(first, describe(*host));
        }
    }
    EXPECT_GT(first.size(), 10U);
}

// Every write of the story fails once, each in a run of its own; what was not acknowledged is
// sent again. In the end nobody can tell that anything happened.
TEST_F(HostStory, ACrashBetweenAnyTwoWritesChangesNothing) {
    const std::vector<Act> acts = story(3, 60);
    const auto play_all = [&](int failing_write) {
        folder_ = base_ + "/run" + std::to_string(failing_write);
        clock_ = std::make_shared<VirtualClock>(test_start);
        sender_ = std::make_shared<RecordingSender>();
        auto host = open();
        load(*host);
        writes_left_ = failing_write;
        for (const Act& act : acts) {
            while (!play(*host, act)) {
                crash(host);
                host = open();
            }
            pass(*host, minutes(1));
        }
        if (writes_left_ != 0) {
            writes_left_ = -1;
        }
        const bool failed = writes_left_ == 0;
        if (failed) {
            crash(host);
            host = open();
        }
        auto people = describe(*host);
        host.reset();
        std::filesystem::remove_all(folder_);
        return people;
    };
    const auto expected = play_all(-1);
    for (int n = 1; n < 160; n += 3) {
        const auto people = play_all(n);
        for (const auto& [id, text] : expected) {
            const auto found = people.find(id);
            ASSERT_NE(found, people.end()) << id << " after a failure of write " << n;
            // A message that was at the sender is in doubt afterwards; that is what it should be.
            std::string seen = found->second;
            for (std::size_t at = 0; (at = seen.find("in_doubt")) != std::string::npos;) {
                seen.replace(at, 8, "sent");
            }
            EXPECT_EQ(seen, text) << id << " after a failure of write " << n;
        }
        for (const auto& [key, times] : sender_->handed_over) {
            EXPECT_EQ(times, 1) << key << " after a failure of write " << n;
        }
    }
}

TEST_F(HostTest, AnAnonymousHistoryBecomesTheUsersAndStaysSoAfterARestart) {
    auto host = open();
    event::Event visit = event("", "Product Viewed");
    visit.anonymous_id = "anon";
    ASSERT_TRUE(submit(*host, visit));
    ASSERT_TRUE(submit(*host, identify("ann", "anon")));
    const std::string before = describe(*host).at("ann");
    EXPECT_NE(before.find("Product Viewed 1"), std::string::npos) << before;
    ASSERT_TRUE(host->close().has_value());
    host.reset();
    host = open();
    EXPECT_EQ(describe(*host).at("ann"), before);
    const auto timeline = host->timeline("anon", 100);
    ASSERT_TRUE(timeline.has_value()) << timeline.error().message;
    int events = 0;
    for (const TimelineEntry& entry : *timeline) {
        events += std::holds_alternative<event::Event>(entry.what) ? 1 : 0;
    }
    EXPECT_EQ(events, 2);
}

// Several of one moment, some late, and more of them than are held at once while they are read.
TEST_F(HostTest, ATimelineIsReadInParts) {
    auto host = open();
    constexpr int events = 5'000;
    for (int i = 0; i < events; ++i) {
        event::Event visit = event("ann", "Product Viewed");
        visit.time = host->now() - minutes(i * 7 % 500);
        visit.message_id = "m" + std::to_string(i);
        ASSERT_TRUE(submit(*host, visit));
    }
    const auto id_of = [](const TimelineEntry& entry) {
        return std::get<event::Event>(entry.what).message_id;
    };
    const auto whole = host->timeline("ann", events);
    ASSERT_EQ(whole->size(), std::size_t{events});
    const auto newest = host->timeline("ann", 300);
    ASSERT_EQ(newest->size(), 300U);
    for (std::size_t i = 0; i < 300; ++i) {
        EXPECT_EQ(id_of((*newest)[i]), id_of((*whole)[events - 300 + i]));
    }
    Timestamp from = timestamp_min;
    std::size_t skip = 0;
    std::size_t at = 0;
    for (bool more = true; more;) {
        const auto part = host->timeline_from("ann", from, skip, 777).value();
        for (const TimelineEntry& entry : part) {
            EXPECT_EQ(id_of(entry), id_of((*whole)[at++]));
            skip = entry.at == from ? skip + 1 : 1;
            from = entry.at;
        }
        more = !part.empty();
    }
    EXPECT_EQ(at, whole->size());
    EXPECT_EQ(host->timeline_from("nobody", from, 0, 1).error().code, ErrorCode::NotFound);
}

TEST_F(HostTest, AHandoverThatComesTwiceIsAppliedOnce) {
    auto host = open();
    event::Event visit = event("", "Product Viewed");
    visit.anonymous_id = "anon";
    ASSERT_TRUE(submit(*host, visit));
    ASSERT_TRUE(submit(*host, identify("ann", "anon")));
    const auto before = describe(*host);
    store::Batch batch(host->store());
    const auto from = engine::shard_of("anon", 8);
    const auto to = engine::shard_of("ann", 8);
    batch.put(store::Family::Handover, store::handover_key(from, to, 1),
              engine::encode(engine::Handover{.kind = engine::Handover::Kind::Forward,
                                              .customer = "ann",
                                              .other = "anon",
                                              .payload = event::encode(order("anon"))}));
    ASSERT_TRUE(host->store().write(batch, true).has_value());
    crash(host);
    host = open();
    EXPECT_EQ(describe(*host), before);
    const auto left = host->store().scan(store::Family::Handover, "", "");
    EXPECT_FALSE(left.valid()) << "the row is gone";
}

TEST_F(HostTest, AMessageThatWasBeingSentIsInDoubtAndNotSentAgain) {
    sender_->answer = [](const sender::Mail&) { return std::nullopt; };
    auto host = open();
    load(*host);
    ASSERT_TRUE(submit(*host, identify("ann")) && consent(*host, "ann"));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    ASSERT_EQ(sender_->handed_over.size(), 1U);
    crash(host);
    sender_->answer = nullptr;
    host = open();
    const std::vector<Hash128> doubtful = host->in_doubt();
    ASSERT_EQ(doubtful.size(), 1U);
    EXPECT_EQ(to_hex(doubtful.front()), sender_->handed_over.begin()->first);
    EXPECT_EQ(host->message(doubtful.front())->last().state, MessageState::InDoubt);
    pass(*host, hours(12));
    EXPECT_EQ(sender_->handed_over.begin()->second, 1);
    crash(host);
    host = open();
    EXPECT_EQ(host->in_doubt().size(), 1U);
}

TEST_F(HostTest, WhatTheServerPutsOffIsTriedAgainLater) {
    int refusals = 3;
    sender_->answer = [&](const sender::Mail&) {
        return refusals-- > 0 ? sender::Outcome{.kind = sender::OutcomeKind::Deferred, .code = 451}
                              : sender::Outcome{.kind = sender::OutcomeKind::Sent, .code = 250};
    };
    auto host = open();
    load(*host);
    ASSERT_TRUE(submit(*host, identify("ann")) && consent(*host, "ann"));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    pass(*host, minutes(10));
    ASSERT_EQ(sender_->handed_over.size(), 1U);
    EXPECT_EQ(sender_->handed_over.begin()->second, 4);
    Hash128 key;
    ASSERT_TRUE(parse_hex(sender_->handed_over.begin()->first, key));
    EXPECT_EQ(host->message(key)->last().state, MessageState::Sent);
}

TEST_F(HostTest, AttemptsAreBounded) {
    sender_->answer = [](const sender::Mail&) {
        return sender::Outcome{.kind = sender::OutcomeKind::NotSent, .text = "no server"};
    };
    HostOptions few = options();
    few.send.attempts_max = 3;
    auto host = open(few);
    load(*host);
    ASSERT_TRUE(submit(*host, identify("ann")) && consent(*host, "ann"));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    pass(*host, hours(10));
    Hash128 key;
    ASSERT_TRUE(parse_hex(sender_->handed_over.begin()->first, key));
    EXPECT_EQ(sender_->handed_over.begin()->second, 3);
    EXPECT_EQ(host->message(key)->last().state, MessageState::Failed);
}

TEST_F(HostTest, PlaybookVersionsSurviveAndAreCompletedAfterACrash) {
    auto host = open();
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    load(*host);
    EXPECT_EQ(host->definitions()->version, 1U);
    load(*host);
    EXPECT_EQ(host->definitions()->version, 1U) << "the same playbook is no new version";
    // The second version reaches a few shards only.
    const PlaybookFiles files = test_playbook("user.orders.count >= 1");
    auto definitions = compile_playbook(files);
    ASSERT_TRUE(definitions.has_value());
    definitions->hash = 2;
    writes_left_ = 4;
    EXPECT_FALSE(host->load_playbook(*std::move(definitions), files).has_value());
    crash(host);
    host = open();
    host->query([](ShardView view) {
        ASSERT_NE(view.shard.definitions(), nullptr);
        EXPECT_EQ(view.shard.definitions()->version, 2U);
    });
    EXPECT_EQ(*host->playbook_files(1), test_playbook());
    EXPECT_EQ(host->playbook_files(3).error().code, ErrorCode::NotFound);
}

TEST_F(HostTest, NewConditionsSeePropertiesOfOldEvents) {
    auto host = open();
    load(*host);
    event::Event played = event("ann", "Song Played");
    played.properties.set("genre", "jazz");
    ASSERT_TRUE(submit(*host, played));
    load(*host, test_playbook("ev(\"Song Played\").where(e, e.genre == \"jazz\").any()"));
    pass(*host, minutes(2));
    const auto regulars = [&] {
        std::size_t count = 0;
        host->query([&](ShardView view) { count += view.shard.segment_size("regulars"); });
        return count;
    };
    EXPECT_EQ(regulars(), 1U);
    const auto before = fingerprint(*host);
    crash(host);
    host = open();
    EXPECT_EQ(regulars(), 1U);
    EXPECT_EQ(difference(before, fingerprint(*host)), "");
}

TEST_F(HostTest, AnInputInQuarantineIsPassedOverLiveAndAtReplay) {
    const event::Event poison = order("ann", 666);
    auto host = open();
    host.reset();
    {
        auto store = store::Store::open({.folder = folder_});
        ASSERT_TRUE(store.has_value());
        engine::Input input{.sequence = 1, .body = engine::EventArrived{poison}};
        const auto shard = engine::shard_of("ann", 8);
        for (int i = 0; i < aborts_max; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                auto applying = Applying::open(**store);
                (*applying)->enter(0, shard, 1, identity_of(input, shard));
                std::abort();
            }
            int status = 0;
            ::waitpid(child, &status, 0);
            EXPECT_TRUE(WIFSIGNALED(status));
            auto applying = Applying::open(**store);
            ASSERT_TRUE(applying.has_value());
            EXPECT_EQ((*applying)->quarantined().size(), i + 1 < aborts_max ? 0U : 1U);
        }
    }
    host = open();
    EXPECT_EQ(host->health().quarantined.size(), 1U);
    EXPECT_TRUE(submit(*host, poison)) << "it is acknowledged, and kept in the log";
    EXPECT_TRUE(submit(*host, order("ann", 5)));
    const auto people = describe(*host);
    EXPECT_NE(people.at("ann").find("orders 1 "), std::string::npos) << people.at("ann");
    crash(host);
    host = open();
    EXPECT_EQ(describe(*host), people);
}

TEST_F(HostTest, ADuplicateIsKnownForADayAcrossRestarts) {
    auto host = open();
    const event::Event first = order("ann");
    ASSERT_TRUE(submit(*host, first));
    for (int half_day = 0; half_day < 2; ++half_day) {
        ASSERT_TRUE(host->close().has_value());
        host.reset();
        host = open();
        clock_->advance(hours(12));
        ASSERT_TRUE(submit(*host, first));
        EXPECT_EQ(host->health().duplicates, 1U);
    }
}

TEST_F(HostTest, AnIdThatCameAgainAfterDaysIsKnownToEverybodyAcrossARestart) {
    shards_ = 1;
    auto host = open();
    event::Event first = order("ann");
    ASSERT_TRUE(submit(*host, first));
    clock_->advance(days(3));
    ASSERT_TRUE(submit(*host, first));  // Known by her history; the id is remembered anew.
    EXPECT_EQ(host->health().duplicates, 1U);
    ASSERT_TRUE(host->close().has_value());
    host.reset();
    host = open();
    first.user_id = "bob";
    ASSERT_TRUE(submit(*host, first));
    EXPECT_EQ(host->health().duplicates, 1U) << "as it would have been without the restart";
}

TEST_F(HostTest, DamagedRowsAreReportedWithWhatToDo) {
    auto host = open();
    ASSERT_TRUE(submit(*host, order("ann")));
    ASSERT_TRUE(host->close().has_value());
    store::Batch batch(host->store());
    batch.put(store::Family::History, store::history_key(engine::shard_of("ann", 8), "ann", 99),
              "garbage");
    ASSERT_TRUE(host->store().write(batch, true).has_value());
    host.reset();
    const auto damaged = Host::open(options());
    ASSERT_FALSE(damaged.has_value());
    EXPECT_EQ(damaged.error().code, ErrorCode::Corrupt);
    EXPECT_NE(damaged.error().message.find("winback restore"), std::string::npos);
}

TEST_F(HostTest, WorkersAcknowledgeOnlyWhatIsDurable) {
    HostOptions threaded = options();
    threaded.mode = Mode::Threads;
    threaded.workers = 2;
    threaded.sync = true;
    auto host = open(threaded);
    load(*host);
    constexpr int batches = 40;
    constexpr int size = 25;
    std::atomic<int> durable{0};
    std::vector<std::thread> clients;
    for (int t = 0; t < 2; ++t) {
        std::vector<std::vector<event::Event>> work(batches);
        for (auto& batch : work) {
            for (int i = 0; i < size; ++i) {
                batch.push_back(order("user" + std::to_string(events_ % 97)));
            }
        }
        clients.emplace_back([&, work = std::move(work)]() mutable {
            for (auto& batch : work) {
                host->submit_batch(std::move(batch), [&](Status status) {
                    durable += status.has_value() ? size : 0;
                });
            }
        });
    }
    for (std::thread& client : clients) {
        client.join();
    }
    host->run_until_idle();
    EXPECT_EQ(durable, 2 * batches * size);
    const auto before = fingerprint(*host);
    crash(host);
    host = open(threaded);
    EXPECT_EQ(difference(before, fingerprint(*host)), "");
    std::uint64_t orders = 0;
    std::mutex mutex;
    host->query([&](ShardView view) {
        for (std::size_t c = 0; c < view.shard.customers().size(); ++c) {
            const std::lock_guard lock(mutex);
            orders += view.shard.customers().orders(static_cast<customer::CustomerIndex>(c)).count;
        }
    });
    EXPECT_EQ(orders, static_cast<std::uint64_t>(durable));
}

TEST_F(HostTest, AFullQueueTakesNothing) {
    HostOptions threaded = options();
    threaded.mode = Mode::Threads;
    threaded.workers = 1;
    threaded.queue_inputs_max = 10;
    std::promise<void> gate;
    std::shared_future<void> opened(gate.get_future());
    threaded.before_write = [opened]() -> std::optional<Error> {
        opened.wait();
        return std::nullopt;
    };
    HostOptions creating = options();
    open(creating).reset();
    auto host = open(threaded);
    std::atomic<int> durable{0};
    std::atomic<int> refused{0};
    for (int i = 0; i < 200; ++i) {
        host->submit(order("ann"), [&](Status status) {
            if (status.has_value()) {
                ++durable;
            } else if (status.error().code == ErrorCode::Unavailable) {
                ++refused;
            }
        });
    }
    EXPECT_GT(refused, 0);
    gate.set_value();
    host->run_until_idle();
    EXPECT_EQ(durable + refused, 200);
    EXPECT_EQ(describe(*host).at("ann").find("orders " + std::to_string(durable) + " "),
              describe(*host).at("ann").find("orders "));
}

TEST_F(HostTest, EveryEventOfAFolderCanBeReadBesideItsOwner) {
    auto host = open();
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(submit(*host, order("user" + std::to_string(i % 7))));
    }
    auto store = store::Store::open({.folder = folder_, .create = false, .read_only = true});
    ASSERT_TRUE(store.has_value()) << store.error().message;
    std::set<std::string> ids;
    ASSERT_TRUE(for_each_event(**store, [&](const event::Event& event) {
                    ids.insert(event.message_id);
                    return true;
                }).has_value());
    EXPECT_EQ(ids.size(), 50U);
    EXPECT_EQ(*last_moment(**store, time_limit_high), test_start);
}

TEST_F(HostTest, RemembersWhatItIsAReplayOf) {
    auto host = open();
    ASSERT_TRUE(host->set_origin({.replay_of = "shop", .clock_offset = days(-30)}).has_value());
    host.reset();
    HostOptions wall = options();
    wall.clock = nullptr;
    host = open(wall);
    EXPECT_EQ(host->origin().replay_of, "shop");
    EXPECT_LT(host->now(), SystemClock().now() - days(29));
}

TEST_F(HostTest, KeysAreKeptAsHashesAndEnd) {
    auto host = open();
    const Timestamp now = test_start;
    const auto write = host->keys().create(KeyKind::Write, "Shop", {}, now);
    ASSERT_TRUE(write.has_value());
    EXPECT_TRUE(host->keys().find(KeyKind::Write, write->secret, now).has_value());
    EXPECT_FALSE(host->keys().find(KeyKind::Api, write->secret, now).has_value());
    EXPECT_FALSE(host->keys().find(KeyKind::Write, write->secret + "x", now).has_value());
    const auto link =
        host->keys().create(KeyKind::SignIn, "demo", {"admin"}, now, now + sign_in_lifetime);
    const auto session = host->keys().sign_in(link->secret, now);
    ASSERT_TRUE(session.has_value());
    EXPECT_TRUE(session->key.allows("read"));
    EXPECT_FALSE(host->keys().sign_in(link->secret, now).has_value()) << "a link works once";
    const auto late = host->keys().create(KeyKind::SignIn, "demo", {}, now, now + minutes(1));
    EXPECT_FALSE(host->keys().sign_in(late->secret, now + minutes(1)).has_value());
    for (auto rows = host->store().scan(store::Family::Control, "", ""); rows.valid();
         rows.next()) {
        EXPECT_EQ(std::string(rows.value()).find(write->secret), std::string::npos);
    }
    crash(host);
    host = open();
    EXPECT_TRUE(host->keys().find(KeyKind::Session, session->secret, now).has_value());
    ASSERT_TRUE(host->keys().revoke(session->key.id).has_value());
    EXPECT_FALSE(host->keys().find(KeyKind::Session, session->secret, now).has_value());
}

}  // namespace
}  // namespace winback::host

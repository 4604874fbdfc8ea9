#include <random>
#include <set>

#include <gtest/gtest.h>

#include "host/past_reader.h"
#include "host/test_folder.h"

// Answers about the past against states that really stood: of the folder itself at that moment,
// and of a folder that was given nothing but what had happened by then.
namespace winback::host {
namespace {

using customer::CustomerIndex;

class Chance {
public:
    explicit Chance(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    template <std::size_t N>
    std::string pick(const char* const (&items)[N]) {
        return items[below(N)];
    }

private:
    std::mt19937 engine_;
};

constexpr const char* people[] = {"ann", "bob", "cem", "dua", "eve", "far"};
constexpr const char* visitors[] = {"v1", "v2", "v3", "v4"};
constexpr const char* channels[] = {"email", "sms", "push"};
constexpr const char* topics[] = {"news", "offers"};

constexpr const char* atoms[] = {
    R"(user.plan == "gold")",
    R"(user.plan != "basic")",
    R"(user.age > 30)",
    R"(user.address.city == "Ghent")",
    R"(user.country == "BE")",
    R"(user.consent_email_news == "denied")",
    R"("vip" in user.team_tags)",
    R"(in_list("newsletter"))",
    R"(consent("email") == "granted")",
    R"(consent("push") == "denied")",
    R"(consent_changes("sms").size() > 1)",
    R"(user.orders.count >= 2)",
    R"(user.orders.revenue > 40.0)",
    R"(user.orders.gap < dur("4d"))",
    R"(user.refunds.count > 0)",
    R"(user.subscription.state == "active")",
    R"(user.last_seen > ago("3d"))",
    R"(user.first_seen.web < ago("1w"))",
    R"(ev("Order Completed").within("5d").count() >= 1)",
    R"(ev("Order Completed").where(e, e.revenue > 20).any())",
    R"(ev("Page Viewed").since_last() > dur("2d"))",
    R"(ev("*").count() > 6)",
    R"(sent("*").within("4d").any())",
    R"(sent("greet").count() >= 2)",
    R"(in_segment("regulars"))",
    R"(in_segment("nested"))",
    R"(score("overdue") > 1.0)",
};

PlaybookFiles playbook() {
    PlaybookFiles files = test_playbook();
    files["segments/nested.yaml"] =
        "name: Nested\ncondition: 'in_segment(\"regulars\") && sent(\"*\").any() || "
        "user.plan == \"gold\"'\n";
    return files;
}

// One thing that happens: an event, or an order.
struct Act {
    Timestamp at;
    std::optional<event::Event> event;
    engine::Command command;
    bool submit_to(Host& host) const {
        bool done = false;
        const auto answer = [&done](const Status& status) { done = status.has_value(); };
        if (event) {
            host.submit(*event, answer);
        } else {
            host.command(command, answer);
        }
        host.run_until_idle();
        return done;
    }
};

class PastTest : public HostTest {
protected:
    event::Event random_event(Chance& chance, Timestamp at) {
        event::Event event = this->event(chance.pick(people), "Page Viewed");
        event.time = at;
        event.surface = chance.below(2) == 0 ? event::Surface::Web : event::Surface::App;
        switch (chance.below(9)) {
            case 0:
            case 1:
            case 2:
                event.kind = event::EventKind::Identify;
                event.name = "Identified";
                add_traits(chance, event.properties);
                break;
            case 3:
            case 4:
                event.name = "Order Completed";
                event.properties.set("revenue", static_cast<std::int64_t>(chance.below(50)));
                event.properties.set("order_id", static_cast<std::int64_t>(chance.below(40)));
                break;
            case 5:
                event.name = chance.pick({"Subscription Started", "Subscription Cancelled",
                                          "Order Refunded", "Unsubscribed"});
                break;
            case 6:
                event.name = "Consent Changed";
                event.properties.set("channel", chance.pick(channels));
                event.properties.set("state", chance.pick({"granted", "denied"}));
                if (chance.below(2) == 0) {
                    event.properties.set("topic", chance.pick(topics));
                }
                break;
            case 7:
                event.context.set("locale", chance.pick({"nl-BE", "de-DE"}));
                break;
            default:
                break;
        }
        return event;
    }
    static void add_traits(Chance& chance, ValueMap& traits) {
        switch (chance.below(5)) {
            case 0:
                traits.set("plan", chance.pick({"gold", "basic"}));
                break;
            case 1:
                traits.set("plan", Value());
                break;
            case 2:
                // Sometimes of another type than the first, which is then not taken.
                traits.set("age", chance.below(4) == 0
                                      ? Value("young")
                                      : Value(static_cast<std::int64_t>(chance.below(60))));
                break;
            case 3: {
                ValueMap address;
                address.set("city", chance.pick({"Ghent", "Bonn"}));
                traits.set("address", std::move(address));
                break;
            }
            default: {
                ValueMap consent;
                consent.set(chance.pick(channels), chance.pick({"granted", "denied"}));
                traits.set("consent", std::move(consent));
            }
        }
    }
    static engine::Command random_command(Chance& chance) {
        using Kind = engine::Command::Kind;
        engine::Command command{.customer = chance.pick(people), .reason = "by hand"};
        const Kind kinds[] = {Kind::SetConsent, Kind::SetConsent, Kind::Tag,
                              Kind::Untag,      Kind::Enlist,     Kind::Delist};
        command.kind = kinds[chance.below(6)];
        command.channel = *customer::parse_channel(chance.pick(channels));
        command.consent =
            chance.below(2) == 0 ? expr::ConsentState::Granted : expr::ConsentState::Denied;
        if (command.kind == Kind::SetConsent) {
            command.topic = chance.below(3) == 0 ? chance.pick(topics) : "";
        } else {
            command.text =
                command.kind == Kind::Tag || command.kind == Kind::Untag ? "vip" : "newsletter";
        }
        return command;
    }
    // `late`: some events come days after they happened. `links`: visitors become people.
    std::vector<Act> random_acts(Chance& chance, bool late, bool links) {
        std::vector<Act> acts;
        Timestamp at = test_start;
        for (int i = 0; i < 90; ++i) {
            at = at + minutes(static_cast<std::int64_t>(1 + chance.below(600)));
            Act act{.at = at};
            if (chance.below(4) == 0) {
                act.command = random_command(chance);
            } else {
                const bool is_late = late && chance.below(4) == 0;
                act.event = random_event(
                    chance,
                    is_late ? at - hours(static_cast<std::int64_t>(chance.below(200))) : at);
                if (links && chance.below(3) == 0) {
                    act.event->anonymous_id = chance.pick(visitors);
                    if (chance.below(2) == 0) {
                        act.event->user_id.clear();
                    }
                }
                if (links && chance.below(20) == 0) {
                    act.event->kind = event::EventKind::Alias;
                    act.event->name = "Aliased";
                    act.event->previous_id = chance.pick(people);
                }
            }
            acts.push_back(std::move(act));
        }
        return acts;
    }
    std::string random_condition(Chance& chance) {
        std::string text = chance.pick(atoms);
        while (chance.below(2) == 0) {
            text = "(" + text + ")" + chance.pick({" && ", " || "}) +
                   (chance.below(3) == 0 ? "!(" : "(") + chance.pick(atoms) + ")";
        }
        return text;
    }
    void compile_questions(Chance& chance, const engine::DefinitionsPtr& definitions) {
        questions_.clear();
        expr::Schema schema;
        schema.scores = {"overdue"};
        schema.other_traits = true;
        for (const segment::Segment& segment : definitions->segments) {
            schema.segments.push_back(segment.id);
        }
        for (int i = 0; i < 12; ++i) {
            const std::string text = i < 2 ? atoms[24 + i] : random_condition(chance);
            auto question = std::make_unique<Question>();
            expr::Compiled compiled = expr::compile(text, schema, question->symbols);
            ASSERT_TRUE(compiled.condition.has_value())
                << text << render(compiled.diagnostics[0], text);
            question->condition = *std::move(compiled.condition);
            questions_.push_back(std::move(question));
        }
    }

    struct Question {
        expr::Condition condition;
        expr::Symbols symbols;
    };
    // Members by question.
    using Members = std::vector<std::set<std::string>>;
    Members standing(Host& host) {
        Members members(questions_.size());
        for (std::size_t q = 0; q < questions_.size(); ++q) {
            host.query([&](const ShardView& view) {
                const customer::Customers& customers = view.shard.customers();
                const auto query =
                    view.shard.query(questions_[q]->condition, questions_[q]->symbols);
                for (CustomerIndex c = 0; c < customers.size(); ++c) {
                    if (customers.has_events(c) && query->holds(c, view.now)) {
                        members[q].insert(std::string(customers.id(c)));
                    }
                }
            });
        }
        return members;
    }
    Members of_the_past(Host& host, Timestamp at) {
        Members members(questions_.size());
        PastReader reader(host);
        for (std::size_t q = 0; q < questions_.size(); ++q) {
            const Question& question = *questions_[q];
            const auto terms =
                engine::terms_of(host.definitions(), question.condition, question.symbols, at);
            for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
                const auto shard = static_cast<engine::ShardId>(s);
                const auto look = [&](const engine::Past& past,
                                      std::span<const PastReader::Place> places) {
                    const auto query = past.query(question.condition, question.symbols);
                    for (const PastReader::Place place : places) {
                        if (past.known(place.then) && query->holds(place.then, at)) {
                            members[q].insert(std::string(past.customers().id(place.then)));
                        }
                    }
                    return true;
                };
                const auto tally = reader.read_shard(shard, terms, look);
                EXPECT_TRUE(tally.has_value()) << tally.error().message;
            }
            for (const char* id : people) {
                const auto one = reader.read_customer(id, terms);
                const bool in =
                    one.has_value() && one->past->known(one->index) &&
                    one->past->query(question.condition, question.symbols)->holds(one->index, at);
                EXPECT_EQ(in, one.has_value() && members[q].contains(one->id)) << id;
            }
        }
        return members;
    }
    void expect_same(const Members& then, const Members& stood, const std::string& where) {
        for (std::size_t q = 0; q < questions_.size(); ++q) {
            EXPECT_EQ(then[q], stood[q]) << where << ": " << questions_[q]->condition.text;
        }
    }
    std::unique_ptr<Host> begin(const std::string& folder) {
        clock_ = std::make_shared<VirtualClock>(test_start);
        folder_ = base_ + "/" + folder;
        auto host = open();
        load(*host, playbook());
        return host;
    }
    // Moves the clock with all that falls due on the way.
    void move_to(Host& host, Timestamp to) {
        while (host.next_due() <= to) {
            clock_->set(std::max(clock_->now(), host.next_due()));
            host.run_until_idle();
        }
        clock_->set(to);
        host.run_until_idle();
    }

    std::vector<std::unique_ptr<Question>> questions_;
};

TEST_F(PastTest, EveryMomentIsToldAsItStood) {
    std::size_t members = 0;
    for (std::uint32_t seed = 0; seed < 6; ++seed) {
        Chance chance(seed);
        auto host = begin("stood" + std::to_string(seed));
        compile_questions(chance, host->definitions());
        std::vector<std::pair<Timestamp, Members>> photographs;
        for (const Act& act : random_acts(chance, false, false)) {
            if (chance.below(8) == 0) {
                move_to(*host, act.at - seconds(30));
                photographs.emplace_back(clock_->now(), standing(*host));
            }
            if (chance.below(20) == 0) {
                host.reset();
                host = open();
            }
            move_to(*host, act.at);
            ASSERT_TRUE(act.submit_to(*host));
        }
        for (const auto& [at, stood] : photographs) {
            expect_same(of_the_past(*host, at), stood,
                        "seed " + std::to_string(seed) + " at " + format_iso8601(at));
            for (const std::set<std::string>& one : stood) {
                members += one.size();
            }
        }
    }
    EXPECT_GT(members, 500U);
}

TEST_F(PastTest, WhatCameLaterButHappenedBeforeCounts) {
    for (std::uint32_t seed = 100; seed < 104; ++seed) {
        Chance chance(seed);
        auto host = begin("late" + std::to_string(seed));
        compile_questions(chance, host->definitions());
        // Messages hang on when an event arrived, so they are no question here.
        std::erase_if(questions_, [](const auto& question) {
            return question->condition.text.find("sent") != std::string::npos ||
                   question->condition.text.find("nested") != std::string::npos;
        });
        const std::vector<Act> acts = random_acts(chance, true, false);
        for (const Act& act : acts) {
            move_to(*host, act.at);
            ASSERT_TRUE(act.submit_to(*host));
        }
        const Timestamp at = acts[acts.size() / 2].at + seconds(30);
        const Members then = of_the_past(*host, at);
        auto replayed = begin("replayed" + std::to_string(seed));
        for (const Act& act : acts) {
            if (act.event ? act.event->time <= at : act.at <= at) {
                move_to(*replayed, std::min(act.at, at));
                ASSERT_TRUE(act.submit_to(*replayed));
            }
        }
        move_to(*replayed, at);
        expect_same(then, standing(*replayed), "seed " + std::to_string(seed));
    }
}

TEST_F(PastTest, WhoIsWhoIsKnownAsItIsToday) {
    for (std::uint32_t seed = 200; seed < 206; ++seed) {
        Chance chance(seed);
        auto host = begin("linked" + std::to_string(seed));
        compile_questions(chance, host->definitions());
        for (const Act& act : random_acts(chance, false, true)) {
            move_to(*host, act.at);
            ASSERT_TRUE(act.submit_to(*host));
        }
        move_to(*host, clock_->now() + minutes(1));
        expect_same(of_the_past(*host, clock_->now()), standing(*host),
                    "seed " + std::to_string(seed));
    }
}

TEST_F(PastTest, WhoWasErasedIsCountedAndNotTold) {
    auto host = begin("erased");
    Chance chance(1);
    compile_questions(chance, host->definitions());
    ASSERT_TRUE(submit(*host, order("ann")));
    ASSERT_TRUE(submit(*host, order("bob")));
    clock_->advance(hours(1));
    const Timestamp before = clock_->now();
    host->command({.kind = engine::Command::Kind::Erase, .customer = "ann", .reason = "asked"},
                  [](const Status& status) { EXPECT_TRUE(status.has_value()); });
    host->run_until_idle();
    const auto terms = engine::terms_of(host->definitions(), questions_[0]->condition,
                                        questions_[0]->symbols, before);
    PastReader reader(*host);
    const auto ann = reader.read_customer("ann", terms);
    ASSERT_FALSE(ann.has_value());
    EXPECT_EQ(ann.error().code, ErrorCode::NotFound);
    std::uint64_t erased = 0;
    std::uint64_t customers = 0;
    for (std::uint32_t s = 0; s < host->shard_count(); ++s) {
        const auto tally = reader.read_shard(
            static_cast<engine::ShardId>(s), terms,
            [](const engine::Past&, std::span<const PastReader::Place>) { return true; });
        ASSERT_TRUE(tally.has_value());
        erased += tally->erased;
        customers += tally->customers;
    }
    EXPECT_EQ(erased, 1U);
    EXPECT_EQ(customers, 1U);
}

}  // namespace
}  // namespace winback::host

#include <set>

#include <gtest/gtest.h>

#include "engine/context.h"
#include "engine/customer_copy.h"
#include "engine/scores.h"
#include "engine/shard.h"
#include "expr/test_interrupt.h"

namespace winback::engine {
namespace {

const std::function<DefinitionsPtr(std::uint64_t)> no_playbook = [](std::uint64_t) {
    return DefinitionsPtr();
};

event::Event order(std::string id, Timestamp time, double revenue) {
    event::Event event;
    event.message_id = std::move(id);
    event.user_id = "c1";
    event.name = "Order Completed";
    event.time = time;
    event.properties.set("revenue", revenue);
    return event;
}

std::vector<Input> one_of_each() {
    const Timestamp at{1'700'000'000'000};
    Handover handover{.kind = Handover::Kind::Outcome, .customer = "c1", .other = "a1"};
    handover.payload = encode(SendEnded{.customer = "a1", .key = hash128("k"), .detail = "250 ok"});
    handover.path = {"a1", "a2"};
    return {{.sequence = 1, .at = at, .body = EventArrived{order("m1", at, 9.5)}},
            {.sequence = 2, .at = at, .body = Tick{}},
            {.sequence = 3, .at = at, .body = ModelsFitted{}},
            {.sequence = 4, .at = at, .body = HandoverArrived{handover}},
            {.sequence = 5, .at = at, .body = SendStarted{.customer = "c1", .key = hash128("k")}},
            {.sequence = 6,
             .at = at,
             .body = SendEnded{.customer = "c1", .key = hash128("k"), .detail = "550 no"}},
            {.sequence = 7,
             .at = at,
             .body = Command{.kind = Command::Kind::Suppress, .customer = "c1", .reason = "r"}},
            {.sequence = 8,
             .at = at,
             .body = Command{.kind = Command::Kind::Note,
                             .customer = "c1",
                             .by = "u1/Ada",
                             .text = "called back"}},
            {.sequence = 9, .at = at, .body = Tick{.until = {.at = at, .place = 77}}}};
}

TEST(Input, ReadsBackWhatItWrote) {
    for (const Input& input : one_of_each()) {
        const std::string bytes = encode(input);
        const auto read = decode_input(bytes, no_playbook);
        ASSERT_TRUE(read.has_value()) << input.body.index();
        EXPECT_EQ(read->sequence, input.sequence);
        EXPECT_EQ(read->body.index(), input.body.index());
        EXPECT_EQ(encode(*read), bytes);
    }
}

TEST(Input, CutOrLongerBytesAreCorrupt) {
    for (const Input& input : one_of_each()) {
        const std::string bytes = encode(input);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_input(bytes.substr(0, size), no_playbook).has_value());
        }
        EXPECT_FALSE(decode_input(bytes + '\0', no_playbook).has_value());
    }
}

TEST(Input, APlaybookThatIsNotThereIsCorrupt) {
    auto definitions = std::make_shared<Definitions>();
    definitions->version = 7;
    const std::string bytes = encode(Input{.sequence = 1, .body = DefinitionsLoaded{definitions}});
    const auto missing = decode_input(bytes, no_playbook);
    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().code, ErrorCode::Corrupt);
    EXPECT_TRUE(decode_input(bytes, [&](std::uint64_t version) {
                    return version == 7 ? DefinitionsPtr(definitions) : DefinitionsPtr();
                }).has_value());
}

// A customer with events of several names, the longest of which take several pieces.
class CopyTest : public ::testing::Test {
protected:
    CopyTest() {
        for (int i = 0; i < 3'000; ++i) {
            happen("Note", milliseconds(i * 1'000 % 77'777));
            happen(i % 2 == 0 ? "Order Completed" : "Seen", milliseconds(i));
        }
    }
    void happen(const std::string& name, Duration later) {
        event::Event event = order("m" + std::to_string(sequence_), at_ + later, 9.5);
        event.name = name;
        event.properties.set("text", std::string(100, 'x'));
        step(EventArrived{std::move(event)});
    }
    void step(decltype(Input::body) body) {
        Effects effects;
        shard_.step({.sequence = ++sequence_, .at = at_, .body = std::move(body)}, effects);
    }
    // As a playbook that reads a further property of notes.
    void load_definitions(const std::string& field) {
        auto definitions = std::make_shared<Definitions>();
        definitions->version = ++version_;
        definitions->workspace.zone = &utc_zone();
        definitions->fields.sets.push_back({.patterns = {"Note"}, .fields = {field}});
        step(DefinitionsLoaded{definitions});
    }
    // Says how many visits it took; `between` does what it likes between two.
    int take(CustomerCopy& copy, const std::function<void(int)>& between) const {
        int visits = 1;
        for (expr::TestInterrupt at_once(0); !copy.take(shard_, at_once); ++visits) {
            between(visits);
        }
        return visits;
    }
    void expect_same(Shard& copy) const {
        EXPECT_EQ(copy.customers().size(), 1U);
        EXPECT_EQ(copy.customers().fingerprint(), shard_.customers().fingerprint());
    }

    const Timestamp at_ = *parse_iso8601("2026-01-05T10:00:00Z");
    Shard shard_{0, 1};
    std::uint64_t sequence_ = 0;
    std::uint64_t version_ = 0;
};

TEST_F(CopyTest, IsTakenPieceByPiece) {
    load_definitions("text");
    for (int i = 0; i < 3'000; ++i) {
        happen("Note", milliseconds(i * 1'000 % 77'777 + 1));
    }
    CustomerCopy copy(0);
    EXPECT_GT(take(copy, [](int) {}), 4);
    expect_same(*copy.open());
}

TEST_F(CopyTest, BeginsAnewWhenSomethingHappens) {
    CustomerCopy copy(0);
    take(copy, [&](int visit) {
        if (visit < 4) {
            happen("Note", milliseconds(-visit));
        }
    });
    expect_same(*copy.open());
}

TEST_F(CopyTest, OfWhomAlwaysSomethingHappensIsTakenAtOnceInTheEnd) {
    CustomerCopy copy(0);
    EXPECT_LT(take(copy, [&](int visit) { happen("Seen", milliseconds(-visit)); }), 20);
    expect_same(*copy.open());
}

TEST_F(CopyTest, BeginsAnewUnderOtherDefinitions) {
    CustomerCopy copy(0);
    take(copy, [&](int visit) {
        if (visit < 20) {
            load_definitions("field" + std::to_string(visit));
        }
    });
    const std::unique_ptr<Shard> alone = copy.open();
    expect_same(*alone);
    EXPECT_EQ(alone->definitions(), shard_.definitions());
}

TEST_F(CopyTest, KnowsWhoWasMergedOrErasedMeanwhile) {
    CustomerCopy merged(0);
    take(merged, [&](int visit) {
        if (visit == 1) {
            step(Command{.kind = Command::Kind::Erase, .customer = "c1"});
        }
    });
    const std::unique_ptr<Shard> alone = merged.open();
    EXPECT_TRUE(alone->customers().erased(0));
    EXPECT_EQ(alone->customers().present(0, 1)[0], 0U);
    expect_same(*alone);
}

TEST(OfferCode, DependsOnCustomerJourneyAndEntryAlone) {
    Offer offer;
    offer.code_prefix = "SAVE10";
    const std::string code = offer_code(offer, "c1", "win_back", 1);
    EXPECT_TRUE(code.starts_with("SAVE10-"));
    EXPECT_EQ(code, offer_code(offer, "c1", "win_back", 1));
    EXPECT_NE(code, offer_code(offer, "c1", "win_back", 2));
    EXPECT_NE(code, offer_code(offer, "c2", "win_back", 1));
    EXPECT_NE(code, offer_code(offer, "c1", "other", 1));
}

TEST(Context, TellsTheCustomersOrdersAndTheOffer) {
    Shard shard(0, 1);
    Effects effects;
    const Timestamp at = *parse_iso8601("2026-01-05T10:00:00Z");
    shard.step({.sequence = 1, .at = at, .body = EventArrived{order("m1", at, 9.5)}}, effects);
    Definitions definitions;
    definitions.workspace.zone = &utc_zone();
    definitions.link_secret = std::string(32, 'k');
    Offer offer;
    offer.code_prefix = "SAVE";
    const ValueMap context = message_context({.definitions = &definitions,
                                              .customers = &shard.customers(),
                                              .customer = 0,
                                              .offer = &offer,
                                              .entry = 1,
                                              .journey = "j",
                                              .channel = "email",
                                              .topic = "",
                                              .now = at});
    const ValueMap& told = *context.find("offer")->as_map();
    EXPECT_EQ(*told.find("code")->as_string(), offer_code(offer, "c1", "j", 1));
    EXPECT_NE(context.find("customer"), nullptr);
}

TEST(Scores, AreThoseOfMidnightUntilTheNext) {
    Shard shard(0, 1);
    Effects effects;
    const Timestamp day = *parse_iso8601("2026-01-05T00:00:00Z");
    shard.step({.sequence = 1, .at = day, .body = ModelsFitted{}}, effects);
    shard.step({.sequence = 2, .at = day, .body = EventArrived{order("m1", day - days(9), 5)}},
               effects);
    const double morning = shard.score(0, "p_order", day + hours(1)).number_or(-1);
    EXPECT_GT(morning, 0);
    EXPECT_EQ(shard.score(0, "p_order", day + hours(23)).number_or(-1), morning);
    EXPECT_NE(shard.score(0, "p_order", day + hours(24)).number_or(-1), morning);
    EXPECT_TRUE(shard.score(0, "no_such_score", day).is_null());
    // Nothing within 30 days is likelier than nothing within 90, the horizon of these models.
    const double churn = shard.score(0, "churn_30d", day + hours(1)).number_or(-1);
    EXPECT_GT(churn, 1 - morning);
    EXPECT_LT(churn, 1);
    ModelsFitted month;
    month.models.version = 1;
    month.models.horizon_days = 30;
    shard.step({.sequence = 3, .at = day, .body = month}, effects);
    EXPECT_DOUBLE_EQ(shard.score(0, "churn_30d", day + hours(1)).number_or(-1), churn);
    EXPECT_DOUBLE_EQ(shard.score(0, "p_order", day + hours(1)).number_or(-1), 1 - churn);
}

// A playbook with one segment.
DefinitionsPtr one_segment(std::uint64_t version, const std::string& condition) {
    auto definitions = std::make_shared<Definitions>();
    definitions->version = version;
    definitions->workspace.zone = &utc_zone();
    auto compiled = expr::compile(condition, {}, definitions->symbols);
    EXPECT_TRUE(compiled.condition.has_value());
    definitions->segments.push_back(
        {.id = "twice", .name = "twice", .condition = *std::move(compiled.condition)});
    definitions->fields.sets = definitions->symbols.event_sets;
    return definitions;
}

TEST(Ticks, WithABoundLookAtAFewAndInTheEndAtEachOnce) {
    Shard shard(0, 1);
    Effects effects;
    const Timestamp at{1'700'000'000'000};
    std::uint64_t sequence = 0;
    for (int i = 0; i < 10; ++i) {
        event::Event event = order("m" + std::to_string(i), at, 5);
        event.user_id = "c" + std::to_string(i);
        shard.step({.sequence = ++sequence, .at = at, .body = EventArrived{event}}, effects);
    }
    const DefinitionsPtr definitions = one_segment(1, "ev(\"Order Completed\").count() >= 1");
    shard.step({.sequence = ++sequence, .at = at, .body = DefinitionsLoaded{definitions}}, effects);
    EXPECT_EQ(shard.next_due(), at) << "all at once; who hands them out makes the slices";
    EXPECT_TRUE(shard.due(at, 10).all);
    EXPECT_TRUE(shard.due(at - milliseconds(1), 1).all) << "nobody is due yet";
    std::vector<std::size_t> slices;
    std::set<std::string> entered;
    for (bool all = false; !all;) {
        const Shard::Due due = shard.due(at, 3);
        EXPECT_EQ(due.tick.until, shard.due(at, 3).tick.until) << "asking changes nothing";
        all = due.all;
        effects.clear();
        shard.step({.sequence = ++sequence, .at = at, .body = due.tick}, effects);
        slices.push_back(effects.touched.size());
        for (const Fact& fact : effects.facts) {
            EXPECT_TRUE(entered.insert(fact.customer).second) << fact.customer;
        }
    }
    EXPECT_EQ(slices, (std::vector<std::size_t>{3, 3, 3, 1}));
    EXPECT_EQ(entered.size(), 10U);
    EXPECT_EQ(shard.next_due(), timestamp_max);
}

TEST(Ticks, ABoundLeavesTheSameInAReplayFromNewerRows) {
    const Timestamp at{1'700'000'000'000};
    const DefinitionsPtr definitions = one_segment(1, "ev(\"Order Completed\").count() >= 1");
    const auto find = [&](std::uint64_t) { return definitions; };
    Shard shard(0, 1);
    Effects effects;
    std::uint64_t sequence = 0;
    for (int i = 0; i < 6; ++i) {
        event::Event event = order("m" + std::to_string(i), at, 5);
        event.user_id = "c" + std::to_string(i);
        shard.step({.sequence = ++sequence, .at = at, .body = EventArrived{event}}, effects);
    }
    shard.step({.sequence = ++sequence, .at = at, .body = DefinitionsLoaded{definitions}}, effects);
    std::string shard_row;
    shard.encode_shard(shard_row);
    std::vector<std::string> rows(6);
    for (customer::CustomerIndex c = 0; c < 6; ++c) {
        shard.encode_customer(c, rows[c]);
    }
    const Input first{.sequence = ++sequence, .at = at, .body = shard.due(at, 2).tick};
    effects.clear();
    shard.step(first, effects);
    const std::vector<customer::CustomerIndex> looked_at = effects.touched;
    ASSERT_EQ(looked_at.size(), 2U);
    rows[looked_at[0]].clear();
    shard.encode_customer(looked_at[0], rows[looked_at[0]]);  // Written since.
    Shard fresh(0, 1);
    ASSERT_TRUE(fresh.load_shard(shard_row, find).has_value());
    for (customer::CustomerIndex c = 6; c-- > 0;) {
        const std::string id = "c" + std::to_string(c);
        ASSERT_TRUE(fresh.load_customer(id, rows[c]).has_value());
    }
    fresh.finish_load();
    effects.clear();
    fresh.step(first, effects);
    ASSERT_EQ(effects.touched.size(), 1U) << "nobody else in place of whom the row knows";
    EXPECT_EQ(fresh.customers().id(effects.touched[0]), shard.customers().id(looked_at[1]));
}

TEST(Members, WhatDecidedIsToldOfThem) {
    const DefinitionsPtr definitions = one_segment(1, "ev(\"Order Completed\").count() >= 2");
    Shard shard(0, 1);
    Effects effects;
    const Timestamp at{1'700'000'000'000};
    shard.step({.sequence = 1, .at = at, .body = DefinitionsLoaded{definitions}}, effects);
    shard.step({.sequence = 2, .at = at, .body = EventArrived{order("m1", at, 5)}}, effects);
    EXPECT_TRUE(effects.facts.empty());
    shard.step({.sequence = 3, .at = at, .body = EventArrived{order("m2", at, 5)}}, effects);
    ASSERT_EQ(effects.facts.size(), 1U);
    EXPECT_EQ(effects.facts[0].name, "Segment Entered");
    const ValueList& facts = *effects.facts[0].details.find("facts")->as_list();
    ASSERT_EQ(facts.size(), 1U);
    const ValueMap& fact = *facts[0].as_map();
    EXPECT_EQ(*fact.find("condition")->as_string(), "ev(\"Order Completed\").count() >= 2");
    EXPECT_EQ(*fact.find("value")->as_string(), "2");
    EXPECT_TRUE(*fact.find("held")->as_bool());
}

TEST(Members, ANewDefinitionTellsItsVersionAndWhatDecided) {
    const Timestamp at{1'700'000'000'000};
    Shard shard(0, 1);
    Effects effects;
    const std::string condition = "ev(\"Order Completed\").count() >= 1";
    shard.step({.sequence = 1, .at = at, .body = DefinitionsLoaded{one_segment(3, "false")}},
               effects);
    shard.step({.sequence = 2, .at = at, .body = EventArrived{order("m1", at, 5)}}, effects);
    shard.step({.sequence = 3, .at = at, .body = DefinitionsLoaded{one_segment(4, condition)}},
               effects);
    EXPECT_TRUE(effects.facts.empty());
    shard.step({.sequence = 4, .at = at, .body = Tick{}}, effects);
    ASSERT_EQ(effects.facts.size(), 1U);
    EXPECT_EQ(to_json(Value(effects.facts[0].details)),
              R"({"segment":"twice","definitions":4,"facts":[{"condition":)"
              R"("ev(\"Order Completed\").count() >= 1","value":"1","held":true}]})");
}

TEST(Members, WhoIsAbsorbedLeavesAndIsToldSo) {
    const Timestamp at{1'700'000'000'000};
    Shard shard(0, 1);
    Effects effects;
    const DefinitionsPtr definitions = one_segment(1, "ev(\"Order Completed\").count() >= 1");
    shard.step({.sequence = 1, .at = at, .body = DefinitionsLoaded{definitions}}, effects);
    shard.step({.sequence = 2, .at = at, .body = EventArrived{order("m1", at, 5)}}, effects);
    effects.clear();
    const Handover link{
        .kind = Handover::Kind::Link, .customer = "c1", .other = "c2", .alias = true};
    shard.step({.sequence = 3, .at = at, .body = HandoverArrived{link}}, effects);
    ASSERT_EQ(effects.facts.size(), 1U);
    EXPECT_EQ(effects.facts[0].customer, "c1");
    EXPECT_EQ(effects.facts[0].name, "Segment Left");
    EXPECT_EQ(to_json(Value(effects.facts[0].details)),
              R"({"segment":"twice","merged_into":"c2"})");
    EXPECT_EQ(shard.segment_size("twice"), 0U);
    const Handover absorb = effects.handovers.at(0).handover;
    effects.clear();
    shard.step({.sequence = 4, .at = at, .body = HandoverArrived{absorb}}, effects);
    ASSERT_EQ(effects.facts.size(), 2U);
    EXPECT_EQ(effects.facts[1].customer, "c2");
    EXPECT_EQ(effects.facts[1].name, "Segment Entered");
    effects.clear();
    shard.step({.sequence = 5, .at = at, .body = HandoverArrived{link}}, effects);
    EXPECT_TRUE(effects.facts.empty()) << "the same link again: they are gone already";
}

TEST(Rows, ACutRowIsCorrupt) {
    Shard shard(0, 1);
    Effects effects;
    shard.step({.sequence = 1, .at = {5}, .body = EventArrived{order("m1", {4}, 5)}}, effects);
    std::string row;
    shard.encode_customer(0, row);
    for (std::size_t size = 0; size < row.size(); ++size) {
        Shard fresh(0, 1);
        EXPECT_FALSE(fresh.load_customer("c1", row.substr(0, size)).has_value());
    }
    Shard fresh(0, 1);
    EXPECT_TRUE(fresh.load_customer("c1", row).has_value());
    fresh.finish_load();
    std::string again;
    fresh.encode_customer(0, again);
    EXPECT_EQ(again, row);
}

TEST(Members, WhoIsOnlyNamedIsCountedNowhere) {
    Shard shard(0, 1);
    Effects effects;
    shard.step({.sequence = 1,
                .at = {5},
                .body = Command{.customer = "c1", .consent = expr::ConsentState::Granted}},
               effects);
    EXPECT_FALSE(shard.customers().has_events(0));
    EXPECT_EQ(shard.next_due(), timestamp_max);
}

TEST(Identity, FactsForWhoWasErasedAreGivenUp) {
    Shard shard(0, 1);
    Effects effects;
    event::Event alias = order("m2", {6}, 0);
    alias.kind = event::EventKind::Alias;
    alias.previous_id = "c1";
    alias.user_id = "c2";
    shard.step({.sequence = 1, .at = {5}, .body = EventArrived{order("m1", {4}, 5)}}, effects);
    shard.step({.sequence = 2, .at = {6}, .body = EventArrived{alias}}, effects);
    const Handover link = effects.handovers.at(0).handover;
    effects.clear();
    shard.step({.sequence = 3, .at = {7}, .body = HandoverArrived{link}}, effects);
    const Handover absorb = effects.handovers.at(0).handover;
    const Command erase{.kind = Command::Kind::Erase, .customer = "c2"};
    shard.step({.sequence = 4, .at = {8}, .body = erase}, effects);
    effects.clear();
    shard.step({.sequence = 5, .at = {9}, .body = HandoverArrived{absorb}}, effects);
    EXPECT_EQ(effects.orphaned, std::vector<std::string>{"c1"});
}

TEST(Erasure, ACommandForWhoWasErasedLeavesNoTrace) {
    using Kind = Command::Kind;
    Shard shard(0, 1);
    Effects effects;
    shard.step({.sequence = 1, .at = {5}, .body = EventArrived{order("m1", {4}, 5)}}, effects);
    const Command erase{.kind = Kind::Erase, .customer = "c1"};
    shard.step({.sequence = 2, .at = {6}, .body = erase}, effects);
    std::uint64_t sequence = 2;
    for (const Kind kind : {Kind::SetConsent, Kind::Suppress, Kind::Lift, Kind::Tag, Kind::Untag,
                            Kind::Enlist, Kind::Delist, Kind::Note, Kind::Erase}) {
        effects.clear();
        const Command command{.kind = kind,
                              .customer = "c1",
                              .consent = expr::ConsentState::Granted,
                              .text = kind == Kind::Erase ? "" : "vip"};
        shard.step({.sequence = ++sequence, .at = {7}, .body = command}, effects);
        EXPECT_TRUE(effects.facts.empty()) << static_cast<int>(kind);
        EXPECT_FALSE(shard.customers().suppressed(0));
        // Nothing that the row does not keep: a start would forget it.
        EXPECT_TRUE(shard.customers().labels(0, customer::tags_attribute).empty());
        EXPECT_TRUE(shard.customers().labels(0, customer::lists_attribute).empty());
        EXPECT_EQ(shard.customers().consent(0, customer::Channel::Email).state,
                  expr::ConsentState::Unset);
    }
}

TEST(Identity, AnErasureUnderAMergedIdGoesOn) {
    const Command erase{.kind = Command::Kind::Erase, .customer = "c1"};
    EXPECT_EQ(erasure(erase), "c1");
    EXPECT_EQ(erasure(HandoverArrived{{.kind = Handover::Kind::Order,
                                       .customer = "c2",
                                       .other = "c1",
                                       .payload = encode(erase)}}),
              "c2");
    EXPECT_EQ(erasure(Tick{}), std::nullopt);
}

}  // namespace
}  // namespace winback::engine

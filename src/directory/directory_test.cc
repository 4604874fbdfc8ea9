#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "base/zone.h"
#include "directory/table.h"
#include "directory/test_people.h"

namespace winback::directory {
namespace {

constexpr Duration shop_gap = days(30);

Question question_of(std::string_view search, Order order = Order::ValueAtRisk) {
    Question question;
    question.filter.needle = needle_of(search);
    question.order = order;
    question.limit = 1'000'000;
    question.now = people_now;
    question.shop_gap = shop_gap;
    return question;
}

std::vector<std::string> ids_of(const Found& found) {
    std::vector<std::string> ids;
    for (const Row& row : found.rows) {
        ids.push_back(row.place.id);
    }
    return ids;
}

TEST(Fold, LettersThatPeopleCallTheSameAreTheSame) {
    EXPECT_EQ(fold("MÜLLER"), "muller");
    EXPECT_EQ(fold("Weiß"), "weiss");
    EXPECT_EQ(fold("IŞIL"), fold("ışıl"));
    EXPECT_EQ(fold("İLKER"), "ilker");
    EXPECT_EQ(fold("علي"), fold("علی"));
    EXPECT_EQ(fold("كريم"), fold("کریم"));
    EXPECT_EQ(fold("أحمد"), fold("احمد"));
    EXPECT_EQ(fold("محمّد"), fold("محمد"));
    EXPECT_EQ(fold("می\u200cخواهم"), fold("میخواهم"));
    EXPECT_EQ(fold("۰۹۱۲"), "0912");
    EXPECT_EQ(fold("٠٩١٢"), "0912");
    EXPECT_EQ(fold("  a \t\n b\u00a0 "), "a b");
    EXPECT_EQ(fold("a\x1f b"), "a b");
}

TEST(Fold, IsItsOwnFold) {
    for (const char* text : {"MÜLLER", "İIıi", "كريم", "ﷺ", "①", "\xff\xfe", "Ǆ", "ΐ", "ẞ"}) {
        EXPECT_EQ(fold(fold(text)), fold(text)) << text;
    }
}

TEST(Fold, PhonesAreTheirDigits) {
    EXPECT_EQ(phone_digits("+90 (532) 123-45 67"), "905321234567");
    EXPECT_EQ(phone_digits("00 49 30 1"), "49301");
    EXPECT_EQ(phone_digits("۰۹۱۲ ۳۴۵"), "912345");
    EXPECT_EQ(needle_of("0532 123").phone, "532123");
    EXPECT_EQ(needle_of("ada 1234").phone, "");
    EXPECT_EQ(needle_of("12").phone, "");
}

TEST(Table, ExactComesBeforeBeginningsBeforeParts) {
    People people;
    people.identify("ada", {});
    ValueMap traits;
    traits.set("name", "Canada Dry");
    people.identify("x1", traits);
    traits.set("name", "Adalbert Stifter");
    people.identify("x2", traits);
    Table table;
    table.look(people.shard(), {}, people_now);
    const Found found = table.find(question_of("ADA"), nullptr);
    EXPECT_EQ(ids_of(found), (std::vector<std::string>{"ada", "x2", "x1"}));
    EXPECT_EQ(found.rows[0].place.fit, Fit::Exact);
    EXPECT_EQ(found.rows[1].place.fit, Fit::Prefix);
    EXPECT_EQ(found.rows[2].place.fit, Fit::Part);
}

TEST(Table, OneLetterBeginsAWord) {
    People people;
    ValueMap traits;
    traits.set("name", "Maria Abel");
    people.identify("x1", traits);
    traits.set("name", "Maria");
    people.identify("x2", traits);
    people.identify("a", traits);
    Table table;
    table.look(people.shard(), {}, people_now);
    const Found found = table.find(question_of("A"), nullptr);
    EXPECT_EQ(ids_of(found), (std::vector<std::string>{"a", "x1"}));
    EXPECT_EQ(found.rows[0].place.fit, Fit::Exact);
    EXPECT_EQ(table.find(question_of("ari"), nullptr).matching, 3U);
}

TEST(Table, AllWordsMustBeThereInAnyOrder) {
    People people;
    ValueMap traits;
    traits.set("name", "Jürgen von der Lippe");
    people.identify("c1", traits);
    Table table;
    table.look(people.shard(), {}, people_now);
    EXPECT_EQ(table.find(question_of("lippe jurgen"), nullptr).matching, 1U);
    EXPECT_EQ(table.find(question_of("lippe anna"), nullptr).matching, 0U);
}

// A word of one or two bytes counts where a word begins.
bool stands_in(const std::string& word, const std::string& text) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const bool begins = at == 0 || !is_word_byte(text[at - 1]) || !is_word_byte(word.front());
        if (word.size() > short_needle_bytes || begins) {
            return true;
        }
    }
    return false;
}

// What a look at every customer says.
std::set<std::string> naive(People& people, std::string_view search) {
    const Needle needle = needle_of(search);
    std::set<std::string> ids;
    const customer::Customers& customers = people.shard().customers();
    const auto text = [&](CustomerIndex c, std::string_view name) {
        const Value value = customers.trait(c, name);
        return value.as_string() == nullptr ? std::string() : *value.as_string();
    };
    for (CustomerIndex c = 0; c < customers.size(); ++c) {
        if (customers.erased(c) || !customers.merged_into(c).empty()) {
            continue;
        }
        const std::string phone = phone_digits(text(c, "phone"));
        const std::string all = fold(customers.id(c)) + "|" + fold(text(c, "email")) + "|" +
                                fold(text(c, "name")) + "|" + phone;
        const bool by_words =
            std::all_of(needle.words.begin(), needle.words.end(), [&](const std::string& word) {
                return is_short(needle) ? stands_in(word, all)
                                        : all.find(word) != std::string::npos;
            });
        const bool by_phone = !needle.phone.empty() && all.find(needle.phone) != std::string::npos;
        if (by_words || by_phone) {
            ids.insert(std::string(customers.id(c)));
        }
    }
    return ids;
}

void change_somebody(People& people, std::vector<CustomerIndex>& changed) {
    const std::uint64_t n = 1 + people.random().below(250);
    const std::string id = "c" + std::to_string(n);
    std::vector<CustomerIndex> touched;
    const std::uint64_t dice = people.random().below(10);
    if (dice < 5) {
        touched = people.identify(id, people.traits(n));
    } else if (dice < 8) {
        touched = people.order(id, 1, 10);
    } else {
        touched = people.step(engine::Command{
            .kind = dice == 8 ? engine::Command::Kind::Erase : engine::Command::Kind::Tag,
            .customer = id,
            .text = "vip"});
    }
    changed.insert(changed.end(), touched.begin(), touched.end());
}

TEST(Table, FindsWhatALookAtEverybodyFinds) {
    static const std::array<std::string, 21> searches{
        "a",     "isil", "ILKER", "muller weiss", "يوسف",   "علي", "user1", "@example.test",
        "+90 5", "c1",   "0531",  "smith-jones",  "zoe o'", "小",  "5",     "ي",
        "@",     "@e",   "-j",    "el",           "z o"};
    People people(7);
    people.fill(200);
    Table table;
    table.look(people.shard(), {}, people_now);
    for (int round = 0; round < 40; ++round) {
        std::vector<CustomerIndex> changed;
        for (int i = 0; i < 20; ++i) {
            change_somebody(people, changed);
        }
        table.look(people.shard(), changed, people_now);
        for (const std::string& search : searches) {
            const Found found = table.find(question_of(search), nullptr);
            const std::vector<std::string> ids = ids_of(found);
            EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()), naive(people, search))
                << search << " in round " << round;
            EXPECT_EQ(ids.size(), found.matching);
        }
    }
}

// Two tables of the same people: one that keeps the states, one that computes them.
TEST(Table, StatesHoldUntilSomebodysNext) {
    People people(5);
    people.fill(300);
    Table kept;
    Table computed;
    std::vector<CustomerIndex> changed;
    Timestamp now = people_now;
    std::size_t renewals = 0;
    std::size_t moved = 0;
    std::array<std::uint64_t, report::customer_state_count> before{};
    for (int round = 0; round < 400; ++round) {
        kept.look(people.shard(), changed, people_now);
        computed.look(people.shard(), changed, people_now);
        if (!kept.has_states(shop_gap, now)) {
            kept.renew_states(shop_gap, now);
            ++renewals;
        }
        ASSERT_TRUE(kept.has_states(shop_gap, now));
        ASSERT_FALSE(computed.has_states(shop_gap, now));
        Question question = question_of("", Order::Id);
        question.now = now;
        question.shop_gap = shop_gap;
        std::array<std::uint64_t, report::customer_state_count> sizes{};
        for (std::size_t state = 0; state < sizes.size(); ++state) {
            question.filter.state = static_cast<report::CustomerState>(state);
            const Found found = kept.find(question, nullptr);
            EXPECT_EQ(ids_of(found), ids_of(computed.find(question, nullptr))) << round;
            sizes[state] = found.matching;
        }
        moved += sizes != before ? 1U : 0U;
        before = sizes;
        changed.clear();
        if (round % 5 == 0) {
            change_somebody(people, changed);
        }
        now = now + hours(1 + static_cast<std::int64_t>(people.random().below(20)));
    }
    EXPECT_LT(renewals, 400U);
    EXPECT_GT(moved, 50U);
    EXPECT_GT(renewals, 50U);
}

TEST(Table, PagesGoThroughAllInOrderInEveryOrder) {
    People people(3);
    people.fill(300);
    people.step(engine::ModelsFitted{people_models()});
    Table table;
    while (table.look(people.shard(), {}, people_now)) {
    }
    for (std::size_t order = 0; order < order_names.size(); ++order) {
        for (const bool rising : {false, true}) {
            for (const char* search : {"", "c"}) {
                Question question = question_of(search, static_cast<Order>(order));
                question.rising = rising;
                const std::vector<std::string> all = ids_of(table.find(question, nullptr));
                question.limit = 7;
                std::vector<std::string> paged;
                for (;;) {
                    const Found page = table.find(question, nullptr);
                    if (page.rows.empty()) {
                        break;
                    }
                    for (const Row& row : page.rows) {
                        paged.push_back(row.place.id);
                    }
                    question.after = page.rows.back().place;
                }
                EXPECT_EQ(paged, all) << order_names[order] << " " << search;
                EXPECT_GT(all.size(), 50U);
            }
        }
    }
}

// The list as one would make it without columns: everybody who fits, sorted.
std::vector<std::string> sorted_list(std::vector<std::unique_ptr<People>>& shards,
                                     const std::vector<Table>& tables,
                                     const Question& question) {
    std::vector<Place> places;
    for (std::size_t s = 0; s < shards.size(); ++s) {
        const engine::Shard& shard = shards[s]->shard();
        for (CustomerIndex c = 0; c < shard.customers().size(); ++c) {
            const Row row = tables[s].row(c, question);
            const auto state =
                report::standing_of(shard.customers(), c, shop_gap, people_now).state;
            const bool fits =
                !shard.customers().erased(c) &&
                (!question.filter.state || state == *question.filter.state) &&
                (question.filter.recency == 0 || shard.score(c, "recency", people_now) ==
                                                     Value(std::int64_t{question.filter.recency}));
            if (fits) {
                places.push_back(row.place);
            }
        }
    }
    std::sort(places.begin(), places.end());
    std::vector<std::string> ids;
    for (const Place& place : places) {
        ids.push_back(place.id);
    }
    return ids;
}

Gathering gather(const std::vector<Table>& tables, const Question& question) {
    Gathering list(question);
    for (std::size_t s = 0; s < tables.size(); ++s) {
        list.add(static_cast<engine::ShardId>(s), tables[s].find(list.next(), nullptr));
    }
    return list;
}

// Pages of seven rows until there are none; every page counts the same.
std::vector<std::string> paged_list(const std::vector<Table>& tables, Question question) {
    question.limit = 7;
    std::vector<std::string> ids;
    std::optional<std::uint64_t> matching;
    for (;;) {
        const Gathering page = gather(tables, question);
        EXPECT_EQ(page.matching, matching.value_or(page.matching));
        matching = page.matching;
        if (page.hits.empty()) {
            EXPECT_EQ(ids.size(), *matching);
            return ids;
        }
        for (const Gathering::Hit& hit : page.hits) {
            ids.push_back(hit.row.place.id);
        }
        question.after = page.hits.back().row.place;
    }
}

TEST(Table, ListsOfSeveralTablesAreThoseOfASortOfEverybody) {
    std::vector<std::unique_ptr<People>> shards;
    std::vector<Table> tables(5);
    for (std::size_t s = 0; s < tables.size(); ++s) {
        People& people = *shards.emplace_back(std::make_unique<People>(s + 1));
        people.fill(60, "s" + std::to_string(s) + "-");
        people.step(engine::ModelsFitted{people_models()});
        people.step(engine::Command{.kind = engine::Command::Kind::Erase,
                                    .customer = "s" + std::to_string(s) + "-7"});
        while (tables[s].look(people.shard(), {}, people_now)) {
        }
    }
    const auto check = [&](const Question& question) {
        EXPECT_EQ(paged_list(tables, question), sorted_list(shards, tables, question))
            << order_names[static_cast<std::size_t>(question.order)] << question.rising;
    };
    for (std::size_t order = 0; order < order_names.size(); ++order) {
        for (const bool rising : {false, true}) {
            Question question = question_of("", static_cast<Order>(order));
            question.rising = rising;
            check(question);
            for (std::size_t state = 0; state < report::customer_state_count; ++state) {
                question.filter.state = static_cast<report::CustomerState>(state);
                check(question);
            }
            question.filter.state.reset();
            question.filter.recency = 3;
            check(question);
        }
    }
}

TEST(Table, ScoresAreThoseOfTheShardAndFollowTheModels) {
    People people(5);
    people.fill(1'300);
    Table table;
    EXPECT_FALSE(table.look(people.shard(), {}, people_now));
    EXPECT_FALSE(table.find(question_of(""), nullptr).rows[0].value_at_risk.has_value());
    people.step(engine::ModelsFitted{people_models()});
    int looks = 1;
    while (table.look(people.shard(), {}, people_now)) {
        ++looks;
    }
    EXPECT_EQ(looks, 3);  // 500 at a time.
    const Question question = question_of("");
    double before = 1e9;
    for (const Row& row : table.find(question, nullptr).rows) {
        const auto at = people.shard().customers().find(row.place.id);
        const Value value = people.shard().score(*at, "value_at_risk", people_now);
        EXPECT_EQ(row.value_at_risk.value_or(-1), value.number_or(-1));
        EXPECT_LE(row.value_at_risk.value_or(-1), before);
        before = row.value_at_risk.value_or(-1);
    }
}

TEST(Table, FiltersAgreeWithTheSums) {
    People people(9);
    people.fill(400);
    people.step(engine::ModelsFitted{people_models()});
    Table table;
    while (table.look(people.shard(), {}, people_now)) {
    }
    Summary summary;
    table.sum(summary, people_now, shop_gap);
    EXPECT_EQ(summary.customers, 400U);
    std::uint64_t by_state = 0;
    for (std::size_t s = 0; s < summary.states.size(); ++s) {
        Question question = question_of("");
        question.filter.state = static_cast<report::CustomerState>(s);
        const Found found = table.find(question, nullptr);
        EXPECT_EQ(found.matching, summary.states[s].customers);
        by_state += found.matching;
        for (const Row& row : found.rows) {
            EXPECT_EQ(row.state, report::standing_of(people.shard().customers(), row.customer,
                                                     shop_gap, people_now)
                                     .state);
        }
    }
    EXPECT_EQ(by_state, 400U);
    EXPECT_GT(summary.states[static_cast<std::size_t>(report::CustomerState::New)].customers, 0U);
    EXPECT_GT(summary.states[static_cast<std::size_t>(report::CustomerState::Returned)].customers,
              0U);
    for (std::uint8_t r = 1; r <= 5; ++r) {
        for (std::uint8_t f = 1; f <= 5; ++f) {
            Question question = question_of("");
            question.filter.recency = r;
            question.filter.frequency = f;
            EXPECT_EQ(table.find(question, nullptr).matching,
                      summary.recency_frequency[r - 1U][f - 1U].customers);
        }
    }
}

TEST(Table, TagsSuppressionsAndConsentsAreFound) {
    People people;
    people.fill(3);
    Table table;
    table.look(people.shard(), {}, people_now);
    using Kind = engine::Command::Kind;
    const auto order = [&](engine::Command command) {
        table.look(people.shard(), people.step(std::move(command)), people_now);
    };
    order({.kind = Kind::Tag, .customer = "c2", .text = "vip"});
    order({.kind = Kind::Suppress, .customer = "c1", .reason = "asked"});
    order({.kind = Kind::SetConsent,
           .customer = "c3",
           .channel = customer::Channel::Sms,
           .consent = expr::ConsentState::Granted});
    const auto find = [&](Filter filter) {
        Question question = question_of("");
        question.filter = std::move(filter);
        return ids_of(table.find(question, nullptr));
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(find({.tag = "vip"}), Ids{"c2"});
    EXPECT_EQ(find({.tag = "other"}), Ids{});
    EXPECT_EQ(find({.suppressed = true}), Ids{"c1"});
    EXPECT_EQ(find({.channel = customer::Channel::Sms, .consent = expr::ConsentState::Granted}),
              Ids{"c3"});
    order({.kind = Kind::Untag, .customer = "c2", .text = "vip"});
    order({.kind = Kind::Lift, .customer = "c1", .reason = "asked again"});
    EXPECT_EQ(find({.tag = "vip"}), Ids{});
    EXPECT_EQ(find({.suppressed = true}), Ids{});
}

TEST(Table, NothingOfTheErasedStays) {
    People people;
    ValueMap traits;
    traits.set("name", "Somebody Unmistakable");
    people.identify("c1", traits);
    people.identify("c2", {});
    Table table;
    table.look(people.shard(), {}, people_now);
    const auto touched =
        people.step(engine::Command{.kind = engine::Command::Kind::Erase, .customer = "c1"});
    table.look(people.shard(), touched, people_now);
    EXPECT_EQ(ids_of(table.find(question_of(""), nullptr)), std::vector<std::string>{"c2"});
    EXPECT_EQ(table.find(question_of("unmistakable"), nullptr).matching, 0U);
    Summary summary;
    table.sum(summary, people_now, shop_gap);
    EXPECT_EQ(summary.customers, 1U);
}

TEST(Table, AmountsOfOtherCurrenciesAreNamedAndNotAddedUp) {
    People people(9);
    for (const auto& [id, currency] : {std::pair("ada", "GBP"), std::pair("kei", "JPY")}) {
        for (const int days_ago : {250, 220, 190}) {
            people.order(id, days_ago, 40, currency);
        }
    }
    people.step(engine::ModelsFitted{people_models()});
    const auto sum_of = [&](bool with_definitions) {
        if (with_definitions) {
            auto definitions = std::make_shared<engine::Definitions>();
            definitions->version = 1;
            definitions->workspace.currency = "GBP";
            definitions->workspace.zone = &utc_zone();
            people.step(engine::DefinitionsLoaded{std::move(definitions)});
        }
        Table table;
        while (table.look(people.shard(), {}, people_now)) {
        }
        const Found found = table.find(question_of(""), nullptr);
        EXPECT_EQ(found.rows.size(), 2U);
        double ada = 0;
        for (const Row& row : found.rows) {
            EXPECT_EQ(row.currency, row.place.id == "ada" ? "GBP" : "JPY");
            EXPECT_GT(row.value_at_risk.value_or(0), 0);
            ada = row.place.id == "ada" ? row.value_at_risk.value_or(0) : ada;
        }
        Summary summary;
        table.sum(summary, people_now, shop_gap);
        EXPECT_EQ(summary.customers, 2U);
        double value = 0;
        for (const Cell& state : summary.states) {
            value += state.value_at_risk;
        }
        return value / ada;
    };
    EXPECT_NEAR(sum_of(false), 2, 1e-9);  // No currency is foreign yet.
    EXPECT_NEAR(sum_of(true), 1, 1e-9);
}

TEST(Texts, PackedTextsAreTheSameTexts) {
    Texts texts;
    texts.resize(50);
    Prng random(1);
    std::vector<std::string> names(50);
    for (int i = 0; i < 20'000; ++i) {
        const auto c = static_cast<std::uint32_t>(random.below(50));
        names[c] = std::string(random.below(200), 'n') + std::to_string(i);
        texts.put(c, {"id" + std::to_string(c), "", names[c], ""});
    }
    EXPECT_LT(texts.memory_bytes(), 1'000'000U);
    for (std::uint32_t c = 0; c < 50; ++c) {
        EXPECT_EQ(texts.at(c).name, names[c]);
    }
}

}  // namespace
}  // namespace winback::directory

#include "customer/customers.h"

#include <sstream>

#include <gtest/gtest.h>

#include "base/check.h"
#include "base/hash.h"
#include "customer/facts.h"
#include "customer/limits.h"
#include "customer/traits.h"
#include "event/names.h"

namespace winback::customer {
namespace {

// The value of one word: "null", "true", "12", "1.5", "2025-01-02", else text.
Value read_word(const std::string& word) {
    if (word == "null") {
        return {};
    }
    if (word == "true" || word == "false") {
        return {word == "true"};
    }
    if (word.find_first_not_of("-0123456789") == std::string::npos && word.size() < 9) {
        return {std::int64_t{std::stoll(word)}};
    }
    if (word.find_first_not_of("-.0123456789") == std::string::npos && word.size() < 9) {
        return {std::stod(word)};
    }
    return {word};
}

// Sets "a.b" inside the map "a".
void set_path(ValueMap& map, const std::string& path, Value value) {
    const std::size_t dot = path.find('.');
    if (dot == std::string::npos) {
        map.set(path, std::move(value));
        return;
    }
    const std::string key = path.substr(0, dot);
    ValueMap inner;
    if (const Value* known = map.find(key); known != nullptr && known->as_map() != nullptr) {
        inner = *known->as_map();
    }
    set_path(inner, path.substr(dot + 1), std::move(value));
    map.set(key, Value(std::move(inner)));
}

// A story: one line is one event, "time name_with_underscores key=value ...". Keys that begin
// with "@" are of the event ("@id", "@web"), "context.x" are of the context.
class Story {
public:
    Customers customers;
    std::string log;

    event::Event read(const std::string& line) {
        std::istringstream words(line);
        std::string time;
        std::string name;
        words >> time >> name;
        event::Event e;
        e.time = *parse_iso8601(time);
        e.user_id = "ann";
        e.message_id = "m" + std::to_string(++count_);
        std::replace(name.begin(), name.end(), '_', ' ');
        e.name = name;
        e.kind = name == "Identified" ? event::EventKind::Identify : event::EventKind::Track;
        for (std::string word; words >> word;) {
            take_word(e, word);
        }
        return e;
    }

    static void take_word(event::Event& e, const std::string& word) {
        const std::size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        const std::string text = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (key == "@web" || key == "@app" || key == "@shop") {
            e.surface = key == "@web"   ? event::Surface::Web
                        : key == "@app" ? event::Surface::App
                                        : event::Surface::Shop;
        } else if (key == "@id") {
            e.message_id = text;
        } else if (key == "@content") {
            e.content_id = true;
        } else if (key.rfind("context.", 0) == 0) {
            set_path(e.context, key.substr(8), read_word(text));
        } else {
            set_path(e.properties, key, read_word(text));
        }
    }

    Story& tell(const std::string& lines) {
        std::istringstream text(lines);
        for (std::string line; std::getline(text, line);) {
            const std::size_t start = line.find_first_not_of(' ');
            if (start != std::string::npos) {
                apply(read(line.substr(start)));
            }
        }
        return *this;
    }

    void apply(const event::Event& e) {
        const CustomerIndex customer = customers.find_or_add("ann");
        const Applied applied = customers.apply(customer, e, e.time);
        log += applied.duplicate ? "duplicate\n" : "";
        for (const TypeConflict& conflict : applied.conflicts) {
            log += conflict.attribute + ": " + std::string(value_type_name(conflict.expected)) +
                   ", not " + std::string(value_type_name(conflict.got)) + "\n";
        }
    }

    std::string show(const std::vector<std::string>& names) const {
        std::string out;
        for (const std::string& name : names) {
            out += (out.empty() ? "" : " ") + to_json(customers.trait(0, name));
        }
        return out;
    }

    std::string consents(Channel channel) const {
        std::string out;
        for (const expr::ConsentChange& change : customers.consent_changes(0, channel)) {
            out += std::string(out.empty() ? "" : ", ") +
                   (change.state == expr::ConsentState::Granted ? "granted " : "denied ") +
                   format_iso8601(change.time).substr(0, 10) + " by " + change.source;
        }
        return out;
    }

private:
    int count_ = 0;
};

TEST(CustomersTest, FindsCustomersById) {
    Customers customers;
    EXPECT_FALSE(customers.find("a"));
    const CustomerIndex a = customers.find_or_add("a");
    const CustomerIndex b = customers.find_or_add("b");
    EXPECT_EQ(customers.find_or_add("a"), a);
    EXPECT_EQ(customers.find("b"), b);
    EXPECT_EQ(customers.id(b), "b");
    for (int i = 0; i < 5000; ++i) {
        customers.find_or_add("customer-" + std::to_string(i));
    }
    EXPECT_EQ(customers.size(), 5002U);
    EXPECT_EQ(customers.id(*customers.find("customer-4321")), "customer-4321");
    EXPECT_EQ(customers.id(a), "a");
}

TEST(CustomersTest, AddsUpOrders) {
    Story story;
    story.tell(R"(
        2025-01-01 Order_Completed order_id=a revenue=10.5 margin=4 currency=GBP
        2025-01-01T12:00:00Z Order_Completed order_id=b total=30 shipping=5 tax=4
        2025-01-11 Order_Completed order_id=c revenue=9.99 currency=gbp
        2025-01-31 Order_Completed order_id=d revenue=100 currency=EUR
        2025-01-31 Order_Completed order_id=a revenue=10.5 margin=4)");
    EXPECT_EQ(story.show({"orders.count", "orders.days", "orders.revenue", "orders.margin",
                          "orders.average", "orders.currency"}),
              R"(4 3 41.49 4 10.3725 "GBP")");
    EXPECT_EQ(story.show({"orders.first", "orders.last"}),
              R"("2025-01-01T00:00:00Z" "2025-01-31T00:00:00Z")");
    EXPECT_EQ(story.show({"orders.gap", "orders.gap_low", "orders.gap_high"}),
              R"("1296000s" "1080000s" "1512000s")");
    EXPECT_EQ(story.customers.event_times(0, "Order Completed").size(), 5U);
}

TEST(CustomersTest, CountsTheEarliestOfOrdersWithOneId) {
    Story story;
    story.tell(R"(
        2025-01-05 Order_Completed order_id=7 revenue=20
        2025-01-01 Order_Completed order_id=7 revenue=15
        2025-01-03 Order_Completed revenue=1
        2025-01-03 Order_Completed revenue=1)");
    EXPECT_EQ(story.show({"orders.count", "orders.revenue", "orders.days", "orders.last"}),
              R"(3 17 2 "2025-01-03T00:00:00Z")");
}

TEST(CustomersTest, TakesRefundsWholeWhenNoAmountIsGiven) {
    Story story;
    story.tell(R"(
        2025-01-09 Order_Refunded order_id=b
        2025-01-09 Order_Refunded order_id=a total=-3
        2025-01-09 Order_Refunded order_id=x)");
    EXPECT_EQ(story.show({"refunds.count", "refunds.amount", "orders.average"}), "3 3 null");
    story.tell("2025-01-05 Order_Completed order_id=b revenue=20");
    EXPECT_EQ(story.show({"refunds.count", "refunds.amount", "orders.count"}), "3 23 1");
}

TEST(CustomersTest, HasNoRhythmBeforeTheSecondOrderDay) {
    Story story;
    story.tell("2025-01-05 Order_Completed revenue=20\n2025-01-05 Order_Completed revenue=20");
    EXPECT_EQ(story.customers.rhythm(0).gap_count, 0U);
    EXPECT_EQ(story.show({"orders.gap"}), "null");
}

TEST(CustomersTest, SeesCustomersPerSurface) {
    Story story;
    story.tell(R"(
        2025-01-05 Page_Viewed @web
        2025-01-03 Page_Viewed @web)");
    EXPECT_EQ(story.show({"first_seen.web", "last_seen.web", "last_seen.app"}),
              R"("2025-01-03T00:00:00Z" "2025-01-05T00:00:00Z" null)");
    story.tell(R"(
        2025-01-09 Screen_Viewed @app
        2025-01-01 Order_Completed @shop
        2025-02-01 Page_Viewed @web context.active=false
        2025-02-01 Email_Delivered)");
    EXPECT_EQ(story.show({"first_seen", "last_seen", "first_seen.web", "last_seen.web"}),
              R"("2025-01-01T00:00:00Z" "2025-01-09T00:00:00Z" "2025-01-03T00:00:00Z" )"
              R"("2025-01-05T00:00:00Z")");
    EXPECT_EQ(story.show({"first_seen.app", "last_seen.shop"}),
              R"("2025-01-09T00:00:00Z" "2025-01-01T00:00:00Z")");
}

TEST(CustomersTest, KeepsAttributesAsTheyCameAndReservedOnesByTheirType) {
    Story story;
    story.tell(R"(
        2025-01-01 Identified firstName=Ann age=30 visits=3 plan=gold address.city=Ankara
        2025-01-02 Identified visits=3.5 plan=7 birthday=1990-05-06 createdAt=never
        2025-01-03 Identified age=old address=nowhere)");
    EXPECT_EQ(story.log,
              "createdAt: timestamp, not string\nage: double, not string\n"
              "address: map, not string\n");
    EXPECT_EQ(story.show({"first_name", "firstName", "age", "visits", "plan", "birthday"}),
              R"("Ann" "Ann" 30 3.5 7 "1990-05-06T00:00:00Z")");
    EXPECT_EQ(story.show({"address.city", "address", "address.zip", "address.city.x", "nope"}),
              R"("Ankara" {"city":"Ankara"} null null null)");
    story.tell("2025-01-04 Identified plan=null");
    EXPECT_EQ(story.show({"plan"}), "null");
    EXPECT_EQ(to_json(Value(story.customers.attributes(0))),
              R"({"first_name":"Ann","age":30,"visits":3.5,"address":{"city":"Ankara"},)"
              R"("birthday":"1990-05-06T00:00:00Z"})");
}

TEST(CustomersTest, LateIdentifyOnlyFillsGaps) {
    Story story;
    story.tell(R"(
        2025-01-05 Identified plan=gold
        2025-01-01 Identified plan=basic colour=red)");
    EXPECT_EQ(story.show({"plan", "colour"}), R"("gold" "red")");
}

TEST(CustomersTest, BoundsTheNumberOfAttributes) {
    Story story;
    for (std::size_t i = 0; i <= attributes_max; ++i) {
        story.tell("2025-01-01 Identified a" + std::to_string(i) + "=1");
    }
    EXPECT_EQ(story.log, "a500: null, not int\n");
    EXPECT_EQ(story.customers.attribute_names().size(), attributes_max);
}

TEST(CustomersTest, ReadsLanguageCountryAndZoneFromAttributesElseContext) {
    Story story;
    story.tell("2025-01-05 Page_Viewed context.locale=pt-br context.timezone=America/Recife");
    EXPECT_EQ(story.show({"language", "country", "timezone"}), R"("pt" "BR" "America/Recife")");
    story.tell("2025-01-01 Page_Viewed context.locale=zh-Hant-TW");
    EXPECT_EQ(story.show({"language"}), R"("pt")");
    story.tell("2025-01-06 Page_Viewed context.locale=zh-Hant-TW");
    EXPECT_EQ(story.show({"language", "country"}), R"("zh" "TW")");
    story.tell("2025-01-07 Identified language=tr address.country=Turkey timezone=Asia/Tehran");
    EXPECT_EQ(story.show({"language", "country", "timezone"}), R"("tr" "Turkey" "Asia/Tehran")");
}

TEST(CustomersTest, FollowsASubscription) {
    const std::vector<std::string> names{"subscription.state", "subscription.plan",
                                         "subscription.started", "subscription.cancelled",
                                         "subscription.renewals"};
    Story story;
    story.tell("2025-01-01 Page_Viewed");
    EXPECT_EQ(story.show(names), "null null null null 0");
    story.tell("2025-01-01 Subscription_Started plan=basic\n2025-02-01 Subscription_Renewed");
    EXPECT_EQ(story.show(names), R"("active" "basic" "2025-01-01T00:00:00Z" null 1)");
    story.tell("2025-03-01 Subscription_Cancelled\n2025-02-10 Subscription_Paused");
    EXPECT_EQ(story.show(names),
              R"("cancelled" "basic" "2025-01-01T00:00:00Z" "2025-03-01T00:00:00Z" 1)");
    story.tell("2025-03-02 Subscription_Reactivated plan=pro");
    EXPECT_EQ(story.show({"subscription.state", "subscription.plan"}), R"("active" "pro")");
}

TEST(CustomersTest, KeepsConsentsByEventTime) {
    Story story;
    story.tell(R"(
        2025-01-05 Identified consent.email=granted
        2025-01-05 Identified consent.sms.state=granted consent.sms.source=till
        2025-01-06 Identified consent.email=granted
        2025-01-09 Unsubscribed
        2025-01-07 Consent_Changed channel=email state=granted source=checkout
        2025-01-08 Application_Uninstalled)");
    EXPECT_EQ(story.consents(Channel::Email),
              "granted 2025-01-05 by identify, denied 2025-01-09 by unsubscribed");
    EXPECT_EQ(story.consents(Channel::Sms), "granted 2025-01-05 by till");
    EXPECT_EQ(story.consents(Channel::Push), "denied 2025-01-08 by application_uninstalled");
    EXPECT_EQ(story.customers.consent(0, Channel::Email).state, expr::ConsentState::Denied);
    EXPECT_EQ(story.customers.consent(0, Channel::InApp).state, expr::ConsentState::Unset);
    EXPECT_FALSE(story.customers.suppressed(0));
    EXPECT_EQ(story.show({"consent"}), "null");
}

TEST(CustomersTest, ALateDenialBetweenGrantsIsTold) {
    Story story;
    story.tell(R"(
        2025-01-01 Consent_Changed channel=email state=granted
        2025-01-05 Consent_Changed channel=email state=granted
        2025-01-03 Unsubscribed)");
    EXPECT_EQ(story.consents(Channel::Email),
              "granted 2025-01-01 by consent_changed, denied 2025-01-03 by unsubscribed, "
              "granted 2025-01-05 by consent_changed");
}

TEST(CustomersTest, DenialWinsAtTheSameTime) {
    Story story;
    story.tell("2025-01-01 Unsubscribed\n2025-01-01 Identified consent.email=true");
    EXPECT_EQ(story.customers.consent(0, Channel::Email).state, expr::ConsentState::Denied);
}

TEST(CustomersTest, BoundsConsentStatementsWithoutLosingTheState) {
    Story story;
    for (int day = 1; day <= 28; ++day) {
        for (int hour = 10; hour < 20; ++hour) {
            story.tell("2025-01-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T" +
                       std::to_string(hour) + ":00:00Z Identified consent.email=granted");
        }
    }
    story.tell("2025-01-14T12:30:00Z Unsubscribed");
    EXPECT_EQ(story.consents(Channel::Email).substr(0, 80),
              "granted 2025-01-01 by identify, denied 2025-01-14 by unsubscribed, granted 2025-");
}

TEST(CustomersTest, ComplaintsSuppress) {
    Story story;
    story.tell("2025-01-05 Email_Marked_as_Spam");
    EXPECT_TRUE(story.customers.suppressed(0));
    EXPECT_EQ(story.customers.suppression_reason(0), "complaint");
    EXPECT_EQ(story.consents(Channel::Email), "denied 2025-01-05 by marked_as_spam");
}

TEST(CustomersTest, SetConsentSaysWhetherAnythingChanged) {
    Story story;
    story.tell("2025-01-05 Page_Viewed");
    const Consent denied{expr::ConsentState::Denied, {1}, "page"};
    EXPECT_TRUE(story.customers.set_consent(0, Channel::Email, denied));
    EXPECT_FALSE(story.customers.set_consent(0, Channel::Email, denied));
}

TEST(CustomersTest, TheSameEventTwiceChangesNothing) {
    Story story;
    const std::string once = "2025-01-05 Order_Completed @id=x @content revenue=5\n";
    story.tell(once);
    const std::uint64_t print = story.customers.fingerprint();
    story.tell(once);
    EXPECT_EQ(story.log, "duplicate\n");
    EXPECT_EQ(story.customers.fingerprint(), print);
}

TEST(CustomersTest, KeepsTheNewestEventsOfAnAbuser) {
    Story story;
    const std::int64_t start = parse_iso8601("2025-01-01")->ms;
    const auto total = static_cast<std::int64_t>(events_per_name_max) * 5 / 2;
    for (std::int64_t i = 0; i < total; ++i) {
        event::Event e = story.read("2025-01-01 Ping @content");
        e.time = {start + (i % 2 == 0 ? i : total * 2 - i)};
        story.apply(e);
    }
    const std::vector<Timestamp> times = story.customers.event_times(0, "Ping");
    ASSERT_EQ(times.size(), std::size_t{events_per_name_max});
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    EXPECT_EQ(times.back().ms, start + total * 2 - 1);
}

TEST(CustomersTest, CollectsEventNamesBeyondTheBound) {
    Story story;
    for (std::size_t i = 0; i < event_names_max + 10; ++i) {
        story.tell("2025-01-01 n" + std::to_string(i));
    }
    EXPECT_EQ(story.customers.event_names().size(), event_names_max + 1);
    EXPECT_EQ(story.customers.event_times(0, other_events).size(), 10U);
    EXPECT_EQ(story.customers.dropped().other_names, 10U);
}

TEST(CustomersTest, RemembersMessageIdsForAtLeastADay) {
    Customers customers;
    const Timestamp noon = *parse_iso8601("2025-01-01T12:00:00Z");
    EXPECT_TRUE(customers.remember("m", noon));
    EXPECT_FALSE(customers.remember("m", noon + hours(1)));
    EXPECT_FALSE(customers.remember("m", noon + hours(35)));
    EXPECT_TRUE(customers.remember("m", noon + hours(60)));
    EXPECT_FALSE(customers.remember("m", noon));
}

TEST(CustomersTest, ErasingForgetsAllButTheHash) {
    Story story;
    story.tell("2025-01-05 Identified email=a@b.c\n2025-01-05 Order_Completed revenue=3");
    story.customers.erase(0);
    EXPECT_TRUE(story.customers.erased(0));
    EXPECT_EQ(story.customers.id(0), "");
    EXPECT_EQ(story.customers.find("ann"), 0U);
    EXPECT_EQ(story.show({"email", "orders.count", "first_seen"}), "null 0 null");
    EXPECT_TRUE(story.customers.event_times(0, "Order Completed").empty());
    story.tell("2025-01-06 Order_Completed revenue=3");
    EXPECT_EQ(story.log, "duplicate\n");
    std::string bytes;
    ByteWriter writer(bytes);
    story.customers.encode_row(0, writer);
    EXPECT_LE(bytes.size(), 12U);
    Customers other;
    ByteReader reader(bytes);
    EXPECT_TRUE(other.load_row("", reader));
    EXPECT_TRUE(other.erased(*other.find("ann")));
}

TEST(CustomersTest, WhoWasMergedOrErasedIsNotPresent) {
    Customers customers;
    for (int i = 0; i < 100; ++i) {
        customers.find_or_add("u" + std::to_string(i));
    }
    customers.erase(3);
    customers.take_out(70, "u1");
    EXPECT_EQ(customers.present_count(), 98U);
    EXPECT_EQ(
        customers.present(0, 100),
        (std::vector<std::uint64_t>{~(std::uint64_t{1} << 3U),
                                    ((std::uint64_t{1} << 36U) - 1) & ~(std::uint64_t{1} << 6U)}));
    EXPECT_EQ(customers.present(3, 5), std::vector<std::uint64_t>{2});
}

TEST(CustomersTest, RefusesDamagedRows) {
    Story story;
    story.tell(R"(
        2025-01-05 Identified email=a@b.c consent.email=granted visits=3 address.city=Bonn
        2025-01-05 Order_Completed revenue=3)");
    std::string bytes;
    ByteWriter writer(bytes);
    story.customers.encode_row(0, writer);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        Customers other;
        ByteReader reader(std::string_view(bytes).substr(0, size));
        const Result<CustomerIndex> loaded = other.load_row("ann", reader);
        ASSERT_FALSE(loaded);
        EXPECT_EQ(loaded.error().code, ErrorCode::Corrupt);
        EXPECT_EQ(other.size(), 0U);
    }
    const std::string payload = story.customers.take_out(0, "bob");
    EXPECT_EQ(story.customers.merged_into(0), "bob");
    Customers other;
    const CustomerIndex bob = other.find_or_add("bob");
    for (std::size_t size = 0; size < payload.size(); ++size) {
        ASSERT_FALSE(other.absorb(bob, std::string_view(payload).substr(0, size)));
    }
    EXPECT_TRUE(other.absorb(bob, payload));
    EXPECT_EQ(other.absorbed_ids(bob), std::vector<std::string>{"ann"});
    EXPECT_EQ(to_json(other.trait(bob, "email")), R"("a@b.c")");
}

TEST(CustomersTest, OwnAttributesWinOverAbsorbedOnes) {
    Story guest;
    guest.tell("2025-05-01 Identified plan=gold colour=red");
    const std::string payload = guest.customers.take_out(0, "ann");
    Story story;
    story.tell("2025-01-01 Identified plan=basic");
    ASSERT_TRUE(story.customers.absorb(0, payload));
    EXPECT_EQ(story.show({"plan", "colour"}), R"("basic" "red")");
}

TEST(FieldPlanTest, CoversByPattern) {
    const FieldPlan wide{{{{"cart.*"}, {"value"}}, {{"A", "B"}, {"x"}}}};
    const auto plan = [](std::string pattern, std::string field) {
        return FieldPlan{{{{std::move(pattern)}, {std::move(field)}}}};
    };
    EXPECT_TRUE(covers(wide, plan("cart.opened", "value")));
    EXPECT_TRUE(covers(wide, plan("cart.item.*", "value")));
    EXPECT_FALSE(covers(wide, plan("*", "value")));
    EXPECT_TRUE(covers(wide, plan("B", "x")));
    EXPECT_FALSE(covers(wide, plan("B", "y")));
    EXPECT_TRUE(covers(merge(wide, plan("*", "y")), plan("B", "y")));
    EXPECT_EQ(merge(wide, wide), wide);
}

// What the engine adds is not asked here.
class Answers : public CustomerFacts {
public:
    using CustomerFacts::CustomerFacts;
    std::span<const Timestamp> sent(std::string_view) const override { return {}; }
    bool in_segment(expr::SegmentId) const override { return false; }
    Value score(expr::ScoreId) const override { return {}; }
};

std::string show(const expr::EventView& view) {
    std::string out;
    for (std::size_t i = 0; i < view.times.size(); ++i) {
        out += (i == 0 ? "" : " ") + format_iso8601(view.times[i]).substr(8, 2);
        for (std::size_t f = 0; f * view.times.size() < view.cells.size(); ++f) {
            const expr::Cell& cell = view.cells[f * view.times.size() + i];
            out += cell.kind == expr::Cell::Kind::Text     ? ":" + std::string(cell.text)
                   : cell.kind == expr::Cell::Kind::Double ? ":" + to_json(Value(cell.real))
                   : cell.kind == expr::Cell::Kind::Null   ? ":-"
                                                           : ":" + std::to_string(cell.integer);
        }
    }
    return out;
}

TEST(CustomerFactsTest, AnswersByIdAndFollowsNewNames) {
    expr::Symbols symbols;
    symbols.traits = {"orders.count", "plan", "address.city"};
    symbols.event_sets = {{{"Order Completed"}, {"revenue", "order_id"}},
                          {{"cart.*"}, {}},
                          {{"*"}, {"revenue", "missing"}}};
    Story story;
    story.customers.plan_fields({symbols.event_sets});
    Binding binding(symbols);
    story.tell("2025-01-03 Order_Completed order_id=a revenue=5");
    const Answers facts(story.customers, binding, 0, {0}, utc_zone());
    EXPECT_EQ(to_json(facts.trait(1)), "null");
    EXPECT_EQ(show(facts.events(1)), "");
    story.tell(R"(
        2025-01-04 Identified plan=gold address.city=Bonn
        2025-01-02 cart.opened
        2025-01-01 Order_Completed order_id=b revenue=2.5
        2025-01-02 cart.closed)");
    EXPECT_EQ(to_json(facts.trait(0)), "2");
    EXPECT_EQ(to_json(facts.trait(1)), R"("gold")");
    EXPECT_EQ(to_json(facts.trait(2)), R"("Bonn")");
    EXPECT_EQ(show(facts.events(0)), "01:2.5:b 03:5:a");
    EXPECT_EQ(show(facts.events(1)), "02 02");
    EXPECT_EQ(show(facts.events(2)), "01:2.5:- 02:-:- 02:-:- 03:5:- 04:-:-");
}

TEST(CustomersTest, WideningThePlanReloadsFields) {
    Story story;
    const event::Event e = story.read("2025-01-03 Viewed colour=red size=3");
    story.apply(e);
    const FieldPlan wide{{{{"Viewed"}, {"size", "colour"}}}};
    story.customers.plan_fields(wide);
    EXPECT_TRUE(covers(story.customers.fields(), wide));
    expr::Symbols symbols;
    symbols.event_sets = wide.sets;
    Binding binding(symbols);
    const auto told = [&] {
        return show(Answers(story.customers, binding, 0, {0}, utc_zone()).events(0));
    };
    EXPECT_EQ(told(), "03:-:-");
    story.customers.clear_histories();
    story.customers.reload_event(0, e);
    EXPECT_EQ(told(), "03:3:red");
    story.customers.clear_histories();
    EXPECT_TRUE(story.customers.load_history(0, event::encode(e)).has_value());
    story.customers.finish_histories();
    EXPECT_EQ(told(), "03:3:red");
}

TEST(CustomersTest, LoadedHistoriesAreSortedOnceEachAndBounded) {
    Customers loaded;
    Customers reloaded;
    event::Event e;
    e.user_id = "abuser";
    e.name = "Viewed";
    const CustomerIndex customer = loaded.find_or_add(e.user_id);
    reloaded.find_or_add(e.user_id);
    const std::int64_t count = std::int64_t{events_per_name_max} * 5 / 2;
    for (std::int64_t i = 0; i < count; ++i) {
        e.message_id = std::to_string(i / 2);  // Each comes twice.
        e.time = {i / 2 * 7919 % 60'000};
        EXPECT_TRUE(loaded.load_history(customer, event::encode(e)).has_value());
        reloaded.reload_event(customer, e);
    }
    loaded.finish_histories();
    EXPECT_EQ(loaded.fingerprint(), reloaded.fingerprint());
    EXPECT_EQ(loaded.event_times(customer, "Viewed").size(), events_per_name_max);
    EXPECT_FALSE(loaded.load_history(customer, "damaged").has_value());
}

TEST(CustomersTest, RemembersManyMessageIdsExactly) {
    Customers customers;
    constexpr int count = 300'000;  // Enough for several rounds of packing.
    const Timestamp day = Timestamp{} + days(100);
    for (int i = 0; i < count; ++i) {
        customers.load_remembered(hash64("loaded" + std::to_string(i)), i % 2 == 0 ? 99 : 100);
    }
    customers.finish_load();
    for (int i = 0; i < count; ++i) {
        ASSERT_TRUE(customers.remember(std::to_string(i), day));
    }
    for (int i = 0; i < count; ++i) {
        ASSERT_FALSE(customers.remember(std::to_string(i), day));
        ASSERT_FALSE(customers.remember("loaded" + std::to_string(i), day));
    }
}

}  // namespace
}  // namespace winback::customer

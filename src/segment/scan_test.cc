#include "segment/scan.h"

#include <random>

#include <gtest/gtest.h>

#include "customer/facts.h"
#include "customer/marks.h"

// A scan must say of every customer what expr::evaluate says, whatever the condition and however
// the events came.
namespace winback::segment {
namespace {

using customer::Customers;
using customer::is_marked;

constexpr Timestamp asked_at{1'774'753'261'123};  // 29 March 2026, a day on which clocks change.

class Chance {
public:
    explicit Chance(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    bool once_in(std::size_t n) { return below(n) == 0; }
    std::string pick(const std::vector<std::string>& items) { return items[below(items.size())]; }
    std::string quoted(const std::vector<std::string>& items) { return "\"" + pick(items) + "\""; }

private:
    std::mt19937 engine_;
};

const std::vector<std::string> spans{"1d", "3d", "30d", "1mo", "36h", "2mo", "1mo3d", "45m", "2w"};
const std::vector<std::string> fields{"x", "cat", "flag", "mixed", "id", "due", "never", "list"};
const std::vector<std::string> relations{"<", "<=", ">", ">=", "==", "!="};

// Random conditions ------------------------------------------------------------------------

std::string constant(Chance& chance) {
    return chance.pick({"3", "2.5", "-1", "0", "null", "true", "\"toys\"", "\"b\"", "1e300", "4u",
                        "50", "9223372036854775807", "0.07"});
}

std::string names(Chance& chance) {
    return "ev(" +
           chance.pick({"\"a\"", "\"b\"", "\"cart.*\"", "\"*\"", "[\"a\", \"cart.x\"]",
                        "\"unknown\"", "\"rare\""}) +
           ")";
}

std::string predicate(Chance& chance) {
    const std::string field = "e." + chance.pick(fields);
    switch (chance.below(16)) {
        case 12:
            return constant(chance) + " in e." + chance.pick({"list", "mixed"});
        case 13:
            return "e.list.exists(x, x == " + constant(chance) + ")";
        case 14:
            return "e.list.size() > " + std::to_string(chance.below(4));
        case 15:
            return "e.mixed.all(x, x.price < 3.0 || x.sku == \"b\")";
        case 0:
            return constant(chance) + " " + chance.pick(relations) + " " + field;
        case 1:
            return "e.flag";
        case 2:
            return "!e.flag";
        case 3:
            return "e.due < ago(" + chance.quoted(spans) + ")";
        case 4:
            return field + " in [1, 2.0, \"toys\", null]";
        case 5:
            return "has(" + field + ")";
        case 6:
            return field + ".startsWith(\"t\")";
        case 7:
            return field + ".matches(\"o+\")";
        case 8:
            return "e.x > 1 ? e.flag : e.cat == \"toys\"";
        case 9:
            return "e.x > e.mixed";  // General.
        default:
            return field + " " + chance.pick(relations) + " " + constant(chance);
    }
}

std::string narrowing(Chance& chance) {
    const std::string span = chance.quoted(spans);
    switch (chance.below(13)) {
        case 0:
        case 1:
        case 2:
            return ".within(" + span + ")";
        case 3:
            return ".between(ago(" + span + "), ago(" + chance.quoted(spans) + "))";
        case 4:
            return ".since(ago(" + span + "))";
        case 5:
            return ".before(ago(" + span + "))";
        case 6:
            return ".since(timestamp(\"2026-03-01T00:00:00Z\"))";
        case 7:
            return ".where(e, " + predicate(chance) + ")";
        case 8:
            return ".where(e, " + predicate(chance) + chance.pick({" && ", " || "}) +
                   predicate(chance) + ")";
        case 9:
            return ".then(" + chance.quoted({"b", "*", "cart.*"}) + ", " + span + ")";
        case 10:
            return ".since(user.joined)";  // General.
        default:
            return "";
    }
}

std::string events(Chance& chance) {
    return names(chance) + narrowing(chance) + narrowing(chance);
}

std::string trait(Chance& chance) {
    return "user." +
           chance.pick({"plan", "points", "joined", "country", "language", "timezone",
                        "orders.count", "orders.revenue", "first_seen", "last_seen", "orders.gap",
                        "address.city", "absent", "note", "vip", "mix", "late_list"});
}

std::string event_atom(Chance& chance) {
    const std::string field = chance.quoted(fields);
    const std::string relation = " " + chance.pick(relations) + " ";
    const std::string few = std::to_string(chance.below(4));
    const std::string span = "dur(" + chance.quoted(spans) + ")";
    const std::string some = events(chance);
    switch (chance.below(17)) {
        case 0:
            return some + ".any()";
        case 1:
            return some + ".none()";
        case 2:
        case 3:
            return some + ".count()" + relation + few;
        case 4:
            return some + ".sum(" + field + ")" + relation + "7.0";
        case 5:
            return some + ".sum(\"x\")" + relation + events(chance) + ".sum(\"x\") * 0.5";
        case 6:
            return some + ".avg(" + field + ")" + relation + "2.5";
        case 7:
            return some + chance.pick({".min(", ".max("}) + field + ")" + relation +
                   constant(chance);
        case 8:
            return some + ".distinct(" + field + ")" + relation + few;
        case 9:
            return some + ".since_last()" + relation + span;
        case 10:
            return some + ".since_last()" + relation + some +
                   chance.pick({".median_gap()", ".mean_gap()"}) + " * 2";
        case 11:
            return some + chance.pick({".first_time()", ".last_time()"}) + relation + "ago(" +
                   chance.quoted(spans) + ")";
        case 12:
            return some + ".days_active()" + relation + few;
        case 13:
            return some + chance.pick({".first(", ".last("}) + field + ")" + relation +
                   constant(chance);
        case 14:
            return some + ".last_time_or(epoch)" + relation + "ago(" + chance.quoted(spans) + ")";
        case 15:
            return some + ".last(\"cat\").contains(\"oy\")";
        default:
            return some + ".count()" + relation + "user.points";
    }
}

std::string other_atom(Chance& chance) {
    const std::string relation = " " + chance.pick(relations) + " ";
    switch (chance.below(16)) {
        case 0:
            return trait(chance) + relation + constant(chance);
        case 14:
            return chance.pick({"[\"a\"] + [\"b\"] == [\"a\", \"b\"]", "b\"a\" + b\"b\" == b\"ab\"",
                                "user.plan in [\"gold\"] + [\"basic\"]", "\"a\" + \"b\" == \"ab\"",
                                "[1] + [2] != [1, 2] + [3]"});
        case 1:
            return constant(chance) + relation + trait(chance);
        case 2:
            return "user.country == \"TR\"";
        case 3:
            return "user.joined" + relation + "ago(" + chance.quoted(spans) + ")";
        case 4:
            return "now - user.joined" + relation + "dur(" + chance.quoted(spans) + ")";
        case 5:
            return "consent(\"email\")" + relation + "\"granted\"";
        case 6:
            return "in_segment(\"some\")";
        case 7:
            return "score(\"p\")" + relation + "0.5";
        case 8:
            return "sent(\"*\").within(\"30d\").count()" + relation + "1";
        case 9:
            return "\"vip\" in user.marks";
        case 10:
            return "user.marks.exists(m, m == \"vip\")";
        case 11:
            return trait(chance) + " in [\"TR\", \"gold\", 3, 50]";
        case 12:
            return "has(" + trait(chance) + ")";
        case 13:
            return "user.points * 2 + 1" + relation + "user.orders.revenue";
        default:
            return "user.vip";
    }
}

std::string atom(Chance& chance) {
    return chance.below(3) == 0 ? other_atom(chance) : event_atom(chance);
}

std::string condition(Chance& chance) {
    std::string text = atom(chance);
    while (chance.once_in(2)) {
        const std::string joined = chance.pick({" && ", " || ", " && "});
        const std::string other = (chance.once_in(4) ? "!(" : "(") + atom(chance) + ")";
        text = chance.once_in(12) ? "(" + text + ") ? " + other + " : (" + atom(chance) + ")"
                                  : "(" + text + ")" + joined + other;
    }
    return text;
}

// Random customers -------------------------------------------------------------------------

Value property(Chance& chance, const std::string& field, bool mixes) {
    const auto few = static_cast<std::int64_t>(chance.below(6));
    if (field == "x") {
        return mixes && chance.once_in(3) ? Value(static_cast<double>(few) + 0.07) : Value(few);
    }
    if (field == "cat") {
        return chance.pick({"toys", "books", "tea"});
    }
    if (field == "flag") {
        return few % 2 == 0;
    }
    if (field == "id") {
        return "order number " + std::to_string(chance.below(400));
    }
    if (field == "due") {
        return asked_at - days(few * 9) + hours(static_cast<std::int64_t>(chance.below(20)));
    }
    if (field == "list" || chance.once_in(6)) {
        ValueMap product;
        product.set("sku", chance.pick({"a", "b"}));
        product.set("price", few);
        return few == 0   ? Value(std::move(product))
               : few == 1 ? Value(ValueList{})
               : few == 2 ? Value(ValueList{Value(std::move(product))})
                          : Value(ValueList{chance.pick({"toys", "b"}), few, "toys"});
    }
    const std::vector<Value> all{few,      0.1 * static_cast<double>(few),         "text", true,
                                 asked_at, std::int64_t{9'223'372'036'854'775'807}};
    return all[chance.below(all.size())];
}

event::Event event_of(Chance& chance, const std::string& id, std::size_t number, bool mixes) {
    event::Event event;
    event.name =
        chance.once_in(900) ? "rare" : chance.pick({"a", "a", "a", "b", "cart.x", "cart.y"});
    event.user_id = id;
    event.message_id = "m" + std::to_string(number);
    event.surface = event::Surface::Web;
    // Few moments, so that many events share one; some are still to come.
    event.time = asked_at - hours(static_cast<std::int64_t>(chance.below(100 * 12)) * 2 - 48);
    if (chance.once_in(40)) {
        event.time = asked_at;
    }
    for (const std::string& field : fields) {
        if (field != "never" && !chance.once_in(5)) {
            event.properties.set(field, property(chance, field, mixes));
        }
    }
    return event;
}

event::Event identity_of(Chance& chance, const std::string& id) {
    event::Event event;
    event.kind = event::EventKind::Identify;
    event.name = event::kept_name(event.kind);
    event.user_id = id;
    event.message_id = id + "-who";
    event.time = asked_at - days(90);
    const auto set = [&](const std::string& name, Value value) {
        if (!chance.once_in(4)) {
            event.properties.set(name, std::move(value));
        }
    };
    set("plan", chance.pick({"none", "silver", "gold"}));
    set("points", chance.once_in(2) ? Value(static_cast<std::int64_t>(chance.below(60)))
                                    : Value(static_cast<double>(chance.below(6)) / 2));
    set("joined", "2026-0" + std::to_string(1 + chance.below(4)) + "-15T12:00:00Z");
    set("birthday", "1990-01-01");
    set("country", chance.pick({"TR", "DE", ""}));
    set("language", chance.pick({"tr-TR", "EN", "??"}));
    set("locale", chance.pick({"fa_IR", "de-AT"}));
    set("timezone", chance.pick({"Asia/Tehran", "Europe/London"}));
    set("note", "free text " + id);
    set("mix", chance.once_in(3)   ? Value(static_cast<std::int64_t>(chance.below(60)))
               : chance.once_in(2) ? Value(chance.pick({"3", "gold", "b"}))
                                   : Value(chance.once_in(2)));
    if (chance.once_in(2)) {
        set("late_list", chance.once_in(9) ? Value(ValueList{"gold", 3}) : Value("gold"));
    }
    set("vip", chance.once_in(2));
    set("marks", ValueList{chance.pick({"vip", "late"}), "other"});
    ValueMap address;
    address.set("city", chance.pick({"Bursa", "Ankara"}));
    set("address", std::move(address));
    ValueMap consent;
    consent.set("email", chance.pick({"granted", "denied"}));
    set("consent", std::move(consent));
    return event;
}

class Facts : public customer::CustomerFacts {
public:
    Facts(const Customers& customers,
          customer::Binding& binding,
          CustomerIndex customer,
          const Zone& zone)
        : CustomerFacts(customers, binding, customer, asked_at, zone) {
        for (CustomerIndex i = 0; i < customer % 4; ++i) {
            sent_.push_back(asked_at - days(20 * (i + 1)));
        }
        std::reverse(sent_.begin(), sent_.end());
    }
    std::span<const Timestamp> sent(std::string_view) const override { return sent_; }
    bool in_segment(expr::SegmentId) const override { return customer() % 3 == 0; }
    Value score(expr::ScoreId) const override {
        return customer() % 5 == 0 ? Value() : Value(static_cast<double>(customer() % 7) / 7);
    }

private:
    std::vector<Timestamp> sent_;
};

struct World {
    Customers customers;
    const Zone& zone;
};

World world_of(Chance& chance, const expr::Symbols& symbols) {
    const bool mixes = chance.once_in(2);
    World world{{},
                *find_zone(chance.pick({"Europe/London", "America/New_York", "Asia/Tehran",
                                        "Etc/UTC", "America/St_Johns"}))
                     .value()};
    Customers& customers = world.customers;
    customers.plan_fields({.sets = symbols.event_sets});
    const std::size_t people = 1 + chance.below(chance.once_in(4) ? 2200 : 300);
    const auto id_of = [](std::size_t n) { return "c" + std::to_string(n); };
    for (std::size_t n = 0; n < people; ++n) {
        const CustomerIndex c = customers.find_or_add(id_of(n));
        if (!chance.once_in(10)) {
            customers.apply(c, identity_of(chance, id_of(n)), asked_at);
        }
    }
    const std::size_t count = chance.below(9'000);
    const auto present = [&](std::size_t n) {
        const CustomerIndex c = *customers.find(id_of(n));
        return customers.merged_into(c).empty() && !customers.erased(c);
    };
    for (std::size_t i = 0; i < count; ++i) {
        // Some do much more than others.
        const std::size_t n = chance.below(1 + chance.below(people));
        if (present(n)) {
            customers.apply(*customers.find(id_of(n)), event_of(chance, id_of(n), i, mixes),
                            asked_at);
        }
        const std::size_t other = chance.below(people);
        if (chance.once_in(200) && n != other && present(n) && present(other)) {
            const std::string payload = customers.take_out(*customers.find(id_of(other)), id_of(n));
            EXPECT_TRUE(customers.absorb(*customers.find(id_of(n)), payload));
        } else if (chance.once_in(400) && present(other)) {
            customers.erase(*customers.find(id_of(other)));
        }
    }
    return world;
}

class Evaluated : public OtherFacts {
public:
    Evaluated(const World& world,
              const expr::Condition& condition,
              const expr::Symbols& symbols,
              expr::Interrupt* interrupt = nullptr)
        : world_(world), condition_(condition), binding_(symbols), interrupt_(interrupt) {}
    bool holds_now(CustomerIndex customer, std::uint32_t instruction) override {
        return expr::holds_now(condition_, instruction, facts(customer), interrupt_);
    }
    bool holds(CustomerIndex customer) override {
        return expr::evaluate(condition_, facts(customer), interrupt_).holds;
    }
    bool in_segment(CustomerIndex customer, expr::SegmentId segment) override {
        return facts(customer).in_segment(segment);
    }

private:
    Facts facts(CustomerIndex customer) {
        return {world_.customers, binding_, customer, world_.zone};
    }
    const World& world_;
    const expr::Condition& condition_;
    customer::Binding binding_;
    expr::Interrupt* interrupt_;
};

// Gives up when it is asked for the n-th time.
class GivesUpAt : public expr::Interrupt {
public:
    explicit GivesUpAt(std::uint32_t number) : Interrupt(~std::uint64_t{0}), left_(number) {}

private:
    bool is_due() override { return left_-- <= 1; }

    std::uint32_t left_;
};

// The answers for [from, to), asked of half as many where it was given up. Says how often it was.
int narrow_piecemeal(const World& world,
                     const expr::Condition& condition,
                     const expr::Symbols& symbols,
                     CustomerIndex from,
                     CustomerIndex to,
                     std::vector<bool>& answers) {
    GivesUpAt interrupt(to - from > 1 ? 2 : ~0U);
    Evaluated evaluated(world, condition, symbols, &interrupt);
    Scan scan(condition, symbols, world.customers, asked_at, world.zone, evaluated, &interrupt);
    std::vector<std::uint64_t> marks = world.customers.present(from, to);
    scan.narrow(from, marks);
    if (!interrupt.given_up()) {
        for (CustomerIndex c = from; c < to; ++c) {
            answers.push_back(is_marked(marks, c - from));
        }
        return 0;
    }
    const CustomerIndex half = from + (to - from) / 2;
    return 1 + narrow_piecemeal(world, condition, symbols, from, half, answers) +
           narrow_piecemeal(world, condition, symbols, half, to, answers);
}

std::vector<std::uint64_t> everybody(std::size_t count) {
    std::vector<std::uint64_t> marks((count + 63) / 64, ~std::uint64_t{0});
    marks.back() >>= (64 - count % 64) % 64;
    return marks;
}

class ScanTest : public ::testing::TestWithParam<std::uint32_t> {};

std::vector<expr::Condition> conditions_of(Chance& chance, expr::Symbols& symbols) {
    expr::Schema schema;
    schema.traits = {{"vip", ValueType::Bool}};
    schema.other_traits = true;
    std::vector<expr::Condition> conditions;
    while (conditions.size() < 150) {
        const std::string text = condition(chance);
        expr::Compiled compiled = expr::compile(text, schema, symbols);
        if (compiled.condition.has_value()) {  // Some compare what can never be compared.
            conditions.push_back(*std::move(compiled.condition));
        }
    }
    return conditions;
}

TEST_P(ScanTest, SaysTheSameWhereItIsGivenUpAndAskedAgain) {
    Chance chance(GetParam());
    expr::Symbols symbols;
    const std::vector<expr::Condition> conditions = conditions_of(chance, symbols);
    const World world = world_of(chance, symbols);
    const auto size = static_cast<CustomerIndex>(world.customers.size());
    int given_up = 0;
    for (const expr::Condition& one : conditions) {
        Evaluated evaluated(world, one, symbols);
        std::vector<bool> answers;
        given_up += narrow_piecemeal(world, one, symbols, 0, size, answers);
        const std::vector<std::uint64_t> present = world.customers.present(0, size);
        for (CustomerIndex c = 0; c < size; ++c) {
            ASSERT_EQ(answers[c], is_marked(present, c) && evaluated.holds(c))
                << "customer " << c << " of " << size << ": " << one.text;
        }
    }
    RecordProperty("given_up", given_up);
    EXPECT_TRUE(given_up > 0 || size < 100);
}

TEST_P(ScanTest, SaysWhatEvaluatingSays) {
    Chance chance(GetParam());
    expr::Symbols symbols;
    const std::vector<expr::Condition> conditions = conditions_of(chance, symbols);
    const World world = world_of(chance, symbols);
    const auto size = static_cast<CustomerIndex>(world.customers.size());
    std::size_t held = 0;
    for (const expr::Condition& one : conditions) {
        Evaluated evaluated(world, one, symbols);
        Scan scan(one, symbols, world.customers, asked_at, world.zone, evaluated);
        std::vector<std::uint64_t> marks = world.customers.present(0, size);
        if (chance.once_in(2)) {  // Also of who is gone nothing is left.
            marks = everybody(size);
        }
        const std::vector<std::uint64_t> asked = marks;
        // Slices begin anywhere.
        const auto half = static_cast<CustomerIndex>(chance.below(size + std::size_t{1}));
        std::vector<std::uint64_t> later((size - half + 63) / 64);
        for (CustomerIndex c = half; c < size; ++c) {
            later[(c - half) / 64] |= std::uint64_t{is_marked(marks, c) ? 1U : 0U}
                                      << ((c - half) % 64);
        }
        scan.narrow(0, std::span(marks).first((half + 63) / 64));
        scan.narrow(half, later);
        for (CustomerIndex c = 0; c < size; ++c) {
            const bool expected = is_marked(asked, c) && evaluated.holds(c);
            held += expected ? 1 : 0;
            ASSERT_EQ(c < half ? is_marked(marks, c) : is_marked(later, c - half), expected)
                << "customer " << c << " of " << size << ": " << one.text;
        }
    }
    RecordProperty("held", static_cast<int>(held));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ScanTest, ::testing::Range(0U, 30U));

bool holds(World& world, const std::string& text, Timestamp moment) {
    expr::Symbols symbols;
    const expr::Compiled compiled = expr::compile(text, {}, symbols);
    EXPECT_TRUE(compiled.condition.has_value());
    Evaluated evaluated(world, *compiled.condition, symbols);
    std::vector<std::uint64_t> marks{1};
    Scan(*compiled.condition, symbols, world.customers, moment, world.zone, evaluated)
        .narrow(0, marks);
    return marks[0] == 1;
}

void happen(Customers& customers, const std::string& name, std::string_view time, Value x) {
    event::Event event;
    event.name = name;
    event.user_id = "ann";
    event.message_id = name + std::string(time);
    event.time = parse_iso8601(time).value();
    event.properties.set("x", std::move(x));
    customers.apply(customers.find_or_add("ann"), event, event.time);
}

TEST(Scan, EventsOfOneMomentStandInTheOrderOfNames) {
    World world{{}, utc_zone()};
    world.customers.plan_fields({.sets = {{.patterns = {"*"}, .fields = {"x"}}}});
    happen(world.customers, "b", "2026-03-01T00:00:00Z", std::int64_t{5});
    happen(world.customers, "a", "2026-03-01T00:00:00Z", "text");
    // What cannot be compared with the first is passed over.
    EXPECT_TRUE(holds(world, R"(ev("*").max("x") == "text")", asked_at));
    EXPECT_TRUE(holds(world, R"(ev("*").last("x") == 5)", asked_at));
    EXPECT_TRUE(holds(world, R"(ev("*").first("x") == "text")", asked_at));
}

// At 00:01 on 7 November 2010 the clocks of Newfoundland went back to 23:01 of the day before.
TEST(Scan, ADayThatComesAgainCountsOnce) {
    World world{{}, *find_zone("America/St_Johns").value()};
    happen(world.customers, "a", "2010-11-07T02:30:30Z", {});
    happen(world.customers, "b", "2010-11-07T02:50:00Z", {});
    const Timestamp later = parse_iso8601("2010-11-09T00:00:00Z").value();
    EXPECT_TRUE(holds(world, R"(ev("*").within("9d").days_active() == 1)", later));
    happen(world.customers, "b", "2010-11-05T12:00:00Z", {});
    EXPECT_TRUE(holds(world, R"(ev("*").within("9d").days_active() == 2)", later));
}

// Whoever has many long texts is asked of as a whole, as everywhere.
TEST(Scan, MeetsTheLimitsThatEvaluatingMeets) {
    World world{{}, utc_zone()};
    world.customers.plan_fields({.sets = {{.patterns = {"note"}, .fields = {"x"}}}});
    std::string text;
    for (std::size_t i = 0; i < 2'000; ++i) {
        text += i * i % 7 < 3 ? "ab" : "ba";
    }
    for (int n = 0; n < 300; ++n) {
        for (const std::string user : {"ann", "bob", "cat"}) {
            if (user != "ann" && n >= 3) {
                continue;
            }
            event::Event event;
            event.name = "note";
            event.user_id = user;
            event.message_id = user + std::to_string(n);
            event.time = asked_at - minutes(400 - n);
            event.properties.set("x", user == "cat" ? Value("ab") : Value(text));
            world.customers.apply(world.customers.find_or_add(user), event, event.time);
        }
    }
    expr::Symbols symbols;
    const auto holders = [&](const std::string& condition) {
        const expr::Compiled compiled = expr::compile(condition, {}, symbols);
        EXPECT_TRUE(compiled.condition.has_value());
        Evaluated evaluated(world, *compiled.condition, symbols);
        Scan scan(*compiled.condition, symbols, world.customers, asked_at, world.zone, evaluated);
        EXPECT_EQ(scan.general_parts(), 0U);
        std::vector<std::uint64_t> marks{7};
        scan.narrow(0, marks);
        std::string found;
        for (CustomerIndex c = 0; c < 3; ++c) {
            EXPECT_EQ(is_marked(marks, c), evaluated.holds(c)) << condition << " of " << c;
            found += is_marked(marks, c) ? world.customers.id(c).substr(0, 1) : "";
        }
        return found;
    };
    const std::string heavy = "ev(\"note\").where(e, e.x.matches(\"(a|b)*a(a|b){200}c\"))";
    EXPECT_EQ(holders(heavy + ".none()"), "bc");
    EXPECT_EQ(holders("!" + heavy + ".any()"), "bc");
    EXPECT_EQ(holders("ev(\"note\").where(e, e.x.matches(\"bb\")).any()"), "ab");
    EXPECT_EQ(holders("ev(\"note\").where(e, e.x.matches(\"^ab$\")).any()"), "c");
}

// Which forms have loops of their own: what is not among them works, but costs ten times as much.
TEST(Scan, LeavesLittleToTheGeneralEvaluator) {
    const std::vector<std::pair<std::string, std::size_t>> expected{
        {"user.country == \"TR\" && user.plan == \"gold\"", 0},
        {"ev(\"a\").within(\"90d\").count() >= 2", 0},
        {"ev(\"a\").within(\"30d\").any() && !ev(\"b\").within(\"90d\").none()", 0},
        {"ev(\"a\").where(e, e.x > 50 && e.cat == \"toys\").any()", 0},
        {"ev(\"a\").sum(\"x\") < ev(\"a\").between(ago(\"9d\"), ago(\"5d\")).sum(\"x\") * 0.5", 0},
        {"ev(\"a\").since_last() > ev(\"a\").median_gap() * 3", 0},
        {"ev(\"a\").then(\"b\", \"72h\").none()", 0},
        {"ev(\"*\").within(\"90d\").days_active() >= 10", 0},
        {"ev(\"a\").distinct(\"cat\") >= 5 || consent(\"email\") == \"granted\"", 0},
        {"now - user.joined > dur(\"30d\") && in_segment(\"some\")", 0},
        {"user.plan in [\"gold\", \"silver\"] && \"vip\" in user.marks", 0},
        {"score(\"p\") > 0.5 && ev(\"a\").any() || sent(\"*\").none()", 2},
        {"user.marks.exists(m, m == \"vip\") && ev(\"a\").any()", 1},
        {"ev(\"a\").where(e, e.cat.matches(\"o+\")).any() && user.plan == \"gold\"", 0},
        {"ev(\"a\").since(user.joined).any()", 1}};
    const World world{{}, utc_zone()};
    for (const auto& [text, general] : expected) {
        expr::Symbols symbols;
        const expr::Compiled compiled = expr::compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition.has_value()) << text;
        Evaluated evaluated(world, *compiled.condition, symbols);
        const Scan scan(*compiled.condition, symbols, world.customers, asked_at, world.zone,
                        evaluated);
        EXPECT_EQ(scan.general_parts(), general) << text;
    }
}

}  // namespace
}  // namespace winback::segment

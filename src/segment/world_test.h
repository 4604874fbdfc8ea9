// For tests: customers with events of all kinds, made by chance, and conditions that ask of them.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/prng.h"
#include "customer/facts.h"
#include "segment/scan.h"

namespace winback::segment {

using customer::Customers;

// 29 March 2026, a day on which clocks change.
inline constexpr Timestamp asked_at{1'774'753'261'123};

class Chance {
public:
    explicit Chance(std::uint32_t seed) : prng_(seed) {}
    std::size_t below(std::size_t n) { return prng_.below(n); }
    bool once_in(std::size_t n) { return below(n) == 0; }
    std::string pick(const std::vector<std::string>& items) { return items[below(items.size())]; }
    std::string quoted(const std::vector<std::string>& items) { return "\"" + pick(items) + "\""; }

private:
    Prng prng_;
};

inline const std::vector<std::string> spans{"1d",  "3d",    "30d", "1mo", "36h",
                                            "2mo", "1mo3d", "45m", "2w"};
inline const std::vector<std::string> fields{"x",  "cat", "flag",  "mixed",
                                             "id", "due", "never", "list"};
inline const std::vector<std::string> relations{"<", "<=", ">", ">=", "==", "!="};

// Random conditions ------------------------------------------------------------------------

inline std::string constant(Chance& chance) {
    return chance.pick({"3", "2.5", "-1", "0", "null", "true", "\"toys\"", "\"b\"", "1e300", "4u",
                        "50", "9223372036854775807", "0.07"});
}

inline std::string names(Chance& chance) {
    return "ev(" +
           chance.pick({"\"a\"", "\"b\"", "\"cart.*\"", "\"*\"", "[\"a\", \"cart.x\"]",
                        "\"unknown\"", "\"rare\""}) +
           ")";
}

inline std::string predicate(Chance& chance) {
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

inline std::string narrowing(Chance& chance) {
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

inline std::string events(Chance& chance) {
    return names(chance) + narrowing(chance) + narrowing(chance);
}

inline std::string trait(Chance& chance) {
    return "user." +
           chance.pick({"plan", "points", "joined", "country", "language", "timezone",
                        "orders.count", "orders.revenue", "first_seen", "last_seen", "orders.gap",
                        "address.city", "absent", "note", "vip", "mix", "late_list"});
}

inline std::string event_atom(Chance& chance) {
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

inline std::string other_atom(Chance& chance) {
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

inline std::string atom(Chance& chance) {
    return chance.below(3) == 0 ? other_atom(chance) : event_atom(chance);
}

inline std::string condition(Chance& chance) {
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

inline Value property(Chance& chance, const std::string& field, bool mixes) {
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

inline event::Event event_of(Chance& chance,
                             const std::string& id,
                             std::size_t number,
                             bool mixes) {
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

inline event::Event identity_of(Chance& chance, const std::string& id) {
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

inline World world_of(Chance& chance, const expr::Symbols& symbols) {
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

inline std::vector<expr::Condition> conditions_of(Chance& chance, expr::Symbols& symbols) {
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

}  // namespace winback::segment

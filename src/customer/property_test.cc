// Random events in random order against an obvious model: a list of events per customer.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "customer/customers.h"
#include "customer/limits.h"
#include "event/names.h"

namespace winback::customer {
namespace {

using event::Event;

// What arrived for one customer, without repetitions, in order of time and arrival.
class Model {
public:
    void add(const Event& e) {
        const auto same = [&](const Event& o) {
            return o.name == e.name && o.time == e.time && o.message_id == e.message_id;
        };
        if (std::none_of(events_.begin(), events_.end(), same)) {
            const auto later =
                std::upper_bound(events_.begin(), events_.end(), e,
                                 [](const Event& a, const Event& b) { return a.time < b.time; });
            events_.insert(later, e);
        }
    }
    const std::vector<Event>& events() const { return events_; }

    std::vector<Timestamp> times(std::string_view name) const {
        std::vector<Timestamp> list;
        for (const Event& e : events_) {
            if (e.name == name) {
                list.push_back(e.time);
            }
        }
        return list;
    }

    Orders orders() const {
        Orders sum;
        std::set<std::string> ids;
        std::map<std::string, double> revenue_by_id;
        std::set<std::int64_t> order_days;
        for (const Event& e : events_) {
            const std::string id = text(e, "order_id");
            if (e.name != event::order_completed || (!id.empty() && !ids.insert(id).second)) {
                continue;
            }
            revenue_by_id[id] = id.empty() ? 0 : number(e, "revenue");
            sum.first = sum.count == 0 ? e.time : sum.first;
            sum.last = e.time;
            ++sum.count;
            sum.revenue = sum.revenue + micros_from_double(number(e, "revenue"));
            if (e.properties.find("margin") != nullptr) {
                sum.margin =
                    sum.margin.value_or(Micros{}) + micros_from_double(number(e, "margin"));
            }
            order_days.insert(e.time.ms / 86'400'000);
        }
        sum.days = static_cast<std::uint32_t>(order_days.size());
        for (const Event& e : events_) {
            if (e.name == event::order_refunded) {
                ++sum.refund_count;
                sum.refunded =
                    sum.refunded + micros_from_double(e.properties.find("total") != nullptr
                                                          ? number(e, "total")
                                                          : revenue_by_id[text(e, "order_id")]);
            }
        }
        return sum;
    }

    std::vector<expr::ConsentChange> consents() const {
        std::vector<expr::ConsentChange> all;
        for (const Event& e : events_) {
            if (e.name == event::consent_changed) {
                const bool granted = text(e, "state") == "granted";
                all.push_back({granted ? expr::ConsentState::Granted : expr::ConsentState::Denied,
                               e.time, "s"});
            }
        }
        std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
            return a.time != b.time ? a.time < b.time : a.state < b.state;
        });
        std::vector<expr::ConsentChange> changes;
        for (const expr::ConsentChange& change : all) {
            if (changes.empty() || changes.back().state != change.state) {
                changes.push_back(change);
            }
        }
        return changes;
    }

    static std::string text(const Event& e, std::string_view field) {
        const Value* value = e.properties.find(field);
        return value == nullptr || value->as_string() == nullptr ? "" : *value->as_string();
    }
    static double number(const Event& e, std::string_view field) {
        const Value* value = e.properties.find(field);
        return value == nullptr ? 0 : value->number_or(0);
    }

private:
    std::vector<Event> events_;
};

class World {
public:
    explicit World(unsigned seed) : random_(seed) {}

    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

    Event make() {
        static const std::vector<std::string> names{"Page Viewed",    "Order Completed",
                                                    "Order Refunded", "Consent Changed",
                                                    "cart.a",         "cart.b"};
        Event e;
        e.name = names[static_cast<std::size_t>(below(6))];
        // Few moments, so that many events share one.
        e.time = {std::int64_t{1'700'000'000'000} + std::int64_t{below(300)} * 10'000'000};
        e.user_id = "c" + std::to_string(below(customer_count));
        e.message_id = "m" + std::to_string(below(1'000'000));
        e.surface = static_cast<event::Surface>(below(4));
        if (e.name == event::order_completed || e.name == event::order_refunded) {
            if (below(4) != 0) {
                e.properties.set("order_id", "o" + std::to_string(below(20)));
            }
            add_amount(e, e.name == event::order_completed ? "revenue" : "total");
        } else if (e.name == event::consent_changed) {
            e.properties.set("channel", "email");
            e.properties.set("state", below(2) == 0 ? "granted" : "denied");
            e.properties.set("source", "s");
        }
        return e;
    }

    void add_amount(Event& e, const std::string& field) {
        if (below(5) == 0) {
            return;
        }
        if (below(2) == 0) {
            e.properties.set(field, Value(std::int64_t{below(100)}));
        } else {
            e.properties.set(field, Value(below(10'000) / 100.0));
        }
        if (field == "revenue" && below(3) == 0) {
            e.properties.set("margin", Value(std::int64_t{below(50)}));
        }
    }

    // Some events come twice.
    std::vector<Event> make_many(int count) {
        std::vector<Event> events;
        for (int i = 0; i < count; ++i) {
            const bool again = !events.empty() && below(10) == 0;
            events.push_back(
                again ? events[static_cast<std::size_t>(below(static_cast<int>(events.size())))]
                      : make());
        }
        return events;
    }

    static constexpr int customer_count = 40;

private:
    std::mt19937 random_;
};

void take(Customers& customers, const Event& e) {
    customers.apply(customers.find_or_add(e.user_id), e, e.time);
}

void expect_same_facts(const Customers& customers, CustomerIndex customer, const Model& model) {
    for (const std::string name : {"Page Viewed", "Order Completed", "Order Refunded", "cart.a"}) {
        EXPECT_EQ(customers.event_times(customer, name), model.times(name));
    }
    const Orders mine = customers.orders(customer);
    const Orders theirs = model.orders();
    EXPECT_EQ(mine.count, theirs.count);
    EXPECT_EQ(mine.days, theirs.days);
    EXPECT_EQ(mine.revenue, theirs.revenue);
    EXPECT_EQ(mine.margin, theirs.margin);
    EXPECT_EQ(mine.first, theirs.first);
    EXPECT_EQ(mine.last, theirs.last);
    EXPECT_EQ(mine.refund_count, theirs.refund_count);
    EXPECT_EQ(mine.refunded, theirs.refunded);
    EXPECT_EQ(customers.order_days(customer).size(), theirs.days);
    EXPECT_EQ(customers.first_seen(customer), model.events().front().time);
    EXPECT_EQ(customers.last_seen(customer), model.events().back().time);
    const auto changes = customers.consent_changes(customer, Channel::Email);
    const auto expected = model.consents();
    ASSERT_EQ(changes.size(), expected.size());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(changes[i].state, expected[i].state);
        EXPECT_EQ(changes[i].time, expected[i].time);
    }
}

// What a host does at a start: rows first, then events in order of customer and time.
Customers restart(const Customers& live, const std::map<std::string, Model>& models) {
    Customers fresh;
    for (const auto& [id, model] : models) {
        std::string bytes;
        ByteWriter writer(bytes);
        live.encode_row(*live.find(id), writer);
        ByteReader reader(bytes);
        const Result<CustomerIndex> loaded = fresh.load_row(id, reader);
        EXPECT_TRUE(loaded && reader.finished());
        for (const Event& e : model.events()) {
            fresh.reload_event(*loaded, e);
        }
    }
    return fresh;
}

// The same, many at once: in order of customers or not, and some of the events twice.
Customers bulk_restart(const Customers& live,
                       const std::map<std::string, Model>& models,
                       bool in_order) {
    Customers fresh;
    for (const auto& [id, model] : models) {
        std::string bytes;
        ByteWriter writer(bytes);
        live.encode_row(*live.find(id), writer);
        ByteReader reader(bytes);
        EXPECT_TRUE(fresh.load_row(id, reader).has_value());
    }
    std::vector<std::string> ids;
    for (const auto& [id, model] : models) {
        ids.push_back(id);
    }
    if (!in_order) {
        std::reverse(ids.begin(), ids.end());
        ids.push_back(ids.front());
    }
    for (const std::string& id : ids) {
        for (const Event& e : models.at(id).events()) {
            EXPECT_TRUE(fresh.load_history(*fresh.find(id), event::encode(e)).has_value());
        }
    }
    fresh.finish_histories();
    fresh.finish_load();
    return fresh;
}

class PropertyTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(PropertyTest, AgreesWithTheObviousModelAndSurvivesARestart) {
    World world(GetParam());
    Customers customers;
    std::map<std::string, Model> models;
    // More than a tail holds, so that merges happen in between.
    for (const Event& e : world.make_many(12'000)) {
        take(customers, e);
        models[e.user_id].add(e);
    }
    for (const auto& [id, model] : models) {
        expect_same_facts(customers, *customers.find(id), model);
    }
    const Customers fresh = restart(customers, models);
    EXPECT_EQ(fresh.fingerprint(), customers.fingerprint());
    for (const bool in_order : {true, false}) {
        Customers bulk = bulk_restart(customers, models, in_order);
        EXPECT_EQ(bulk.fingerprint(), customers.fingerprint());
        // What comes after a load is added to it.
        Customers more = restart(customers, models);
        for (const Event& e : world.make_many(3'000)) {
            take(bulk, e);
            take(more, e);
        }
        EXPECT_EQ(bulk.fingerprint(), more.fingerprint());
    }
}

TEST_P(PropertyTest, OrderOfArrivalDoesNotMatterBetweenMoments) {
    World world(GetParam());
    std::vector<Event> events = world.make_many(3'000);
    // One event per moment and customer: those of one moment stay in order of arrival.
    std::set<std::pair<std::string, std::int64_t>> moments;
    std::vector<Event> distinct;
    for (const Event& e : events) {
        if (moments.insert({e.user_id, e.time.ms}).second) {
            distinct.push_back(e);
        }
    }
    Customers forwards;
    Customers backwards;
    for (std::size_t i = 0; i < distinct.size(); ++i) {
        take(forwards, distinct[i]);
        take(backwards, distinct[distinct.size() - 1 - i]);
    }
    EXPECT_EQ(forwards.fingerprint(), backwards.fingerprint());
}

TEST_P(PropertyTest, AbsorbingEqualsApplyingTheUnion) {
    World world(GetParam());
    Customers here;
    Customers there;
    Model both;
    for (const Event& made : world.make_many(400)) {
        Event e = made;
        const bool guest = world.below(2) == 0;
        const bool copied = world.below(10) == 0;
        e.user_id = guest ? "guest" : "ann";
        take(guest ? there : here, e);
        if (copied) {
            take(guest ? here : there, e);
        }
        both.add(e);
    }
    const std::string payload = there.take_out(*there.find("guest"), "ann");
    const CustomerIndex ann = here.find_or_add("ann");
    ASSERT_TRUE(here.absorb(ann, payload));
    // Events of one moment come in another order than they arrived, which orders with one id
    // could tell; the model sorts them as absorbing does.
    const auto names = {"Page Viewed", "Order Completed", "Order Refunded", "cart.b"};
    for (const std::string name : names) {
        EXPECT_EQ(here.event_times(ann, name), both.times(name));
    }
    EXPECT_EQ(here.orders(ann).count, both.orders().count);
    EXPECT_EQ(here.orders(ann).days, both.orders().days);
    EXPECT_EQ(here.orders(ann).refund_count, both.orders().refund_count);
    EXPECT_EQ(here.first_seen(ann), both.events().front().time);
    EXPECT_EQ(here.last_seen(ann), both.events().back().time);
    EXPECT_EQ(here.consent(ann, Channel::Email).state, both.consents().back().state);
    EXPECT_EQ(here.absorbed_ids(ann), std::vector<std::string>{"guest"});
    EXPECT_EQ(there.merged_into(*there.find("guest")), "ann");
    EXPECT_TRUE(there.event_times(*there.find("guest"), "Page Viewed").empty());
    EXPECT_EQ(there.orders(*there.find("guest")).count, 0U);
    // A payload that comes again adds nothing.
    const std::uint64_t print = here.fingerprint();
    ASSERT_TRUE(here.absorb(ann, payload));
    EXPECT_EQ(here.fingerprint(), print);
}

TEST_P(PropertyTest, RemovingCustomersLeavesTheOthersAlone) {
    World world(GetParam());
    Customers customers;
    std::map<std::string, Model> models;
    for (const Event& e : world.make_many(6'000)) {
        if (models.contains(e.user_id) || !customers.find(e.user_id)) {
            take(customers, e);
            models[e.user_id].add(e);
        }
        if (world.below(300) == 0) {
            customers.take_out(*customers.find(e.user_id), "other");
            models.erase(e.user_id);
        }
    }
    for (const auto& [id, model] : models) {
        expect_same_facts(customers, *customers.find(id), model);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Range(0U, 6U));

}  // namespace
}  // namespace winback::customer

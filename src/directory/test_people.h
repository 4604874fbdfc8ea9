// For tests and benchmarks: shards with made-up customers of many scripts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "engine/shard.h"

namespace winback::directory {

inline constexpr Timestamp people_now{1'767'600'000'000};

// One input after the other for one shard, remembering who changed.
class People {
public:
    explicit People(std::uint64_t seed = 1) : shard_(0, 1), random_(seed) {}

    engine::Shard& shard() { return shard_; }
    Prng& random() { return random_; }

    std::vector<customer::CustomerIndex> step(decltype(engine::Input::body) body) {
        engine::Effects effects;
        shard_.step({.sequence = ++sequence_, .at = people_now, .body = std::move(body)}, effects);
        return effects.touched;
    }

    std::vector<customer::CustomerIndex> identify(const std::string& id, ValueMap traits) {
        event::Event event{.kind = event::EventKind::Identify};
        event.message_id = "m" + std::to_string(sequence_);
        event.user_id = id;
        event.name = "Identified";
        event.time = people_now - days(1);
        event.properties = std::move(traits);
        return step(engine::EventArrived{std::move(event)});
    }

    std::vector<customer::CustomerIndex> order(const std::string& id,
                                               int days_ago,
                                               double revenue,
                                               const std::string& currency = "") {
        event::Event event;
        event.message_id = "m" + std::to_string(sequence_);
        event.user_id = id;
        event.name = "Order Completed";
        event.time = people_now - days(days_ago);
        event.properties.set("revenue", revenue);
        event.properties.set("order_id", event.message_id);
        if (!currency.empty()) {
            event.properties.set("currency", currency);
        }
        return step(engine::EventArrived{std::move(event)});
    }

    ValueMap traits(std::uint64_t n) {
        static const std::array<std::string, 10> first{"Ada", "Işıl", "İlker", "Müller", "يوسف",
                                                       "علی", "Zoë",  "Ольга", "كريم",   "小林"};
        static const std::array<std::string, 8> last{"Lovelace", "Yılmaz", "Öztürk", "Weiß",
                                                     "محمدی",    "الهادي", "O'Neil", "Smith-Jones"};
        ValueMap traits;
        traits.set("name", random_.pick(first) + " " + random_.pick(last));
        if (random_.chance(0.9)) {
            traits.set("email", "user" + std::to_string(n * 7919 % 1'000'003) + "@example.test");
        }
        if (random_.chance(0.5)) {
            traits.set("phone", "+90 5" + std::to_string(10 + random_.below(50)) + " " +
                                    std::to_string(1'000'000 + random_.below(8'999'999)));
        }
        return traits;
    }

    // `count` customers "c1", …; some ordered.
    void fill(std::uint64_t count, const std::string& prefix = "c") {
        for (std::uint64_t n = 1; n <= count; ++n) {
            const std::string id = prefix + std::to_string(n);
            identify(id, traits(n));
            for (std::uint64_t orders = random_.below(4); orders > 0; --orders) {
                order(id, static_cast<int>(1 + random_.below(300)),
                      static_cast<double>(5 + random_.below(95)));
            }
        }
    }

private:
    engine::Shard shard_;
    Prng random_;
    std::uint64_t sequence_ = 0;
};

inline model::FittedModels people_models() {
    model::FittedModels models;
    models.version = 1;
    models.parameters = {.r = 0.5, .alpha = 10, .a = 0.8, .b = 2.5};
    models.value =
        model::ValueModel{.parameters = {.p = 6, .q = 4, .gamma = 15}, .population_mean = 40};
    models.rfm = model::RfmEdges{.days_since_last = {20, 60, 120, 200},
                                 .orders = {1, 2, 3, 5},
                                 .revenue = {20, 60, 120, 200}};
    models.customers = 100;
    return models;
}

}  // namespace winback::directory

#include "sim/script.h"

#include <array>

#include "base/value.h"
#include "event/names.h"

namespace winback::sim {
namespace {

using Kind = Action::Kind;

constexpr std::array<std::string_view, 4> zones{"Europe/Berlin", "America/New_York", "Asia/Tehran",
                                                "Australia/Lord_Howe"};

class Writer {
public:
    explicit Writer(const Options& options) : options_(options), random_(options.seed) {}

    std::vector<Action> write() {
        add({.kind = Kind::Playbook, .number = random_.next()});
        for (int i = 0; i < options_.actions; ++i) {
            one();
        }
        return std::move(script_);
    }

private:
    void add(Action action) { script_.push_back(std::move(action)); }

    void one() {
        const std::uint64_t dice = random_.below(100);
        if (dice < 38) {
            track();
        } else if (dice < 48) {
            identify();
        } else if (dice < 54) {
            if (options_.identities) {
                alias();
            } else {
                track();
            }
        } else if (dice < 58) {
            command();
        } else if (dice < 62) {
            if (options_.repeats && !ids_.empty()) {
                Action action{.kind = Kind::Repeat};
                action.event.message_id = random_.pick(ids_);
                add(std::move(action));
            }
        } else if (dice < 66) {
            if (options_.channel_trouble) {
                add({.kind = Kind::SetChannel, .channel = static_cast<Channel>(random_.below(4))});
            }
        } else if (dice < 70) {
            rare();
        } else {
            sleep();
        }
    }

    void rare() {
        const std::uint64_t dice = random_.below(6);
        if (dice < 1 && options_.reloads) {
            add({.kind = Kind::Playbook, .number = random_.next()});
        } else if (dice < 2 && options_.models) {
            add({.kind = Kind::Models, .number = random_.next()});
        } else if (dice < 6 && options_.crashes) {
            add({.kind = Kind::Crash, .number = random_.next()});
        }
    }

    void sleep() {
        static constexpr std::array<std::int64_t, 5> spans{60'000, 3'600'000, 21'600'000,
                                                           86'400'000, 5 * 86'400'000LL};
        std::int64_t span = random_.pick(spans);
        if (options_.long_sleeps && random_.chance(0.1)) {
            span *= 10;
        }
        const std::int64_t length = random_.between(1, span);
        add({.kind = Kind::Advance, .offset = milliseconds(length)});
    }

    std::string user() {
        return "u" + std::to_string(random_.below(static_cast<std::uint64_t>(options_.users)));
    }
    std::string device() {
        return "a" + std::to_string(random_.below(static_cast<std::uint64_t>(options_.devices)));
    }

    Action event(event::EventKind kind, std::string name) {
        Action action;
        action.event.kind = kind;
        action.event.name = std::move(name);
        action.event.message_id = "m" + std::to_string(++count_);
        ids_.push_back(action.event.message_id);
        std::int64_t back = random_.between(0, 59'999);
        if (options_.odd_times && random_.chance(0.25)) {
            back = random_.between(-3 * 86'400'000LL, 90 * 86'400'000LL);
        }
        action.offset = milliseconds(-back);
        action.event.content_id = random_.chance(0.1);
        return action;
    }

    void who(event::Event& event) {
        const std::uint64_t dice = options_.identities ? random_.below(10) : 0;
        if (dice < 6) {
            event.user_id = user();
        } else if (dice < 9) {
            event.anonymous_id = device();
        } else {
            event.user_id = user();
            event.anonymous_id = device();
        }
    }

    void track() {
        static constexpr std::array<std::string_view, 9> names{
            "Order Completed", "Order Completed",      "Product Viewed",
            "Page Viewed",     "Cart Viewed",          "Order Refunded",
            "Consent Changed", "Subscription Started", "Unsubscribed"};
        const std::string_view name = random_.pick(names);
        if (name == "Unsubscribed" && random_.chance(0.7)) {
            return;
        }
        Action action = event(event::EventKind::Track, std::string(name));
        who(action.event);
        ValueMap& properties = action.event.properties;
        const std::int64_t amount = random_.between(1, 100);
        if (name == "Order Completed") {
            properties.set("revenue", static_cast<double>(amount));
            properties.set("order_id", "o" + std::to_string(random_.below(200)));
        } else if (name == "Product Viewed") {
            properties.set("price", static_cast<double>(amount));
        } else if (name == "Consent Changed") {
            properties.set("channel", "email");
            properties.set("state", amount < 70 ? "granted" : "denied");
        }
        if (random_.chance(0.05)) {
            action.event.context.set("timezone", random_.pick(zones));
        }
        add(std::move(action));
    }

    void identify() {
        Action action = event(event::EventKind::Identify, "Identified");
        who(action.event);
        ValueMap& traits = action.event.properties;
        static constexpr std::array<std::string_view, 3> plans{"gold", "silver", "none"};
        if (random_.chance(0.8)) {
            traits.set("email", event::customer_key(action.event) + "@example.test");
        }
        if (random_.chance(0.5)) {
            traits.set("plan", random_.pick(plans));
        }
        if (random_.chance(0.3)) {
            traits.set("age", random_.between(18, 80));
        }
        if (random_.chance(0.2)) {
            traits.set("timezone", random_.pick(zones));
        }
        if (random_.chance(0.8)) {
            ValueMap consent;
            consent.set("email", random_.chance(0.85) ? "granted" : "denied");
            traits.set("consent", std::move(consent));
        }
        add(std::move(action));
    }

    void alias() {
        Action action = event(event::EventKind::Alias, "Aliased");
        action.event.previous_id = random_.chance(0.5) ? device() : user();
        action.event.user_id = user();
        add(std::move(action));
    }

    void by_team(engine::Command& command, std::uint64_t dice) {
        using Order = engine::Command::Kind;
        constexpr Order orders[] = {Order::Lift, Order::Tag,    Order::Untag,
                                    Order::Note, Order::Enlist, Order::Delist};
        command.kind = orders[dice - 10];
        command.by = "u1/Ada";
        command.text = random_.chance(0.5) ? "vip" : "wholesale";
    }

    void command() {
        Action action{.kind = Kind::Command};
        action.command.customer = options_.identities && random_.chance(0.3) ? device() : user();
        action.command.reason = "by hand";
        const std::uint64_t dice = random_.below(16);
        if (dice >= 10) {
            by_team(action.command, dice);
        } else if (dice == 0) {
            action.command.kind = engine::Command::Kind::Suppress;
        } else if (dice == 1 && options_.erasures) {
            action.command.kind = engine::Command::Kind::Erase;
        } else {
            action.command.consent =
                dice < 7 ? expr::ConsentState::Granted : expr::ConsentState::Denied;
        }
        add(std::move(action));
    }

    const Options& options_;
    Prng random_;
    std::vector<Action> script_;
    std::vector<std::string> ids_;
    int count_ = 0;
};

}  // namespace

Options options_of(std::uint64_t seed) {
    Prng random(seed * 0x9e37 + 17);
    Options o;
    o.seed = seed;
    o.users = static_cast<int>(random.between(2, 10));
    o.devices = static_cast<int>(random.between(1, 6));
    o.identities = random.chance(0.7);
    o.late_handovers = o.identities && random.chance(0.3);
    o.erasures = random.chance(0.4);
    o.reloads = random.chance(0.6);
    o.models = random.chance(0.5);
    o.crashes = random.chance(0.7);
    o.repeats = random.chance(0.7);
    o.odd_times = random.chance(0.6);
    o.long_sleeps = random.chance(0.5);
    o.channel_trouble = random.chance(0.6);
    o.flush_share = random.unit() * 0.5;
    o.slices = random.chance(0.5);
    return o;
}

std::vector<Action> script_of(const Options& options) {
    return Writer(options).write();
}

model::FittedModels models_of(std::uint64_t seed) {
    Prng random(seed);
    model::FittedModels models;
    models.version = 1 + random.below(1000);
    models.parameters.r = 0.2 + random.unit();
    models.parameters.alpha = 1 + 9 * random.unit();
    models.parameters.a = 0.5 + random.unit();
    models.parameters.b = 1 + 2 * random.unit();
    model::ValueModel value;
    value.parameters.p = 3;
    value.parameters.q = 3 + random.unit();
    value.parameters.gamma = 20;
    value.population_mean = 30;
    models.value = value;
    models.rfm = model::RfmEdges{
        .days_since_last = {5, 20, 60, 120}, .orders = {1, 2, 3, 5}, .revenue = {20, 60, 120, 300}};
    models.customers = 100;
    return models;
}

namespace {

std::string_view command_name(engine::Command::Kind kind) {
    constexpr std::string_view names[] = {"consent", "suppress", "erase",       "lift",   "tag",
                                          "untag",   "note",     "delete-note", "enlist", "delist"};
    return names[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string to_text(const Action& action) {
    const event::Event& e = action.event;
    switch (action.kind) {
        case Kind::Repeat:
            return "repeat id=" + e.message_id;
        case Kind::Command: {
            const engine::Command& c = action.command;
            if (c.kind == engine::Command::Kind::SetConsent) {
                return "consent " + c.customer + " email " +
                       (c.consent == expr::ConsentState::Granted ? "granted" : "denied");
            }
            return std::string(command_name(c.kind)) + " " + c.customer + " " + c.text;
        }
        case Kind::Advance:
            return "advance by=" + std::to_string(action.offset.ms) + "ms";
        case Kind::Playbook:
            return "playbook number=" + std::to_string(action.number);
        case Kind::Models:
            return "models number=" + std::to_string(action.number);
        case Kind::SetChannel:
            return "channel " + std::to_string(static_cast<int>(action.channel));
        case Kind::Crash:
            return "restart";
        case Kind::Submit:
            break;
    }
    std::string text = e.kind == event::EventKind::Alias
                           ? "alias " + e.previous_id + " " + e.user_id
                       : e.kind == event::EventKind::Identify ? "identify " + e.user_id
                       : e.user_id.empty() ? "anonymous " + e.anonymous_id + " \"" + e.name + "\""
                                           : "event " + e.user_id + " \"" + e.name + "\"";
    if (!e.user_id.empty() && !e.anonymous_id.empty()) {
        text += " anonymous=" + e.anonymous_id;
    }
    return text + " " + to_json(Value(e.properties)) + " id=" + e.message_id +
           " dated=" + std::to_string(action.offset.ms) + "ms";
}

}  // namespace winback::sim

// The preference centre: what a customer wants to get, by channel and topic.
//
// Known are the channels and topics of the playbook's templates. Nothing changes by looking. A
// channel that was never answered stays so unless its switch is turned on. A topic is shown as on
// when its messages would be sent: while its channel is off, it is off.
#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "host/host.h"
#include "http/url.h"
#include "message/own_links.h"
#include "ui/routes.h"
#include "ui/visit.h"

namespace winback::ui {
namespace {

constexpr std::string_view consent_source = "preference_centre";
constexpr int merges_max = 8;  // Ids that a merged customer is looked up through.

struct Switch {
    customer::Channel channel = customer::Channel::Email;
    std::string topic;    // Empty: the whole channel.
    bool on = false;      // Messages are sent; of a topic: its channel is on as well.
    bool denied = false;  // What is kept of a topic, whatever its channel says.
    bool idle = false;    // A topic that was chosen although its channel is off.

    // "email", "email.offers": the name in the form.
    std::string name() const {
        return std::string(customer::channel_name(channel)) + (topic.empty() ? "" : "." + topic);
    }
};

// Each channel followed by its topics.
std::vector<Switch> switches_of(const engine::Definitions& definitions) {
    std::map<customer::Channel, std::set<std::string>> topics;
    for (const auto& [id, message_template] : definitions.templates) {
        const auto channel = customer::parse_channel(message_template.channel);
        if (!channel || message_template.transactional) {
            continue;
        }
        std::set<std::string>& known = topics[*channel];
        if (!message_template.topic.empty()) {
            known.insert(message_template.topic);
        }
    }
    std::vector<Switch> switches;
    for (const auto& [channel, names] : topics) {
        switches.push_back({.channel = channel});
        for (const std::string& topic : names) {
            switches.push_back({.channel = channel, .topic = topic});
        }
    }
    return switches;
}

void read_states(host::Host& host, std::string customer, std::vector<Switch>& switches) {
    for (int i = 0; i < merges_max && !customer.empty(); ++i) {
        std::string into;
        host.query_customer(customer, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto found = customers.find(customer);
            if (!found) {
                return;
            }
            into = customers.merged_into(*found);
            for (Switch& one : switches) {
                one.denied =
                    !one.topic.empty() && customers.topic_denied(*found, one.channel, one.topic);
                one.on = !one.denied && customers.consent(*found, one.channel).state ==
                                            expr::ConsentState::Granted;
            }
        });
        customer = into;
    }
}

// The topic's name in the language, else in any, else as it is written in the templates.
std::string label_of(const engine::Workspace& workspace,
                     const std::string& topic,
                     const std::string& language) {
    const auto found = workspace.topics.find(topic);
    if (found == workspace.topics.end() || found->second.empty()) {
        return topic;
    }
    for (const std::string& wanted : {language, workspace.language, std::string()}) {
        const auto name = found->second.find(wanted);
        if (name != found->second.end()) {
            return name->second;
        }
    }
    return found->second.begin()->second;
}

http::Response shown(const Pages& pages,
                     const engine::Definitions& definitions,
                     Visit visit,
                     const std::vector<Switch>& switches,
                     std::string_view stage) {
    ValueList channels;
    bool some_on = false;
    for (const Switch& one : switches) {
        some_on = some_on || one.on;
        ValueMap map;
        map.set("name", one.name());
        map.set("on", one.on);
        if (one.topic.empty()) {
            map.set("channel", customer::channel_name(one.channel));
            map.set("idle", false);
            map.set("topics", ValueList{});
            channels.emplace_back(std::move(map));
        } else {
            map.set("label", label_of(definitions.workspace, one.topic, visit.frame.language));
            ValueMap& channel = *channels.back().as_map();
            ValueList topics = *channel.find("topics")->as_list();
            topics.emplace_back(std::move(map));
            channel.set("topics", std::move(topics));
            channel.set("idle", *channel.find("idle")->as_bool() || one.idle);
        }
    }
    visit.data.set("channels", std::move(channels));
    visit.data.set("stage", stage);
    visit.data.set("none", !some_on);
    visit.data.set("transactional",
                   std::any_of(definitions.templates.begin(), definitions.templates.end(),
                               [](const auto& entry) { return entry.second.transactional; }));
    const int status = stage == "failed" ? 503 : stage == "unclear" ? 400 : 200;
    return show_visit(pages, status, "preferences", visit);
}

// A no to a topic is kept whenever the page showed it beside a channel that was or is on. A yes
// counts together with its channel alone: without it nothing is kept, and nothing is sent.
std::vector<Switch> chosen(std::vector<Switch> switches, const http::Pairs& form) {
    bool was_on = false;
    bool is_on = false;
    for (Switch& one : switches) {
        const bool asked = http::find_pair(form, one.name()) != nullptr;
        if (one.topic.empty()) {
            was_on = one.on;
            is_on = asked;
            one.on = asked;
            continue;
        }
        if (asked ? is_on : was_on || is_on) {
            one.denied = !asked;
        }
        one.on = asked && is_on;
        one.idle = asked && !is_on;
    }
    return switches;
}

engine::Command command_of(const std::string& customer, const Switch& one, bool granted) {
    engine::Command command;
    command.customer = customer;
    command.channel = one.channel;
    command.topic = one.topic;
    command.consent = granted ? expr::ConsentState::Granted : expr::ConsentState::Denied;
    command.reason = consent_source;
    return command;
}

std::vector<engine::Command> changes(const std::string& customer,
                                     const std::vector<Switch>& before,
                                     const std::vector<Switch>& after) {
    std::vector<engine::Command> commands;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const Switch& one = after[i];
        if (one.topic.empty() ? one.on != before[i].on : one.denied != before[i].denied) {
            commands.push_back(command_of(customer, one, one.topic.empty() ? one.on : !one.denied));
        }
    }
    return commands;
}

// Every channel that there is, whatever we believed and whether the page shows it: a template may
// be added tomorrow. Topics keep their answers; none is sent while its channel is denied.
std::vector<engine::Command> stops(const std::string& customer, std::vector<Switch>& switches) {
    for (Switch& one : switches) {
        one.on = false;
    }
    std::vector<engine::Command> commands;
    for (std::size_t i = 0; i < customer::channel_count; ++i) {
        commands.push_back(
            command_of(customer, {.channel = static_cast<customer::Channel>(i)}, false));
    }
    return commands;
}

// Answers when all are durable, or the first failed.
struct Saving {
    std::atomic<std::size_t> open;
    std::atomic<bool> failed{false};
    http::Response done;
    http::Response not_done;
};

void save(host::Host& host,
          std::vector<engine::Command> commands,
          http::Response done,
          http::Response not_done,
          const http::Reply& reply) {
    if (commands.empty()) {
        reply(std::move(done));
        return;
    }
    const auto saving = std::make_shared<Saving>();
    saving->open = commands.size();
    saving->done = std::move(done);
    saving->not_done = std::move(not_done);
    for (engine::Command& command : commands) {
        host.command(std::move(command), [saving, reply](const Status& status) {
            if (!status) {
                saving->failed = true;
            }
            if (--saving->open == 0) {
                reply(saving->failed ? saving->not_done : saving->done);
            }
        });
    }
}

// Whose preferences these are; the page of a broken link otherwise.
std::optional<std::string> customer_of(const engine::DefinitionsPtr& definitions,
                                       const http::Request& request) {
    if (definitions == nullptr) {
        return std::nullopt;
    }
    Result<std::string> customer =
        message::read_preferences_token(definitions->link_secret, request.param("token"));
    return customer ? std::optional(*std::move(customer)) : std::nullopt;
}

http::Response show(const Pages& pages, host::Host& host, const http::Request& request) {
    const engine::DefinitionsPtr definitions = host.definitions();
    const std::optional<std::string> customer = customer_of(definitions, request);
    if (!customer) {
        return broken_link(pages, host, request);
    }
    std::vector<Switch> switches = switches_of(*definitions);
    read_states(host, *customer, switches);
    return shown(pages, *definitions, visit_of(host, request, *customer), switches, "ask");
}

void take(const Pages& pages,
          host::Host& host,
          const http::Request& request,
          const http::Reply& reply) {
    const engine::DefinitionsPtr definitions = host.definitions();
    const std::optional<std::string> customer = customer_of(definitions, request);
    if (!customer) {
        reply(broken_link(pages, host, request));
        return;
    }
    const Result<http::Pairs> form = http::parse_query(request.body);
    std::vector<Switch> before = switches_of(*definitions);
    read_states(host, *customer, before);
    // Only the page's own buttons change something: an empty body must not mean "all off".
    const std::string* action = form ? http::find_pair(*form, "action") : nullptr;
    const Visit visit = visit_of(host, request, *customer);
    if (action == nullptr || (*action != "stop" && *action != "save")) {
        reply(shown(pages, *definitions, visit, before, "unclear"));
        return;
    }
    const bool stop = *action == "stop";
    std::vector<Switch> after = stop ? before : chosen(before, *form);
    std::vector<engine::Command> commands =
        stop ? stops(*customer, after) : changes(*customer, before, after);
    save(host, std::move(commands),
         shown(pages, *definitions, visit, after, stop ? "stopped" : "saved"),
         shown(pages, *definitions, visit, before, "failed"), reply);
}

}  // namespace

void add_preferences_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_form_routes(router, desk, pages, "/p/:token", show, take);
}

}  // namespace winback::ui

// An obvious model of what the engine must do, kept beside it and asked after every action.
//
// It knows customers by what was submitted, not by what the engine says: who is who, which events
// count, who may get a message. Of the product it uses the columns of customers and the evaluation
// of a condition; membership, identity, policy, goals and counts are its own, slow and plain.
// It expects handovers to arrive before the next action (not Options::late_handovers).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "customer/customers.h"
#include "customer/facts.h"
#include "sim/cluster.h"

namespace winback::sim {

class Auditor {
public:
    explicit Auditor(Cluster& cluster);

    void see(const engine::Input& input, const engine::Effects& effects);
    // When nothing is on its way and nothing is due.
    void audit();

private:
    struct Message {
        std::string customer;  // The id to which it was decided.
        std::string journey;
        std::uint32_t entry = 0;
        customer::Channel channel = customer::Channel::Email;
        message::MessageState state = message::MessageState::Queued;
        Timestamp at;
        bool transactional = false;
    };
    struct Entry {
        Timestamp at;
        std::size_t order = 0;  // Of what was seen: goals count after it.
        Timestamp goal_until;
        std::string goal_event;  // Of the version under which the passage began.
    };
    struct Happening {
        std::string name;
        Timestamp time;
        std::size_t order = 0;
    };
    struct Person {
        bool has_events = false;
        std::set<std::string> message_ids;
        std::vector<Happening> happenings;  // Applied to this id itself.
        std::set<Hash128> messages;
        std::set<std::string> absorbed;
        int entered = 0;
        int left = 0;
    };
    // One change of the facts, so that they can be built again under a wider field plan.
    struct Change {
        enum class Kind { Event, Merge, Consent, Suppress, Lift, Label, Erase } kind;
        std::string id;
        std::string other;
        event::Event event;
        engine::Command command;
        Timestamp at;
    };
    // What was so when a playbook was loaded, and what came of it until the next audit.
    struct Reload {
        struct Person {
            std::set<std::string> members;
            std::vector<journey::Enrollment> entries;
            std::map<std::string, std::vector<bool>> changes;  // By segment: entered or left.
            std::set<std::string> entered;                     // Journeys.
        };
        engine::DefinitionsPtr before;
        std::map<std::string, Person> people;
    };
    friend class AuditFacts;

    std::string root(std::string id) const;
    void fail(const std::string& what);
    void see_event(const event::Event& event, Timestamp at);
    void see_command(const engine::Command& command, Timestamp at);
    void expect_link(const std::string& id, const std::string& into, bool alias);
    void see_merge(const std::string& from, const std::string& into);
    void see_fact(const engine::Fact& fact);
    void see_decided(const engine::MessageDecided& decided);
    void see_deliver(const engine::Deliver& deliver, Timestamp at);
    void check_caps(const Person& person, const Message& message, const Hash128& key);
    bool is_quiet(const std::string& id, Timestamp at) const;
    void apply(const Change& change);
    void change(Change change);
    void rebuild();
    void audit_person(const std::string& id, const engine::Shard& shard);
    void audit_copy(const engine::Shard& shard);
    void audit_scans(const engine::Shard& shard);
    void audit_members(const std::string& id, const engine::Shard& shard);
    void audit_told();

    // newcomers.cc
    void begin_reload(const engine::DefinitionsPtr& before);
    void see_reload_fact(const engine::Fact& fact);
    void audit_reload();
    void audit_newcomer(const Reload& reload,
                        const std::string& id,
                        const Reload::Person& person,
                        const journey::Journey& journey);

    Cluster& cluster_;
    customer::Customers facts_;
    std::unique_ptr<customer::Binding> binding_;
    engine::DefinitionsPtr definitions_;
    std::optional<model::FittedModels> models_;
    std::vector<Change> changes_;
    std::map<std::string, std::string> merged_;
    std::map<std::string, std::string> expected_merges_;
    std::set<std::string> identified_;
    std::set<std::string> erased_;
    std::map<std::string, std::int64_t> remembered_;  // Message id -> day of its first arrival.
    std::map<std::string, Person> people_;
    std::map<Hash128, Message> messages_;
    std::map<std::string, std::set<std::string>> told_;  // Members by segment, from facts alone.
    std::map<std::string, Entry> entries_;               // By "id/journey/entry".
    std::optional<Reload> reload_;
    std::size_t order_ = 0;
    std::size_t audits_ = 0;
};

}  // namespace winback::sim

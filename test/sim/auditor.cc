#include "sim/auditor.h"

#include <algorithm>

#include "base/check.h"
#include "engine/scores.h"

namespace winback::sim {

using namespace engine;
using message::MessageState;

namespace {

bool left_us(MessageState state) {
    return state == MessageState::Queued || state == MessageState::Sending ||
           state == MessageState::Sent || state == MessageState::Previewed ||
           state == MessageState::InDoubt;
}

// hash("experiment \0 salt \0 id") / 2^64, as docs say.
double bucket(const std::string& experiment, const std::string& salt, const std::string& id) {
    std::string text = experiment;
    text.push_back('\0');
    text += salt;
    text.push_back('\0');
    text += id;
    return static_cast<double>(hash64(text) >> 11U) / 9007199254740992.0;
}

std::string entry_key(const std::string& id, const std::string& journey, std::int64_t entry) {
    return id + "/" + journey + "/" + std::to_string(entry);
}

}  // namespace

class AuditFacts : public customer::CustomerFacts {
public:
    AuditFacts(const Auditor& auditor,
               const std::string& id,
               customer::CustomerIndex index,
               Timestamp now,
               const std::set<std::string>& segments)
        : CustomerFacts(
              auditor.facts_, *auditor.binding_, index, now, *auditor.definitions_->workspace.zone),
          auditor_(auditor),
          id_(id),
          segments_(segments) {}

    std::span<const Timestamp> sent(std::string_view campaign) const override {
        sent_.clear();
        for (const Hash128& key : auditor_.people_.at(id_).messages) {
            const Auditor::Message& message = auditor_.messages_.at(key);
            if (left_us(message.state) && (campaign == "*" || campaign == message.journey)) {
                sent_.push_back(message.at);
            }
        }
        std::sort(sent_.begin(), sent_.end());
        return sent_;
    }
    bool in_segment(expr::SegmentId segment) const override {
        return segments_.contains(auditor_.definitions_->symbols.segments[segment]);
    }
    Value score(expr::ScoreId score) const override {
        CivilTime midnight = local_time(zone(), now()).civil;
        midnight.hour = midnight.minute = midnight.second = midnight.millisecond = 0;
        return score_of(auditor_.facts_, customer(), auditor_.models_,
                        *parse_score(auditor_.definitions_->symbols.scores[score]),
                        from_local(zone(), midnight));
    }

private:
    const Auditor& auditor_;
    const std::string& id_;
    const std::set<std::string>& segments_;
    mutable std::vector<Timestamp> sent_;
};

Auditor::Auditor(Cluster& cluster) : cluster_(cluster) {}

void Auditor::fail(const std::string& what) {
    cluster_.report("audit " + what);
}

std::string Auditor::root(std::string id) const {
    for (auto into = merged_.find(id); into != merged_.end(); into = merged_.find(id)) {
        id = into->second;
    }
    return id;
}

void Auditor::see(const Input& input, const Effects& effects) {
    ++order_;
    if (const auto* arrived = std::get_if<EventArrived>(&input.body)) {
        see_event(arrived->event, input.at);
    } else if (const auto* command = std::get_if<Command>(&input.body)) {
        see_command(*command, input.at);
    } else if (const auto* loaded = std::get_if<DefinitionsLoaded>(&input.body)) {
        if (definitions_ != loaded->definitions) {
            begin_reload(definitions_);
            definitions_ = loaded->definitions;
            std::erase_if(told_, [&](const auto& one) {
                return definitions_->segment(one.first) == nullptr;
            });
            rebuild();
        }
    } else if (const auto* fitted = std::get_if<ModelsFitted>(&input.body)) {
        models_ = fitted->models;
    }
    for (const HandoverOut& out : effects.handovers) {
        if (out.handover.kind == Handover::Kind::Absorb) {
            see_merge(out.handover.other, out.handover.customer);
        }
    }
    std::for_each(effects.facts.begin(), effects.facts.end(), [&](const Fact& f) { see_fact(f); });
    for (const MessageDecided& decided : effects.decided) {
        see_decided(decided);
    }
    for (const Deliver& deliver : effects.deliver) {
        see_deliver(deliver, input.at);
    }
    for (const MessageChanged& changed : effects.changed) {
        messages_.at(changed.key).state = changed.state;
    }
}

// ---- Who is who -----------------------------------------------------------------------------

void Auditor::see_event(const event::Event& event, Timestamp at) {
    const std::int64_t day = at.ms / 86'400'000;
    if (!event.content_id) {
        const auto [known, is_new] = remembered_.emplace(event.message_id, day);
        if (!is_new && day - known->second <= 1) {
            return;
        }
        known->second = day;
    }
    const std::string id = root(event::customer_key(event));
    Person& person = people_[id];
    if (erased_.contains(id)) {
        return;
    }
    if (!event.user_id.empty()) {
        identified_.insert(id);
    }
    if (!person.message_ids.insert(event.message_id).second) {
        return;
    }
    person.has_events = true;
    person.happenings.push_back({event.name, event.time, order_});
    change({.kind = Change::Kind::Event, .id = id, .event = event, .at = at});
    if (event.kind == event::EventKind::Alias) {
        expect_link(event.previous_id, id, true);
    } else if (!event.user_id.empty() && !event.anonymous_id.empty() &&
               (event.kind == event::EventKind::Identify ||
                !people_[id].absorbed.contains(event.anonymous_id))) {
        expect_link(event.anonymous_id, id, false);
    }
}

void Auditor::expect_link(const std::string& id, const std::string& into, bool alias) {
    if (id == into || id.empty() || erased_.contains(id)) {
        return;
    }
    people_[id];
    const bool was_merged = merged_.contains(id);
    if (alias) {
        const std::string standing = root(id);
        if (standing != into && !erased_.contains(standing)) {
            expected_merges_[standing] = into;
        }
    } else if (identified_.contains(id)) {
        return;
    } else if (was_merged) {
        merged_[id] = into;  // The device changes hands; what was done stays where it is.
    } else {
        expected_merges_[id] = into;
    }
}

void Auditor::see_merge(const std::string& from, const std::string& into) {
    const auto expected = expected_merges_.find(from);
    if (expected == expected_merges_.end() || expected->second != into) {
        fail("identity: " + from + " must not become " + into);
        return;
    }
    expected_merges_.erase(expected);
    merged_[from] = into;
    Person& mine = people_[into];
    Person& its = people_[from];
    mine.has_events |= its.has_events;
    mine.message_ids.insert(its.message_ids.begin(), its.message_ids.end());
    mine.messages.insert(its.messages.begin(), its.messages.end());
    mine.absorbed.insert(its.absorbed.begin(), its.absorbed.end());
    mine.absorbed.insert(from);
    mine.entered += its.entered;
    mine.left += its.left;
    its = {};
    if (identified_.contains(from)) {
        identified_.insert(into);
    }
    change({.kind = Change::Kind::Merge, .id = into, .other = from});
}

void Auditor::see_command(const Command& command, Timestamp at) {
    const std::string id = root(command.customer);
    if (people_[id]; erased_.contains(id)) {
        return;
    }
    if (command.kind == Command::Kind::Erase) {
        people_[id] = {};
        erased_.insert(id);
        std::for_each(told_.begin(), told_.end(), [&](auto& one) { one.second.erase(id); });
        change({.kind = Change::Kind::Erase, .id = id});
        return;
    }
    using Kind = Command::Kind;
    if (command.kind == Kind::Note || command.kind == Kind::DeleteNote) {
        return;  // Nothing that decisions read.
    }
    change({.kind = command.kind == Kind::Suppress ? Change::Kind::Suppress
                    : command.kind == Kind::Lift   ? Change::Kind::Lift
                    : command.kind >= Kind::Tag    ? Change::Kind::Label
                                                   : Change::Kind::Consent,
            .id = id,
            .command = command,
            .at = at});
}

// ---- Facts ------------------------------------------------------------------------------------

void Auditor::change(Change change) {
    apply(change);
    changes_.push_back(std::move(change));
}

void Auditor::apply(const Change& change) {
    const customer::CustomerIndex customer = facts_.find_or_add(change.id);
    switch (change.kind) {
        case Change::Kind::Event:
            facts_.apply(customer, change.event, change.at);
            return;
        case Change::Kind::Merge: {
            const auto other = facts_.find_or_add(change.other);
            const std::string payload = facts_.take_out(other, change.id);
            WINBACK_CHECK(facts_.absorb(customer, payload).has_value());
            return;
        }
        case Change::Kind::Consent: {
            const Timestamp latest = facts_.consent(customer, change.command.channel).time;
            facts_.set_consent(customer, change.command.channel,
                               {.state = change.command.consent,
                                .time = std::max(change.at, latest),
                                .source = change.command.reason});
            return;
        }
        case Change::Kind::Suppress:
            facts_.suppress(customer, change.command.reason, change.at);
            return;
        case Change::Kind::Lift:
            facts_.lift_suppression(customer);
            return;
        case Change::Kind::Label: {
            using Kind = Command::Kind;
            const Kind kind = change.command.kind;
            const bool of_list = kind == Kind::Enlist || kind == Kind::Delist;
            facts_.set_label(customer,
                             of_list ? customer::lists_attribute : customer::tags_attribute,
                             change.command.text, kind == Kind::Tag || kind == Kind::Enlist);
            return;
        }
        case Change::Kind::Erase:
            facts_.erase(customer);
            return;
    }
}

void Auditor::rebuild() {
    const customer::FieldPlan plan = customer::merge(facts_.fields(), definitions_->fields);
    facts_ = customer::Customers();
    facts_.plan_fields(customer::merge(facts_.fields(), plan));
    for (const Change& change : changes_) {
        apply(change);
    }
    binding_ = std::make_unique<customer::Binding>(definitions_->symbols);
}

// ---- Messages ---------------------------------------------------------------------------------

void Auditor::see_fact(const Fact& fact) {
    if (fact.customer.empty() || erased_.contains(fact.customer)) {
        fail("fact: " + fact.name + " of somebody who was erased");
    }
    if (reload_.has_value()) {
        see_reload_fact(fact);
    }
    if (fact.name == "Segment Entered" || fact.name == "Segment Left") {
        std::set<std::string>& told = told_[*fact.details.find("segment")->as_string()];
        const bool entered = fact.name == "Segment Entered";
        if (entered ? !told.insert(fact.customer).second : told.erase(fact.customer) == 0) {
            fail("told: " + fact.name + " of " + fact.customer + " again");
        }
    }
    if (fact.name == "Journey Entered") {
        const std::string& journey = *fact.details.find("journey")->as_string();
        const journey::Journey& definition = *definitions_->journey(journey);
        const bool held_out = bucket(journey, definition.salt, fact.customer) < definition.holdout;
        if (*fact.details.find("held_out")->as_bool() != held_out) {
            fail("hold-out: " + fact.customer + " in " + journey);
        }
        const auto entry = static_cast<std::int64_t>(fact.details.find("entry")->number_or(0));
        entries_[entry_key(fact.customer, journey, entry)] = {
            .at = fact.at,
            .order = order_,
            .goal_until = add(*definitions_->workspace.zone, fact.at, definition.goal.within),
            .goal_event = definition.goal.event};
        people_[root(fact.customer)].entered += 1;
    } else if (fact.name == "Journey Exited" || fact.name == "Journey Finished" ||
               fact.name == "Goal Reached") {
        people_[root(fact.customer)].left += 1;
    }
}

void Auditor::see_decided(const MessageDecided& decided) {
    if (root(decided.customer) != decided.customer || erased_.contains(decided.customer)) {
        fail("message: decided for " + decided.customer + ", who is not there");
    }
    const auto known = messages_.find(decided.key);
    if (known != messages_.end() && known->second.state != MessageState::Held) {
        fail("message: decided twice for " + decided.customer);
    }
    Message& message = messages_[decided.key];
    message = {.customer = decided.customer,
               .journey = decided.journey,
               .entry = static_cast<std::uint32_t>(decided.explanation.find("entry")->number_or(0)),
               .channel = decided.channel,
               .state = decided.state,
               .at = decided.at,
               .transactional = decided.template_id == "receipt"};
    Person& person = people_[decided.customer];
    person.messages.insert(decided.key);
    if (decided.state != MessageState::Queued || message.transactional) {
        return;
    }
    const policy::Policies& policies = definitions_->policies;
    if (bucket("control", policies.control_salt, decided.customer) < policies.control_group) {
        fail("control group: a message to " + decided.customer);
    }
    if (*decided.explanation.find("held_out")->as_bool()) {
        fail("hold-out: a message to " + decided.customer);
    }
    check_caps(person, message, decided.key);
}

void Auditor::check_caps(const Person& person, const Message& message, const Hash128& key) {
    const auto zone_name = facts_.trait(*facts_.find(message.customer), "timezone");
    const Zone* zone = definitions_->workspace.zone;
    if (const std::string* name = zone_name.as_string()) {
        const auto own = find_zone(*name);
        zone = own.has_value() ? *own : zone;
    }
    const CivilTime today = local_time(*zone, message.at).civil;
    for (const policy::FrequencyCap& cap : definitions_->policies.caps) {
        int count = 0;
        for (const Hash128& other : person.messages) {
            const Message& m = messages_.at(other);
            const bool counts = other != key && left_us(m.state) &&
                                (!cap.channel.has_value() || *cap.channel == m.channel);
            const CivilTime day = local_time(*zone, m.at).civil;
            const bool same_month = day.year == today.year && day.month == today.month;
            const bool inside = cap.calendar
                                    ? same_month && (cap.window.months > 0 || day.day == today.day)
                                    : m.at > subtract(*zone, message.at, cap.window);
            count += counts && inside ? 1 : 0;
        }
        if (count >= cap.limit) {
            fail("cap: one too many to " + message.customer);
        }
    }
}

bool Auditor::is_quiet(const std::string& id, Timestamp at) const {
    const policy::QuietHours& quiet = definitions_->policies.quiet_hours;
    const auto customer = *facts_.find(id);
    const Zone* zone = definitions_->workspace.zone;
    const Value name = facts_.trait(customer, "timezone");
    if (name.as_string() != nullptr && find_zone(*name.as_string()).has_value()) {
        zone = *find_zone(*name.as_string());
    }
    const LocalTime local = local_time(*zone, at);
    const int minute = local.civil.hour * 60 + local.civil.minute;
    const bool weekend = quiet.weekends && (local.weekday == 0 || local.weekday == 6);
    const bool in_span = quiet.from_min <= quiet.to_min
                             ? minute >= quiet.from_min && minute < quiet.to_min
                             : minute >= quiet.from_min || minute < quiet.to_min;
    return quiet.enabled && (weekend || in_span);
}

void Auditor::see_deliver(const Deliver& deliver, Timestamp at) {
    const Message& message = messages_.at(deliver.key);
    const std::string& id = deliver.customer;
    if (message.state != MessageState::Queued || id != message.customer) {
        fail("deliver: not queued for " + id);
    }
    if (root(id) != id || erased_.contains(id)) {
        fail("deliver: to " + id + ", who is not there");
        return;
    }
    const auto customer = *facts_.find(id);
    const expr::ConsentState consent = facts_.consent(customer, message.channel).state;
    const bool agreed = consent == expr::ConsentState::Granted ||
                        (message.transactional && consent == expr::ConsentState::Unset);
    if (!agreed || facts_.suppressed(customer)) {
        fail("deliver: no consent of " + id);
    }
    if (!message.transactional && is_quiet(id, at)) {
        fail("deliver: in the quiet hours of " + id);
    }
    const auto entry = entries_.find(entry_key(id, message.journey, message.entry));
    if (entry == entries_.end()) {
        fail("deliver: " + id + " never entered " + message.journey);
        return;
    }
    for (const Happening& h : people_[id].happenings) {
        if (h.name == entry->second.goal_event && h.order > entry->second.order &&
            h.time >= entry->second.at && h.time < entry->second.goal_until) {
            fail("deliver: the goal was reached by " + id);
        }
    }
}

// ---- The state as a whole
// ------------------------------------------------------------------------

void Auditor::audit() {
    if (!expected_merges_.empty()) {
        fail("identity: " + expected_merges_.begin()->first + " was not merged");
    }
    for (const auto& [id, person] : people_) {
        const Shard& shard = cluster_.shard_of(id);
        const auto customer = shard.customers().find(id);
        if (!customer.has_value()) {
            if (person.has_events) {
                fail("identity: nobody knows " + id);
            }
            continue;
        }
        const std::string into(shard.customers().merged_into(*customer));
        const auto expected = merged_.find(id);
        if (!erased_.contains(id) && into != (expected == merged_.end() ? "" : expected->second)) {
            fail("identity: " + id + " is merged into '" + into + "'");
        }
        audit_person(id, shard);
        audit_members(id, shard);
    }
    for (const Shard& shard : cluster_.shards()) {
        audit_scans(shard);
        audit_copy(shard);
    }
    ++audits_;
    audit_told();
    if (reload_.has_value()) {
        audit_reload();
    }
}

// Looking at all customers at once must find those who are members one by one.
void Auditor::audit_scans(const Shard& shard) {
    const customer::Customers& customers = shard.customers();
    const auto size = static_cast<customer::CustomerIndex>(customers.size());
    if (definitions_ == nullptr) {
        return;
    }
    for (std::size_t position = 0; position < definitions_->segments.size(); ++position) {
        const expr::Condition& condition = definitions_->segments[position].condition;
        std::vector<std::uint64_t> marks = customers.present(0, size);
        shard.query(condition, definitions_->symbols)->narrow(0, marks, cluster_.now());
        for (customer::CustomerIndex c = 0; c < size; ++c) {
            const bool found = (marks[c / 64] >> (c % 64) & 1U) != 0;
            const std::span<const std::uint64_t> member = shard.membership(c);
            const bool is_member = (member[position / 64] >> (position % 64) & 1U) != 0;
            if (found != is_member && (is_member || customers.has_events(c))) {
                fail("segment: a scan of " + condition.text + " errs about " +
                     std::string(customers.id(c)));
            }
        }
    }
}

void Auditor::audit_person(const std::string& id, const Shard& shard) {
    const Person& person = people_.at(id);
    const auto customer = *shard.customers().find(id);
    std::size_t events = 0;
    for (const std::string& name : shard.customers().event_names()) {
        events += shard.customers().event_times(customer, name).size();
    }
    if (events != person.message_ids.size()) {
        fail("events: " + id + " has " + std::to_string(events) + ", must have " +
             std::to_string(person.message_ids.size()));
    }
    int running = 0;
    std::set<std::string> journeys;
    for (const journey::Enrollment& entry : shard.enrollments(customer)) {
        if (entry.state == journey::EnrollmentState::Running) {
            ++running;
            if (!journeys.insert(entry.journey).second) {
                fail("journey: " + id + " passes " + entry.journey + " twice at a time");
            }
        }
    }
    const int entered = static_cast<int>(shard.enrollments(customer).size());
    if (entered != person.entered || running != person.entered - person.left) {
        fail("journey: the counts of " + id + " do not add up");
    }
    for (const MessageRecord& record : shard.messages(customer)) {
        if (!person.messages.contains(record.key)) {
            continue;
        }
        // The outcome goes to whoever stands for the id by then. If its device changed hands
        // while the message was on its way, the earlier owner counts it as being on its way.
        const Message& message = messages_.at(record.key);
        const bool lost_sight = record.state == MessageState::Sending && message.customer != id &&
                                message.customer.starts_with('a');
        if (message.state != record.state && !lost_sight) {
            fail("message: another state for " + id);
        }
    }
}

void Auditor::audit_members(const std::string& id, const Shard& shard) {
    std::set<std::string> expected;
    if (definitions_ != nullptr && people_.at(id).has_events) {
        const auto customer = *facts_.find(id);
        for (const segment::Segment& segment : definitions_->segments) {
            const AuditFacts facts(*this, id, customer, cluster_.now(), expected);
            if (expr::evaluate(segment.condition, facts).holds) {
                expected.insert(segment.id);
            }
        }
    }
    const auto list = shard.segments_of(*shard.customers().find(id));
    const std::set<std::string> actual(list.begin(), list.end());
    for (const std::string& segment : expected) {
        if (!actual.contains(segment)) {
            fail("segment: " + id + " must be in " + segment + ": " +
                 definitions_->segment(segment)->condition.text);
        }
    }
    for (const std::string& segment : actual) {
        if (!expected.contains(segment)) {
            fail("segment: " + id + " must not be in " + segment + ": " +
                 definitions_->segment(segment)->condition.text);
        }
    }
}

void Auditor::audit_told() {
    std::map<std::string, std::set<std::string>> members;
    for (const Shard& shard : cluster_.shards()) {
        for (customer::CustomerIndex c = 0; c < shard.customers().size(); ++c) {
            for (const std::string& segment : shard.segments_of(c)) {
                members[segment].insert(std::string(shard.customers().id(c)));
            }
        }
    }
    std::erase_if(told_, [](const auto& one) { return one.second.empty(); });
    if (members != told_) {
        fail("told: who mirrors members by what is told has others");
    }
}

}  // namespace winback::sim

// Messages: the gates, the rendering, the explanation, and what becomes of each.
#include <algorithm>

#include "engine/context.h"
#include "engine/shard_state.h"
#include "experiment/assignment.h"
#include "message/key.h"
#include "policy/gate.h"

namespace winback::engine {
namespace {

using journey::Enrollment;
using message::MessageState;
using message::RefusalReason;

// All that one decision is about.
struct Decision {
    CustomerIndex customer = 0;
    const Enrollment& enrollment;
    const journey::Journey& journey;
    const journey::Step& step;
    Hash128 key;
    Timestamp now;
};

std::vector<policy::Contact> contacts_of(const std::vector<MessageRecord>& records,
                                         const Hash128& except) {
    std::vector<policy::Contact> contacts;
    for (const MessageRecord& record : records) {
        if (counts_as_sent(record.state) && record.key != except) {
            contacts.push_back({record.decided_at, record.channel});
        }
    }
    return contacts;
}

std::string text_of(const Value& value) {
    const std::string* text = value.as_string();
    return text == nullptr ? "" : *text;
}

// Facts that outlive the view that `Standing` holds of them.
struct StandingFacts {
    std::string country;
    std::string suppression;
    customer::Consent consent;
    std::vector<policy::Contact> contacts;
};

// By what way a message comes: what consent is asked for.
struct Reach {
    customer::Channel channel = customer::Channel::Email;
    std::string_view topic;  // Empty: the channel alone.
};

policy::Standing standing_of(const customer::Customers& customers,
                             CustomerIndex customer,
                             const Reach& reach,
                             const Definitions& definitions,
                             StandingFacts& facts) {
    const auto [channel, topic] = reach;
    facts.country = text_of(customers.trait(customer, "country"));
    facts.suppression = customers.suppression_reason(customer);
    if (customers.suppressed(customer) && facts.suppression.empty()) {
        facts.suppression = "suppressed";
    }
    facts.consent = customers.consent(customer, channel);
    policy::Standing standing;
    standing.topic = topic;
    standing.topic_denied = customers.topic_denied(customer, channel, topic);
    standing.zone = &zone_of(customers, customer, definitions.workspace);
    standing.country = facts.country;
    standing.channel = channel;
    standing.erased = customers.erased(customer);
    standing.suppression = facts.suppression;
    standing.consent = facts.consent.state;
    standing.consent_time = facts.consent.time;
    standing.consent_source = facts.consent.source;
    standing.control_bucket =
        experiment::bucket("control", definitions.policies.control_salt, customers.id(customer));
    standing.contacts = facts.contacts;
    return standing;
}

ValueList gates_value(const policy::Verdict& verdict) {
    ValueList list;
    for (const policy::GateAnswer& answer : verdict.answers) {
        ValueMap map;
        map.set("gate", answer.gate);
        map.set("passed", answer.passed);
        map.set("detail", answer.detail);
        list.emplace_back(std::move(map));
    }
    return list;
}

// The address on the channel; empty when the customer has none.
std::string address_of(const customer::Customers& customers,
                       CustomerIndex customer,
                       customer::Channel channel) {
    switch (channel) {
        case customer::Channel::Email:
            return text_of(customers.trait(customer, "email"));
        case customer::Channel::Sms:
            return text_of(customers.trait(customer, "phone"));
        case customer::Channel::Push:
            return text_of(customers.trait(customer, "push_token"));
        case customer::Channel::InApp:
            return std::string(customers.id(customer));
    }
    return {};
}

}  // namespace

ValueList atoms_value(std::span<const expr::AtomOutcome> atoms) {
    ValueList list;
    for (const expr::AtomOutcome& atom : atoms) {
        ValueMap map;
        map.set("condition", atom.text);
        map.set("value", atom.value);
        map.set("held", atom.held);
        list.emplace_back(std::move(map));
    }
    return list;
}

MessageRecord* Shard::Impl::find_message(CustomerIndex customer, const Hash128& key) {
    const auto found = messages.find(customer);
    if (found == messages.end()) {
        return nullptr;
    }
    const auto record = std::find_if(found->second.begin(), found->second.end(),
                                     [&](const MessageRecord& r) { return r.key == key; });
    return record == found->second.end() ? nullptr : &*record;
}

namespace {

// Why the message was or was not sent, as facts of that moment.
ValueMap explain(const Shard::Impl& shard,
                 Loaded& loaded,
                 const Decision& d,
                 const policy::Verdict& verdict) {
    const customer::Customers& customers = shard.customers;
    ValueMap map;
    map.set("customer", std::string(customers.id(d.customer)));
    map.set("journey", d.journey.id);
    map.set("entry", std::int64_t{d.enrollment.entry});
    map.set("entered_at", d.enrollment.entered_at);
    map.set("step", d.step.id);
    map.set("decided_at", d.now);
    map.set("definitions", static_cast<std::int64_t>(loaded.definitions->version));
    map.set("held_out", d.enrollment.held_out);
    map.set("gates", gates_value(verdict));
    if (const segment::Segment* segment = loaded.definitions->segment(d.journey.segment)) {
        const EngineFacts facts(shard, loaded, d.customer, d.now);
        ValueMap because;
        because.set("segment", segment->id);
        because.set("holds_now", expr::evaluate(segment->condition, facts).holds);
        because.set("facts", atoms_value(expr::explain(segment->condition, facts)));
        map.set("because", std::move(because));
    }
    ValueMap scores;
    const Timestamp day = shard.local_day(*loaded.definitions->workspace.zone, d.now).start;
    for (const Score score :
         {Score::POrder, Score::ExpectedValue, Score::ValueAtRisk, Score::Overdue}) {
        scores.set(std::string(score_names[static_cast<std::size_t>(score)]),
                   score_of(customers, d.customer, shard.models, score, day));
    }
    map.set("scores", std::move(scores));
    return map;
}

message::RenderOutcome render(const Shard::Impl& shard,
                              const Definitions& definitions,
                              const Decision& d,
                              const message::MessageTemplate& message_template) {
    const auto offer = definitions.offers.find(d.step.offer_id);
    const ValueMap data =
        message_context({.definitions = &definitions,
                         .customers = &shard.customers,
                         .customer = d.customer,
                         .offer = offer == definitions.offers.end() ? nullptr : &offer->second,
                         .entry = d.enrollment.entry,
                         .journey = d.journey.id,
                         .channel = customer::channel_name(d.step.channel),
                         .topic = message_template.topic,
                         .key = d.key,
                         .now = d.now});
    const std::string language = text_of(shard.customers.trait(d.customer, "language"));
    const std::string to = address_of(shard.customers, d.customer, d.step.channel);
    const Workspace& workspace = definitions.workspace;
    const message::TrackedLinks links(workspace.base_url, definitions.link_secret, d.key);
    return message::render_message(message_template,
                                   {.data = &data,
                                    .customer_language = language,
                                    .workspace_language = workspace.language,
                                    .zone = &zone_of(shard.customers, d.customer, workspace),
                                    .now = d.now,
                                    .to = to,
                                    .from = workspace.from_address,
                                    .from_name = workspace.from_name,
                                    .reply_to = workspace.reply_to,
                                    .links = &links});
}

}  // namespace

std::optional<Timestamp> Shard::Impl::decide_message(CustomerIndex customer,
                                                     Enrollment& enrollment,
                                                     const journey::Journey& journey,
                                                     const journey::Step& step,
                                                     const Input& input,
                                                     Effects& effects) {
    Loaded& loaded = *loaded_for(enrollment);
    const Definitions& definitions = *loaded.definitions;
    const Hash128 key = message::make_key({.customer = customers.id(customer),
                                           .journey = journey.id,
                                           .entry = enrollment.entry,
                                           .step = step.id,
                                           .visit = 1})
                            .hash;
    MessageRecord* known = find_message(customer, key);
    if (known != nullptr && known->state != MessageState::Held) {
        return std::nullopt;  // Decided before; a key is never decided twice.
    }
    const Decision decision{customer, enrollment, journey, step, key, input.at};
    const auto found = definitions.templates.find(step.template_id);
    StandingFacts facts;
    if (const auto records = messages.find(customer); records != messages.end()) {
        facts.contacts = contacts_of(records->second, key);
    }
    // The gates are those of today, whatever version the customer entered under.
    const Definitions& today = *current->definitions;
    const std::string_view topic =
        found == definitions.templates.end() ? "" : std::string_view(found->second.topic);
    policy::Standing standing =
        standing_of(customers, customer, {step.channel, topic}, today, facts);
    standing.now = input.at;
    standing.transactional = found != definitions.templates.end() && found->second.transactional;
    standing.held_out = enrollment.held_out;
    standing.holdout_share = journey.holdout;
    standing.holdout_bucket = experiment::bucket(journey.id, journey.salt, customers.id(customer));
    standing.goal_reached = enrollment.goal_at.has_value();
    const policy::Verdict verdict = policy::ask_gates(today.policies, standing);

    MessageDecided decided{.key = key,
                           .customer = std::string(customers.id(customer)),
                           .journey = journey.id,
                           .step = step.id,
                           .template_id = step.template_id,
                           .channel = step.channel,
                           .reason = verdict.reason,
                           .at = input.at};
    decided.explanation = explain(*this, loaded, decision, verdict);
    if (found == definitions.templates.end()) {
        decided.reason = decided.reason.value_or(RefusalReason::RenderError);
        decided.explanation.set("error", "there is no template '" + step.template_id + "'");
    } else {
        message::RenderOutcome outcome = render(*this, definitions, decision, found->second);
        if (outcome.message.has_value()) {
            decided.rendered = *std::move(outcome.message);
            if (decided.rendered.to.empty() && !decided.reason.has_value()) {
                decided.reason = RefusalReason::NoAddress;
            }
        } else {
            decided.reason = decided.reason.value_or(RefusalReason::RenderError);
            decided.explanation.set("error",
                                    outcome.failure->part + ": " + outcome.failure->error.message);
        }
    }
    const bool held = verdict.hold_until.has_value() && decided.reason == verdict.reason;
    decided.state = !decided.reason.has_value() ? MessageState::Queued
                    : held                      ? MessageState::Held
                                                : MessageState::Refused;
    if (held) {
        decided.explanation.set("held_until", *verdict.hold_until);
    }
    remember_message(customer, decided, enrollment.entry, verdict.hold_until);
    effects.decided.push_back(std::move(decided));
    return held ? verdict.hold_until : std::nullopt;
}

void Shard::Impl::remember_message(CustomerIndex customer,
                                   const MessageDecided& decided,
                                   std::uint32_t entry,
                                   std::optional<Timestamp> hold_until) {
    MessageRecord* record = find_message(customer, decided.key);
    if (record == nullptr) {
        record = &messages[customer].emplace_back();
        record->key = decided.key;
        record->journey = decided.journey;
        record->step = decided.step;
        record->template_id = decided.template_id;
        record->entry = entry;
        record->channel = decided.channel;
    }
    record->state = decided.state;
    record->reason = decided.reason;
    record->decided_at = decided.at;
    record->changed_at = decided.at;
    record->release_at = hold_until.value_or(Timestamp{});
    put_in_order(messages[customer]);  // `record` may be another now.
}

void put_in_order(std::vector<MessageRecord>& records) {
    const auto earlier = [](const MessageRecord& a, const MessageRecord& b) {
        return a.decided_at < b.decided_at;
    };
    if (!std::is_sorted(records.begin(), records.end(), earlier)) {
        std::stable_sort(records.begin(), records.end(), earlier);
    }
}

void Shard::Impl::start_sending(const SendStarted& body, const Input& input, Effects& effects) {
    const auto customer = customers.find(body.customer);
    if (!customer.has_value() || sequences[*customer] >= input.sequence) {
        return;
    }
    MessageRecord* record = find_message(*customer, body.key);
    if (record == nullptr || record->state != MessageState::Queued || current == nullptr) {
        return;
    }
    begin(*customer, input, effects);
    // The world may have changed since the decision: ask again what may not be wrong.
    StandingFacts facts;
    const auto found = current->definitions->templates.find(record->template_id);
    const std::string_view topic =
        found == current->definitions->templates.end() ? "" : std::string_view(found->second.topic);
    policy::Standing standing =
        standing_of(customers, *customer, {record->channel, topic}, *current->definitions, facts);
    standing.now = input.at;
    standing.control_bucket = 1;
    standing.transactional =
        found != current->definitions->templates.end() && found->second.transactional;
    const auto enrolled = enrollments.find(*customer);
    if (enrolled != enrollments.end()) {
        standing.goal_reached =
            std::any_of(enrolled->second.begin(), enrolled->second.end(), [&](const Enrollment& e) {
                return e.journey == record->journey && e.entry == record->entry &&
                       e.goal_at.has_value();
            });
    }
    if (!customers.merged_into(*customer).empty()) {
        facts.suppression = "merged into another customer";
        standing.suppression = facts.suppression;
    }
    policy::Policies policies;
    policies.quiet_hours = current->definitions->policies.quiet_hours;
    const policy::Verdict verdict = policy::ask_gates(policies, standing);
    MessageChanged changed{.key = body.key, .customer = body.customer, .at = input.at};
    changed.reason = verdict.reason;
    if (!verdict.reason.has_value()) {
        record->state = MessageState::Sending;
        effects.deliver.push_back({.key = body.key, .customer = body.customer});
    } else if (verdict.hold_until.has_value()) {
        changed.retry_at = *verdict.hold_until;  // Stays in the outbox until then.
    } else {
        record->state = MessageState::Refused;
    }
    record->reason = verdict.reason;
    record->changed_at = input.at;
    changed.state = record->state;
    effects.changed.push_back(std::move(changed));
    if (!customers.merged_into(*customer).empty()) {
        // Tried again after its customer was merged.
        tell_outcome(*customer,
                     {.customer = body.customer, .key = body.key, .state = record->state}, effects);
    } else if (record->state == MessageState::Refused) {
        look_at_all(*customer, Cause::Live, input, effects);  // sent(..) counts one less.
    }
}

void Shard::Impl::end_sending(const SendEnded& body, const Input& input, Effects& effects) {
    const auto customer = customers.find(body.customer);
    if (!customer.has_value() || sequences[*customer] >= input.sequence) {
        return;
    }
    MessageRecord* record = find_message(*customer, body.key);
    if (record == nullptr || record->state != MessageState::Sending) {
        return;
    }
    begin(*customer, input, effects);
    record->state = body.state;
    record->changed_at = input.at;
    effects.changed.push_back({.key = body.key,
                               .customer = body.customer,
                               .state = body.state,
                               .at = input.at,
                               .detail = body.detail});
    if (!customers.merged_into(*customer).empty()) {
        tell_outcome(*customer, body, effects);
    } else if (current != nullptr && !counts_as_sent(body.state)) {
        look_at_all(*customer, Cause::Live, input, effects);  // sent(..) counts one less.
    }
}

void Shard::Impl::tell_outcome(CustomerIndex customer, const SendEnded& body, Effects& effects) {
    emit({.kind = Handover::Kind::Outcome,
          .customer = std::string(customers.merged_into(customer)),
          .other = body.customer,
          .payload = encode(body),
          .path = {body.customer}},
         effects);
}

void Shard::Impl::learn_outcome(CustomerIndex customer,
                                const SendEnded& body,
                                const Input& input,
                                Effects& effects) {
    MessageRecord* record = find_message(customer, body.key);
    if (record == nullptr ||
        (record->state != MessageState::Sending && record->state != MessageState::Queued)) {
        return;
    }
    record->state = body.state;
    record->changed_at = input.at;
    if (current != nullptr && !counts_as_sent(body.state)) {
        look_at_all(customer, Cause::Live, input, effects);
    }
}

}  // namespace winback::engine

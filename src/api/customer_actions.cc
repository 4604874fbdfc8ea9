#include "api/customer_actions.h"

#include <array>
#include <future>
#include <memory>
#include <optional>

#include "api/audit.h"
#include "api/live_events.h"
#include "api/tree.h"
#include "base/strings.h"
#include "customer/limits.h"
#include "host/host.h"
#include "host/reading.h"
#include "playbook/id.h"

namespace winback::api {
namespace {

using Kind = engine::Command::Kind;

constexpr int merges_max = 32;

Error invalid(std::string text) {
    return {ErrorCode::InvalidArgument, std::move(text)};
}

bool has_control(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) {
            return true;
        }
    }
    return false;
}

Result<std::string> reason_of(std::string_view reason) {
    reason = trim(reason);
    if (reason.empty() || reason.size() > action_reason_bytes_max || has_control(reason)) {
        return invalid("'reason' says why, in at most 200 bytes");
    }
    return std::string(reason);
}

struct Known {
    std::string id;  // Of who stands for the id that was asked for.
    std::vector<std::string> tags;
    std::vector<std::string> merged;  // Ids that led here before.
    bool suppressed = false;
    std::string suppression_reason;
    std::array<expr::ConsentState, customer::channel_count> consents{};
};

std::string_view consent_name(expr::ConsentState state) {
    return state == expr::ConsentState::Granted  ? "granted"
           : state == expr::ConsentState::Denied ? "denied"
                                                 : "unset";
}

// Whether an id is known is something about a person.
Result<Known> know(const Acting& acting) {
    if (!acting.who.allows("personal")) {
        return Error{ErrorCode::PermissionDenied, "this key lacks the scope 'personal'"};
    }
    Desk& desk = acting.desk;
    std::string id = acting.customer;
    for (int hop = 0; hop < merges_max; ++hop) {
        std::optional<Known> known;
        std::string into;
        desk.host().query_customer(id, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto c = customers.find(id);
            if (!c || customers.erased(*c)) {
                return;
            }
            into = customers.merged_into(*c);
            if (into.empty()) {
                known = Known{id,
                              customers.labels(*c, customer::tags_attribute),
                              customers.absorbed_ids(*c),
                              customers.suppressed(*c),
                              std::string(customers.suppression_reason(*c)),
                              {}};
                for (std::size_t i = 0; i < customer::channel_count; ++i) {
                    known->consents[i] =
                        customers.consent(*c, static_cast<customer::Channel>(i)).state;
                }
            }
        });
        if (known) {
            return *std::move(known);
        }
        if (into.empty()) {
            break;
        }
        id = std::move(into);
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

// Waits until it is durable.
Status carry_out(const Acting& acting, engine::Command command) {
    command.by = author_of(acting.who);
    const auto done = std::make_shared<std::promise<Status>>();
    std::future<Status> answer = done->get_future();
    acting.desk.host().command(std::move(command),
                               [done](const Status& status) { done->set_value(status); });
    return answer.get();
}

void record(const Acting& acting,
            std::string_view what,
            const std::string& customer,
            Value before,
            Value after) {
    record_change(
        acting.desk, acting.who,
        {.what = what, .target = customer, .before = std::move(before), .after = std::move(after)});
}

ValueMap one(const char* name, Value value) {
    ValueMap map;
    map.set(name, std::move(value));
    return map;
}

// Whose note it is: the id of its author. It may have come with an id that was merged into theirs.
Result<std::string> author_of_note(Desk& desk, const Known& known, const std::string& note) {
    std::vector<std::string> ids = known.merged;
    ids.push_back(known.id);
    const auto is_it = [&](const engine::Fact& fact) {
        return fact.name == engine::note_fact && text_at(fact.details, "note") == note;
    };
    for (const std::string& id : ids) {
        WINBACK_TRY(const std::optional<engine::Fact> fact,
                    host::find_fact(desk.host().store(), id, is_it));
        if (fact) {
            return text_at(fact->details, "by_id");
        }
    }
    return Error{ErrorCode::NotFound, "there is no such note"};
}

// What they said about one topic before.
std::string_view topic_consent_of(Desk& desk,
                                  const std::string& customer,
                                  customer::Channel channel,
                                  std::string_view topic) {
    Value said;
    desk.host().query_customer(customer, [&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        if (const auto c = customers.find(customer)) {
            said = customers.trait(*c, customer::topic_attribute(channel, topic));
        }
    });
    const std::string* text = said.as_string();
    return text != nullptr && *text == "denied"    ? "denied"
           : text != nullptr && *text == "granted" ? "granted"
                                                   : "unset";
}

}  // namespace

Status add_note(const Acting& acting, std::string_view text) {
    text = trim(text);
    if (text.empty() || text.size() > note_bytes_max || !is_valid_utf8(text)) {
        return invalid("'text' is the note, in at most 4096 bytes");
    }
    WINBACK_TRY(const Known known, know(acting));
    WINBACK_TRY(
        const Ok done,
        carry_out(acting, {.kind = Kind::Note, .customer = known.id, .text = std::string(text)}));
    record(acting, "customer.note", known.id, {},
           one("bytes", static_cast<std::int64_t>(text.size())));
    return done;
}

Status delete_note(const Acting& acting, const std::string& note) {
    WINBACK_TRY(const Known known, know(acting));
    WINBACK_TRY(const std::string author, author_of_note(acting.desk, known, note));
    const std::string& me = actor_id(acting.who);
    if (author != me && !acting.who.allows("admin")) {
        return Error{ErrorCode::PermissionDenied, "only its author or an admin deletes a note"};
    }
    WINBACK_TRY(const Ok done,
                carry_out(acting, {.kind = Kind::DeleteNote, .customer = known.id, .text = note}));
    record(acting, "customer.note_delete", known.id, one("note", note), {});
    return done;
}

Status set_tag(const Acting& acting, std::string_view tag, bool present) {
    tag = trim(tag);
    if (tag.empty() || tag.size() > customer::label_bytes_max || has_control(tag) ||
        !is_valid_utf8(tag)) {
        return invalid("'tag' is a word or two, in at most 64 bytes");
    }
    WINBACK_TRY(const Known known, know(acting));
    if (present && known.tags.size() >= customer::labels_max) {
        return invalid("a customer has at most 50 tags");
    }
    WINBACK_TRY(const Ok done, carry_out(acting, {.kind = present ? Kind::Tag : Kind::Untag,
                                                  .customer = known.id,
                                                  .text = std::string(tag)}));
    record(acting, present ? "customer.tag" : "customer.untag", known.id,
           present ? Value() : Value(one("tag", tag)), present ? Value(one("tag", tag)) : Value());
    return done;
}

bool is_grave(std::string_view suppression_reason) {
    return suppression_reason == "complaint" || suppression_reason.starts_with("hard bounce") ||
           suppression_reason.starts_with("hard_bounce");
}

Status set_suppressed(const Acting& acting, bool suppressed, std::string_view reason) {
    WINBACK_TRY(const std::string why, reason_of(reason));
    WINBACK_TRY(const Known known, know(acting));
    if (known.suppressed == suppressed) {
        return invalid(suppressed ? "this customer is not written to already"
                                  : "nothing keeps us from writing to this customer");
    }
    if (!suppressed && is_grave(known.suppression_reason) && !acting.who.allows("admin")) {
        return Error{ErrorCode::PermissionDenied,
                     "a complaint or a hard bounce is lifted by an admin alone"};
    }
    WINBACK_TRY(const Ok done, carry_out(acting, {.kind = suppressed ? Kind::Suppress : Kind::Lift,
                                                  .customer = known.id,
                                                  .reason = why}));
    record(acting, suppressed ? "customer.suppress" : "customer.lift", known.id,
           one("suppressed", known.suppressed), one("suppressed", suppressed));
    return done;
}

Status change_consent(const Acting& acting,
                      std::string_view channel,
                      std::string_view state,
                      std::string_view reason,
                      std::string_view topic) {
    const auto known_channel = customer::parse_channel(channel);
    if (!known_channel) {
        return invalid("'channel' is email, sms, push or in_app");
    }
    if (state != "granted" && state != "denied") {
        return invalid("'state' is granted or denied");
    }
    if (!topic.empty() && !playbook::is_valid_id(topic)) {
        return invalid("'topic' is the id of one: lower-case letters, digits, _ and -, at most 64");
    }
    WINBACK_TRY(const std::string why, reason_of(reason));
    WINBACK_TRY(const Known known, know(acting));
    const std::string_view said =
        topic.empty() ? consent_name(known.consents[static_cast<std::size_t>(*known_channel)])
                      : topic_consent_of(acting.desk, known.id, *known_channel, topic);
    WINBACK_TRY(const Ok done,
                carry_out(acting, {.kind = Kind::SetConsent,
                                   .customer = known.id,
                                   .channel = *known_channel,
                                   .consent = state == "granted" ? expr::ConsentState::Granted
                                                                 : expr::ConsentState::Denied,
                                   .reason = why,
                                   .topic = std::string(topic)}));
    // The reason is somebody's words about a customer: it stands in the log of consents alone.
    ValueMap before;
    before.set(std::string(channel), said);
    ValueMap after;
    after.set(std::string(channel), state);
    if (!topic.empty()) {
        after.set("topic", topic);
    }
    record(acting, "customer.consent", known.id, std::move(before), std::move(after));
    return done;
}

Status erase_customer(const Acting& acting, std::string_view typed, std::string_view reason) {
    WINBACK_TRY(const std::string why, reason_of(reason));
    WINBACK_TRY(const Known known, know(acting));
    if (typed != known.id) {
        return invalid("type the id of the customer once more, as it stands there");
    }
    // Written down first: the trail's hash of the id must be known before the id is forgotten.
    record(acting, "customer.erase", known.id, {}, {});
    WINBACK_TRY(const Ok done,
                carry_out(acting, {.kind = Kind::Erase, .customer = known.id, .reason = why}));
    std::vector<std::string> ids = known.merged;
    ids.push_back(known.id);
    acting.desk.part<LiveEvents>().forget(ids);
    return done;
}

}  // namespace winback::api

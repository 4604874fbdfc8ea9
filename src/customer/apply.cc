// Taking one event: what it changes in each part.

#include <algorithm>

#include "base/check.h"
#include "base/strings.h"
#include "customer/impl.h"
#include "customer/silence.h"
#include "event/names.h"

namespace winback::customer {
namespace {

constexpr std::string_view consent_trait = "consent";

// Segment's `context.active: false` marks calls that a customer did not cause.
bool is_activity(const event::Event& event) {
    if (event.kind == event::EventKind::Alias ||
        std::find(not_by_customer.begin(), not_by_customer.end(), event.name) !=
            not_by_customer.end()) {
        return false;
    }
    const Value* active = event.context.find("active");
    return active == nullptr || active->as_bool() == nullptr || *active->as_bool();
}

expr::ConsentState read_state(const Value* value) {
    if (value == nullptr) {
        return expr::ConsentState::Unset;
    }
    if (const bool* granted = value->as_bool()) {
        return *granted ? expr::ConsentState::Granted : expr::ConsentState::Denied;
    }
    const std::string* text = value->as_string();
    if (text != nullptr && equals_ignoring_case(*text, "granted")) {
        return expr::ConsentState::Granted;
    }
    return text != nullptr && equals_ignoring_case(*text, "denied") ? expr::ConsentState::Denied
                                                                    : expr::ConsentState::Unset;
}

std::string text_or(const Value* value, std::string_view fallback) {
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string(fallback) : *text;
}

}  // namespace

Applied Customers::apply(CustomerIndex customer, const event::Event& event, Timestamp) {
    WINBACK_CHECK(customer < size());
    WINBACK_CHECK(!impl_->has(customer, Merged));
    Applied applied;
    if (impl_->has(customer, Erased)) {
        applied.duplicate = true;
        return applied;
    }
    EventTable& table = impl_->history.table_for(event.name);
    const std::uint32_t id_hash = short_id_hash(event.message_id);
    const bool below_bound = table.is_below_bound(customer, event.time);
    if (table.contains(customer, event.time, id_hash) || (below_bound && event.content_id)) {
        applied.duplicate = true;
        return applied;
    }
    applied.created = !impl_->has(customer, HasEvents);
    applied.late = event.time < table.newest(customer);
    impl_->raise(customer, HasEvents);
    if (!event.user_id.empty()) {
        impl_->raise(customer, Identified);
    }
    impl_->history.add(table, customer, event);
    if (is_activity(event)) {
        impl_->seen.see(customer, event.surface, event.time);
    }
    impl_->take_context(customer, event, applied);
    impl_->take_traits(customer, event, applied);
    impl_->take_consents(customer, event, applied);
    if (event.name == event::order_completed && !below_bound) {
        impl_->orders.order_added(impl_->order_tables(), customer, event.time);
    } else if (event.name == event::order_refunded) {
        impl_->orders.refund_added(impl_->order_tables(), customer);
    }
    return applied;
}

void Customers::Impl::take_context(CustomerIndex customer,
                                   const event::Event& event,
                                   Applied& applied) {
    const bool only_absent = event.time < context_time.at(customer);
    const auto take = [&](std::string_view name, Column& column) {
        const Value* value = event.context.find(name);
        const std::string* text = value == nullptr ? nullptr : value->as_string();
        constexpr std::size_t name_bytes_max = 64;  // Longer than any locale or zone.
        if (text == nullptr || text->empty() || text->size() > name_bytes_max) {
            return;
        }
        const Cell before = column.at(customer);
        if (before.text != *text && (before.text.empty() || !only_absent)) {
            column.put(customer, text_cell(*text));
            applied.traits_changed = true;
        }
        context_time.raise(customer, event.time);
    };
    take("locale", locale);
    take("timezone", time_zone);
}

void Customers::Impl::take_traits(CustomerIndex customer,
                                  const event::Event& event,
                                  Applied& applied) {
    if (event.kind == event::EventKind::Group || event.kind == event::EventKind::Alias) {
        return;
    }
    const bool only_absent = event.time < traits_time.at(customer);
    // A trait is no statement of consent: it does not undo a refusal.
    const auto refused = [&](const std::string& name) {
        return name.starts_with(topic_attribute_begin) &&
               attributes.value(customer, name) == Value("denied");
    };
    const auto take = [&](const ValueMap& traits) {
        for (const Field& trait : traits) {
            if (trait.first != consent_trait && !is_label(trait.first) && !refused(trait.first)) {
                applied.traits_changed |= attributes.set(customer, trait.first, trait.second,
                                                         only_absent, applied.conflicts);
            }
            traits_time.raise(customer, event.time);
        }
    };
    const Value* traits = event.context.find("traits");
    if (traits != nullptr && traits->as_map() != nullptr) {
        take(*traits->as_map());
    }
    if (event.kind == event::EventKind::Identify) {
        take(event.properties);
    }
}

void Customers::Impl::state_consent(CustomerIndex customer,
                                    std::string_view channel_text,
                                    const Value& stated,
                                    const event::Event& event,
                                    Applied& applied) {
    const std::optional<Channel> channel = parse_channel(to_lower_ascii(channel_text));
    const ValueMap* map = stated.as_map();
    const expr::ConsentState state = read_state(map == nullptr ? &stated : map->find("state"));
    if (!channel || state == expr::ConsentState::Unset) {
        return;
    }
    const bool is_identify = event.kind == event::EventKind::Identify;
    const Value* source = map == nullptr ? nullptr : map->find("source");
    const Consent statement{
        .state = state,
        .time = event.time,
        .source = text_or(source, is_identify ? "identify" : "consent_changed")};
    const std::string topic = text_or(map == nullptr ? nullptr : map->find("topic"), "");
    if (topic.empty()) {
        applied.consent_changed |= consents.add(customer, *channel, statement);
        return;
    }
    // A grant that comes late does not undo what was said since; a refusal always counts.
    if (state == expr::ConsentState::Denied || event.time >= traits_time.at(customer)) {
        applied.traits_changed |= set_topic_consent(customer, *channel, topic, statement);
        traits_time.raise(customer, event.time);
    }
}

bool Customers::Impl::set_topic_consent(CustomerIndex customer,
                                        Channel channel,
                                        std::string_view topic,
                                        const Consent& consent) {
    if (consent.state == expr::ConsentState::Unset) {
        return false;
    }
    const Value said(consent.state == expr::ConsentState::Denied ? "denied" : "granted");
    const std::string name = topic_attribute(channel, topic);
    std::vector<TypeConflict> conflicts;
    bool changed = attributes.set(customer, name, said, false, conflicts);
    if (consent.state == expr::ConsentState::Denied && attributes.value(customer, name) != said) {
        changed |= consents.add(customer, channel, consent);
    }
    return changed;
}

void Customers::Impl::deny(CustomerIndex customer,
                           Channel channel,
                           std::string_view source,
                           Timestamp time,
                           Applied& applied) {
    applied.consent_changed |= consents.add(
        customer, channel,
        {.state = expr::ConsentState::Denied, .time = time, .source = std::string(source)});
}

void Customers::Impl::take_consents(CustomerIndex customer,
                                    const event::Event& event,
                                    Applied& applied) {
    if (event.kind == event::EventKind::Identify) {
        const Value* consent = event.properties.find(consent_trait);
        if (consent == nullptr || consent->as_map() == nullptr) {
            return;
        }
        for (const Field& channel : *consent->as_map()) {
            state_consent(customer, channel.first, channel.second, event, applied);
        }
    } else if (event.name == event::consent_changed) {
        const Value stated(event.properties);
        state_consent(customer, text_or(event.properties.find("channel"), ""), stated, event,
                      applied);
    } else if (event.name == event::unsubscribed) {
        deny(customer, Channel::Email, "unsubscribed", event.time, applied);
    } else if (event.name == event::marked_as_spam) {
        deny(customer, Channel::Email, "marked_as_spam", event.time, applied);
        suppress(customer, "complaint", event.time);
    } else if (event.name == event::application_uninstalled) {
        deny(customer, Channel::Push, "application_uninstalled", event.time, applied);
    }
}

// The earliest reason stays.
void Customers::Impl::suppress(CustomerIndex customer, std::string_view reason, Timestamp at) {
    const auto [known, is_new] =
        suppressions.try_emplace(customer, Suppression{std::string(reason), at});
    if (!is_new && at < known->second.time) {
        known->second = {std::string(reason), at};
    }
    raise(customer, Suppressed);
}

}  // namespace winback::customer

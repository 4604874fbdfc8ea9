#include "engine/context.h"

#include "base/hash.h"
#include "message/own_links.h"
#include "message/unsubscribe.h"

namespace winback::engine {
namespace {

ValueMap orders_context(const customer::Customers& customers,
                        customer::CustomerIndex customer,
                        Timestamp now) {
    const customer::Orders orders = customers.orders(customer);
    ValueMap map;
    map.set("count", std::int64_t{orders.count});
    map.set("revenue", to_double(orders.revenue));
    if (orders.count > 0) {
        map.set("first", orders.first);
        map.set("last", orders.last);
        map.set("average", to_double(orders.revenue) / orders.count);
        map.set("days_since_last", (now - orders.last).ms / days(1).ms);
    }
    const customer::Rhythm rhythm = customers.rhythm(customer);
    if (rhythm.gap_count > 0) {
        map.set("usual_gap_days", rhythm.median.ms / days(1).ms);
    }
    return map;
}

}  // namespace

ValueMap customer_context(const customer::Customers& customers,
                          customer::CustomerIndex customer,
                          Timestamp now) {
    ValueMap map = customers.attributes(customer);
    map.set("id", std::string(customers.id(customer)));
    for (const std::string_view name : {"language", "country", "timezone"}) {
        map.set(std::string(name), customers.trait(customer, name));
    }
    map.set("orders", orders_context(customers, customer, now));
    return map;
}

ValueMap workspace_context(const Workspace& workspace) {
    ValueMap map;
    map.set("name", workspace.name);
    map.set("url", workspace.brand_url);
    map.set("address", workspace.address);
    map.set("currency", workspace.currency);
    map.set("language", workspace.language);
    return map;
}

ValueMap offer_context(const Offer& offer, std::string code, Timestamp now) {
    ValueMap map;
    map.set("id", offer.id);
    map.set("name", offer.name);
    const auto whole = static_cast<std::int64_t>(offer.percent);
    map.set("percent",
            static_cast<double>(whole) == offer.percent ? Value(whole) : Value(offer.percent));
    map.set("code", std::move(code));
    map.set("valid_days", std::int64_t{offer.valid_days});
    map.set("valid_until", now + days(offer.valid_days));
    return map;
}

std::string offer_code(const Offer& offer,
                       std::string_view customer_id,
                       std::string_view journey,
                       std::uint32_t entry) {
    // Crockford's base 32 without letters that are misread.
    constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string text = offer.id;
    text += '\0';
    text += customer_id;
    text += '\0';
    text += journey;
    text += '\0';
    text += std::to_string(entry);
    std::uint64_t hash = hash64(text);
    std::string code = offer.code_prefix;
    code += code.empty() ? "" : "-";
    for (int i = 0; i < 8; ++i) {
        code += digits[hash & 31U];
        hash >>= 5U;
    }
    return code;
}

const Zone& zone_of(const customer::Customers& customers,
                    customer::CustomerIndex customer,
                    const Workspace& workspace) {
    const Value name = customers.trait(customer, "timezone");
    if (const std::string* text = name.as_string()) {
        if (const auto zone = find_zone(*text)) {
            return **zone;
        }
    }
    return *workspace.zone;
}

ValueMap message_context(const ContextRequest& r) {
    const Workspace& workspace = r.definitions->workspace;
    ValueMap map;
    map.set("customer", customer_context(*r.customers, r.customer, r.now));
    map.set("workspace", workspace_context(workspace));
    const std::string_view id = r.customers->id(r.customer);
    if (r.offer != nullptr) {
        map.set("offer",
                offer_context(*r.offer, offer_code(*r.offer, id, r.journey, r.entry), r.now));
    }
    const std::string_view secret = r.definitions->link_secret;
    const std::string token = message::make_token(secret, {.customer = std::string(id),
                                                           .channel = std::string(r.channel),
                                                           .topic = std::string(r.topic)});
    map.set("unsubscribe_url", workspace.base_url + "/u/" + token);
    map.set("preferences_url", message::preferences_url(workspace.base_url, secret, id));
    map.set("view_in_browser_url", message::view_url(workspace.base_url, secret, r.key));
    return map;
}

}  // namespace winback::engine

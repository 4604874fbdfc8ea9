// Everything that a playbook defines, compiled and checked. Immutable; shared by all shards.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/value.h"
#include "base/zone.h"
#include "customer/customers.h"
#include "expr/facts.h"
#include "journey/journey.h"
#include "message/message_template.h"
#include "policy/policies.h"
#include "segment/segment.h"

namespace winback::engine {

// How long data is kept (docs/design/keeping.md).
struct Keep {
    // Of whom nothing was heard for this long is erased; nothing: nobody is.
    std::optional<CalendarStep> silent_customers;
    int at_min = 3 * 60;  // When the day's sweep begins: minutes after the workspace's midnight.
};

// From six months to twenty years of the calendar, in days or longer units.
bool may_keep(const CalendarStep& silent);

struct Workspace {
    std::string name;
    const Zone* zone = nullptr;  // Never null after loading.
    std::string currency = "USD";
    std::string language = "en";
    std::string country;  // ISO 3166-1: "GB"; empty when it is not said.
    std::string from_name;
    std::string from_address;  // "hello@shop.example"
    std::string reply_to;
    std::string address;    // Postal, in the footer.
    std::string base_url;   // "https://shop.example": for links to our own pages.
    std::string brand_url;  // The shop itself.
    // What customers read of a topic: name by language, under "" when it is the same in all.
    std::map<std::string, std::map<std::string, std::string>> topics;
    std::optional<Micros> acquisition_cost;  // Of one new customer; for reports alone.
    Keep keep;
};

struct Offer {
    std::string id;
    std::string name;
    double percent = 0;       // 10 means 10 % off; 0 when the offer is not a percentage.
    Micros cost;              // What it costs us at most per customer.
    std::string code_prefix;  // A code is prefix + hash of customer and entry: no state needed.
    int valid_days = 14;
};

// A made-up customer that templates are rehearsed with (samples/*.yaml).
struct Sample {
    std::string id;
    std::string language;  // Empty: rehearsed in every language.
    ValueMap customer;     // As `customer` in the tree of templates.
};

struct Definitions {
    std::uint64_t version = 0;  // Counts up with each load in a data folder, from 1.
    std::uint64_t hash = 0;     // Of the playbook's files.
    Workspace workspace;
    expr::Symbols symbols;
    segment::Segments segments;
    std::vector<journey::Journey> journeys;
    std::map<std::string, message::MessageTemplate> templates;  // By id.
    std::map<std::string, Offer> offers;
    policy::Policies policies;
    std::vector<Sample> samples;  // In the order of their ids.
    customer::FieldPlan fields;   // What the conditions read; merged with builtin_fields().
    std::string link_secret;  // Signs unsubscribe links; from the data folder, not the playbook.

    const journey::Journey* journey(std::string_view id) const;
    const segment::Segment* segment(std::string_view id) const;
};

using DefinitionsPtr = std::shared_ptr<const Definitions>;

}  // namespace winback::engine

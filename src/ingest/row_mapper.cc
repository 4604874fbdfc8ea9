#include "ingest/row_mapper.h"

#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "event/limits.h"
#include "event/names.h"
#include "ingest/amount.h"

namespace winback::ingest {
namespace {

using event::Event;
using event::EventKind;

// Of everything in the event: for events that no key tells apart.
std::string content_id(const Event& event) {
    return "import-" + to_hex(hash128(event::encode(event)));
}

// Of the group's key, so that a corrected file does not count an order twice.
std::string group_id(const Event& event, const std::string& key) {
    Event identity{.kind = event.kind,
                   .content_id = true,
                   .user_id = event.user_id,
                   .group_id = key,
                   .name = event.name,
                   .time = event.time};
    return content_id(identity);
}

std::string group_key(std::string_view by, bool refund) {
    return std::string(refund ? "-" : "+") + std::string(by);
}

}  // namespace

const std::vector<FieldSpec>& RowMapper::fields(bool refund) const {
    return refund && mapping_.returns->properties ? *mapping_.returns->properties
                                                  : mapping_.properties;
}

Result<RowOutcome> RowMapper::add(const CsvRecord& record, RowFault& why) {
    Row row(record, mapping_, places_);
    Addition addition;
    const RowOutcome wanted = meets_conditions(row, why);
    const RowOutcome outcome =
        wanted == RowOutcome::Taken ? find_return(row, addition.refund, why) : wanted;
    if (outcome != RowOutcome::Taken) {
        return outcome;
    }
    Event& event = addition.event;
    if (!row.expand(mapping_.customer, event.user_id)) {
        why = {"no_customer", "the row names no customer"};
        return mapping_.skip_missing_customer ? RowOutcome::Skipped : RowOutcome::Rejected;
    }
    if (event.user_id.size() > event::id_bytes_max) {
        why = {"customer_too_long", "the customer's id is longer than 256 bytes"};
        return RowOutcome::Rejected;
    }
    if (!read(row, addition, why)) {
        return RowOutcome::Rejected;
    }
    return put(row, std::move(addition), why);
}

RowOutcome RowMapper::meets_conditions(const Row& row, RowFault& why) {
    if (!mapping_.grouping || !mapping_.grouping->first_decides) {
        return check(row, why);
    }
    const std::uint64_t group = hash64(row.cell(mapping_.grouping->by));
    if (const auto first = first_rows_.find(group); first != first_rows_.end()) {
        why = {"with_first_row", "the first row of this group does not count"};
        return first->second ? RowOutcome::Taken : RowOutcome::Skipped;
    }
    const RowOutcome outcome = check(row, why);
    if (first_rows_.size() == seen_max) {
        first_rows_.clear();
    }
    first_rows_.emplace(group, outcome == RowOutcome::Taken);
    return outcome;
}

RowOutcome RowMapper::check(const Row& row, RowFault& why) const {
    for (const Condition& condition : mapping_.where) {
        bool holds = false;
        if (!row.holds(condition, holds, why)) {
            return RowOutcome::Rejected;
        }
        if (!holds) {
            why = {condition.reason, "the row does not meet the condition on '" +
                                         mapping_.columns[condition.column] + "'"};
            return condition.reject ? RowOutcome::Rejected : RowOutcome::Skipped;
        }
    }
    return RowOutcome::Taken;
}

RowOutcome RowMapper::find_return(Row& row, bool& refund, RowFault& why) const {
    if (!mapping_.returns) {
        return RowOutcome::Taken;
    }
    const Returns& returns = *mapping_.returns;
    if (!row.holds(returns.when, refund, why)) {
        return RowOutcome::Rejected;
    }
    if (refund && returns.action != Returns::Action::Refund) {
        why = {"return", "the row is a return"};
        return returns.action == Returns::Action::Skip ? RowOutcome::Skipped : RowOutcome::Rejected;
    }
    if (refund) {
        row.take_absolute(returns.when.column);
    }
    return RowOutcome::Taken;
}

bool RowMapper::read(Row& row, Addition& addition, RowFault& why) const {
    Event& event = addition.event;
    event.kind = mapping_.event ? EventKind::Track : EventKind::Identify;
    event.surface = mapping_.surface;
    event.content_id = true;
    if (!row.time(event.time, why) || !read_traits(row, addition.traits, why)) {
        return false;
    }
    if (!mapping_.event) {
        return true;
    }
    if (addition.refund) {
        event.name = mapping_.returns->event;
    } else if (!row.expand(*mapping_.event, event.name)) {
        why = {"no_event", "the row names no event"};
        return false;
    }
    if (event.name.size() > event::event_name_bytes_max) {
        why = {"event_name_too_long", "the name of the event is longer than 256 bytes"};
        return false;
    }
    if (mapping_.message_id && !row.expand(*mapping_.message_id, event.message_id)) {
        why = {"no_message_id", "a column of 'message_id' is empty"};
        return false;
    }
    if (!row.values(fields(addition.refund), event.properties, why) ||
        !row.values(mapping_.products, addition.product, why)) {
        return false;
    }
    for (const FieldSpec& field : fields(addition.refund)) {
        Micros amount;
        if (field.from == FieldSpec::From::Sum) {
            if (!row.product(field, amount, why)) {
                return false;
            }
            addition.sums.push_back(amount);
        }
    }
    return true;
}

bool RowMapper::read_traits(const Row& row, ValueMap& traits, RowFault& why) const {
    if (!mapping_.identify) {
        return true;
    }
    if (!row.values(mapping_.identify->traits, traits, why)) {
        return false;
    }
    ValueMap channels;
    for (const ConsentSpec& spec : mapping_.identify->consent) {
        bool granted = spec.granted_always;
        if (spec.column) {
            const std::string_view text = row.cell(*spec.column);
            if (text.empty()) {
                continue;  // Neither asked nor answered.
            }
            for (const std::string& yes : spec.granted) {
                granted = granted || equals_ignoring_case(text, yes);
            }
        }
        ValueMap consent;
        consent.append("state", granted ? "granted" : "denied");
        consent.append("source", spec.source);
        channels.append(spec.channel, std::move(consent));
    }
    if (!channels.empty()) {
        traits.set("consent", std::move(channels));
    }
    return true;
}

Result<RowOutcome> RowMapper::put(const Row& row, Addition&& addition, RowFault& why) {
    const bool grouped = mapping_.grouping && mapping_.event;
    const std::string key =
        grouped ? group_key(row.cell(mapping_.grouping->by), addition.refund) : std::string();
    if (grouped && key.size() == 1) {
        why = {"no_group", "the column that groups rows is empty"};
        return RowOutcome::Rejected;
    }
    if (grouped) {
        WINBACK_TRY([[maybe_unused]] const Ok closed, close_other_groups(key));
        if (Group* group = find_group(key, addition.refund)) {
            const bool extended = extend(*group, std::move(addition), why);
            scattered_rows_ += extended ? 1 : 0;
            return extended ? RowOutcome::Taken : RowOutcome::Rejected;
        }
        if (closed_.contains(hash64(key))) {
            why = {"group_not_adjacent",
                   "rows of this group ended further up; say 'scattered: true' in 'grouping'"};
            return RowOutcome::Rejected;
        }
    }
    Group group{.event = std::move(addition.event),
                .key = key,
                .sums = std::move(addition.sums),
                .products = {},
                .traits = std::move(addition.traits),
                .rows = 1,
                .refund = addition.refund};
    if (!addition.product.empty()) {
        group.products.emplace_back(std::move(addition.product));
    }
    if (!grouped) {
        WINBACK_TRY([[maybe_unused]] const Ok emitted, emit(std::move(group)));
        return RowOutcome::Taken;
    }
    if (mapping_.grouping->scattered) {
        scattered_[key] = groups_.size();
    }
    ++scattered_rows_;
    groups_.push_back(std::move(group));
    return RowOutcome::Taken;
}

RowMapper::Group* RowMapper::find_group(const std::string& key, bool refund) {
    if (mapping_.grouping->scattered) {
        const auto found = scattered_.find(key);
        return found == scattered_.end() ? nullptr : &groups_[found->second];
    }
    for (Group& group : groups_) {
        if (group.refund == refund && group.key == key) {
            return &group;
        }
    }
    return nullptr;
}

bool RowMapper::extend(Group& group, Addition&& addition, RowFault& why) const {
    if (group.event.user_id != addition.event.user_id) {
        why = {"customer_differs", "rows of one group name different customers"};
        return false;
    }
    if (!mapping_.grouping->scattered && group.rows == mapping_.grouping->rows_max) {
        why = {"group_too_long", "the group has more rows than 'rows_max' allows"};
        return false;
    }
    std::vector<Micros> sums = group.sums;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        const auto sum = add_amounts(sums[i], addition.sums[i]);
        if (!sum) {
            why = {"too_large", "a sum of the group is too large"};
            return false;
        }
        sums[i] = *sum;
    }
    group.sums = std::move(sums);
    ++group.rows;
    if (!addition.product.empty()) {
        group.products.emplace_back(std::move(addition.product));
    }
    return true;
}

// A purchase and a refund of one key stand side by side; another key ends both.
Status RowMapper::close_other_groups(const std::string& key) {
    const Grouping& grouping = *mapping_.grouping;
    if (grouping.scattered) {
        return scattered_rows_ < grouping.rows_max
                   ? Status(Ok{})
                   : Status(Error{ErrorCode::LimitExceeded,
                                  "more scattered rows than 'rows_max' allows; sort the file by "
                                  "its groups"});
    }
    if (groups_.empty() || groups_[0].key.substr(1) == key.substr(1)) {
        return Ok{};
    }
    std::vector<Group> done;
    done.swap(groups_);
    for (Group& group : done) {
        WINBACK_TRY([[maybe_unused]] const Ok emitted, emit(std::move(group)));
    }
    return Ok{};
}

Status RowMapper::finish() {
    std::vector<Group> done;
    done.swap(groups_);
    scattered_.clear();
    for (Group& group : done) {
        WINBACK_TRY([[maybe_unused]] const Ok emitted, emit(std::move(group)));
    }
    return Ok{};
}

Status RowMapper::emit(Group&& group) {
    if (!group.key.empty() && closed_.size() < seen_max) {
        closed_.insert(hash64(group.key));
    }
    Event& event = group.event;
    WINBACK_TRY([[maybe_unused]] const Ok identified, identify(event, std::move(group.traits)));
    if (!mapping_.event) {
        return Ok{};
    }
    std::size_t sum = 0;
    for (const FieldSpec& field : fields(group.refund)) {
        if (field.from == FieldSpec::From::Sum) {
            event.properties.set(field.name, to_double(group.sums[sum]));
            ++sum;
        } else if (field.from == FieldSpec::From::Rows) {
            event.properties.set(field.name, static_cast<std::int64_t>(group.rows));
        }
    }
    if (!mapping_.currency.empty() && event.properties.find("currency") == nullptr) {
        event.properties.append("currency", mapping_.currency);
    }
    if (!group.products.empty()) {
        event.properties.set("products", std::move(group.products));
    }
    if (event.message_id.empty()) {
        event.message_id = group.key.empty() ? content_id(event) : group_id(event, group.key);
    }
    ++events_;
    return sink_(std::move(event));
}

Status RowMapper::identify(const Event& event, ValueMap&& traits) {
    const std::uint64_t customer = hash64(event.user_id);
    const std::uint64_t state = mapping_.identify ? hash64(to_json(Value(traits))) : 0;
    if (customers_.size() == seen_max) {
        customers_.clear();
    }
    const auto [seen, first] = customers_.try_emplace(customer, state);
    const bool changed = seen->second != state;
    seen->second = state;
    if (!mapping_.identify || traits.empty() ||
        !(first || (changed && mapping_.identify->on_change))) {
        return Ok{};
    }
    Event identify{.kind = EventKind::Identify,
                   .surface = event.surface,
                   .content_id = true,
                   .user_id = event.user_id,
                   .name = std::string(event::identified),
                   .time = event.time,
                   .properties = std::move(traits)};
    identify.message_id = content_id(identify);
    ++events_;
    return sink_(std::move(identify));
}

}  // namespace winback::ingest

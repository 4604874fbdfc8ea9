// Rows: a customer with everything decided about them, and what holds for the whole shard.
#include <algorithm>

#include "engine/row_parts.h"
#include "engine/shard_state.h"

namespace winback::engine {
namespace {

constexpr std::uint8_t row_version = 1;

template <class Enum>
Enum read_enum(ByteReader& in, int count) {
    const std::uint8_t value = in.u8();
    if (value >= count) {
        in.fail();
        return Enum{};
    }
    return static_cast<Enum>(value);
}

// Absent is 0, else the reason's number + 1.
void write_reason(ByteWriter& out, const std::optional<message::RefusalReason>& reason) {
    out.u8(reason.has_value() ? static_cast<std::uint8_t>(static_cast<int>(*reason) + 1)
                              : std::uint8_t{0});
}

std::optional<message::RefusalReason> read_reason(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value == 0) {
        return std::nullopt;
    }
    if (value > message::refusal_reason_count) {
        in.fail();
        return std::nullopt;
    }
    return static_cast<message::RefusalReason>(value - 1);
}

void write_numbers(ByteWriter& out, const std::vector<std::uint64_t>& numbers) {
    out.u64(numbers.size());
    for (const std::uint64_t number : numbers) {
        out.u64(number);
    }
}

void write_texts(ByteWriter& out, const std::vector<std::string>& texts) {
    out.u64(texts.size());
    for (const std::string& text : texts) {
        out.text(text);
    }
}

std::vector<std::string> read_texts(ByteReader& in) {
    std::vector<std::string> texts;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        texts.emplace_back(in.text());
    }
    return texts;
}

void write_plan(ByteWriter& out, const customer::FieldPlan& plan) {
    out.u64(plan.sets.size());
    for (const expr::EventSet& set : plan.sets) {
        write_texts(out, set.patterns);
        write_texts(out, set.fields);
    }
}

customer::FieldPlan read_plan(ByteReader& in) {
    customer::FieldPlan plan;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        expr::EventSet& set = plan.sets.emplace_back();
        set.patterns = read_texts(in);
        set.fields = read_texts(in);
    }
    return plan;
}

std::vector<std::uint64_t> read_numbers(ByteReader& in) {
    std::vector<std::uint64_t> numbers;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        numbers.push_back(in.u64());
    }
    return numbers;
}

}  // namespace

void write_messages(ByteWriter& out, const std::vector<MessageRecord>& records) {
    out.u64(records.size());
    for (const MessageRecord& record : records) {
        out.hash(record.key);
        out.text(record.journey);
        out.text(record.step);
        out.text(record.template_id);
        out.u64(record.entry);
        out.u8(static_cast<std::uint8_t>(record.channel));
        out.u8(static_cast<std::uint8_t>(record.state));
        write_reason(out, record.reason);
        out.time(record.decided_at);
        out.time(record.changed_at);
        out.time(record.release_at);
    }
}

std::vector<MessageRecord> read_messages(ByteReader& in) {
    std::vector<MessageRecord> records;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        MessageRecord& record = records.emplace_back();
        record.key = in.hash();
        record.journey = in.text();
        record.step = in.text();
        record.template_id = in.text();
        record.entry = static_cast<std::uint32_t>(in.u64());
        record.channel =
            read_enum<customer::Channel>(in, static_cast<int>(customer::channel_count));
        record.state = read_enum<message::MessageState>(in, message::message_state_count);
        record.reason = read_reason(in);
        record.decided_at = in.time();
        record.changed_at = in.time();
        record.release_at = in.time();
    }
    return records;
}

void write_enrollments(ByteWriter& out, const std::vector<journey::Enrollment>& entries) {
    out.u64(entries.size());
    for (const journey::Enrollment& entry : entries) {
        out.text(entry.journey);
        out.u64(entry.definitions);
        out.u64(entry.entry);
        out.u64(entry.step);
        out.boolean(entry.arrived);
        out.boolean(entry.held_out);
        out.u8(static_cast<std::uint8_t>(entry.state));
        out.time(entry.entered_at);
        out.time(entry.wake_at);
        out.time(entry.goal_until);
        out.boolean(entry.goal_at.has_value());
        out.time(entry.goal_at.value_or(Timestamp{}));
        out.i64(entry.goal_revenue.value);
    }
}

std::vector<journey::Enrollment> read_enrollments(ByteReader& in) {
    std::vector<journey::Enrollment> entries;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        journey::Enrollment& entry = entries.emplace_back();
        entry.journey = in.text();
        entry.definitions = in.u64();
        entry.entry = static_cast<std::uint32_t>(in.u64());
        entry.step = static_cast<std::uint32_t>(in.u64());
        entry.arrived = in.boolean();
        entry.held_out = in.boolean();
        entry.state = read_enum<journey::EnrollmentState>(in, 4);
        entry.entered_at = in.time();
        entry.wake_at = in.time();
        entry.goal_until = in.time();
        const bool reached = in.boolean();
        const Timestamp goal_at = in.time();
        if (reached) {
            entry.goal_at = goal_at;
        }
        entry.goal_revenue = {in.i64()};
    }
    return entries;
}

void Shard::encode_customer(CustomerIndex customer, std::string& bytes) const {
    const Impl& shard = *impl_;
    ByteWriter out(bytes);
    out.u8(row_version);
    out.u64(shard.sequences[customer]);
    out.u64(shard.looked_at[customer]);
    out.time(shard.wakes[customer]);
    std::vector<std::string> segments = segments_of(customer);
    if (const auto waiting = shard.unplaced.find(customer); waiting != shard.unplaced.end()) {
        segments = waiting->second;
    }
    out.u64(segments.size());
    for (const std::string& id : segments) {
        out.text(id);
    }
    write_messages(out, messages(customer));
    write_enrollments(out, enrollments(customer));
    shard.customers.encode_row(customer, out);
}

Status Shard::load_customer(std::string_view id, std::string_view bytes) {
    Impl& shard = *impl_;
    ByteReader in(bytes);
    const auto corrupt = [&] {
        return Error{ErrorCode::Corrupt,
                     "the row of customer '" + std::string(id.substr(0, 60)) + "' cannot be read"};
    };
    if (in.u8() != row_version) {
        return corrupt();
    }
    const std::uint64_t sequence = in.u64();
    const std::uint64_t looked_at = in.u64();
    const Timestamp wake = in.time();
    std::vector<std::string> segments;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        segments.emplace_back(in.text());
    }
    std::vector<MessageRecord> records = read_messages(in);
    std::vector<journey::Enrollment> entries = read_enrollments(in);
    if (!in.ok()) {
        return corrupt();
    }
    WINBACK_TRY(const CustomerIndex customer, shard.customers.load_row(id, in));
    if (!in.finished()) {
        return corrupt();
    }
    shard.make_room(customer);  // Not by id: an erased customer has none.
    shard.sequences[customer] = sequence;
    shard.looked_at[customer] = looked_at;
    shard.set_wake(customer, wake);
    if (!segments.empty()) {
        shard.unplaced.emplace(customer, std::move(segments));
    }
    if (!records.empty()) {
        put_in_order(records);  // Rows were once written without.
        shard.messages.emplace(customer, std::move(records));
    }
    if (!entries.empty()) {
        shard.enrollments.emplace(customer, std::move(entries));
    }
    return Ok{};
}

std::uint64_t Shard::sequence_of(CustomerIndex customer) const {
    return impl_->sequences[customer];
}

void Shard::encode_shard(std::string& bytes) const {
    const Impl& shard = *impl_;
    ByteWriter out(bytes);
    out.u8(row_version);
    out.u64(shard.current == nullptr ? 0 : shard.current->definitions->version);
    out.u64(shard.versions.size());
    for (const auto& [version, loaded] : shard.versions) {
        out.u64(version);
    }
    if (shard.current != nullptr) {
        write_plan(out, shard.customers.fields());
        write_numbers(out, shard.current->segment_since);
        write_numbers(out, shard.current->journey_since);
    }
    out.boolean(shard.models.has_value());
    if (shard.models.has_value()) {
        model::encode(out, *shard.models);
    }
    out.i64(shard.first_scores_until.ms);
}

Status Shard::load_shard(std::string_view bytes,
                         const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions) {
    Impl& shard = *impl_;
    ByteReader in(bytes);
    if (in.u8() != row_version) {
        return Error{ErrorCode::Corrupt, "the shard's row is of another format"};
    }
    const std::uint64_t current = in.u64();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        const std::uint64_t version = in.u64();
        DefinitionsPtr definitions = find_definitions(version);
        if (definitions == nullptr) {
            return Error{ErrorCode::Corrupt, "playbook version " + std::to_string(version) +
                                                 " is not in the data folder"};
        }
        shard.versions[version] = std::make_unique<Loaded>(std::move(definitions));
    }
    std::vector<std::uint64_t> segment_since;
    std::vector<std::uint64_t> journey_since;
    customer::FieldPlan plan;
    if (current != 0) {
        plan = read_plan(in);
        segment_since = read_numbers(in);
        journey_since = read_numbers(in);
    }
    if (in.boolean()) {
        WINBACK_TRY(shard.models, model::decode_fitted_models(in));
    }
    if (!in.finished()) {  // Rows of earlier programs end here.
        shard.first_scores_until = {in.i64()};
    }
    const auto found = shard.versions.find(current);
    if (!in.finished() || (current != 0 && found == shard.versions.end())) {
        return Error{ErrorCode::Corrupt, "the shard's row cannot be read"};
    }
    if (current != 0) {
        Loaded& loaded = *found->second;
        if (segment_since.size() != loaded.definitions->segments.size() ||
            journey_since.size() != loaded.definitions->journeys.size()) {
            return Error{ErrorCode::Corrupt, "the shard's row belongs to another playbook"};
        }
        loaded.segment_since = std::move(segment_since);
        loaded.journey_since = std::move(journey_since);
        shard.current = &loaded;
        shard.customers.plan_fields(plan);
    }
    return Ok{};
}

void Shard::finish_load() {
    impl_->customers.finish_load();
    for (auto* column : {&impl_->sequences, &impl_->looked_at}) {
        column->shrink_to_fit();
    }
    impl_->wakes.shrink_to_fit();
    if (impl_->current != nullptr) {
        impl_->place_members();
    }
}

}  // namespace winback::engine

#include "store/rows.h"

#include <bit>
#include <utility>

namespace winback::store {
namespace {

constexpr std::uint8_t form = 1;

void begin(std::string& bytes) {
    if (bytes.empty()) {
        bytes += static_cast<char>(form);
    }
}

Error corrupt(std::string_view what) {
    return {ErrorCode::Corrupt, "a row (" + std::string(what) + ") cannot be read"};
}

void write_reason(ByteWriter& out, const std::optional<message::RefusalReason>& reason) {
    out.u8(reason.has_value() ? static_cast<std::uint8_t>(static_cast<int>(*reason) + 1)
                              : std::uint8_t{0});
}

std::optional<message::RefusalReason> read_reason(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value > message::refusal_reason_count) {
        in.fail();
    }
    if (value == 0 || !in.ok()) {
        return std::nullopt;
    }
    return static_cast<message::RefusalReason>(value - 1);
}

message::MessageState read_state(ByteReader& in) {
    const std::uint8_t value = in.u8();
    if (value >= message::message_state_count) {
        in.fail();
        return message::MessageState::Queued;
    }
    return static_cast<message::MessageState>(value);
}

void write_rendered(ByteWriter& out, const message::RenderedMessage& rendered) {
    out.text(rendered.to);
    out.text(rendered.from);
    out.text(rendered.from_name);
    out.text(rendered.reply_to);
    out.text(rendered.subject);
    out.text(rendered.preheader);
    out.text(rendered.html);
    out.text(rendered.text);
    out.text(rendered.language);
    out.text(rendered.direction);
    out.text(rendered.unsubscribe_url);
}

message::RenderedMessage read_rendered(ByteReader& in) {
    message::RenderedMessage rendered;
    rendered.to = in.text();
    rendered.from = in.text();
    rendered.from_name = in.text();
    rendered.reply_to = in.text();
    rendered.subject = in.text();
    rendered.preheader = in.text();
    rendered.html = in.text();
    rendered.text = in.text();
    rendered.language = in.text();
    rendered.direction = in.text();
    rendered.unsubscribe_url = in.text();
    return rendered;
}

ValueMap read_map(ByteReader& in) {
    Value value = in.value();
    if (ValueMap* map = value.as_map()) {
        return std::move(*map);
    }
    in.fail();
    return {};
}

}  // namespace

void LogChunkWriter::add(std::string_view input, bool skipped) {
    begin(bytes_);
    ByteWriter out(bytes_);
    out.boolean(skipped);
    out.text(input);
}

std::string LogChunkWriter::take() {
    return std::exchange(bytes_, {});
}

LogChunkReader::LogChunkReader(std::string_view bytes) : in_(bytes) {
    if (in_.u8() != form) {
        in_.fail();
    }
}

std::optional<LogEntry> LogChunkReader::next() {
    if (!in_.ok() || in_.at_end()) {
        return std::nullopt;
    }
    LogEntry entry;
    entry.skipped = in_.boolean();
    entry.input = in_.text();
    return in_.ok() ? std::optional(entry) : std::nullopt;
}

void HistoryChunkWriter::add(Timestamp arrival, std::string_view event) {
    begin(bytes_);
    ByteWriter out(bytes_);
    out.time(arrival);
    out.text(event);
}

std::string HistoryChunkWriter::take() {
    return std::exchange(bytes_, {});
}

HistoryChunkReader::HistoryChunkReader(std::string_view bytes) : in_(bytes) {
    if (in_.u8() != form) {
        in_.fail();
    }
}

std::optional<HistoryEntry> HistoryChunkReader::next() {
    if (!in_.ok() || in_.at_end()) {
        return std::nullopt;
    }
    HistoryEntry entry;
    entry.arrival = in_.time();
    entry.event = in_.text();
    return in_.ok() ? std::optional(entry) : std::nullopt;
}

void DedupeWriter::add(std::uint64_t id_hash, std::uint64_t sequence) {
    begin(bytes_);
    ByteWriter out(bytes_);
    out.f64(std::bit_cast<double>(id_hash));  // Eight bytes as they are.
    out.u64(sequence);
}

std::string DedupeWriter::take() {
    return std::exchange(bytes_, {});
}

DedupeReader::DedupeReader(std::string_view bytes) : in_(bytes) {
    if (in_.u8() != form) {
        in_.fail();
    }
}

std::optional<DedupeEntry> DedupeReader::next() {
    if (!in_.ok() || in_.at_end()) {
        return std::nullopt;
    }
    DedupeEntry entry;
    entry.id_hash = std::bit_cast<std::uint64_t>(in_.f64());
    entry.sequence = in_.u64();
    return in_.ok() ? std::optional(entry) : std::nullopt;
}

std::string encode(const Mark& mark) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u64(mark.watermark);
    out.u64(mark.log_from);
    out.u64(mark.outbox_from);
    out.time(mark.last_at);
    return bytes;
}

Result<Mark> decode_mark(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    Mark mark;
    mark.watermark = in.u64();
    mark.log_from = in.u64();
    mark.outbox_from = in.u64();
    mark.last_at = in.time();
    if (!known || !in.finished()) {
        return corrupt("where a shard stands");
    }
    return mark;
}

std::string encode(const OutboxRow& row) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.hash(row.key);
    out.u8(static_cast<std::uint8_t>(row.state));
    out.text(row.customer);
    return bytes;
}

Result<OutboxRow> decode_outbox_row(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    OutboxRow row;
    row.key = in.hash();
    row.state = read_state(in);
    row.customer = in.text();
    if (!known || !in.finished()) {
        return corrupt("outbox");
    }
    return row;
}

std::string encode(const engine::MessageDecided& decided) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.hash(decided.key);
    out.text(decided.customer);
    out.text(decided.journey);
    out.text(decided.step);
    out.text(decided.template_id);
    out.u8(static_cast<std::uint8_t>(decided.channel));
    out.u8(static_cast<std::uint8_t>(decided.state));
    write_reason(out, decided.reason);
    out.time(decided.at);
    write_rendered(out, decided.rendered);
    out.value(decided.explanation);
    return bytes;
}

Result<engine::MessageDecided> decode_message_decided(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    engine::MessageDecided decided;
    decided.key = in.hash();
    decided.customer = in.text();
    decided.journey = in.text();
    decided.step = in.text();
    decided.template_id = in.text();
    const std::uint8_t channel = in.u8();
    if (channel >= customer::channel_count) {
        return corrupt("message");
    }
    decided.channel = static_cast<customer::Channel>(channel);
    decided.state = read_state(in);
    decided.reason = read_reason(in);
    decided.at = in.time();
    decided.rendered = read_rendered(in);
    decided.explanation = read_map(in);
    if (!known || !in.finished()) {
        return corrupt("message");
    }
    return decided;
}

std::string encode(const MessageStepRow& row) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u8(static_cast<std::uint8_t>(row.state));
    write_reason(out, row.reason);
    out.time(row.at);
    out.text(row.detail);
    return bytes;
}

Result<MessageStepRow> decode_message_step(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    MessageStepRow row;
    row.state = read_state(in);
    row.reason = read_reason(in);
    row.at = in.time();
    row.detail = in.text();
    if (!known || !in.finished()) {
        return corrupt("step of a message");
    }
    return row;
}

std::string encode(const engine::Fact& fact) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.text(fact.customer);
    out.time(fact.at);
    out.text(fact.name);
    out.value(fact.details);
    return bytes;
}

Result<engine::Fact> decode_fact(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    engine::Fact fact;
    fact.customer = in.text();
    fact.at = in.time();
    fact.name = in.text();
    fact.details = read_map(in);
    if (!known || !in.finished()) {
        return corrupt("fact");
    }
    return fact;
}

}  // namespace winback::store

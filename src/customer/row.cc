#include "customer/row.h"

namespace winback::customer {
namespace {

constexpr std::uint8_t row_version = 1;
constexpr std::uint8_t payload_version = 1;

void encode_orders(const OrderBook::Sums& sums, ByteWriter& out) {
    const Orders& orders = sums.orders;
    out.u64(orders.count);
    out.u64(orders.refund_count);
    if (orders.count == 0 && orders.refund_count == 0) {
        return;
    }
    out.u64(orders.days);
    out.i64(orders.revenue.value);
    out.boolean(orders.margin.has_value());
    out.i64(orders.margin.value_or(Micros{}).value);
    out.time(orders.first);
    out.time(orders.last);
    out.i64(orders.refunded.value);
    out.u64(sums.currency);
}

std::uint32_t u32(ByteReader& in) {
    const std::uint64_t value = in.u64();
    if (value > 0xffff'ffffU) {
        in.fail();
    }
    return static_cast<std::uint32_t>(value);
}

OrderBook::Sums decode_orders(ByteReader& in) {
    OrderBook::Sums sums;
    Orders& orders = sums.orders;
    orders.count = u32(in);
    orders.refund_count = u32(in);
    if (orders.count == 0 && orders.refund_count == 0) {
        return sums;
    }
    orders.days = u32(in);
    orders.revenue = {in.i64()};
    const bool has_margin = in.boolean();
    const Micros margin{in.i64()};
    if (has_margin) {
        orders.margin = margin;
    }
    orders.first = in.time();
    orders.last = in.time();
    orders.refunded = {in.i64()};
    sums.currency = u32(in);
    if (sums.currency > 0xffffff) {  // Three letters.
        in.fail();
    }
    return sums;
}

void encode_seen(const Row& row, ByteWriter& out) {
    for (const SeenRange& range : row.seen) {
        out.boolean(!range.never());
        if (!range.never()) {
            out.time(range.first);
            out.time(range.last);
        }
    }
}

void decode_seen(Row& row, ByteReader& in) {
    for (SeenRange& range : row.seen) {
        if (in.boolean()) {
            range.first = in.time();
            range.last = in.time();
            if (range.never()) {
                in.fail();
            }
        }
    }
}

void encode_consents(const Row& row, ByteWriter& out) {
    for (const std::vector<Consent>& statements : row.consents) {
        out.u64(statements.size());
        for (const Consent& statement : statements) {
            out.u8(static_cast<std::uint8_t>(statement.state));
            out.time(statement.time);
            out.text(statement.source);
        }
    }
}

void decode_consents(Row& row, ByteReader& in) {
    for (std::vector<Consent>& statements : row.consents) {
        for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
            const std::uint8_t state = in.u8();
            const Timestamp time = in.time();
            if (state != static_cast<std::uint8_t>(expr::ConsentState::Granted) &&
                state != static_cast<std::uint8_t>(expr::ConsentState::Denied)) {
                in.fail();
            }
            statements.push_back({.state = static_cast<expr::ConsentState>(state),
                                  .time = time,
                                  .source = std::string(in.text())});
        }
    }
}

void encode_events(const EventRows& events, ByteWriter& out) {
    out.text(events.name);
    out.u64(events.fields.size());
    for (const std::string& field : events.fields) {
        out.text(field);
    }
    out.u64(events.items.size());
    for (const EventRows::Item& item : events.items) {
        out.time(item.time);
        out.u64(item.id_hash);
        for (const Value& value : item.fields) {
            out.value(value);
        }
    }
}

EventRows decode_events(ByteReader& in) {
    EventRows events;
    events.name = in.text();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        events.fields.emplace_back(in.text());
    }
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        EventRows::Item item{.time = in.time(), .id_hash = 0, .fields = {}};
        item.id_hash = u32(in);
        for (std::size_t i = 0; i < events.fields.size() && in.ok(); ++i) {
            item.fields.push_back(in.value());
        }
        events.items.push_back(std::move(item));
    }
    return events;
}

}  // namespace

void encode(const Row& row, ByteWriter& out) {
    out.u8(row_version);
    out.u8(row.flags);
    if ((row.flags & Erased) != 0) {
        out.u64(row.id_hash);
        return;
    }
    if ((row.flags & Merged) != 0) {
        out.text(row.merged_into);
        return;
    }
    encode_seen(row, out);
    out.time(row.traits_time);
    out.time(row.context_time);
    out.text(row.locale);
    out.text(row.time_zone);
    if ((row.flags & Suppressed) != 0) {
        out.text(row.suppression_reason);
        out.time(row.suppression_time);
    }
    encode_orders(row.orders, out);
    encode_consents(row, out);
    out.u64(row.attributes.size());
    for (const auto& [name, value] : row.attributes) {
        out.text(name);
        out.value(value);
    }
    out.u64(row.absorbed.size());
    for (const std::string& id : row.absorbed) {
        out.text(id);
    }
}

Result<Row> decode_row(ByteReader& in) {
    const auto corrupt = [](const char* what) {
        return Error{ErrorCode::Corrupt, std::string("customer row: ") + what};
    };
    if (in.u8() != row_version) {
        return corrupt("unknown version");
    }
    Row row;
    row.flags = in.u8();
    if ((row.flags & Erased) != 0) {
        row.id_hash = in.u64();
    } else if ((row.flags & Merged) != 0) {
        row.merged_into = in.text();
    } else {
        decode_seen(row, in);
        row.traits_time = in.time();
        row.context_time = in.time();
        row.locale = in.text();
        row.time_zone = in.text();
        if ((row.flags & Suppressed) != 0) {
            row.suppression_reason = in.text();
            row.suppression_time = in.time();
        }
        row.orders = decode_orders(in);
        decode_consents(row, in);
        for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
            std::string name(in.text());
            row.attributes.emplace_back(std::move(name), in.value());
        }
        for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
            row.absorbed.emplace_back(in.text());
        }
    }
    constexpr std::size_t context_text_max = 64;
    if (!in.ok() || row.flags > row_flags_all || row.locale.size() > context_text_max ||
        row.time_zone.size() > context_text_max) {
        return corrupt("damaged");
    }
    return row;
}

std::string encode(const Payload& payload) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(payload_version);
    out.text(payload.id);
    encode(payload.row, out);
    out.u64(payload.events.size());
    for (const EventRows& events : payload.events) {
        encode_events(events, out);
    }
    return bytes;
}

Result<Payload> decode_payload(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != payload_version) {
        return Error{ErrorCode::Corrupt, "merge payload: unknown version"};
    }
    Payload payload;
    payload.id = in.text();
    WINBACK_TRY(payload.row, decode_row(in));
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        payload.events.push_back(decode_events(in));
    }
    if (!in.finished()) {
        return Error{ErrorCode::Corrupt, "merge payload: damaged"};
    }
    return payload;
}

}  // namespace winback::customer

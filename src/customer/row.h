// A customer but the history, as it is written to rows and to payloads of a merge.
//
// docs/design/customers.md lays down the bytes. Decoding checks everything before anything of
// the shard changes, so a corrupt row leaves no half a customer.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "customer/channel.h"
#include "customer/customers.h"
#include "customer/order_book.h"
#include "customer/seen_times.h"

namespace winback::customer {

enum RowFlag : std::uint8_t {
    HasEvents = 1,
    Identified = 2,
    Merged = 4,
    Erased = 8,
    Suppressed = 16,
};
inline constexpr std::uint8_t row_flags_all = 31;

struct Row {
    std::uint8_t flags = 0;
    std::uint64_t id_hash = 0;  // Of erased customers.
    std::string merged_into;
    std::array<SeenRange, event::surface_count> seen;
    Timestamp traits_time = timestamp_min;
    Timestamp context_time = timestamp_min;
    std::string locale;
    std::string time_zone;
    std::string suppression_reason;
    Timestamp suppression_time;
    OrderBook::Sums orders;
    std::array<std::vector<Consent>, channel_count> consents;
    std::vector<std::pair<std::string, Value>> attributes;  // By name.
    std::vector<std::string> absorbed;
};

void encode(const Row& row, ByteWriter& out);
// Fails with Corrupt. Leaves `in` behind the row.
Result<Row> decode_row(ByteReader& in);

// One customer's events of one name.
struct EventRows {
    struct Item {
        Timestamp time;
        std::uint32_t id_hash = 0;
        std::vector<Value> fields;
    };
    std::string name;
    std::vector<std::string> fields;
    std::vector<Item> items;
};

// What moves from one customer to another when they turn out to be one person.
struct Payload {
    std::string id;
    Row row;
    std::vector<EventRows> events;
};

std::string encode(const Payload& payload);
Result<Payload> decode_payload(std::string_view bytes);  // Fails with Corrupt.

}  // namespace winback::customer

#include "customer/order_book.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <absl/container/flat_hash_set.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/strings.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

// Beyond this many orders a set finds repeated order ids faster than comparing does.
constexpr std::uint32_t compare_max = 24;

Cell field(const EventTable& table, std::string_view name, RowIndex row) {
    const int column = table.field(name);
    return column < 0 ? null_cell() : table.cell(column, row);
}

// `field` gives the cell of a property by its name.
template <class FieldOf>
Micros revenue_from(FieldOf field) {
    if (const std::optional<Micros> revenue = amount_of(field("revenue"))) {
        return *revenue;
    }
    const std::optional<Micros> total = amount_of(field("total"));
    if (!total) {
        return {};
    }
    return *total - amount_of(field("shipping")).value_or(Micros{}) -
           amount_of(field("tax")).value_or(Micros{});
}

// The numbers 536365 and 536365.0 and the text "536365" are one order.
std::uint64_t order_key(const Cell& id) {
    constexpr double exact_max = 9e15;  // Every whole number up to here is one.
    if (id.kind == Cell::Kind::Int) {
        return hash64(std::to_string(id.integer));
    }
    if (id.kind == Cell::Kind::Double && std::abs(id.real) < exact_max &&
        std::trunc(id.real) == id.real) {
        return hash64(std::to_string(static_cast<std::int64_t>(id.real)));
    }
    return id.kind == Cell::Kind::Text && !id.text.empty() ? hash64(id.text) : 0;
}

OrderLine line_of(const EventTable& table, RowIndex row) {
    return {.time = table.time(row),
            .order_key = order_key(field(table, "order_id", row)),
            .currency = pack_currency(field(table, "currency", row).text),
            .revenue = revenue_from([&](std::string_view name) { return field(table, name, row); }),
            .margin = amount_of(field(table, "margin", row))};
}

void add_line(OrderBook::Sums& sums, const OrderLine& line) {
    Orders& orders = sums.orders;
    if (sums.currency == 0) {
        sums.currency = line.currency;
    }
    const bool new_day = orders.count == 0 || utc_day(line.time) != utc_day(orders.last);
    orders.days += new_day ? 1 : 0;
    orders.first = orders.count == 0 ? line.time : std::min(orders.first, line.time);
    orders.last = orders.count == 0 ? line.time : std::max(orders.last, line.time);
    ++orders.count;
    if (line.currency == 0 || line.currency == sums.currency) {
        orders.revenue = orders.revenue + line.revenue;
        if (line.margin) {
            orders.margin = orders.margin.value_or(Micros{}) + *line.margin;
        }
    }
}

// What was paid back: total, else revenue, else all of the order.
Micros refund_of(const EventTable& table, RowIndex row, const std::vector<OrderLine>& lines) {
    for (const std::string_view name : {"total", "revenue"}) {
        if (const std::optional<Micros> amount = amount_of(field(table, name, row))) {
            return {std::abs(amount->value)};
        }
    }
    const std::uint64_t key = order_key(field(table, "order_id", row));
    for (const OrderLine& line : lines) {
        if (key != 0 && line.order_key == key) {
            return line.revenue;
        }
    }
    return {};
}

void count_refunds(const OrderTables& tables, std::uint32_t customer, OrderBook::Sums& sums) {
    sums.orders.refund_count = 0;
    sums.orders.refunded = {};
    if (tables.refunded == nullptr) {
        return;
    }
    std::vector<RowIndex> scratch;
    const Slice slice = tables.refunded->slice(customer, scratch);
    if (slice.count == 0) {
        return;
    }
    const std::vector<OrderLine> lines = order_lines(tables.completed, customer);
    for (std::uint32_t i = 0; i < slice.count; ++i) {
        const RowIndex row = slice.row(i);
        ++sums.orders.refund_count;
        const std::uint32_t currency = pack_currency(field(*tables.refunded, "currency", row).text);
        if (currency == 0 || sums.currency == 0 || currency == sums.currency) {
            sums.orders.refunded = sums.orders.refunded + refund_of(*tables.refunded, row, lines);
        }
    }
}

}  // namespace

std::int64_t utc_day(Timestamp time) {
    constexpr std::int64_t day_ms = 86'400'000;
    const std::int64_t day = time.ms / day_ms;
    return time.ms % day_ms < 0 ? day - 1 : day;
}

std::uint32_t pack_currency(std::string_view code) {
    std::uint32_t packed = 0;
    if (code.size() != 3) {
        return 0;
    }
    for (const char c : code) {
        const auto upper = static_cast<unsigned char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        packed = packed << 8U | upper;
    }
    return packed;
}

std::string unpack_currency(std::uint32_t packed) {
    std::string code;
    for (unsigned shift = 24; packed != 0 && shift > 0; shift -= 8) {
        code += static_cast<char>(packed >> (shift - 8) & 0xffU);
    }
    return code;
}

std::optional<Micros> amount_of(const Cell& cell) {
    constexpr double exact_max = 9e12;  // micros_from_double clamps beyond.
    if (cell.kind == Cell::Kind::Int && std::abs(static_cast<double>(cell.integer)) < exact_max) {
        return Micros{cell.integer * 1'000'000};
    }
    if (cell.kind == Cell::Kind::Int) {
        return micros_from_double(static_cast<double>(cell.integer));
    }
    if (cell.kind == Cell::Kind::Double && std::isfinite(cell.real)) {
        return micros_from_double(cell.real);
    }
    if (cell.kind == Cell::Kind::Text) {
        const std::string_view text = trim(cell.text);
        double number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        if (end.ec == std::errc{} && end.ptr == text.data() + text.size() &&
            std::isfinite(number)) {
            return micros_from_double(number);
        }
    }
    return std::nullopt;
}

Micros revenue_of(const event::Event& event) {
    return revenue_from([&](std::string_view name) {
        const Value* value = event.properties.find(name);
        return value == nullptr ? null_cell() : cell_of(*value);
    });
}

std::vector<OrderLine> order_lines(const EventTable* completed, std::uint32_t customer) {
    std::vector<OrderLine> lines;
    if (completed == nullptr) {
        return lines;
    }
    std::vector<RowIndex> scratch;
    const Slice slice = completed->slice(customer, scratch);
    std::vector<std::uint64_t> few;
    absl::flat_hash_set<std::uint64_t> many;
    for (std::uint32_t i = 0; i < slice.count; ++i) {
        OrderLine line = line_of(*completed, slice.row(i));
        bool is_new = true;
        if (line.order_key != 0 && slice.count > compare_max) {
            is_new = many.insert(line.order_key).second;
        } else if (line.order_key != 0) {
            is_new = std::find(few.begin(), few.end(), line.order_key) == few.end();
            few.push_back(line.order_key);
        }
        if (is_new) {
            lines.push_back(line);
        }
    }
    return lines;
}

namespace {

constexpr std::uint32_t margin_bit = 1U << 31U;

}  // namespace

OrderBook::Record OrderBook::pack(const Sums& sums) {
    WINBACK_CHECK((sums.currency & margin_bit) == 0);
    const Orders& orders = sums.orders;
    return {.revenue = orders.revenue,
            .margin = orders.margin.value_or(Micros{}),
            .refunded = orders.refunded,
            .first = orders.first,
            .last = orders.last,
            .count = orders.count,
            .days = orders.days,
            .refund_count = orders.refund_count,
            .currency = sums.currency | (orders.margin.has_value() ? margin_bit : 0U)};
}

OrderBook::Sums OrderBook::unpack(const Record& record) {
    Sums sums;
    sums.currency = record.currency & ~margin_bit;
    sums.orders = {.count = record.count,
                   .days = record.days,
                   .revenue = record.revenue,
                   .first = record.first,
                   .last = record.last,
                   .refund_count = record.refund_count,
                   .refunded = record.refunded};
    if ((record.currency & margin_bit) != 0) {
        sums.orders.margin = record.margin;
    }
    return sums;
}

OrderBook::Record& OrderBook::open(std::uint32_t customer) {
    if (customer >= slots_.size()) {
        slots_.resize(customer + std::size_t{1}, 0);
    }
    if (slots_[customer] == 0) {
        if (free_.empty()) {
            records_.emplace_back();
            slots_[customer] = static_cast<std::uint32_t>(records_.size());
        } else {
            slots_[customer] = free_.back();
            free_.pop_back();
        }
    }
    return records_[slots_[customer] - 1];
}

void OrderBook::order_added(const OrderTables& tables, std::uint32_t customer, Timestamp time) {
    WINBACK_CHECK(tables.completed != nullptr);
    const EventTable& table = *tables.completed;
    std::vector<RowIndex> scratch;
    const Slice slice = table.slice(customer, scratch);
    WINBACK_CHECK(slice.count > 0);
    Sums sums = this->sums(customer);
    const bool is_whole = slice.count < events_per_name_max;
    const bool is_newest = table.time(slice.row(slice.count - 1)) == time;
    if (is_whole && !is_newest) {
        recount(tables, customer);
        return;
    }
    // The row that came last among those of its time.
    std::uint32_t place = slice.count - 1;
    while (place > 0 && table.time(slice.row(place)) > time) {
        --place;
    }
    const OrderLine line = line_of(table, slice.row(place));
    for (std::uint32_t i = 0; line.order_key != 0 && i < slice.count; ++i) {
        if (i != place && order_key(field(table, "order_id", slice.row(i))) == line.order_key) {
            return;
        }
    }
    add_line(sums, line);
    if (sums.orders.refund_count > 0 && is_whole) {
        count_refunds(tables, customer, sums);
    }
    put(customer, sums);
}

void OrderBook::refund_added(const OrderTables& tables, std::uint32_t customer) {
    Sums sums = this->sums(customer);
    count_refunds(tables, customer, sums);
    put(customer, sums);
}

void OrderBook::recount(const OrderTables& tables, std::uint32_t customer) {
    Sums sums;
    for (const OrderLine& line : order_lines(tables.completed, customer)) {
        add_line(sums, line);
    }
    count_refunds(tables, customer, sums);
    put(customer, sums);
}

void OrderBook::add(std::uint32_t customer, const Sums& other) {
    Sums sums = this->sums(customer);
    Orders& mine = sums.orders;
    const Orders& theirs = other.orders;
    if (theirs.count > 0) {
        mine.first = mine.count == 0 ? theirs.first : std::min(mine.first, theirs.first);
        mine.last = mine.count == 0 ? theirs.last : std::max(mine.last, theirs.last);
    }
    mine.count += theirs.count;
    mine.days += theirs.days;
    mine.refund_count += theirs.refund_count;
    sums.currency = sums.currency == 0 ? other.currency : sums.currency;
    if (other.currency == 0 || other.currency == sums.currency) {
        mine.revenue = mine.revenue + theirs.revenue;
        mine.refunded = mine.refunded + theirs.refunded;
        if (theirs.margin) {
            mine.margin = mine.margin.value_or(Micros{}) + *theirs.margin;
        }
    }
    put(customer, sums);
}

OrderBook::Sums OrderBook::sums(std::uint32_t customer) const {
    return customer < slots_.size() && slots_[customer] != 0
               ? unpack(records_[slots_[customer] - 1])
               : Sums{};
}

void OrderBook::put(std::uint32_t customer, const Sums& sums) {
    const bool nothing = sums.orders.count == 0 && sums.orders.refund_count == 0;
    if (!nothing) {
        open(customer) = pack(sums);
    } else if (customer < slots_.size() && slots_[customer] != 0) {
        records_[slots_[customer] - 1] = {};
        free_.push_back(slots_[customer]);
        slots_[customer] = 0;
    }
}

std::size_t OrderBook::memory_bytes() const {
    return slots_.capacity() * sizeof(std::uint32_t) + records_.capacity() * sizeof(Record) +
           free_.capacity() * sizeof(std::uint32_t);
}

}  // namespace winback::customer

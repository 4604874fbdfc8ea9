#include "customer/event_table.h"

#include <algorithm>

#include "base/check.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

// Events that arrive backwards in time walk their customer's chain; a walk this long merges it.
constexpr std::uint32_t chain_steps_max = 4096;

// At most `limit` bytes, never half a character.
std::string_view cut_text(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) {
        return text;
    }
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80) {
        --limit;
    }
    return text.substr(0, limit);
}

}  // namespace

EventTable::EventTable(std::string name, std::vector<std::string> fields)
    : name_(std::move(name)), fields_(std::move(fields)), columns_(fields_.size()) {}

int EventTable::field(std::string_view name) const {
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (fields_[i] == name) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void EventTable::set_fields(std::vector<std::string> fields) {
    std::vector<Column> columns(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const int old = field(fields[i]);
        if (old >= 0) {
            columns[i] = std::move(columns_[static_cast<std::size_t>(old)]);
        } else {
            columns[i].resize(times_.size());
        }
    }
    columns_ = std::move(columns);
    fields_ = std::move(fields);
}

void EventTable::unsettle(std::uint32_t customer) {
    const std::size_t word = customer / 64;
    if (word >= unsettled_.size()) {
        unsettled_.resize(word + 1);
    }
    unsettled_[word] |= std::uint64_t{1} << (customer % 64);
}

const EventTable::Chain* EventTable::chain_of(std::uint32_t customer) const {
    if (!is_unsettled(customer)) {
        return nullptr;
    }
    const auto chain = chains_.find(customer);
    return chain == chains_.end() ? nullptr : &chain->second;
}

EventTable::Range EventTable::main_range(std::uint32_t customer) const {
    if (starts_.empty() ||
        (!removed_.empty() && is_unsettled(customer) && removed_.contains(customer))) {
        return {};
    }
    std::size_t place = customer;
    if (customers_.empty()) {
        if (place + 1 >= starts_.size()) {
            return {};
        }
    } else {
        const auto at = std::lower_bound(customers_.begin(), customers_.end(), customer);
        if (at == customers_.end() || *at != customer) {
            return {};
        }
        place = static_cast<std::size_t>(at - customers_.begin());
    }
    return {starts_[place], starts_[place + 1] - starts_[place]};
}

void EventTable::append(Timestamp time, std::uint32_t id_hash, std::span<const Cell> cells) {
    WINBACK_CHECK(cells.size() == columns_.size());
    WINBACK_CHECK(times_.size() < no_row);
    times_.push_back(time);
    id_hashes_.push_back(id_hash);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Cell cell = cells[i];
        if (cell.kind != Cell::Kind::Encoded) {
            cell.text = cut_text(cell.text, event_text_bytes_max);
        } else if (cell.text.size() > event_encoded_bytes_max) {
            cell = null_cell();
        }
        columns_[i].append(cell);
    }
}

// A table that was loaded or merged has room for a tail only once there is one.
void EventTable::make_tail_room() {
    const std::size_t rows = main_ + std::max(tail_min, main_ / tail_divisor);
    if (times_.capacity() < rows) {
        times_.reserve(rows);
        id_hashes_.reserve(rows);
        for (Column& column : columns_) {
            column.reserve(rows);
        }
    }
}

void EventTable::add(std::uint32_t customer,
                     Timestamp time,
                     std::uint32_t id_hash,
                     std::span<const Cell> cells) {
    WINBACK_CHECK(!loading_);
    if (tail_size() == 0 && main_ > 0) {
        make_tail_room();
    }
    const auto row = static_cast<RowIndex>(times_.size());
    append(time, id_hash, cells);
    tail_owner_.push_back(customer);
    tail_older_.push_back(no_row);
    const std::uint32_t steps = link(customer, row);
    if (steps > chain_steps_max) {
        merge();
    } else {
        merge_when_due();
    }
}

// Puts the row into its owner's chain by time; at the same time the later arrival is the newer.
// Returns the length of the walk: none when events arrive in order.
std::uint32_t EventTable::link(std::uint32_t customer, RowIndex row) {
    unsettle(customer);
    Chain& chain = chains_[customer];
    ++chain.count;
    RowIndex* place = &chain.newest;
    std::uint32_t steps = 0;
    for (; *place != no_row && times_[row] < times_[*place]; ++steps) {
        place = &tail_older_[*place - main_];
    }
    tail_older_[row - main_] = *place;
    *place = row;
    return steps;
}

bool EventTable::contains(std::uint32_t customer, Timestamp time, std::uint32_t id_hash) const {
    const Range main = main_range(customer);
    const auto begin = times_.begin() + main.first;
    for (auto at = std::lower_bound(begin, begin + main.count, time);
         at != begin + main.count && *at == time; ++at) {
        if (id_hashes_[static_cast<std::size_t>(at - times_.begin())] == id_hash) {
            return true;
        }
    }
    const Chain* chain = chain_of(customer);
    if (chain == nullptr) {
        return false;
    }
    for (RowIndex row = chain->newest; row != no_row && !(times_[row] < time);
         row = tail_older_[row - main_]) {
        if (times_[row] == time && id_hashes_[row] == id_hash) {
            return true;
        }
    }
    return false;
}

void EventTable::prefetch(std::uint32_t customer) const {
    const Range main = main_range(customer);
    if (main.count > 0) {
        __builtin_prefetch(times_.data() + main.first);
        __builtin_prefetch(times_.data() + main.first + main.count - 1);
    }
}

Timestamp EventTable::newest(std::uint32_t customer) const {
    const Range main = main_range(customer);
    Timestamp time = main.count == 0 ? timestamp_min : times_[main.first + main.count - 1];
    if (const Chain* chain = chain_of(customer)) {
        time = std::max(time, times_[chain->newest]);
    }
    return time;
}

std::size_t EventTable::count_at_most(std::uint32_t customer) const {
    const Chain* chain = chain_of(customer);
    return std::size_t{main_range(customer).count} + (chain == nullptr ? 0 : chain->count);
}

bool EventTable::is_below_bound(std::uint32_t customer, Timestamp time) const {
    if (count_at_most(customer) < events_per_name_max || time >= newest(customer)) {
        return false;
    }
    std::vector<RowIndex> scratch;
    const Slice kept = slice(customer, scratch);
    return time < times_[kept.row(0)];
}

// Stable: at the same time the older arrival comes first.
void EventTable::merge_rows(std::span<const RowIndex> older,
                            std::span<const RowIndex> newer,
                            std::vector<RowIndex>& out) const {
    std::size_t a = 0;
    std::size_t b = 0;
    while (a < older.size() && b < newer.size()) {
        const bool take_newer = times_[newer[b]] < times_[older[a]];
        out.push_back(take_newer ? newer[b++] : older[a++]);
    }
    out.insert(out.end(), older.begin() + static_cast<std::ptrdiff_t>(a), older.end());
    out.insert(out.end(), newer.begin() + static_cast<std::ptrdiff_t>(b), newer.end());
}

Slice EventTable::slice(std::uint32_t customer,
                        std::vector<RowIndex>& scratch,
                        Timestamp since) const {
    const Range main = main_range(customer);
    const Chain* chain = chain_of(customer);
    if (chain == nullptr) {
        return {.first = main.first, .count = main.count};
    }
    // From the newest backwards, so that an abuser's long past is not walked.
    scratch.clear();
    RowIndex row = chain->newest;
    std::uint32_t left = main.count;
    while (scratch.size() < events_per_name_max && (row != no_row || left > 0)) {
        const bool take_tail =
            left == 0 || (row != no_row && times_[main.first + left - 1] <= times_[row]);
        const RowIndex next = take_tail ? row : main.first + left - 1;
        if (times_[next] < since) {
            break;
        }
        scratch.push_back(next);
        if (take_tail) {
            row = tail_older_[row - main_];
        } else {
            --left;
        }
    }
    std::reverse(scratch.begin(), scratch.end());
    return {.count = static_cast<std::uint32_t>(scratch.size()), .rows = scratch};
}

void EventTable::main_starts(std::uint32_t first, std::span<RowIndex> starts) const {
    if (starts_.empty()) {
        std::fill(starts.begin(), starts.end(), RowIndex{0});
        return;
    }
    if (customers_.empty()) {
        const std::size_t known =
            first < starts_.size() ? std::min(starts.size(), starts_.size() - first) : 0;
        const auto from = starts_.begin() + (known == 0 ? 0 : first);
        const auto end = std::copy(from, from + static_cast<std::ptrdiff_t>(known), starts.begin());
        std::fill(end, starts.end(), starts_.back());
        return;
    }
    auto at = static_cast<std::size_t>(
        std::lower_bound(customers_.begin(), customers_.end(), first) - customers_.begin());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        starts[i] = starts_[at];
        at += at < customers_.size() && customers_[at] == first + i ? 1U : 0U;
    }
}

bool EventTable::has_main_rows(std::uint32_t first, std::uint32_t count) const {
    if (starts_.empty()) {
        return false;
    }
    const std::uint64_t end = std::uint64_t{first} + count;
    if (customers_.empty()) {
        const std::size_t last = starts_.size() - 1;
        return starts_[std::min<std::uint64_t>(first, last)] !=
               starts_[std::min<std::uint64_t>(end, last)];
    }
    const auto at = std::lower_bound(customers_.begin(), customers_.end(), first);
    return at != customers_.end() && *at < end;
}

void EventTable::remove(std::uint32_t customer) {
    if (const Chain* chain = chain_of(customer)) {
        for (RowIndex row = chain->newest; row != no_row; row = tail_older_[row - main_]) {
            tail_owner_[row - main_] = no_row;
        }
        chains_.erase(customer);
    }
    if (main_range(customer).count > 0) {
        removed_.insert(customer);
        unsettle(customer);
    }
    if (removed_.size() > tail_min && removed_.size() > starts_.size() / tail_divisor) {
        merge();
    }
}

void EventTable::clear() {
    const std::uint64_t rolled_off = rolled_off_;
    *this = EventTable(std::move(name_), std::move(fields_));
    rolled_off_ = rolled_off;
}

void EventTable::merge_when_due() {
    if (tail_size() >= std::max(tail_min, main_ / tail_divisor)) {
        merge();
    }
}

// The tail's rows by customer, time, arrival.
std::vector<RowIndex> EventTable::sorted_tail() const {
    std::vector<RowIndex> rows;
    rows.reserve(tail_size());
    for (std::size_t i = 0; i < tail_owner_.size(); ++i) {
        if (tail_owner_[i] != no_row) {
            rows.push_back(static_cast<RowIndex>(main_ + i));
        }
    }
    std::sort(rows.begin(), rows.end(), [this](RowIndex a, RowIndex b) {
        const std::uint32_t owner_a = tail_owner_[a - main_];
        const std::uint32_t owner_b = tail_owner_[b - main_];
        if (owner_a != owner_b) {
            return owner_a < owner_b;
        }
        return times_[a] != times_[b] ? times_[a] < times_[b] : a < b;
    });
    return rows;
}

// Fills customers_ and starts_ anew (customers_ always, `lay_out` drops it when dense).
std::vector<RowIndex> EventTable::merged_order() {
    const std::vector<RowIndex> tail = sorted_tail();
    std::vector<std::uint32_t> customers;
    std::vector<RowIndex> starts;
    std::vector<RowIndex> order;
    std::vector<RowIndex> main_rows;
    order.reserve(times_.size());
    const std::size_t main_count = starts_.empty() ? 0 : starts_.size() - 1;
    std::size_t place = 0;
    std::size_t at = 0;
    while (place < main_count || at < tail.size()) {
        const std::uint32_t main_customer = place >= main_count  ? no_row
                                            : customers_.empty() ? static_cast<std::uint32_t>(place)
                                                                 : customers_[place];
        const std::uint32_t tail_customer =
            at < tail.size() ? tail_owner_[tail[at] - main_] : no_row;
        const std::uint32_t customer = std::min(main_customer, tail_customer);
        std::size_t tail_end = at;
        while (tail_end < tail.size() && tail_owner_[tail[tail_end] - main_] == customer) {
            ++tail_end;
        }
        main_rows.clear();
        if (main_customer == customer) {
            const Range range = main_range(customer);
            for (std::uint32_t i = 0; i < range.count; ++i) {
                main_rows.push_back(range.first + i);
            }
            ++place;
        }
        const std::size_t before = order.size();
        merge_rows(main_rows, std::span(tail).subspan(at, tail_end - at), order);
        at = tail_end;
        if (order.size() - before > events_per_name_max) {
            const std::size_t excess = order.size() - before - events_per_name_max;
            rolled_off_ += excess;
            const auto first = order.begin() + static_cast<std::ptrdiff_t>(before);
            order.erase(first, first + static_cast<std::ptrdiff_t>(excess));
        }
        if (order.size() > before) {
            customers.push_back(customer);
            starts.push_back(static_cast<RowIndex>(before));
        }
    }
    starts.push_back(static_cast<RowIndex>(order.size()));
    customers_ = std::move(customers);
    starts_ = std::move(starts);
    return order;
}

void EventTable::lay_out(const std::vector<RowIndex>& order) {
    const std::size_t room = std::max(tail_min, order.size() / tail_divisor);
    std::vector<Timestamp> times;
    times.reserve(order.size() + room);
    std::vector<std::uint32_t> id_hashes;
    id_hashes.reserve(order.size() + room);
    for (const RowIndex row : order) {
        times.push_back(times_[row]);
        id_hashes.push_back(id_hashes_[row]);
    }
    times_ = std::move(times);
    id_hashes_ = std::move(id_hashes);
    for (Column& column : columns_) {
        column.gather(order, room);
    }
    main_ = order.size();
    // Not `= {}`, which keeps the storage.
    tail_owner_ = std::vector<std::uint32_t>();
    tail_older_ = std::vector<RowIndex>();
    chains_ = decltype(chains_)();
    removed_ = decltype(removed_)();
    unsettled_ = std::vector<std::uint64_t>();
    make_dense();
}

void EventTable::make_dense() {
    // Dense starts cost 4 bytes for each customer up to the last, sparse ones 8 for each that
    // has such events.
    if (!customers_.empty() && customers_.size() * 2 >= customers_.back() + std::size_t{1}) {
        std::vector<RowIndex> starts(customers_.back() + std::size_t{2});
        std::size_t place = 0;
        for (std::uint32_t customer = 0; customer + 1 < starts.size(); ++customer) {
            starts[customer] = starts_[place];
            place += customers_[place] == customer ? 1U : 0U;
        }
        starts.back() = starts_.back();
        starts_ = std::move(starts);
        customers_ = std::vector<std::uint32_t>();
    }
}

void EventTable::merge() {
    const std::vector<RowIndex> order = merged_order();
    lay_out(order);
}

EventBytes EventTable::memory_bytes() const {
    const std::size_t numbers = customers_.capacity() + starts_.capacity() +
                                tail_owner_.capacity() + tail_older_.capacity();
    EventBytes bytes{.times = times_.capacity() * sizeof(Timestamp),
                     .places = sizeof(EventTable) + numbers * sizeof(std::uint32_t) +
                               chains_.capacity() * 13 + removed_.capacity() * 5 +
                               unsettled_.capacity() * sizeof(std::uint64_t),
                     .ids = id_hashes_.capacity() * sizeof(std::uint32_t)};
    for (const Column& column : columns_) {
        bytes.properties += column.memory_bytes();
    }
    return bytes;
}

}  // namespace winback::customer

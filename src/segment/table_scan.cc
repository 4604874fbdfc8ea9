#include "segment/table_scan.h"

#include <algorithm>

namespace winback::segment {

TableScan::TableScan(const customer::EventTable& table)
    : table_(table), times_(table.all_times()), unsettled_(table.unsettled()) {}

void TableScan::open(CustomerIndex first, std::uint32_t count) {
    if (first == first_ && count <= count_) {
        return;
    }
    first_ = first;
    count_ = count;
    has_rows_ = table_.has_main_rows(first, count);
    for (std::uint32_t i = 0; !has_rows_ && i < count; i += 64) {
        has_rows_ = unsettled_word(i) != 0;
    }
    if (has_rows_) {
        // Whole words are looked at.
        starts_.resize((count + std::size_t{63}) / 64 * 64 + ahead + 1);
        table_.main_starts(first, starts_);
    }
}

std::uint64_t TableScan::unsettled_word(std::uint32_t i) const {
    const auto word_at = [&](std::size_t word) {
        return word < unsettled_.size() ? unsettled_[word] : std::uint64_t{0};
    };
    const std::size_t word = (first_ + i) / 64;
    const std::uint32_t shift = (first_ + i) % 64;
    return shift == 0 ? word_at(word) : word_at(word) >> shift | word_at(word + 1) << (64 - shift);
}

// From the end backwards in doubling steps: windows are mostly recent.
RowIndex TableScan::first_at_or_after(RowIndex begin, RowIndex end, std::int64_t moment) const {
    RowIndex step = 1;
    while (end - begin >= step && times_[end - step].ms >= moment) {
        end -= step;
        step *= 2;
    }
    const RowIndex from = end - begin >= step ? end - step : begin;
    const Timestamp* at = std::lower_bound(times_ + from, times_ + end, Timestamp{moment});
    return static_cast<RowIndex>(at - times_);
}

Stretch TableScan::rows(CustomerIndex customer,
                        const Window& window,
                        std::vector<RowIndex>& scratch) const {
    const std::uint32_t i = customer - first_;
    __builtin_prefetch(times_ + starts_[i + ahead]);  // Customers are asked for in order.
    if (is_unsettled(i)) {
        const customer::Slice slice = table_.slice(customer, scratch, Timestamp{window.low});
        std::uint32_t begin = 0;
        std::uint32_t end = slice.count;
        for (; begin < end && time(slice.row(begin)) < window.low; ++begin) {
        }
        for (; end > begin && time(slice.row(end - 1)) >= window.high; --end) {
        }
        const auto rows = slice.rows.empty() ? slice.rows : slice.rows.subspan(begin, end - begin);
        return {slice.first + begin, end - begin, rows};
    }
    const RowIndex begin = starts_[i];
    RowIndex end = starts_[i + 1];
    if (begin < end && times_[end - 1].ms >= window.high) {
        end = first_at_or_after(begin, end, window.high);
    }
    const RowIndex low =
        window.low == timestamp_min.ms ? begin : first_at_or_after(begin, end, window.low);
    return {low, end - low, {}};
}

void TableScan::keep_at_least(std::uint32_t wanted,
                              const Window& window,
                              Marks& marks,
                              std::vector<RowIndex>& scratch) const {
    const bool none = starts_.front() == starts_.back();
    for (std::uint32_t w = 0; w < marks.size(); ++w) {
        if (marks[w] == 0) {
            continue;
        }
        const RowIndex* starts = starts_.data() + std::size_t{w} * 64;
        std::uint64_t yes = 0;
        std::uint64_t look = unsettled_word(w * 64);
        // Without branches: nobody can guess who has bought.
        for (std::uint32_t b = 0; !none && b < 64; ++b) {
            const RowIndex begin = starts[b];
            const RowIndex end = starts[b + 1];
            const bool any = end > begin;
            const bool enough = end - begin >= wanted;
            __builtin_prefetch(times_ + starts[b + ahead]);
            const std::int64_t newest = times_[any ? end - 1 : 0].ms;
            const std::int64_t last = times_[enough ? end - wanted : 0].ms;
            yes |= std::uint64_t{enough && last >= window.low ? 1U : 0U} << b;
            look |= std::uint64_t{any && newest >= window.high ? 1U : 0U} << b;
        }
        for (std::uint64_t left = look & marks[w]; left != 0; left &= left - 1) {
            const auto b = static_cast<std::uint32_t>(__builtin_ctzll(left));
            const std::uint64_t bit = std::uint64_t{1} << b;
            const bool held = rows(first_ + w * 64 + b, window, scratch).count >= wanted;
            yes = held ? yes | bit : yes & ~bit;
        }
        marks[w] &= yes;
    }
}

}  // namespace winback::segment

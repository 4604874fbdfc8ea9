// What one comparison of a condition asks, of any values and of the cells of a column.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "customer/column.h"
#include "expr/interrupt.h"
#include "expr/operand.h"
#include "expr/program.h"

namespace winback::segment {

// An instruction that is true or false of one value or of two. False of what cannot be computed.
struct Question {
    expr::Op op = expr::Op::Truth;
    expr::BinaryOp binary = expr::BinaryOp::Equal;  // Of a Relation.
    expr::Pattern pattern;                          // Of Matches.

    bool holds(const expr::Operand& left,
               const expr::Operand& right,
               const expr::Moment& moment) const;
    // Nanoseconds that the answer may take.
    std::size_t work(const expr::Operand& left, const expr::Operand& right) const;
};

// Some of a block of customers: bit i stands for the i-th.
constexpr std::uint32_t block_customers = 1024;
using Marks = std::array<std::uint64_t, block_customers / 64>;

// Calls `visit(i)` for each bit that is set and clears those for which it says false.
template <class Visit>
void keep_if(Marks& marks, Visit visit) {
    for (std::uint32_t w = 0; w < marks.size(); ++w) {
        for (std::uint64_t left = marks[w]; left != 0; left &= left - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
            if (!visit(w * 64 + bit)) {
                marks[w] &= ~(std::uint64_t{1} << bit);
            }
        }
    }
}

// The same, and calls `prepare(i)` for each of them some customers before, to have it in the cache.
template <class Prepare, class Visit>
void keep_if_ahead(Marks& marks, Prepare prepare, Visit visit) {
    constexpr std::size_t ahead = 12;
    std::array<std::uint16_t, block_customers + ahead> places;
    std::size_t count = 0;
    for (std::uint32_t w = 0; w < marks.size(); ++w) {
        for (std::uint64_t left = marks[w]; left != 0; left &= left - 1) {
            const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(left));
            places[count++] = static_cast<std::uint16_t>(w * 64 + bit);
        }
    }
    for (std::size_t k = 0; k < std::min(ahead, count); ++k) {
        prepare(std::uint32_t{places[k]});
    }
    for (std::size_t k = 0; k < count; ++k) {
        if (k + ahead < count) {
            prepare(std::uint32_t{places[k + ahead]});
        }
        const std::uint32_t i = places[k];
        if (!visit(i)) {
            marks[i / 64] &= ~(std::uint64_t{1} << (i % 64));
        }
    }
}

inline std::uint32_t count(const Marks& marks) {
    std::uint32_t sum = 0;
    for (const std::uint64_t word : marks) {
        sum += static_cast<std::uint32_t>(std::popcount(word));
    }
    return sum;
}

inline bool is_empty(const Marks& marks) {
    std::uint64_t all = 0;
    for (const std::uint64_t word : marks) {
        all |= word;
    }
    return all == 0;
}

// A question with one side fixed, asked of many cells. Cells of few values are asked about once
// for each; whole numbers and cents that compare with a number are a range.
class CellTest {
public:
    // A null column is a column of nulls. The column must not change afterwards.
    CellTest(const customer::Column* column,
             Question question,
             const expr::Operand& fixed,
             bool fixed_is_left,
             const expr::Moment& moment,
             expr::Interrupt* interrupt = nullptr);

    bool operator()(std::size_t row) {
        switch (way_) {
            case Way::Always:
                return null_;
            case Way::Few:
                return row < size_ ? few(tags_[row], row) : null_;
            case Way::Narrow:
                return row < size_ ? in_range(narrow_[row]) : null_;
            case Way::Words:
                return row < size_ ? in_range(words_[row]) : null_;
            case Way::Cells:
                break;
        }
        return answer(column_->at(row));
    }
    void prefetch(std::size_t row) const {
        if (row < size_) {
            column_->prefetch(row);
        }
    }
    std::size_t row_bytes() const { return column_ == nullptr ? 0 : column_->row_bytes(); }
    // Of the marked rows, bit i is row first + i, those for which the answer is yes.
    void keep(std::size_t first, Marks& marks);

private:
    enum class Way : std::uint8_t { Always, Few, Narrow, Words, Cells };
    static constexpr std::uint8_t unknown = 2;

    bool answer(const expr::Cell& cell) const;
    bool few(std::uint8_t tag, std::size_t row) {
        if (answers_[tag] == unknown) {
            answers_[tag] = answer(column_->at(row)) ? 1 : 0;
        }
        return answers_[tag] != 0;
    }
    bool in_range(std::int32_t value) const {
        return value == customer::Column::null_narrow
                   ? null_
                   : (low_ <= value && value <= high_) == inside_;
    }
    bool in_range(std::int64_t value) const {
        return value == customer::Column::null_word ? null_
                                                    : (low_ <= value && value <= high_) == inside_;
    }
    bool compares_numbers() const;
    template <class AsCell>
    void find_range(std::int64_t lowest, std::int64_t highest, AsCell as_cell);

    const customer::Column* column_;
    Question question_;
    expr::Operand fixed_;
    bool fixed_is_left_;
    expr::Moment moment_;
    expr::Interrupt* interrupt_;
    Way way_ = Way::Cells;
    bool null_ = false;   // The answer for null.
    bool inside_ = true;  // Yes inside of [low_, high_], or outside of it.
    std::int64_t low_ = 1;
    std::int64_t high_ = 0;
    std::size_t size_ = 0;
    const std::uint8_t* tags_ = nullptr;
    const std::int32_t* narrow_ = nullptr;
    const std::int64_t* words_ = nullptr;
    std::array<std::uint8_t, 256> answers_{};
};

}  // namespace winback::segment

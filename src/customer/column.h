// One field of many rows, in the smallest form that keeps every value exactly as it came.
//
// A column starts without storage and takes the type of its first value. Nulls are sentinels of
// the type. When a value of another type comes (an int after doubles, a text after ints) the
// column turns to tagged cells, so what a reader sees never depends on other rows.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/bytes.h"
#include "customer/text_pool.h"
#include "expr/facts.h"

namespace winback::customer {

using expr::Cell;

Cell null_cell();
Cell bool_cell(bool value);
Cell int_cell(std::int64_t value);
Cell double_cell(double value);
Cell text_cell(std::string_view value);
Cell time_cell(Timestamp value);
bool same_cell(const Cell& a, const Cell& b);
// Scalars as cells, all else null. Views the value's text.
Cell cell_of(const Value& value);
// Lists and maps, too; views `bytes`, which then encode the value.
Cell cell_of(const Value& value, std::string& bytes);
Cell cell_of(const ValueView& value);
Value value_of(const Cell& cell);

class Column {
public:
    std::size_t size() const { return size_; }
    Cell at(std::size_t row) const;  // Null beyond the end. Text is a view into the column.
    void append(const Cell& cell) {
        if (form_ == Form::Nulls && cell.kind == Cell::Kind::Null) {
            ++size_;
        } else {
            put(size_, cell);
        }
    }
    // Rows between the end and `row` become null.
    void put(std::size_t row, const Cell& cell);
    // Row i becomes what was row order[i]; rows not named are gone. `room` more are expected.
    void gather(const std::vector<std::uint32_t>& order, std::size_t room);
    // Rows from `first` on become what was row order[i] of those after it; not named ones go.
    void reorder(std::size_t first, const std::vector<std::uint32_t>& order);
    void resize(std::size_t rows);
    void reserve(std::size_t rows);
    // Gives back storage that no row uses.
    void fit();
    std::size_t memory_bytes() const;

    // Ints and Cents are 32 bits wide: small ints, and doubles that are whole hundredths. Codes
    // are texts whose references fit in a byte: the first few different ones.
    enum class Form : std::uint8_t {
        Nulls,
        Bools,
        Ints,
        Words,
        Cents,
        Doubles,
        Codes,
        Texts,
        Tagged,
    };
    static constexpr std::int32_t null_narrow = std::numeric_limits<std::int32_t>::min();
    static constexpr std::int64_t null_word = std::numeric_limits<std::int64_t>::min();
    static constexpr std::uint8_t null_bool = 2;

    // Brings the cell into the cache. Pre: row < size().
    void prefetch(std::size_t row) const {
        const void* at = !tags_.empty()     ? static_cast<const void*>(tags_.data() + row)
                         : !narrow_.empty() ? static_cast<const void*>(narrow_.data() + row)
                         : !words_.empty()  ? static_cast<const void*>(words_.data() + row)
                                            : nullptr;
        __builtin_prefetch(at);
    }

    // The storage as it is, for loops over many rows (segment/scan.h); empty in other forms.
    Form form() const { return form_; }
    const std::vector<std::uint8_t>& tags() const { return tags_; }
    const std::vector<std::int32_t>& narrow() const { return narrow_; }
    const std::vector<std::int64_t>& words() const { return words_; }
    std::size_t row_bytes() const;  // That reading one row touches, without texts.
    // What a narrow row or a word, not null, is as a cell.
    Cell narrow_cell(std::int32_t value) const;
    Cell word_cell(std::int64_t value) const { return {.kind = word_kind_, .integer = value}; }

private:
    static Form smallest_form(const Cell& cell);
    bool holds(const Cell& cell) const;
    void take_form(const Cell& cell);
    void widen();
    void turn_tagged();
    void turn_texts();
    std::int64_t text_ref(std::size_t row) const;
    void lose_texts(std::size_t rows);
    template <class F>
    void each_storage(F change);
    void write(std::size_t row, const Cell& cell);
    void fill_to(std::size_t rows);
    void compact_texts();

    Form form_ = Form::Nulls;
    Cell::Kind word_kind_ = Cell::Kind::Int;  // Of Words: Int or Time.
    std::size_t size_ = 0;
    std::size_t stale_texts_ = 0;
    std::vector<std::uint8_t> tags_;    // Tagged: Cell::Kind. Bools: 0, 1, 2 = null. Codes.
    std::vector<std::int32_t> narrow_;  // Ints, Cents.
    std::vector<std::int64_t> words_;   // Words, Tagged.
    std::vector<double> doubles_;
    std::vector<TextRef> texts_;
    TextPool pool_;
};

}  // namespace winback::customer

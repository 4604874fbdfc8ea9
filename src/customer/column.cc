#include "customer/column.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/check.h"

namespace winback::customer {
namespace {

constexpr std::int32_t null_narrow = Column::null_narrow;
constexpr std::int64_t null_word = Column::null_word;
// One particular quiet NaN; values that are NaN are stored as null.
constexpr std::uint64_t null_double_bits = 0x7ff8'6e75'6c6c'0000;
constexpr std::size_t compact_min = 1024;

double null_double() {
    return std::bit_cast<double>(null_double_bits);
}

bool is_narrow(std::int64_t value) {
    return value > null_narrow && value <= std::numeric_limits<std::int32_t>::max();
}

// The double as whole hundredths if dividing them gives back exactly its bits; else null_narrow.
std::int32_t cents_of(double value) {
    constexpr double limit = 2e7;
    if (!(std::abs(value) < limit)) {
        return null_narrow;
    }
    const auto cents = static_cast<std::int32_t>(std::llround(value * 100));
    const bool exact =
        std::bit_cast<std::uint64_t>(cents / 100.0) == std::bit_cast<std::uint64_t>(value);
    return exact ? cents : null_narrow;
}

template <class T>
void gather_rows(std::vector<T>& rows, const std::vector<std::uint32_t>& order, std::size_t room) {
    if (rows.empty()) {
        return;
    }
    std::vector<T> moved;
    moved.reserve(order.size() + room);
    for (const std::uint32_t row : order) {
        moved.push_back(rows[row]);
    }
    rows = std::move(moved);
}

template <class T>
std::size_t bytes_of(const std::vector<T>& rows) {
    return rows.capacity() * sizeof(T);
}

// Of a tagged cell: its word refers to a text.
bool refers(Cell::Kind kind) {
    return kind == Cell::Kind::Text || kind == Cell::Kind::Encoded;
}

}  // namespace

Cell null_cell() {
    return {};
}
Cell bool_cell(bool value) {
    return {.kind = Cell::Kind::Bool, .integer = value ? 1 : 0};
}
Cell int_cell(std::int64_t value) {
    return {.kind = Cell::Kind::Int, .integer = value};
}
Cell double_cell(double value) {
    return {.kind = Cell::Kind::Double, .real = value};
}
Cell text_cell(std::string_view value) {
    return {.kind = Cell::Kind::Text, .text = value};
}
Cell time_cell(Timestamp value) {
    return {.kind = Cell::Kind::Time, .integer = value.ms};
}

bool same_cell(const Cell& a, const Cell& b) {
    return a.kind == b.kind && a.integer == b.integer &&
           std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real) &&
           a.text == b.text;
}

Cell cell_of(const Value& value) {
    switch (value.type()) {
        case ValueType::Bool:
            return bool_cell(*value.as_bool());
        case ValueType::Int:
            return int_cell(*value.as_int());
        case ValueType::Double:
            return double_cell(*value.as_double());
        case ValueType::String:
            return text_cell(*value.as_string());
        case ValueType::Time:
            return time_cell(*value.as_time());
        case ValueType::Null:
        case ValueType::Span:
        case ValueType::List:
        case ValueType::Map:
            break;
    }
    return null_cell();
}

Cell cell_of(const ValueView& value) {
    switch (value.type) {
        case ValueType::Bool:
            return bool_cell(value.integer != 0);
        case ValueType::Int:
            return int_cell(value.integer);
        case ValueType::Double:
            return double_cell(value.real);
        case ValueType::String:
            return text_cell(value.text);
        case ValueType::Time:
            return time_cell({value.integer});
        case ValueType::List:
        case ValueType::Map:
            return {.kind = Cell::Kind::Encoded, .text = value.text};
        case ValueType::Null:
        case ValueType::Span:
            break;
    }
    return null_cell();
}

Cell cell_of(const Value& value, std::string& bytes) {
    if (value.as_list() == nullptr && value.as_map() == nullptr) {
        return cell_of(value);
    }
    bytes.clear();
    ByteWriter(bytes).value(value);
    return {.kind = Cell::Kind::Encoded, .text = bytes};
}

Value value_of(const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::Bool:
            return {cell.integer != 0};
        case Cell::Kind::Int:
            return {cell.integer};
        case Cell::Kind::Double:
            return {cell.real};
        case Cell::Kind::Text:
            return {cell.text};
        case Cell::Kind::Time:
            return {Timestamp{cell.integer}};
        case Cell::Kind::Encoded:
            return ByteReader(cell.text).value();
        case Cell::Kind::Null:
            break;
    }
    return {};
}

Cell Column::narrow_cell(std::int32_t value) const {
    return form_ == Form::Cents ? double_cell(value / 100.0) : int_cell(value);
}

Cell Column::at(std::size_t row) const {
    if (row >= size_) {
        return null_cell();
    }
    switch (form_) {
        case Form::Nulls:
            return null_cell();
        case Form::Bools:
            return tags_[row] == null_bool ? null_cell() : bool_cell(tags_[row] != 0);
        case Form::Ints:
        case Form::Cents:
            return narrow_[row] == null_narrow ? null_cell() : narrow_cell(narrow_[row]);
        case Form::Words:
            return words_[row] == null_word ? null_cell() : word_cell(words_[row]);
        case Form::Doubles:
            return std::isnan(doubles_[row]) ? null_cell() : double_cell(doubles_[row]);
        case Form::Codes:
            return tags_[row] == no_text ? null_cell() : text_cell(pool_.at(tags_[row]));
        case Form::Texts:
            return texts_[row] == no_text ? null_cell() : text_cell(pool_.at(texts_[row]));
        case Form::Tagged:
            break;
    }
    const auto kind = static_cast<Cell::Kind>(tags_[row]);
    switch (kind) {
        case Cell::Kind::Double:
            return double_cell(std::bit_cast<double>(words_[row]));
        case Cell::Kind::Text:
        case Cell::Kind::Encoded:
            return {.kind = kind, .text = pool_.at(static_cast<TextRef>(words_[row]))};
        case Cell::Kind::Null:
        case Cell::Kind::Bool:
        case Cell::Kind::Int:
        case Cell::Kind::Time:
            break;
    }
    return {.kind = kind, .integer = words_[row]};
}

Column::Form Column::smallest_form(const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::Null:
            return Form::Nulls;
        case Cell::Kind::Bool:
            return Form::Bools;
        case Cell::Kind::Int:
            return is_narrow(cell.integer)     ? Form::Ints
                   : cell.integer == null_word ? Form::Tagged
                                               : Form::Words;
        case Cell::Kind::Time:
            return cell.integer == null_word ? Form::Tagged : Form::Words;
        case Cell::Kind::Double:
            return cents_of(cell.real) == null_narrow ? Form::Doubles : Form::Cents;
        case Cell::Kind::Text:
            return Form::Codes;
        case Cell::Kind::Encoded:
            break;
    }
    return Form::Tagged;
}

bool Column::holds(const Cell& cell) const {
    const Form smallest = smallest_form(cell);
    switch (form_) {
        case Form::Tagged:
            return true;
        case Form::Words:
            return word_kind_ == cell.kind && (smallest == Form::Ints || smallest == Form::Words);
        case Form::Doubles:
            return smallest == Form::Cents || smallest == Form::Doubles;
        case Form::Texts:
            return smallest == Form::Codes;
        case Form::Nulls:
        case Form::Bools:
        case Form::Ints:
        case Form::Cents:
        case Form::Codes:
            break;
    }
    return smallest == form_;
}

// Sets the form of a column of nulls, or the next wider one when the value does not fit.
void Column::take_form(const Cell& cell) {
    if (cell.kind == Cell::Kind::Null) {
        return;
    }
    if (form_ == Form::Nulls) {
        form_ = smallest_form(cell);
        word_kind_ = cell.kind;
        const std::size_t rows = size_;
        size_ = 0;
        fill_to(rows);
    }
    const Form smallest = smallest_form(cell);
    const bool is_wider =
        (form_ == Form::Ints && smallest == Form::Words && cell.kind == Cell::Kind::Int) ||
        (form_ == Form::Cents && smallest == Form::Doubles);
    if (is_wider) {
        widen();
    } else if (!holds(cell)) {
        turn_tagged();
    }
}

// Ints to words, cents to doubles.
void Column::widen() {
    for (const std::int32_t value : narrow_) {
        const bool null = value == null_narrow;
        if (form_ == Form::Ints) {
            words_.push_back(null ? null_word : value);
        } else {
            doubles_.push_back(null ? null_double() : value / 100.0);
        }
    }
    form_ = form_ == Form::Ints ? Form::Words : Form::Doubles;
    word_kind_ = Cell::Kind::Int;
    narrow_ = decltype(narrow_)();
}

std::int64_t Column::text_ref(std::size_t row) const {
    return form_ == Form::Codes ? TextRef{tags_[row]} : texts_[row];
}

void Column::turn_texts() {
    texts_.assign(tags_.begin(), tags_.end());
    tags_ = decltype(tags_)();
    form_ = Form::Texts;
}

void Column::turn_tagged() {
    std::vector<std::uint8_t> tags(size_);
    std::vector<std::int64_t> words(size_);
    for (std::size_t row = 0; row < size_; ++row) {
        const Cell cell = at(row);
        tags[row] = static_cast<std::uint8_t>(cell.kind);
        words[row] = cell.kind == Cell::Kind::Double ? std::bit_cast<std::int64_t>(cell.real)
                     : cell.kind == Cell::Kind::Text ? text_ref(row)
                                                     : cell.integer;
    }
    tags_ = std::move(tags);
    words_ = std::move(words);
    narrow_ = decltype(narrow_)();
    doubles_ = decltype(doubles_)();
    texts_ = decltype(texts_)();
    form_ = Form::Tagged;
}

void Column::fill_to(std::size_t rows) {
    switch (form_) {
        case Form::Nulls:
            break;
        case Form::Bools:
            tags_.resize(rows, null_bool);
            break;
        case Form::Ints:
        case Form::Cents:
            narrow_.resize(rows, null_narrow);
            break;
        case Form::Words:
            words_.resize(rows, null_word);
            break;
        case Form::Doubles:
            doubles_.resize(rows, null_double());
            break;
        case Form::Codes:
            tags_.resize(rows, std::uint8_t{no_text});
            break;
        case Form::Texts:
            texts_.resize(rows, no_text);
            break;
        case Form::Tagged:
            tags_.resize(rows, static_cast<std::uint8_t>(Cell::Kind::Null));
            words_.resize(rows, 0);
            break;
    }
    size_ = rows;
}

void Column::put(std::size_t row, const Cell& cell) {
    const bool is_nan = cell.kind == Cell::Kind::Double && std::isnan(cell.real);
    const Cell& stored = is_nan ? null_cell() : cell;
    take_form(stored);
    if (row >= size_) {
        fill_to(row + 1);
    }
    if (stored.kind == Cell::Kind::Null && form_ == Form::Nulls) {
        return;
    }
    write(row, stored);
    if (stale_texts_ > compact_min && stale_texts_ > size_) {
        compact_texts();
    }
}

void Column::write(std::size_t row, const Cell& cell) {
    const bool null = cell.kind == Cell::Kind::Null;
    switch (form_) {
        case Form::Nulls:
            break;
        case Form::Bools:
            tags_[row] = null ? null_bool : static_cast<std::uint8_t>(cell.integer);
            break;
        case Form::Ints:
            narrow_[row] = null ? null_narrow : static_cast<std::int32_t>(cell.integer);
            break;
        case Form::Cents:
            narrow_[row] = null ? null_narrow : cents_of(cell.real);
            break;
        case Form::Words:
            words_[row] = null ? null_word : cell.integer;
            break;
        case Form::Doubles:
            doubles_[row] = null ? null_double() : cell.real;
            break;
        case Form::Codes: {
            const TextRef ref = null ? no_text : pool_.add(cell.text);
            if (ref > std::numeric_limits<std::uint8_t>::max()) {
                turn_texts();
                texts_[row] = ref;
            } else {
                tags_[row] = static_cast<std::uint8_t>(ref);
            }
            break;
        }
        case Form::Texts:
            stale_texts_ += texts_[row] == no_text ? 0U : 1U;
            texts_[row] = null ? no_text : pool_.add(cell.text);
            break;
        case Form::Tagged:
            stale_texts_ += refers(static_cast<Cell::Kind>(tags_[row])) ? 1U : 0U;
            tags_[row] = static_cast<std::uint8_t>(cell.kind);
            words_[row] = cell.kind == Cell::Kind::Double ? std::bit_cast<std::int64_t>(cell.real)
                          : refers(cell.kind)             ? std::int64_t{pool_.add(cell.text)}
                                                          : cell.integer;
            break;
    }
}

void Column::gather(const std::vector<std::uint32_t>& order, std::size_t room) {
    lose_texts(size_ - std::min(size_, order.size()));
    gather_rows(tags_, order, room);
    gather_rows(narrow_, order, room);
    gather_rows(words_, order, room);
    gather_rows(doubles_, order, room);
    gather_rows(texts_, order, room);
    size_ = order.size();
    if (stale_texts_ > compact_min && stale_texts_ > size_) {
        compact_texts();
    }
}

// What the first few codes cost is never worth a new pool.
void Column::lose_texts(std::size_t rows) {
    stale_texts_ += form_ == Form::Texts || form_ == Form::Tagged ? rows : 0;
}

template <class F>
void Column::each_storage(F change) {
    change(tags_);
    change(narrow_);
    change(words_);
    change(doubles_);
    change(texts_);
}

void Column::reorder(std::size_t first, const std::vector<std::uint32_t>& order) {
    lose_texts(size_ - first - order.size());
    each_storage([&](auto& rows) {
        if (rows.empty()) {
            return;
        }
        std::remove_reference_t<decltype(rows)> moved;
        moved.reserve(order.size());
        for (const std::uint32_t row : order) {
            moved.push_back(rows[first + row]);
        }
        rows.resize(first);
        rows.insert(rows.end(), moved.begin(), moved.end());
    });
    size_ = first + order.size();
}

void Column::resize(std::size_t rows) {
    fill_to(rows);
}

void Column::reserve(std::size_t rows) {
    each_storage([&](auto& storage) {
        if (!storage.empty()) {
            storage.reserve(rows);
        }
    });
}

void Column::fit() {
    each_storage([](auto& storage) { storage.shrink_to_fit(); });
}

// Copies the texts that are still used into a new pool.
void Column::compact_texts() {
    stale_texts_ = 0;
    TextPool pool;
    for (TextRef& ref : texts_) {
        ref = ref == no_text ? no_text : pool.add(pool_.at(ref));
    }
    for (std::size_t row = 0; form_ == Form::Tagged && row < size_; ++row) {
        if (refers(static_cast<Cell::Kind>(tags_[row]))) {
            words_[row] = pool.add(pool_.at(static_cast<TextRef>(words_[row])));
        }
    }
    pool_ = std::move(pool);
}

std::size_t Column::row_bytes() const {
    return (tags_.empty() ? 0 : sizeof(tags_[0])) + (narrow_.empty() ? 0 : sizeof(narrow_[0])) +
           (words_.empty() ? 0 : sizeof(words_[0])) + (doubles_.empty() ? 0 : sizeof(doubles_[0])) +
           (texts_.empty() ? 0 : sizeof(texts_[0]));
}

std::size_t Column::memory_bytes() const {
    return bytes_of(tags_) + bytes_of(narrow_) + bytes_of(words_) + bytes_of(doubles_) +
           bytes_of(texts_) + pool_.memory_bytes() + sizeof(Column);
}

}  // namespace winback::customer

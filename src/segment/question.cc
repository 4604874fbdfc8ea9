#include "segment/question.h"

#include <algorithm>
#include <cmath>

#include "expr/text_questions.h"

namespace winback::segment {
namespace {

using customer::Column;
using expr::BinaryOp;
using expr::Kind;
using expr::Op;
using expr::Operand;

bool is_true(const Operand& operand) {
    return operand.kind == Kind::Bool && operand.integer != 0;
}

bool contained(const Operand& item, const Operand& all) {
    if (all.kind == Kind::List && item.kind != Kind::Error) {
        return std::any_of(all.list->begin(), all.list->end(), [&](const Value& value) {
            return expr::equals(item, expr::from_value(value));
        });
    }
    return all.kind == Kind::Map && item.kind == Kind::String &&
           all.map->find(item.text) != nullptr;
}

// The lowest number of [lowest, highest] for which `is_above` says yes; highest + 1 when none.
// Pre: it says yes for all numbers above one for which it does.
template <class IsAbove>
std::int64_t first_above(std::int64_t lowest, std::int64_t highest, IsAbove is_above) {
    if (!is_above(highest)) {
        return highest + 1;
    }
    while (lowest < highest) {
        // Halves added, so that nothing overflows.
        const std::int64_t middle = (lowest >> 1) + (highest >> 1) + (lowest & highest & 1);
        if (is_above(middle)) {
            highest = middle;
        } else {
            lowest = middle + 1;
        }
    }
    return lowest;
}

// For the size of what is read.
Operand text_of(const expr::Cell& cell) {
    return expr::text_operand(cell.text, timestamp_max);
}

}  // namespace

bool Question::holds(const Operand& left, const Operand& right, const expr::Moment& moment) const {
    switch (op) {
        case Op::Truth:
            return is_true(left);
        case Op::Present:
            return left.kind != Kind::Null && left.kind != Kind::Error;
        case Op::Relation:
            return binary == BinaryOp::In ? contained(left, right)
                                          : is_true(expr::compare(binary, left, right, moment));
        case Op::Matches:
            return left.kind == Kind::String && expr::matches(pattern, left.text);
        default:
            break;
    }
    if (left.kind != Kind::String || right.kind != Kind::String) {
        return false;
    }
    return op == Op::Contains     ? left.text.find(right.text) != std::string_view::npos
           : op == Op::StartsWith ? left.text.starts_with(right.text)
                                  : left.text.ends_with(right.text);
}

std::size_t Question::work(const Operand& left, const Operand& right) const {
    constexpr std::size_t of_any = 10;
    switch (op) {
        case Op::Matches:
            return of_any + expr::match_work(pattern, left.text.size()) * expr::match_work_ns;
        case Op::Contains:
            return of_any + expr::search_work(left.text, right.text);
        default:
            return of_any + (left.text.size() + right.text.size()) / 4;
    }
}

CellTest::CellTest(const Column* column,
                   Question question,
                   const Operand& fixed,
                   bool fixed_is_left,
                   const expr::Moment& moment,
                   expr::Interrupt* interrupt)
    : column_(column),
      question_(std::move(question)),
      fixed_(fixed),
      fixed_is_left_(fixed_is_left),
      moment_(moment),
      interrupt_(interrupt),
      null_(answer({})) {
    answers_.fill(unknown);
    if (column_ == nullptr || column_->form() == Column::Form::Nulls) {
        way_ = Way::Always;
        return;
    }
    size_ = column_->size();
    using Form = Column::Form;
    const Form form = column_->form();
    if (form == Form::Bools || form == Form::Codes) {
        way_ = Way::Few;
        tags_ = column_->tags().data();
    } else if ((form == Form::Ints || form == Form::Cents) && compares_numbers()) {
        way_ = Way::Narrow;
        narrow_ = column_->narrow().data();
        find_range(
            std::int64_t{Column::null_narrow} + 1, std::numeric_limits<std::int32_t>::max(),
            [&](std::int64_t n) { return column_->narrow_cell(static_cast<std::int32_t>(n)); });
    } else if (form == Form::Words && column_->word_cell(0).kind == expr::Cell::Kind::Int &&
               compares_numbers()) {
        way_ = Way::Words;
        words_ = column_->words().data();
        // One below the highest, so that one above the range is a number too.
        find_range(Column::null_word + 1, std::numeric_limits<std::int64_t>::max() - 1,
                   [&](std::int64_t n) { return column_->word_cell(n); });
        if (high_ == std::numeric_limits<std::int64_t>::max() - 1) {
            way_ = Way::Cells;  // Then the very highest is not known to be inside.
        }
    }
}

bool CellTest::answer(const expr::Cell& cell) const {
    if (interrupt_ != nullptr && interrupt_->before(question_.work(text_of(cell), fixed_))) {
        return false;
    }
    Value kept;
    const Operand value = expr::from_cell(cell, kept);
    return fixed_is_left_ ? question_.holds(fixed_, value, moment_)
                          : question_.holds(value, fixed_, moment_);
}

bool CellTest::compares_numbers() const {
    return question_.op == Op::Relation && question_.binary != BinaryOp::In && fixed_.is_number() &&
           !(fixed_.kind == Kind::Double && std::isnan(fixed_.real));
}

// The numbers are in the order of their cells, and so the answers are one stretch.
template <class AsCell>
void CellTest::find_range(std::int64_t lowest, std::int64_t highest, AsCell as_cell) {
    const auto first_not = [&](BinaryOp op) {
        return first_above(lowest, highest, [&](std::int64_t n) {
            return !is_true(expr::compare(op, expr::from_cell(as_cell(n)), fixed_, moment_));
        });
    };
    const std::int64_t not_less = first_not(BinaryOp::Less);
    const std::int64_t greater = first_not(BinaryOp::LessEqual);
    const BinaryOp op = fixed_is_left_ ? mirrored(question_.binary) : question_.binary;
    inside_ = op != BinaryOp::NotEqual;
    low_ = op == BinaryOp::Greater                             ? greater
           : op == BinaryOp::Less || op == BinaryOp::LessEqual ? lowest
                                                               : not_less;
    high_ = op == BinaryOp::Less                                      ? not_less - 1
            : op == BinaryOp::Greater || op == BinaryOp::GreaterEqual ? highest
                                                                      : greater - 1;
}

void CellTest::keep(std::size_t first, Marks& marks) {
    if (way_ == Way::Always) {
        if (!null_) {
            marks.fill(0);
        }
        return;
    }
    keep_if(marks, [&](std::uint32_t i) { return (*this)(first + i); });
}

}  // namespace winback::segment

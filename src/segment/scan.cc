#include "segment/scan.h"

#include <algorithm>
#include <functional>

#include "customer/limits.h"
#include "expr/limits.h"

namespace winback::segment {

using expr::BinaryOp;
using expr::Kind;
using expr::Operand;

Scan::Scan(const expr::Condition& condition,
           const expr::Symbols& symbols,
           const customer::Customers& customers,
           Timestamp now,
           const Zone& zone,
           OtherFacts& others,
           expr::Interrupt* interrupt)
    : condition_(condition),
      program_(condition.program),
      symbols_(symbols),
      columns_(customers),
      moment_{now, zone, false},
      others_(others),
      interrupt_(interrupt),
      days_(zone),
      slot_numbers_(program_.slots.size()) {
    const auto leave_whole = [this] {
        root_ = add({.kind = Part::Kind::Whole});
        general_parts_ = 1;
    };
    // The limits are of the whole evaluation.
    if (expr::may_exhaust_of_few(program_)) {
        leave_whole();
        return;
    }
    if (!is_settled(program_.root)) {
        root_ = add({.kind = Part::Kind::General, .index = program_.root});
        general_parts_ = 1;
    } else {
        root_ = plan_part(program_.root);
    }
    if (const expr::PatternWork work = expr::pattern_work(program_); work.slots > 0) {
        if (general_parts_ > 0) {
            leave_whole();
            return;
        }
        // An evaluation asks of an event within a window and of one that may come into it.
        constexpr std::size_t times = 2;
        const std::size_t left = expr::match_work_max - work.weight * expr::matched_bytes_max;
        rows_max_ = left / (times * work.slots * work.weight * customer::event_text_bytes_max);
    }
}

std::size_t Scan::column_bytes() const {
    std::size_t bytes = 0;
    for (const TableScan& scan : scans_) {
        bytes += columns_.size() * sizeof(RowIndex) + scan.table().main_size() * sizeof(Timestamp);
    }
    for (const EventSlot& slot : slots_) {
        bytes += slot.column_bytes();
    }
    for (const CellTest& test : tests_) {
        bytes += columns_.size() * test.row_bytes();
    }
    for (const TextTest& test : text_tests_) {
        bytes += columns_.size() * test.column->row_bytes();
    }
    return bytes;
}

void Scan::narrow(CustomerIndex first, std::span<std::uint64_t> marks) {
    for (std::size_t from = 0; from < marks.size() && !given_up(); from += Marks().size()) {
        const auto some = marks.subspan(from, std::min(Marks().size(), marks.size() - from));
        Marks block{};
        std::copy(some.begin(), some.end(), block.begin());
        first_ = first + static_cast<CustomerIndex>(from * 64);
        for (EventSlot& slot : slots_) {
            slot.open(first_, static_cast<std::uint32_t>(some.size() * 64));
        }
        if (rows_max_) {
            const Marks many = narrow_many(block);
            narrow_part(parts_[root_], block);
            std::transform(block.begin(), block.end(), many.begin(), block.begin(),
                           std::bit_or<>());
        } else {
            narrow_part(parts_[root_], block);
        }
        std::copy_n(block.begin(), some.size(), some.begin());
    }
}

Marks Scan::narrow_many(Marks& marks) {
    Marks many = marks;
    keep_if(many, [&](std::uint32_t i) {
        std::uint64_t rows = 0;
        for (const TableScan& scan : scans_) {
            rows += scan.has_rows() ? scan.most_rows(first_ + i) : 0;
        }
        return rows > *rows_max_;
    });
    for (std::size_t w = 0; w < marks.size(); ++w) {
        marks[w] &= ~many[w];
    }
    keep_if(many, [&](std::uint32_t i) { return others_.holds(first_ + i); });
    return many;
}

void Scan::narrow_part(const Part& part, Marks& marks) {
    constexpr std::size_t of_block = 4'000;
    if (is_empty(marks) || (interrupt_ != nullptr && interrupt_->after(of_block))) {
        return;
    }
    switch (part.kind) {
        case Part::Kind::Constant:
            if (!part.truth) {
                marks.fill(0);
            }
            return;
        case Part::Kind::And:
        case Part::Kind::Or:
        case Part::Kind::Not:
        case Part::Kind::Ternary:
            narrow_compound(part, marks);
            return;
        case Part::Kind::Trait:
            tests_[part.index].keep(first_, marks);
            return;
        case Part::Kind::Text:
            narrow_text(text_tests_[part.index], marks);
            return;
        case Part::Kind::AtLeast: {
            Marks some = marks;
            slots_[part.index].keep_at_least(first_, part.wanted, some);
            for (std::size_t w = 0; w < marks.size(); ++w) {
                marks[w] &= part.truth ? some[w] : ~some[w];
            }
            return;
        }
        case Part::Kind::Compare:
            narrow_compare(part, marks);
            return;
        case Part::Kind::InSegment:
            keep_if(marks,
                    [&](std::uint32_t i) { return others_.in_segment(first_ + i, part.index); });
            return;
        case Part::Kind::General:
            keep_if(marks,
                    [&](std::uint32_t i) { return others_.holds_now(first_ + i, part.index); });
            return;
        case Part::Kind::Whole:
            keep_if(marks, [&](std::uint32_t i) { return others_.holds(first_ + i); });
            return;
    }
}

// Recursion is bounded by the depth of the condition.
void Scan::narrow_compound(const Part& part, Marks& marks) {
    const auto each_word = [&](auto change) {
        for (std::size_t w = 0; w < marks.size(); ++w) {
            change(w);
        }
    };
    switch (part.kind) {
        case Part::Kind::And:
            for (const std::uint32_t p : part.parts) {
                narrow_part(parts_[p], marks);
            }
            return;
        case Part::Kind::Or: {
            Marks found{};
            for (const std::uint32_t p : part.parts) {
                Marks some = marks;
                narrow_part(parts_[p], some);
                each_word([&](std::size_t w) {
                    found[w] |= some[w];
                    marks[w] &= ~some[w];
                });
            }
            marks = found;
            return;
        }
        case Part::Kind::Not: {
            Marks some = marks;
            narrow_part(parts_[part.parts[0]], some);
            each_word([&](std::size_t w) { marks[w] &= ~some[w]; });
            return;
        }
        default: {
            Marks yes = marks;
            narrow_part(parts_[part.parts[0]], yes);
            Marks no = marks;
            each_word([&](std::size_t w) { no[w] &= ~yes[w]; });
            narrow_part(parts_[part.parts[1]], yes);
            narrow_part(parts_[part.parts[2]], no);
            each_word([&](std::size_t w) { marks[w] = yes[w] | no[w]; });
        }
    }
}

void Scan::narrow_text(TextTest& test, Marks& marks) {
    constexpr std::uint8_t unknown = 2;
    constexpr std::uint8_t each_for_itself = 3;  // No text: something else decides.
    const Part& part = parts_[test.part];
    const customer::Column& column = *test.column;
    test.answers[customer::no_text] = each_for_itself;
    keep_if(marks, [&](std::uint32_t i) {
        const CustomerIndex customer = first_ + i;
        const std::uint8_t code =
            customer < column.size() ? column.tags()[customer] : std::uint8_t{customer::no_text};
        std::uint8_t& answer = test.answers[code];
        if (answer == unknown) {
            const bool empty = column.at(customer).text.empty();
            answer = empty ? each_for_itself : compare(part, customer) ? 1 : 0;
        }
        return answer == each_for_itself ? compare(part, customer) : answer != 0;
    });
}

// Of many, most have no event to tell of: they are found by the newest row of each and answered at
// once. Of few, other parts have left those who have.
void Scan::narrow_compare(const Part& part, Marks& marks) {
    const auto prepare = [&](std::uint32_t i) {
        for (const std::uint32_t slot : part.asked_slots) {
            slots_[slot].prefetch(first_ + i);
        }
    };
    const auto ask = [&](std::uint32_t i) { return compare(part, first_ + i); };
    if (part.asked_slots.empty() || count(marks) < block_customers / 2) {
        keep_if_ahead(marks, prepare, ask);
        return;
    }
    Marks some{};
    for (const std::uint32_t slot : part.asked_slots) {
        slots_[slot].add_any(marks, some);
    }
    Marks others{};
    for (std::size_t w = 0; w < marks.size(); ++w) {
        others[w] = part.without ? marks[w] & ~some[w] : 0;
    }
    keep_if_ahead(some, prepare, ask);
    for (std::size_t w = 0; w < marks.size(); ++w) {
        marks[w] = some[w] | others[w];
    }
}

bool Scan::compare(const Part& part, CustomerIndex customer) {
    if (given_up()) {
        return false;
    }
    const Operand left = value(part.left, customer);
    const Operand right = value(part.right, customer);
    if (interrupt_ != nullptr && interrupt_->before(part.question.work(left, right))) {
        return false;
    }
    return part.question.holds(left, right, moment_);
}

// Recursion is bounded by the depth of the condition.
Operand Scan::value(std::uint32_t index, CustomerIndex customer) {
    ValueNode& node = values_[index];
    switch (node.kind) {
        case ValueNode::Kind::Constant:
            return node.constant;
        case ValueNode::Kind::Trait:
            if (node.trait.column != nullptr && !node.trait.by_text) {
                return expr::from_cell(node.trait.column->at(customer));
            }
            node.kept = columns_.value(customer, node.trait);
            if (interrupt_ != nullptr) {
                interrupt_->look();  // It may be made of thousands of orders.
            }
            return expr::from_value(node.kept);
        case ValueNode::Kind::Slot:
            return customer == nobody ? slots_[node.index].finish_without()
                                      : slots_[node.index].finish(customer);
        case ValueNode::Kind::Consent:
            switch (columns_.consent(customer, program_.texts[node.index])) {
                case expr::ConsentState::Granted:
                    return expr::text_operand("granted", timestamp_max);
                case expr::ConsentState::Denied:
                    return expr::text_operand("denied", timestamp_max);
                case expr::ConsentState::Unset:
                    return expr::text_operand("unset", timestamp_max);
            }
            break;
        case ValueNode::Kind::Negate:
            return expr::negative(value(node.left, customer));
        case ValueNode::Kind::Arithmetic: {
            const Operand left = value(node.left, customer);
            const Operand right = value(node.right, customer);
            if (expr::joins(node.binary, left, right)) {
                node.kept = expr::join(left, right);
                return expr::joined(left, right, node.kept);
            }
            return expr::arithmetic(node.binary, left, right, moment_);
        }
    }
    return expr::error_operand(timestamp_max);
}

}  // namespace winback::segment

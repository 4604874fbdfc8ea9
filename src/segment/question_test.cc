#include "segment/question.h"

#include <cmath>

#include <gtest/gtest.h>

// A test of a column must say of every cell what comparing its value says.
namespace winback::segment {
namespace {

using customer::Cell;
using customer::Column;
using expr::BinaryOp;
using expr::Operand;

const expr::Moment moment{{1'774'753'261'123}, utc_zone(), false};
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

struct Form {
    std::string name;
    std::vector<Cell> cells;
};

std::vector<Form> forms() {
    const auto i = [](std::int64_t value) { return customer::int_cell(value); };
    const auto d = [](double value) { return customer::double_cell(value); };
    const auto t = [](std::string_view value) { return customer::text_cell(value); };
    const Cell null = customer::null_cell();
    std::vector<Form> list{
        {"nulls", {null, null}},
        {"bools", {customer::bool_cell(true), null, customer::bool_cell(false)}},
        {"ints", {i(-3), i(0), null, i(3), i(2), i(4), i(2'147'483'647), i(-2'147'483'647)}},
        {"words", {i(3), null, i(1), i(5'000'000'000), i(most), i(most - 1), i(-most)}},
        {"cents", {d(0.07), d(2.5), null, d(3), d(-1), d(19'999'999.99), d(2.51), d(0)}},
        {"doubles", {d(0.1234), d(1e300), null, d(3), d(-0.0), d(2.5)}},
        {"times", {customer::time_cell(moment.now), null, customer::time_cell({0})}},
        {"codes", {t("toys"), t("b"), null, t(""), t("toys"), t("trains")}},
        {"texts", {}},
        {"tagged", {i(3), t("toys"), null, d(2.5), customer::bool_cell(true), d(1.0 / 3)}}};
    static std::vector<std::string> many;
    for (int n = 0; many.size() < 300; ++n) {
        many.push_back("text " + std::to_string(n));
    }
    for (Form& form : list) {
        for (std::size_t n = 0; form.name == "texts" && n < many.size(); ++n) {
            form.cells.push_back(t(many[n]));
        }
    }
    return list;
}

std::vector<Operand> constants() {
    std::vector<Operand> list{expr::null_operand(timestamp_max),
                              expr::error_operand(timestamp_max),
                              expr::bool_operand(true, timestamp_max),
                              expr::text_operand("toys", timestamp_max),
                              expr::text_operand("", timestamp_max),
                              expr::text_operand("text 7", timestamp_max),
                              expr::time_operand(moment.now, timestamp_max),
                              expr::moving_operand({0, -1, 0}, moment),
                              expr::duration_operand(3, timestamp_max)};
    for (const std::int64_t value :
         {std::int64_t{-1}, std::int64_t{0}, std::int64_t{3}, most, most - 1, -most,
          std::int64_t{2'147'483'647}, std::int64_t{5'000'000'000}}) {
        list.push_back(expr::int_operand(value, timestamp_max));
        list.push_back(list.back());
        list.back().kind = expr::Kind::Uint;
    }
    for (const double value : {0.0, 2.5, 0.07, 2.51, 2.505, 1e300, -1e300, 9.2e18, 1.0 / 3,
                               std::nan(""), HUGE_VAL, -HUGE_VAL}) {
        list.push_back(expr::double_operand(value, timestamp_max));
    }
    return list;
}

TEST(CellTest, SaysOfEveryCellWhatComparingSays) {
    std::size_t yes = 0;
    std::size_t no = 0;
    for (const Form& form : forms()) {
        Column column;
        for (const Cell& cell : form.cells) {
            column.append(cell);
        }
        for (const Operand& fixed : constants()) {
            for (const BinaryOp op :
                 {BinaryOp::Less, BinaryOp::LessEqual, BinaryOp::Greater, BinaryOp::GreaterEqual,
                  BinaryOp::Equal, BinaryOp::NotEqual}) {
                for (const bool left : {false, true}) {
                    const Question question{.op = expr::Op::Relation, .binary = op, .pattern = {}};
                    CellTest test(&column, question, fixed, left, moment);
                    // One row more than there are: null.
                    for (std::size_t row = 0; row <= form.cells.size(); ++row) {
                        const Operand value = expr::from_cell(column.at(row));
                        const bool expected = left ? question.holds(fixed, value, moment)
                                                   : question.holds(value, fixed, moment);
                        ASSERT_EQ(test(row), expected)
                            << form.name << " row " << row << ' ' << symbol_of(op) << ' '
                            << describe(fixed) << (left ? " on the left" : "");
                        (expected ? yes : no) += 1;
                    }
                }
            }
        }
    }
    EXPECT_GT(yes, 3000U);
    EXPECT_GT(no, 3000U);
}

TEST(CellTest, KeepsWhomTheMarksName) {
    Column column;
    for (std::int64_t n = 0; n < 3000; ++n) {
        column.append(customer::int_cell(n));
    }
    const Question question{.op = expr::Op::Relation, .binary = BinaryOp::Less, .pattern = {}};
    CellTest test(&column, question, expr::int_operand(1030, timestamp_max), false, moment);
    Marks marks{};
    marks[0] = 0b1011U << 3U;
    marks[15] = 1;
    test.keep(1024, marks);
    EXPECT_EQ(marks[0], 0b011U << 3U & 0b111111U);
    EXPECT_EQ(marks[15], 0U);
}

}  // namespace
}  // namespace winback::segment

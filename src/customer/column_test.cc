#include "customer/column.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace winback::customer {
namespace {

std::string text_of(int n) {
    return "text " + std::to_string(n);
}

// Values that force each form and each change of form.
Value any_value(std::mt19937& random, int kinds) {
    const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
    switch (below(static_cast<unsigned>(kinds))) {
        case 0:
            return {};
        case 1:
            return {below(100'000) / 100.0};
        case 2:
            return {below(1000) / 7.0};
        case 3:
            return {-0.0};
        case 4:
            return {std::int64_t{below(1000)}};
        case 5:
            return {std::int64_t{below(1000)} << 40};
        case 6:
            return {text_of(below(9000))};
        case 7:
            return {below(2) == 0};
        case 8:
            return {Timestamp{below(1000)}};
        case 9:
            return {std::numeric_limits<std::int64_t>::min()};
        default:
            return {std::string(40'000, 'x')};
    }
}

void expect_holds(const Column& column, const std::vector<Value>& values) {
    ASSERT_EQ(column.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Cell cell = column.at(i);
        ASSERT_TRUE(same_cell(cell, cell_of(values[i]))) << i;
    }
}

TEST(ColumnTest, GivesBackEveryValueAsItCame) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        std::mt19937 random(seed);
        Column column;
        std::vector<Value> values;
        // From columns of cents only to columns of everything.
        const int kinds = 2 + static_cast<int>(seed % 10);
        for (int i = 0; i < 3000; ++i) {
            values.push_back(any_value(random, i < 1000 ? 2 : kinds));
            column.append(cell_of(values.back()));
        }
        for (int i = 0; i < 3000; ++i) {
            const std::size_t row = random() % values.size();
            values[row] = any_value(random, kinds);
            column.put(row, cell_of(values[row]));
        }
        expect_holds(column, values);
        std::vector<std::uint32_t> order;
        std::vector<Value> moved;
        for (std::uint32_t row = 3000; row > 0; row -= 2) {
            order.push_back(row - 1);
            moved.push_back(values[row - 1]);
        }
        column.gather(order, 10);
        expect_holds(column, moved);
        std::vector<std::uint32_t> kept;
        std::vector<Value> after(moved.begin(), moved.begin() + 500);
        for (std::uint32_t row = 0; row < 900; row += 3) {
            kept.push_back((row + 450) % 900);
            after.push_back(moved[500 + (row + 450) % 900]);
        }
        column.reorder(500, kept);
        column.fit();
        expect_holds(column, after);
    }
}

TEST(ColumnTest, FirstValuesWidenWithoutLosingTheType) {
    for (int first = 0; first < 10; ++first) {
        for (int second = 0; second < 10; ++second) {
            const std::vector<Value> kinds{Value(),
                                           Value(1.25),
                                           Value(1.0 / 3),
                                           Value(-0.0),
                                           Value(std::int64_t{7}),
                                           Value(std::int64_t{7} << 40),
                                           Value("t"),
                                           Value(true),
                                           Value(Timestamp{5}),
                                           Value(std::numeric_limits<std::int64_t>::min())};
            const std::vector<Value> values{kinds[static_cast<std::size_t>(first)], Value(),
                                            kinds[static_cast<std::size_t>(second)]};
            Column column;
            for (const Value& value : values) {
                column.append(cell_of(value));
            }
            expect_holds(column, values);
        }
    }
}

TEST(ColumnTest, AmountsCostFourBytes) {
    Column column;
    for (int i = 0; i < 100'000; ++i) {
        column.append(double_cell(i / 100.0));
    }
    EXPECT_LE(column.memory_bytes(), 131'072U * 4 + 4096);
}

TEST(ColumnTest, OverwrittenTextsDoNotPileUp) {
    Column column;
    for (int i = 0; i < 1'000'000; ++i) {
        column.put(static_cast<std::size_t>(i % 10), text_cell(text_of(i)));
    }
    EXPECT_LE(column.memory_bytes(), 300'000U);
}

}  // namespace
}  // namespace winback::customer

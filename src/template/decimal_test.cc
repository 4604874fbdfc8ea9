// Numbers as Ruby computes and writes them. What is expected was compared with Ruby.
#include "template/decimal.h"

#include <limits>

#include <gtest/gtest.h>

#include "template/inspect.h"
#include "template/number_text.h"

namespace winback::liquid {
namespace {

constexpr std::size_t arena_bytes = 1 << 20;

// "0.1 plus 0.2": a literal is a number as it stands in a template; in quotes it is a text.
Datum read(std::string_view text) {
    return text.starts_with('\'') ? Datum::text(text.substr(1, text.size() - 2))
                                  : number_literal(text);
}

Datum compute(Arithmetic& arithmetic, const Datum& a, std::string_view operation, const Datum& b) {
    return operation == "plus"         ? arithmetic.add(a, b)
           : operation == "minus"      ? arithmetic.subtract(a, b)
           : operation == "times"      ? arithmetic.multiply(a, b)
           : operation == "divided_by" ? arithmetic.divide(a, b)
           : operation == "modulo"     ? arithmetic.modulo(a, b)
           : operation == "round"      ? arithmetic.round(a, b.as_int())
           : operation == "floor"      ? arithmetic.floor(a)
           : operation == "ceil"       ? arithmetic.ceil(a)
           : operation == "abs"        ? arithmetic.absolute(a)
                                       : arithmetic.result(a);
}

void check(std::string_view left,
           std::string_view operation,
           std::string_view right,
           std::string_view expected) {
    Arena arena(arena_bytes);
    Arithmetic arithmetic(arena);
    const Datum a = arithmetic.number(read(left));
    const Datum b = arithmetic.number(read(right));
    const Datum result = compute(arithmetic, a, operation, b);
    std::string shown(arithmetic.error());
    if (shown.empty()) {
        Meter meter = source_meter();
        append_to_s(shown, result, utc_zone(), meter);
    }
    EXPECT_EQ(shown, expected) << left << " " << operation << " " << right;
}

TEST(Arithmetic, IsDecimal) {
    check("0.1", "plus", "0.2", "0.3");
    check("1.1", "times", "3", "3.3");
    check("10.1", "modulo", "7.0", "3.1");
    check("0.3", "divided_by", "0.1", "3.0");
    check("1.0", "divided_by", "3", "0.3333333333333333");
    check("'0.10'", "plus", "'0.20'", "0.3");
    check("'12345678901234567890.5'", "minus", "12345678901234567890", "0.5");
}

TEST(Arithmetic, KeepsWholeNumbersWhole) {
    check("9223372036854775807", "plus", "1", "9223372036854775808");
    check("-9223372036854775808", "minus", "1", "-9223372036854775809");
    check("9223372036854775808", "minus", "1", "9223372036854775807");
    check("10000000000", "times", "10000000000", "100000000000000000000");
    check("100000000000000000000", "divided_by", "10000000000", "10000000000");
    check("-9223372036854775808", "divided_by", "-1", "9223372036854775808");
    check("-9223372036854775808", "abs", "0", "9223372036854775808");
    check("'-99999999999999999999'", "abs", "0", "99999999999999999999");
}

TEST(Arithmetic, DividesTowardsMinusInfinity) {
    check("-7", "divided_by", "2", "-4");
    check("7", "divided_by", "-2", "-4");
    check("-7", "modulo", "3", "2");
    check("7", "modulo", "-3", "-2");
    check("-7.5", "modulo", "2", "0.5");
    check("7.5", "modulo", "-2", "-0.5");
    check("'-7000000000000000000000'", "divided_by", "2000000000000000000000", "-4");
}

TEST(Arithmetic, FailsInRubysWords) {
    check("1", "divided_by", "0", "divided by 0");
    check("1", "modulo", "0", "divided by 0");
    check("1.5", "modulo", "0.0", "divided by 0");
    check("1.5", "divided_by", "0", "Infinity");
    check("-1", "divided_by", "0.0", "-Infinity");
    check("0.0", "divided_by", "0.0", "NaN");
    const std::string large(number_digits_max, '9');
    check(large, "plus", "1", "a number has more than 1000 digits");
    check("'" + large + "9'", "plus", "1", "a number has more than 1000 digits");
    check("'1." + large + "'", "plus", "1", "a number has more than 1000 digits");
}

TEST(Arithmetic, RoundsHalfAwayFromZero) {
    check("1.15", "round", "1", "1.2");
    check("2.675", "round", "2", "2.68");
    check("2.5", "round", "0", "3");
    check("-2.5", "round", "0", "-3");
    check("-0.04", "round", "1", "-0.0");
    check("15", "round", "-1", "20");
    check("-25", "round", "-1", "-30");
    check("1234.56", "round", "-2", "1200");
    check("5", "round", "2", "5");
    check("5.0", "round", "2", "5.0");
    check("5", "round", "-2000", "0");
    check("'12345678901234567890.5'", "round", "0", "12345678901234567891");
    check("-1.5", "ceil", "0", "-1");
    check("-1.5", "floor", "0", "-2");
    check("'100000000000000000000.5'", "floor", "0", "100000000000000000000");
}

TEST(Arithmetic, RefusesToRoundWhatIsNotFinite) {
    Arena arena(arena_bytes);
    const double infinity = std::numeric_limits<double>::infinity();
    const std::pair<double, std::string_view> cases[] = {
        {infinity, "Computation results in 'Infinity'"},
        {-infinity, "Computation results in '-Infinity'"},
        {std::numeric_limits<double>::quiet_NaN(), "Computation results in 'NaN' (Not a Number)"},
    };
    for (const auto& [number, error] : cases) {
        Arithmetic arithmetic(arena);
        arithmetic.floor(Datum::real(number));
        EXPECT_EQ(arithmetic.error(), error);
    }
    Arithmetic arithmetic(arena);
    EXPECT_EQ(arithmetic.round(Datum::real(infinity), 2).as_double(), infinity);
    EXPECT_EQ(arithmetic.error(), "");
}

TEST(Arithmetic, SumsExactly) {
    Arena arena(arena_bytes);
    Arithmetic arithmetic(arena);
    const Datum tenths[] = {Datum::real(0.1), Datum::real(0.2), Datum::real(0.3),
                            Datum::integer(1)};
    EXPECT_EQ(arithmetic.sum(tenths).as_double(), 1.6);
    const Datum large[] = {Datum::integer(INT64_MAX), Datum::integer(INT64_MAX)};
    EXPECT_EQ(arithmetic.sum(large).as_digits(), "18446744073709551614");
    EXPECT_EQ(arithmetic.sum({}).as_int(), 0);
}

TEST(Numbers, AreReadFromTextsByTheirLeadingInteger) {
    check("'3.5kg'", "plus", "1", "4");
    check("' +12_3__4'", "plus", "0", "123");
    check("'1e3'", "plus", "0", "1");
    check("'- 5'", "plus", "0", "0");
    check("'foo'", "plus", "1", "1");
    check("' 3.50 '", "plus", "0", "3.5");
    check("'.5'", "plus", "0", "0");
    check("'0x1f'", "plus", "0", "0");
    Arena arena(arena_bytes);
    Arithmetic arithmetic(arena);
    EXPECT_EQ(arithmetic.number(Datum::boolean(true)).as_int(), 0);
    EXPECT_EQ(arithmetic.number({}).as_int(), 0);
}

TEST(Numbers, ArePrintedAsRubyPrintsThem) {
    const std::pair<double, std::string_view> cases[] = {
        {1e20, "1.0e+20"},
        {1e15, "1.0e+15"},
        {123456789012345.0, "123456789012345.0"},
        {1234567890123456.7, "1234567890123456.8"},
        {123456789012345680.0, "1.2345678901234568e+17"},
        {100.0, "100.0"},
        {0.0001, "0.0001"},
        {0.00001, "1.0e-05"},
        {-0.0, "-0.0"},
        {5e-324, "5.0e-324"},
        {-12.5, "-12.5"},
    };
    for (const auto& [number, text] : cases) {
        std::string out;
        append_double(out, number);
        EXPECT_EQ(out, text);
    }
}

TEST(Numbers, CompareExactly) {
    EXPECT_EQ(compare_numbers(Datum::integer((std::int64_t{1} << 53) + 1),
                              Datum::real(9007199254740992.0)),
              1);
    EXPECT_EQ(compare_numbers(Datum::big_integer("9223372036854775808"), Datum::integer(5)), 1);
    EXPECT_EQ(compare_numbers(Datum::big_integer("-9223372036854775809"), Datum::real(-1.5)), -1);
    EXPECT_EQ(compare_numbers(Datum::text("0.10"), Datum::real(0.1)), 0);
}

TEST(StrictIntegers, AreWhatIntegerOfRubyTakes) {
    const std::pair<std::string_view, std::optional<std::int64_t>> cases[] = {
        {"42", 42},
        {" -1_000\n", -1000},
        {"+5", 5},
        {"0x1F", 31},
        {"0b101", 5},
        {"0o17", 15},
        {"017", 15},
        {"0_7", 7},
        {"0d19", 19},
        {"0", 0},
        {"-0x1a", -26},
        {"", std::nullopt},
        {"1.5", {}},
        {"1__0", {}},
        {"_1", {}},
        {"1_", {}},
        {"09", {}},
        {"0x", {}},
        {"- 1", {}},
        {"five", {}},
        {"9223372036854775808", INT64_MAX},
        {"-99999999999999999999", INT64_MIN},
    };
    for (const auto& [text, number] : cases) {
        EXPECT_EQ(strict_integer(text), number) << text;
    }
}

}  // namespace
}  // namespace winback::liquid

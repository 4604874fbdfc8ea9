#include "expr/exact_span.h"

#include <array>
#include <limits>
#include <optional>

namespace winback::expr {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
};

// A name stands before those that it begins with.
constexpr std::array<Unit, 7> units{{{"ns", 1},
                                     {"us", 1'000},
                                     {"\u00b5s", 1'000},
                                     {"ms", nanoseconds_per_millisecond},
                                     {"s", nanoseconds_per_second},
                                     {"m", 60 * nanoseconds_per_second},
                                     {"h", 3600 * nanoseconds_per_second}}};

constexpr std::size_t fraction_digits_max = 14;
__extension__ using Wide = __int128;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes its parts off the front of a text. Sums are negative, since these reach one further.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool at_end() const { return text_.empty(); }

    bool accept(char c) {
        const bool found = text_.starts_with(c);
        text_.remove_prefix(found ? 1 : 0);
        return found;
    }

    // One "1.5h"; false when it is none or does not fit.
    bool part(std::int64_t& sum) {
        const std::string_view whole = digits();
        const std::string_view fraction = accept('.') ? digits() : std::string_view();
        const std::optional<std::int64_t> unit = take_unit();
        if ((whole.empty() && fraction.empty()) || !unit) {
            return false;
        }
        std::int64_t count = 0;
        for (const char c : whole) {
            if (__builtin_mul_overflow(count, std::int64_t{10}, &count) ||
                __builtin_sub_overflow(count, std::int64_t{c - '0'}, &count)) {
                return false;
            }
        }
        // Digits beyond the fourteenth are less than a nanosecond of any unit.
        std::int64_t scaled = 0;
        std::int64_t scale = 1;
        for (const char c : fraction.substr(0, fraction_digits_max)) {
            scaled = scaled * 10 + (c - '0');
            scale *= 10;
        }
        const auto rest =
            static_cast<std::int64_t>(static_cast<Wide>(scaled) * *unit / static_cast<Wide>(scale));
        std::int64_t product = 0;
        return !__builtin_mul_overflow(count, *unit, &product) &&
               !__builtin_sub_overflow(product, rest, &product) &&
               !__builtin_add_overflow(sum, product, &sum);
    }

private:
    std::string_view digits() {
        std::size_t length = 0;
        while (length < text_.size() && is_digit(text_[length])) {
            ++length;
        }
        const std::string_view taken = text_.substr(0, length);
        text_.remove_prefix(length);
        return taken;
    }

    std::optional<std::int64_t> take_unit() {
        for (const Unit& unit : units) {
            if (text_.starts_with(unit.name)) {
                text_.remove_prefix(unit.name.size());
                return unit.nanoseconds;
            }
        }
        return std::nullopt;
    }

    std::string_view text_;
};

}  // namespace

Result<std::int64_t> parse_exact_span(std::string_view text) {
    const Error bad{ErrorCode::InvalidArgument,
                    "'" + std::string(text.substr(0, 40)) +
                        "' is not a duration within 292 years; write numbers with h, m, s, ms, us "
                        "or ns, such as \"1h30m\""};
    Reader reader(text);
    const bool minus = reader.accept('-');
    if (!minus) {
        reader.accept('+');
    }
    if (text == "0" || text == "-0" || text == "+0") {
        return std::int64_t{0};
    }
    std::int64_t sum = 0;
    do {
        if (!reader.part(sum)) {
            return bad;
        }
    } while (!reader.at_end());
    if (!minus && sum == std::numeric_limits<std::int64_t>::min()) {
        return bad;
    }
    return minus ? sum : -sum;
}

std::string format_fraction(std::int64_t nanoseconds) {
    if (nanoseconds == 0) {
        return "";
    }
    std::string digits = std::to_string(nanoseconds_per_second + nanoseconds);
    digits[0] = '.';
    digits.erase(digits.find_last_not_of('0') + 1);
    return digits;
}

std::string format_exact_span(std::int64_t nanoseconds) {
    const std::int64_t seconds = nanoseconds / nanoseconds_per_second;
    const std::int64_t rest = nanoseconds % nanoseconds_per_second;
    const std::string sign = nanoseconds < 0 ? "-" : "";
    return sign + std::to_string(seconds < 0 ? -seconds : seconds) +
           format_fraction(rest < 0 ? -rest : rest) + "s";
}

}  // namespace winback::expr

// Dates in ISO 8601: read_iso_date of date_parts.h.
#include <algorithm>

#include "template/date_parts.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

std::int64_t read_number(std::string_view digits) {
    std::int64_t value = 0;
    for (const char c : digits) {
        value = value * 10 + (c - '0');
    }
    return value;
}

class IsoReader {
public:
    explicit IsoReader(std::string_view text) : rest_(text) {}

    std::optional<DateParts> read() {
        DateParts parts;
        const bool date = take(parts.year, 4) && take('-') && take(parts.month, 2) && take('-') &&
                          take(parts.day, 2);
        if (date && rest_.empty()) {
            return parts;
        }
        if (!date || (!take('t') && !take(' ')) || !take(parts.hour, 2) || !take(':') ||
            !take(parts.minute, 2)) {
            return std::nullopt;
        }
        if (take(':') && (!take(parts.second, 2) || !take_fraction(parts.nanosecond))) {
            return std::nullopt;
        }
        take(' ');
        return rest_.empty() || take_zone(parts.zone) ? std::optional(parts) : std::nullopt;
    }

private:
    bool take(char c) {
        const bool there = rest_.starts_with(c);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }
    bool digits(std::size_t count) const {
        return rest_.size() >= count &&
               std::all_of(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(count),
                           is_digit);
    }
    bool take(std::optional<std::int64_t>& part, std::size_t count) {
        if (!digits(count) || (rest_.size() > count && is_digit(rest_[count]))) {
            return false;
        }
        part = read_number(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return true;
    }
    bool take_fraction(std::optional<int>& nanosecond) {
        if (!take('.')) {
            return true;
        }
        const std::size_t length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        std::string nine(rest_.substr(0, std::min<std::size_t>(length, 9)));
        nine.resize(9, '0');
        nanosecond = static_cast<int>(read_number(nine));
        rest_.remove_prefix(length);
        return length > 0;
    }
    // "z", "+0200", "+02:00"
    bool take_zone(std::string& zone) {
        zone = rest_;
        const bool sign = take('+') || take('-');
        if (!sign) {
            return rest_ == "z";
        }
        const bool hours = digits(2);
        rest_.remove_prefix(hours ? 2 : 0);
        take(':');
        return hours && digits(2) && rest_.size() == 2;
    }

    std::string_view rest_;
};

}  // namespace

std::optional<DateParts> read_iso_date(std::string_view text) {
    return IsoReader(text).read();
}

}  // namespace winback::liquid

#include "customer/seen_times.h"

#include <algorithm>
#include <bit>

namespace winback::customer {
namespace {

void widen(SeenRange& range, Timestamp time) {
    range.first = std::min(range.first, time);
    range.last = std::max(range.last, time);
}

}  // namespace

void SeenTimes::add_customer() {
    overall_.emplace_back();
    surfaces_.push_back(0);
}

void SeenTimes::see(std::uint32_t customer, event::Surface surface, Timestamp time) {
    const auto number = static_cast<std::size_t>(surface);
    const auto bit = static_cast<std::uint8_t>(1U << number);
    const std::uint8_t before = surfaces_[customer];
    if (std::popcount(before) == 1 && before != bit) {
        const auto only = static_cast<std::size_t>(std::countr_zero(before));
        records_[customer][only] = overall_[customer];
    }
    surfaces_[customer] = before | bit;
    widen(overall_[customer], time);
    if (std::popcount(surfaces_[customer]) > 1) {
        widen(records_[customer][number], time);
    }
}

SeenRange SeenTimes::on(std::uint32_t customer, event::Surface surface) const {
    const auto number = static_cast<std::size_t>(surface);
    if ((surfaces_[customer] & 1U << number) == 0) {
        return {};
    }
    return std::popcount(surfaces_[customer]) == 1 ? overall_[customer]
                                                   : records_.at(customer)[number];
}

void SeenTimes::forget(std::uint32_t customer) {
    overall_[customer] = {};
    surfaces_[customer] = 0;
    records_.erase(customer);
}

std::size_t SeenTimes::memory_bytes() const {
    return overall_.capacity() * sizeof(SeenRange) + surfaces_.capacity() +
           records_.capacity() * (sizeof(Record) + 5);
}

}  // namespace winback::customer

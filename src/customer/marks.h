// Some of a stretch of customers: bit i stands for the customer first + i.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace winback::customer {

inline bool is_marked(std::span<const std::uint64_t> marks, std::size_t i) {
    return (marks[i / 64] >> (i % 64) & 1U) != 0;
}

inline std::uint64_t mark_count(std::span<const std::uint64_t> marks) {
    std::uint64_t count = 0;
    for (const std::uint64_t word : marks) {
        count += static_cast<std::uint64_t>(std::popcount(word));
    }
    return count;
}

}  // namespace winback::customer

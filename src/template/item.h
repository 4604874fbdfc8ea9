// What list filters ask of the items: a part of an item, and whether two items are the same.
#pragma once

#include <cstdint>

#include "template/datum.h"

namespace winback::liquid {

// item[key] as Ruby answers it. Only objects have keys; a text has its letters and the texts
// inside it, a whole number its bits; for nil, true, decimals and times there is no [] at all.
struct Part {
    enum class Status : std::uint8_t {
        Found,      // `value`, nil when there is no such key.
        WrongType,  // The item has parts, but none that `key` could name.
        NoParts,
    };
    Status status = Status::Found;
    Datum value;
};
Part part_of(const Datum& item, const Datum& key, Meter& meter);

// Ruby's eql?: 1 and 1.0 differ, the order of an object's keys does not count.
bool same(const Datum& a, const Datum& b, Meter& meter);
std::uint64_t hash_of(const Datum& datum, Meter& meter);  // Equal for what is the same.

}  // namespace winback::liquid

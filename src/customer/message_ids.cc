#include "customer/message_ids.h"

#include <utility>

namespace winback::customer {
namespace {

constexpr std::size_t bucket_count = std::size_t{1} << 16U;
// Fewer do not pay for the buckets.
constexpr std::size_t packed_min = bucket_count;
constexpr std::size_t recent_divisor = 8;

constexpr std::size_t bucket_of(std::uint64_t hash) {
    return hash >> 48U;
}

}  // namespace

bool HashSet64::contains(std::uint64_t hash) const {
    if (!starts_.empty()) {
        const std::size_t bucket = bucket_of(hash);
        const auto low = static_cast<std::uint32_t>(hash);
        const auto middle = static_cast<std::uint16_t>(hash >> 32U);
        for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i) {
            if (low_[i] == low && middle_[i] == middle) {
                return true;
            }
        }
    }
    return recent_.contains(hash);
}

void HashSet64::insert(std::uint64_t hash) {
    recent_.insert(hash);
    const std::size_t due = starts_.empty() ? packed_min : low_.size() / recent_divisor;
    if (recent_.size() >= due) {
        pack(std::vector<std::uint64_t>(recent_.begin(), recent_.end()));
        recent_ = absl::flat_hash_set<std::uint64_t>();
    }
}

void HashSet64::finish_load() {
    if (loaded_.size() >= packed_min) {
        pack(loaded_);
    } else {
        recent_.reserve(recent_.size() + loaded_.size());
        recent_.insert(loaded_.begin(), loaded_.end());
    }
    loaded_ = std::vector<std::uint64_t>();
}

// Lays the buckets out anew with `more` in them.
void HashSet64::pack(const std::vector<std::uint64_t>& more) {
    std::vector<std::uint32_t> starts(bucket_count + 1);
    for (const std::uint64_t hash : more) {
        ++starts[bucket_of(hash) + 1];
    }
    for (std::size_t bucket = 0; bucket < bucket_count; ++bucket) {
        const std::uint32_t had = starts_.empty() ? 0 : starts_[bucket + 1] - starts_[bucket];
        starts[bucket + 1] += starts[bucket] + had;
    }
    std::vector<std::uint32_t> low(starts.back());
    std::vector<std::uint16_t> middle(starts.back());
    std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
    for (std::size_t bucket = 0; !starts_.empty() && bucket < bucket_count; ++bucket) {
        for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i) {
            low[next[bucket]] = low_[i];
            middle[next[bucket]++] = middle_[i];
        }
    }
    for (const std::uint64_t hash : more) {
        const std::uint32_t place = next[bucket_of(hash)]++;
        low[place] = static_cast<std::uint32_t>(hash);
        middle[place] = static_cast<std::uint16_t>(hash >> 32U);
    }
    starts_ = std::move(starts);
    low_ = std::move(low);
    middle_ = std::move(middle);
}

std::size_t HashSet64::memory_bytes() const {
    return recent_.capacity() * (sizeof(std::uint64_t) + 1) +
           loaded_.capacity() * sizeof(std::uint64_t) +
           (starts_.capacity() + low_.capacity()) * sizeof(std::uint32_t) +
           middle_.capacity() * sizeof(std::uint16_t);
}

HashSet64& MessageIds::generation(std::int64_t day) {
    if (!started_ || day > day_ + 1) {
        newer_ = {};
        older_ = {};
        day_ = day;
        started_ = true;
    } else if (day == day_ + 1) {
        older_ = std::exchange(newer_, {});
        day_ = day;
    }
    return day == day_ ? newer_ : older_;
}

bool MessageIds::add(std::uint64_t id_hash, std::int64_t day) {
    HashSet64& ids = generation(day);
    if (newer_.contains(id_hash) || older_.contains(id_hash)) {
        return false;
    }
    ids.insert(id_hash);
    return true;
}

void MessageIds::finish_load() {
    newer_.finish_load();
    older_.finish_load();
}

}  // namespace winback::customer

#include "host/segment_days.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"

namespace winback::host {
namespace {

using store::Family;

constexpr std::uint8_t row_form = 1;
constexpr std::string_view days_name = "days:";
constexpr std::string_view days_end = "days;";

// [shard | "days:" | last day of the row]
std::string days_key(ShardId shard, std::int64_t through) {
    constexpr std::uint64_t sign = std::uint64_t{1} << 63;
    std::string key = store::meta_key(shard, days_name);
    append_big_endian(key, static_cast<std::uint64_t>(through) ^ sign, 8);
    return key;
}

std::string encode(const SegmentDays& days) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(row_form);
    out.i64(days.from);
    out.i64(days.through);
    out.u64(days.sizes.size());
    for (const SegmentSize& size : days.sizes) {
        out.text(size.segment);
        out.u64(size.meaning);
        out.u64(size.customers);
    }
    return bytes;
}

Result<SegmentDays> decode(std::string_view bytes) {
    ByteReader in(bytes);
    SegmentDays days;
    const bool known = in.u8() == row_form;
    days.from = in.i64();
    days.through = in.i64();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        SegmentSize& size = days.sizes.emplace_back();
        size.segment = in.text();
        size.meaning = in.u64();
        size.customers = in.u64();
    }
    if (!known || !in.finished()) {
        return Error{ErrorCode::Corrupt,
                     "a row (sizes of segments) cannot be read; run 'winback restore' from a "
                     "backup"};
    }
    return days;
}

void put_days(const Resident& resident, SegmentDays days, store::Batch& batch) {
    const engine::Definitions& definitions = *resident.shard.definitions();
    const std::vector<std::uint64_t> meanings = segment_meanings(definitions);
    for (std::size_t p = 0; p < definitions.segments.size(); ++p) {
        const std::string& id = definitions.segments[p].id;
        days.sizes.push_back(
            {.segment = id, .meaning = meanings[p], .customers = resident.shard.segment_size(id)});
    }
    batch.put(Family::Meta, days_key(resident.id, days.through), encode(days));
    batch.erase_range(Family::Meta, store::meta_key(resident.id, days_name),
                      days_key(resident.id, days.through - segment_days_kept + 1));
}

}  // namespace

std::int64_t local_day(const Zone& zone, Timestamp at) {
    const CivilTime civil = local_time(zone, at).civil;
    return days_from_civil(civil.year, civil.month, civil.day);
}

std::vector<std::uint64_t> segment_meanings(const engine::Definitions& definitions) {
    std::vector<std::uint64_t> meanings;
    const std::string zone(zone_name(*definitions.workspace.zone));
    for (const segment::Segment& segment : definitions.segments) {
        std::string text = zone + "\n" + segment.condition.canonical;
        for (const expr::SegmentId id : segment.condition.segments) {
            const std::string& name = definitions.symbols.segments[id];
            // Segments stand behind those that they refer to.
            for (std::size_t p = 0; p < meanings.size(); ++p) {
                if (definitions.segments[p].id == name) {
                    text += "\n" + std::to_string(meanings[p]);
                }
            }
        }
        meanings.push_back(hash64(text));
    }
    return meanings;
}

void end_days(Resident& resident, Timestamp at, store::Batch& batch) {
    if (at < resident.day_end) {
        return;
    }
    const engine::DefinitionsPtr definitions = resident.shard.definitions();
    if (definitions == nullptr) {
        return;
    }
    const Zone& zone = *definitions->workspace.zone;
    const std::int64_t today = local_day(zone, at);
    const Timestamp last = resident.mark.last_at;
    const std::int64_t from = resident.ended_day      ? *resident.ended_day + 1
                              : last == timestamp_min ? today
                                                      : local_day(zone, last);
    if (from < today) {
        put_days(resident, {.from = from, .through = today - 1, .sizes = {}}, batch);
        resident.ended_day = today - 1;
    } else if (!resident.ended_day) {
        const SegmentDays begin{.from = today - 1, .through = today - 1, .sizes = {}};
        batch.put(Family::Meta, days_key(resident.id, today - 1), encode(begin));
        resident.ended_day = today - 1;
    }
    resident.day_end = next_midnight(zone, at);
}

Result<std::vector<SegmentDays>> read_segment_days(const store::Store& store,
                                                   ShardId shard,
                                                   std::int64_t day) {
    std::vector<SegmentDays> all;
    store::Cursor rows =
        store.scan(Family::Meta, days_key(shard, day), store::meta_key(shard, days_end));
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(SegmentDays days, decode(rows.value()));
        all.push_back(std::move(days));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return all;
}

Result<std::optional<std::int64_t>> last_ended_day(const store::Store& store, ShardId shard) {
    std::optional<std::int64_t> last;
    store::Cursor rows = store.scan(Family::Meta, store::meta_key(shard, days_name),
                                    store::meta_key(shard, days_end));
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(const SegmentDays days, decode(rows.value()));
        last = days.through;
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return last;
}

Result<bool> ended_with(const store::Store& store, ShardId shard, std::int64_t day) {
    WINBACK_TRY(const auto row, store.get(Family::Meta, days_key(shard, day)));
    return row.has_value();
}

}  // namespace winback::host

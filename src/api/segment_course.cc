#include "api/segment_course.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

#include "base/civil.h"
#include "host/host.h"
#include "host/segment_days.h"

namespace winback::api {
namespace {

using engine::ShardId;

constexpr auto days_count = static_cast<std::size_t>(course_days);

// One shard as it is now.
struct Present {
    std::vector<std::uint64_t> sizes;  // By position in the definitions that are asked about.
    std::uint64_t customers = 0;
    bool nobody = false;
};

struct Asked {
    const std::string& id;
    std::size_t position = 0;
    std::uint64_t meaning = 0;  // Now.
};

std::vector<Present> look_at_shards(Desk& desk, const engine::Definitions& definitions) {
    std::vector<Present> all(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        Present& present = all[view.id];
        const customer::Customers& customers = view.shard.customers();
        present.nobody = customers.size() == 0;
        present.customers = customers.present_count();
        for (const segment::Segment& segment : definitions.segments) {
            present.sizes.push_back(view.shard.segment_size(segment.id));
        }
    });
    return all;
}

// Adds up what one shard has of the days from `first` on.
void add_rows(const std::vector<host::SegmentDays>& rows,
              std::int64_t first,
              std::vector<std::map<std::string, EndedDays::Sum>>& days) {
    for (const host::SegmentDays& row : rows) {
        const std::int64_t from = std::max(row.from, first);
        const std::int64_t end = std::min(row.through + 1, first + course_days);
        for (std::int64_t day = from; day < end; ++day) {
            for (const host::SegmentSize& size : row.sizes) {
                EndedDays::Sum& sum = days[static_cast<std::size_t>(day - first)][size.segment];
                sum.customers += size.customers;
                sum.meaning = size.meaning;
                ++sum.shards;
            }
        }
    }
}

// The sum over all shards at the end of a day; nothing where a shard does not know it.
std::optional<EndedDays::Sum> sum_of_day(const EndedDays::Days& ended,
                                         const std::vector<Present>& present,
                                         std::size_t day,
                                         const Asked& asked) {
    EndedDays::Sum sum{.customers = 0, .meaning = asked.meaning, .shards = 0};
    if (const auto found = ended.days[day].find(asked.id); found != ended.days[day].end()) {
        sum = found->second;
    }
    for (std::size_t s = 0; s < present.size(); ++s) {
        if (ended.known[s] ? day >= ended.open_from[s] : present[s].nobody) {
            sum.customers += present[s].sizes[asked.position];
            ++sum.shards;
        }
    }
    return sum.shards == present.size() ? std::optional(sum) : std::nullopt;
}

SegmentCourse course_of(const EndedDays::Days& ended,
                        const std::vector<Present>& present,
                        std::int64_t today,
                        const Asked& asked) {
    SegmentCourse course;
    for (const Present& one : present) {
        course.customers += one.sizes[asked.position];
    }
    std::optional<std::uint64_t> meaning;
    const auto add = [&](std::int64_t day, std::uint64_t customers, std::uint64_t means) {
        course.points.push_back(
            {.day = day, .customers = customers, .changed = meaning && *meaning != means});
        meaning = means;
    };
    for (std::size_t day = 0; day < days_count; ++day) {
        if (const auto sum = sum_of_day(ended, present, day, asked)) {
            add(today - course_days + static_cast<std::int64_t>(day), sum->customers, sum->meaning);
        }
    }
    add(today, course.customers, asked.meaning);
    return course;
}

}  // namespace

std::string iso_day(std::int64_t day) {
    constexpr std::int64_t day_ms = 86'400'000;
    const CivilTime civil = civil_from_timestamp(Timestamp{day * day_ms});
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    return text.data();
}

std::shared_ptr<const EndedDays::Days> EndedDays::get(std::int64_t today) {
    host::Host& host = desk_.host();
    std::vector<bool> ended;
    for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
        const Result<bool> one = host::ended_with(host.store(), static_cast<ShardId>(s), today - 1);
        ended.push_back(one && *one);
    }
    const std::lock_guard lock(mutex_);
    if (days_ == nullptr || today != today_ || ended != ended_) {
        days_ = read(today);
        today_ = today;
        ended_ = std::move(ended);
    }
    return days_;
}

std::shared_ptr<const EndedDays::Days> EndedDays::read(std::int64_t today) const {
    const std::int64_t first = today - course_days;
    host::Host& host = desk_.host();
    auto days = std::make_shared<Days>();
    days->days.resize(days_count);
    days->open_from.resize(host.shard_count(), days_count);
    days->known.resize(host.shard_count());
    for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
        const auto shard = static_cast<ShardId>(s);
        const auto last = host::last_ended_day(host.store(), shard);
        const auto rows = host::read_segment_days(host.store(), shard, first);
        // What cannot be read is not known: the days stay out, the pages stay.
        if (!last || !*last || !rows) {
            days->known[s] = last.has_value() && last->has_value();
            continue;
        }
        days->known[s] = true;
        days->open_from[s] =
            static_cast<std::size_t>(std::clamp(**last + 1 - first, std::int64_t{0}, course_days));
        add_rows(*rows, first, days->days);
    }
    return days;
}

SegmentCourses segment_courses(Desk& desk, const engine::Definitions& definitions) {
    // First how it is, then what the rows say: a day that ends in between is told by its row.
    const std::vector<Present> present = look_at_shards(desk, definitions);
    const std::int64_t today = host::local_day(*definitions.workspace.zone, desk.host().now());
    const std::shared_ptr<const EndedDays::Days> ended = desk.part<EndedDays>().get(today);
    const std::vector<std::uint64_t> meanings = host::segment_meanings(definitions);
    SegmentCourses courses;
    for (const Present& one : present) {
        courses.customers += one.customers;
    }
    for (std::size_t p = 0; p < definitions.segments.size(); ++p) {
        const Asked asked{definitions.segments[p].id, p, meanings[p]};
        courses.of[asked.id] = course_of(*ended, present, today, asked);
    }
    return courses;
}

void put_course(const SegmentCourse& course, ValueMap& map) {
    ValueList series;
    const SegmentCourse::Point* since = nullptr;
    for (const SegmentCourse::Point& point : course.points) {
        ValueMap one;
        one.set("day", iso_day(point.day));
        one.set("customers", static_cast<std::int64_t>(point.customers));
        one.set("changed", point.changed);
        series.emplace_back(std::move(one));
        since = since == nullptr || point.changed ? &point : since;
    }
    map.set("series", std::move(series));
    if (since == nullptr || since == &course.points.back()) {
        map.set("trend", Value());
        return;
    }
    const auto then = static_cast<std::int64_t>(since->customers);
    const std::int64_t change = static_cast<std::int64_t>(course.customers) - then;
    ValueMap trend;
    trend.set("since", iso_day(since->day));
    trend.set("customers", then);
    trend.set("change", change);
    trend.set("share",
              then == 0 ? Value() : Value(static_cast<double>(change) / static_cast<double>(then)));
    map.set("trend", std::move(trend));
}

}  // namespace winback::api

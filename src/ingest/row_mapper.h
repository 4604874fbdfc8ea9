// From rows to events: which rows count, which belong together, and what they say.
//
// Message ids are made of content (customer, key, time, name), so that the same file gives the
// same events whenever and however often it is read. Memory is bounded: one open group, or
// `rows_max` rows of scattered ones, and one hash for each customer and group seen, up to
// `seen_max`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "event/event.h"
#include "ingest/mapping.h"
#include "ingest/row.h"

namespace winback::ingest {

// Beyond as many, customers are identified again and late rows of a group are no longer told.
constexpr std::size_t seen_max = 8'000'000;

using EventSink = std::function<Status(event::Event&&)>;

enum class RowOutcome : std::uint8_t { Taken, Skipped, Rejected };

class RowMapper {
public:
    RowMapper(const Mapping& mapping, std::vector<std::size_t> places, EventSink sink)
        : mapping_(mapping), places_(std::move(places)), sink_(std::move(sink)) {}

    // Pre: as Row. `why` is set unless the row is taken. Fails when the sink does, and with
    // LimitExceeded when scattered groups outgrow the memory that the mapping allows.
    Result<RowOutcome> add(const CsvRecord& record, RowFault& why);

    // Gives out the groups that are still open. Call once, after the last row.
    Status finish();

    std::uint64_t events() const { return events_; }
    std::uint64_t customers() const { return customers_.size(); }  // Exact up to seen_max.

private:
    // Rows that become one event.
    struct Group {
        event::Event event;
        std::string key;
        std::vector<Micros> sums;  // One for each field of the event that is a sum.
        ValueList products;
        ValueMap traits;
        std::size_t rows = 0;
        bool refund = false;
    };
    // What one row adds to its group, read completely before the group changes.
    struct Addition {
        event::Event event;
        std::vector<Micros> sums;
        ValueMap product;
        ValueMap traits;
        bool refund = false;
    };

    const std::vector<FieldSpec>& fields(bool refund) const;
    // `where`, of each row or of the first one of its group.
    RowOutcome meets_conditions(const Row& row, RowFault& why);
    RowOutcome check(const Row& row, RowFault& why) const;
    RowOutcome find_return(Row& row, bool& refund, RowFault& why) const;
    bool read(Row& row, Addition& addition, RowFault& why) const;
    bool read_traits(const Row& row, ValueMap& traits, RowFault& why) const;
    Result<RowOutcome> put(const Row& row, Addition&& addition, RowFault& why);
    Group* find_group(const std::string& key, bool refund);
    bool extend(Group& group, Addition&& addition, RowFault& why) const;
    Status close_other_groups(const std::string& key);
    Status emit(Group&& group);
    Status identify(const event::Event& event, ValueMap&& traits);

    const Mapping& mapping_;
    std::vector<std::size_t> places_;
    EventSink sink_;
    std::vector<Group> groups_;                               // In the order of their first rows.
    std::unordered_map<std::string, std::size_t> scattered_;  // Key -> place in groups_.
    std::size_t scattered_rows_ = 0;
    std::unordered_set<std::uint64_t> closed_;                    // Hashes of keys.
    std::unordered_map<std::uint64_t, std::uint64_t> customers_;  // Hash -> hash of its traits.
    std::unordered_map<std::uint64_t, bool> first_rows_;          // Hash of a group -> it counts.
    std::uint64_t events_ = 0;
};

}  // namespace winback::ingest

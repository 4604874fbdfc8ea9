// What a condition may ask about one customer at one moment.
//
// The evaluator knows nothing of how customers are stored: it asks a Facts. All names were
// resolved when the condition was planned: a Program carries `Symbols` ids, and the folder that
// owns customers (customer/facts.h) maps them to its columns once per playbook.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "base/zone.h"

namespace winback::expr {

// The names that the conditions of one playbook use, each with a small number. Shared by all
// conditions of the playbook, so that a fact is looked up once. Grows while compiling; constant
// afterwards. Ids are indices, dense from 0, in order of first use.
using TraitId = std::uint32_t;
using EventSetId = std::uint32_t;
using SegmentId = std::uint32_t;
using ScoreId = std::uint32_t;

// Events of a customer that one `ev(..)` selects, with the properties that it reads.
struct EventSet {
    std::vector<std::string> patterns;  // Names; "prefix.*" and "*" select by prefix.
    std::vector<std::string> fields;    // Properties read of each event, in column order.
    bool operator==(const EventSet&) const = default;
};

struct Symbols {
    std::vector<std::string> traits;  // "orders.count", "plan", without "user."
    std::vector<EventSet> event_sets;
    std::vector<std::string> segments;
    std::vector<std::string> scores;

    TraitId trait(std::string_view name);
    // Same patterns share one set; fields are added to it.
    EventSetId event_set(const std::vector<std::string>& patterns);
    std::uint32_t field(EventSetId set, std::string_view name);
    SegmentId segment(std::string_view name);
    ScoreId score(std::string_view name);
};

// One property of one event. Text is compared by content; views stay valid during evaluation.
struct Cell {
    enum class Kind : std::uint8_t { Null, Bool, Int, Double, Text, Time, Encoded };
    Kind kind = Kind::Null;
    std::int64_t integer = 0;  // Bool (0 or 1), Int, Time (ms).
    double real = 0;           // Double.
    std::string_view text;     // Text. Encoded: a list or a map, as ByteWriter writes it.
};

// One customer's events of one EventSet, oldest first; those of one time in order of arrival.
// Includes events dated after `now` (clients' clocks run ahead): the evaluator leaves them out.
struct EventView {
    std::span<const Timestamp> times;
    // Column by column as EventSet::fields: cell of event i and field f is
    // cells[f * times.size() + i]. Empty when the set reads no fields.
    std::span<const Cell> cells;
};

enum class ConsentState : std::uint8_t { Unset, Granted, Denied };

struct ConsentChange {
    ConsentState state = ConsentState::Unset;
    Timestamp time;
    std::string source;
};

// Implementations are cheap to make and live for one evaluation; spans that they return stay
// valid until the next call of the same member.
class Facts {
public:
    virtual ~Facts() = default;
    virtual Timestamp now() const = 0;
    virtual const Zone& zone() const = 0;  // The workspace's: steps of days and longer.
    // Null when absent. A dotted name that is no trait itself is a path into one that is a map:
    // "address.city". Event fields are looked up in the same way.
    virtual Value trait(TraitId id) const = 0;
    virtual EventView events(EventSetId id) const = 0;
    // About how many nanoseconds events(id) would take now; 0 where that is next to nothing.
    virtual std::size_t events_work(EventSetId) const { return 0; }
    // Messages of ours to this customer: campaign "*" is all, else a journey's id. Oldest first.
    virtual std::span<const Timestamp> sent(std::string_view campaign) const = 0;
    virtual ConsentState consent(std::string_view channel) const = 0;
    virtual std::vector<ConsentChange> consent_changes(std::string_view channel) const = 0;
    virtual bool in_segment(SegmentId id) const = 0;
    // What a model says, null when no model was fitted. Read once a day: constant from one local
    // midnight of zone() to the next.
    virtual Value score(ScoreId id) const = 0;
};

}  // namespace winback::expr

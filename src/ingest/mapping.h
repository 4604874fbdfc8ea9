// What the columns of a file mean: from MAP.yaml to the plan that turns rows into events.
//
// Reading a mapping reports every mistake at once, with its place. The names of columns are
// checked when the header of a file is known (`bind`). Reference: docs/design/import.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/money.h"
#include "base/zone.h"
#include "event/event.h"

namespace winback::ingest {

constexpr std::size_t mapping_columns_max = 256;
constexpr std::size_t lookup_values_max = 10'000;

enum class FileFormat : std::uint8_t { Csv, SegmentJsonl };
enum class Encoding : std::uint8_t { Utf8, Windows1252, Windows1254, Windows1256, Utf16 };

// A column that the mapping names: an index into Mapping::columns.
using ColumnId = std::size_t;

// Text with columns in it: "customer-{CustomerID}@example.test". "{E-Mail|lower}" is the cell in
// lower case (ASCII): one person writes an address in many ways.
struct Template {
    struct Part {
        std::string literal;
        std::optional<ColumnId> column;  // After the literal.
        bool lower = false;
    };
    std::vector<Part> parts;
};

enum class FieldType : std::uint8_t { Text, Integer, Number, Money, Boolean, Time };

// One property or trait and where it comes from.
struct FieldSpec {
    enum class From : std::uint8_t {
        Text,    // `text`, read as `type`.
        Lookup,  // `lookup`, of that lookup's column.
        Sum,     // The products of `factors`, summed over the rows of a group.
        Rows,    // The count of the rows of a group.
    };
    std::string name;
    From from = From::Text;
    FieldType type = FieldType::Text;
    Template text;
    std::size_t lookup = 0;
    std::vector<ColumnId> factors;
};

struct Lookup {
    std::string name;
    ColumnId column = 0;
    std::optional<std::string> fallback;
    std::map<std::string, std::string, std::less<>> values;
};

enum class Compare : std::uint8_t {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Empty,
    NotEmpty,
    StartsWith,
    In,
    NotIn
};

struct Condition {
    ColumnId column = 0;
    Compare compare = Compare::Equal;
    std::vector<std::string> values;  // One, but for In and NotIn; as text.
    Micros number;                    // For the comparisons by size.
    bool reject = false;              // A row that fails is a mistake, not just of no interest.
    std::string reason;               // Under which such rows are counted.
};

struct TimeSpec {
    std::optional<ColumnId> column;
    std::optional<Template> text;      // Instead of a column: "{Date} {Time}".
    std::vector<std::string> formats;  // Tried in order.
    Timestamp value;                   // When there is no column.
};

struct Grouping {
    ColumnId by = 0;
    bool scattered = false;  // Rows of a group may stand anywhere: all groups are held in memory.
    // `where` is asked of the first row of a group, and the others share its fate: exports that
    // say the state of an order once.
    bool first_decides = false;
    std::size_t rows_max = 0;  // Of one group; of all groups when scattered.
};

struct Returns {
    enum class Action : std::uint8_t { Refund, Skip, Reject };
    Condition when;  // Its column counts by absolute value in refunds.
    Action action = Action::Refund;
    std::string event;
    std::optional<std::vector<FieldSpec>> properties;  // Else those of the event.
};

struct ConsentSpec {
    std::string channel;
    std::optional<ColumnId> column;    // Absent: `granted_always` says it.
    std::vector<std::string> granted;  // Texts of the column that mean yes, in any case.
    bool granted_always = false;
    std::string source;
};

struct Identify {
    std::vector<FieldSpec> traits;
    std::vector<ConsentSpec> consent;
    bool on_change = false;  // Again when the traits of a customer change, not only at first.
};

struct Mapping {
    std::string file;  // As the user named it.
    FileFormat format = FileFormat::Csv;
    char delimiter = 0;  // 0: found out.
    Encoding encoding = Encoding::Utf8;
    std::vector<std::string> header;  // Names the columns of a file without a header line.
    const Zone* zone = nullptr;       // Never null after reading.
    std::string currency;
    bool decimal_comma = false;
    event::Surface surface = event::Surface::Shop;
    std::vector<Condition> where;
    Template customer;
    bool skip_missing_customer = false;
    TimeSpec time;
    std::optional<Grouping> grouping;
    std::optional<Template> event;  // Absent: rows only identify.
    std::optional<Template> message_id;
    std::vector<FieldSpec> properties;
    std::vector<FieldSpec> products;  // Of each row of an event.
    std::optional<Returns> returns;
    std::optional<Identify> identify;
    std::vector<Lookup> lookups;

    std::vector<std::string> columns;
    struct Use {
        ColumnId column;
        Position position;
        int length;
    };
    std::vector<Use> uses;  // Every place that names a column.
};

struct MappingRead {
    Mapping mapping;  // Complete only when there are no errors.
    Diagnostics diagnostics;
};
MappingRead read_mapping(std::string_view yaml, const std::string& file);

// For each of the mapping's columns its place in `header`. An unknown or ambiguous name is added
// to `diagnostics` at every place that uses it; the result is then incomplete.
std::vector<std::size_t> bind_columns(const Mapping& mapping,
                                      const std::vector<std::string>& header,
                                      Diagnostics& diagnostics);

}  // namespace winback::ingest

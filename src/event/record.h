// An event record read where it lies: a few of its fields, without making strings and values.
//
// For the start, which reads every event of every customer and keeps little of each.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace winback::event {

// Views the record's bytes.
struct RecordHead {
    Timestamp time;
    std::string_view message_id;
    std::string_view name;
    ByteReader rest;  // At the properties; the context follows.
};
// Fails with Corrupt, also for what `decode` refuses of the head.
Result<RecordHead> read_head(std::string_view record);

// Picks fields out of records: a property by name ("revenue"), by a path into maps
// ("page.path") or, after "context.", by a path into the context. A property that has the whole
// name comes before one that the path leads to, and properties before the context.
class FieldPicker {
public:
    explicit FieldPicker(const std::vector<std::string>& fields);

    // One for each field, Null when absent. Pre: out.size() == fields.size(). False when the
    // record is damaged.
    bool pick(const RecordHead& record, std::span<ValueView> out);

private:
    enum class State : std::uint8_t { Open, Missed, Found };
    struct Path {
        std::string whole;
        std::size_t head;  // Bytes before the first dot; all when there is none.
        bool matches_head(std::string_view key) const {
            return head < whole.size() && std::string_view(whole).substr(0, head) == key;
        }
    };
    struct Field {
        Path property;
        Path context;  // Empty when the field does not name the context.
        State state = State::Open;
        bool exact = false;
    };

    void read_map(ByteReader& in, Path Field::*path, std::span<ValueView> out);

    std::vector<Field> fields_;
};

}  // namespace winback::event

// What the checker knows of an expression before it is evaluated.
#pragma once

#include <cstdint>
#include <string_view>

namespace winback::expr {

enum class Kind : std::uint8_t {
    Error,  // A mistake was reported, or an evaluation went wrong.
    Any,    // Known only when evaluated: a trait without a schema, an event's property.
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Time,
    Duration,
    List,
    Map,
    Events,  // ev(..) before its finish; never a value.
    Event,   // The variable of where(e, ..).
    Type,    // What type(..) gives; only of strict CEL.
};
std::string_view kind_name(Kind kind);

// How a time or a duration moves while nothing happens but the passing of time. A program may
// contain only movements whose next flip can be computed (docs/design/conditions.md).
enum class Motion : std::uint8_t {
    Still,
    Now,       // now; now - t
    Exact,     // now plus or minus milliseconds
    Calendar,  // now plus or minus days, months or years
};

struct Type {
    Kind kind = Kind::Any;
    Kind element = Kind::Any;  // Of a List.
    Motion motion = Motion::Still;
    bool calendar = false;  // A Duration that has days, months or years.
    bool sent = false;      // An Event that is a message of ours: it has a time and nothing else.

    bool is_number() const {
        return kind == Kind::Int || kind == Kind::Uint || kind == Kind::Double;
    }
    bool is_open() const { return kind == Kind::Any || kind == Kind::Error; }
    bool moves() const { return motion != Motion::Still; }
};

}  // namespace winback::expr

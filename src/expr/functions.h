// The closed set of functions that a condition may call.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace winback::expr {

enum class Function : std::uint8_t {
    // Called by name.
    Ev,
    Sent,
    Ago,
    Dur,
    Score,
    InSegment,
    InList,
    InAny,
    Consent,
    ConsentChanges,
    Timestamp,
    Duration,
    Has,
    Size,
    ToInt,
    ToUint,
    ToDouble,
    ToString,
    ToBytes,
    ToBool,
    Dyn,
    Day,
    Hour,
    // Methods of values.
    Contains,
    StartsWith,
    EndsWith,
    Matches,
    Part,  // getHours and the like.
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
    // Narrowings of events.
    Within,
    Between,
    Since,
    Before,
    Where,
    Then,
    // Finishes of events.
    Count,
    Any,
    None,
    Sum,
    Avg,
    Min,
    Max,
    Distinct,
    FirstTime,
    LastTime,
    LastTimeOr,
    SinceLast,
    First,
    Last,
    DaysActive,
    MedianGap,
    MeanGap,
};

enum class FunctionGroup : std::uint8_t { Global, Method, Macro, Narrowing, Finish };

struct FunctionInfo {
    std::string_view name;
    Function function;
    FunctionGroup group;
    int arguments;         // At least; the target of a method not counted.
    std::string_view use;  // Shown when the arguments are wrong.
    int optional = 0;      // How many more there may be.
};

// Each name once, but for `size`, which is both Global and Method.
std::span<const FunctionInfo> all_functions();
// Null when there is none; `size` is both Global and Method.
const FunctionInfo* find_global(std::string_view name);
const FunctionInfo* find_method(std::string_view name);

// "; did you mean 'x'?" or empty.
std::string suggest_global(std::string_view name);
std::string suggest_method(std::string_view name);

}  // namespace winback::expr

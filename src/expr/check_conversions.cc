#include <algorithm>
#include <array>

#include "expr/checking.h"

namespace winback::expr {
namespace {

struct Conversion {
    Function function;
    Kind to;
    std::array<Kind, 8> from;  // Filled up with Any.
};

constexpr std::array<Conversion, 6> conversions{{
    {Function::ToInt,
     Kind::Int,
     {Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Time, Kind::Any}},
    {Function::ToUint,
     Kind::Uint,
     {Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Any, Kind::Any, Kind::Any}},
    {Function::ToDouble,
     Kind::Double,
     {Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Any, Kind::Any, Kind::Any}},
    {Function::ToString,
     Kind::String,
     {Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Bool, Kind::Time, Kind::Bytes,
      Kind::Duration}},
    {Function::ToBytes,
     Kind::Bytes,
     {Kind::String, Kind::Bytes, Kind::Any, Kind::Any, Kind::Any, Kind::Any, Kind::Any}},
    {Function::ToBool,
     Kind::Bool,
     {Kind::String, Kind::Bool, Kind::Any, Kind::Any, Kind::Any, Kind::Any, Kind::Any}},
}};

// Seconds and less change too often to be worth a segment.
bool is_foreseen(TimePart part) {
    return part != TimePart::Minutes && part != TimePart::Seconds && part != TimePart::Milliseconds;
}

}  // namespace

Type Checker::conversion(NodeId id, const FunctionInfo& info) {
    const NodeId argument = ast_.nodes[id].children[0];
    const Type type = still(argument);
    if (type.kind == Kind::Error || info.function == Function::Dyn) {
        return of(type.kind == Kind::Error ? Kind::Error : Kind::Any);
    }
    const auto found =
        std::find_if(conversions.begin(), conversions.end(),
                     [&](const Conversion& c) { return c.function == info.function; });
    const bool fits = type.kind == Kind::Any || std::find(found->from.begin(), found->from.end(),
                                                          type.kind) != found->from.end();
    if (!fits) {
        return error("type_mismatch", ast_.nodes[argument].span,
                     "'" + std::string(info.name) + "' cannot be made of " +
                         std::string(kind_name(type.kind)));
    }
    return of(found->to);
}

Type Checker::read_when_evaluated(NodeId id, Kind kind) {
    const NodeId argument = ast_.nodes[id].children[0];
    const Type type = still(argument);
    const bool fits = type.is_open() || type.kind == kind || type.kind == Kind::String ||
                      (type.kind == Kind::Int && kind == Kind::Time);
    if (!fits) {
        return error("type_mismatch", ast_.nodes[argument].span,
                     "a " + std::string(kind_name(kind)) + " cannot be read from " +
                         std::string(kind_name(type.kind)));
    }
    return of(type.kind == Kind::Error ? Kind::Error : kind);
}

bool Checker::place(NodeId id, std::size_t zone) {
    const Node& node = ast_.nodes[id];
    if (node.children.size() <= zone) {
        return true;
    }
    const std::string* name = literal(node.children[zone], "the zone");
    if (name == nullptr) {
        return false;
    }
    out_.notes[id].place = find_place(*name);
    if (!out_.notes[id].place) {
        error("unknown_zone", ast_.nodes[node.children[zone]].span,
              "'" + name->substr(0, 60) +
                  "' is no zone; write one such as \"Europe/Berlin\" or \"+02:00\"");
    }
    return out_.notes[id].place.has_value();
}

Type Checker::part(NodeId id, TimePart part, NodeId target, Type type, std::size_t zone) {
    const Node& node = ast_.nodes[id];
    out_.notes[id].part = part;
    if (!place(id, zone) || type.kind == Kind::Error) {
        return of(Kind::Error);
    }
    const bool of_span = type.kind == Kind::Duration && part_of_span(part, 0).has_value() &&
                         node.children.size() <= zone;
    if (type.kind != Kind::Time && type.kind != Kind::Any && !of_span) {
        return error("type_mismatch", node.focus,
                     "'" + node.text + "' does not apply to " + std::string(kind_name(type.kind)));
    }
    if (type.moves() && type.kind == Kind::Duration) {
        refuse_movement(ast_.nodes[target].span,
                        "compare the duration itself: since_last() > dur(\"36h\")");
        return of(Kind::Error);
    }
    if (type.moves() && (type.motion != Motion::Now || !is_foreseen(part))) {
        refuse_movement(node.span, is_foreseen(part)
                                       ? "take the part of now itself, such as now.getDayOfWeek()"
                                       : "of now, ask for the hour or the day: now.getHours()");
        return of(Kind::Error);
    }
    return of(Kind::Int);
}

}  // namespace winback::expr

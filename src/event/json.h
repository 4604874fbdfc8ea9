// From simdjson's elements to values. Private to this folder: the header is heavy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/value.h"

namespace winback::event {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;

enum class JsonFault : std::uint8_t { None, TooDeep, TooManyFields };

// Integers beyond 64 bits become doubles; of equal keys the last one's value stays, in the
// first one's place. On a fault `out` is incomplete.
JsonFault to_value(const JsonElement& element, int depth, Value& out);
JsonFault to_map(const JsonObject& object, int depth, ValueMap& out);

// A lower bound of the bytes that the element takes as JSON, exact but for escapes and
// fractions: what the limit of one event in a batch is measured by.
std::size_t least_size(const JsonElement& element);

// A string, or empty for anything else.
std::string_view text_or_empty(const JsonElement& element);

// A string, or a number that a double or 64 bits hold exactly, as text. False for others.
bool read_id(const JsonElement& element, std::string& out);

// `body` with every integer that 64 bits cannot hold made a fraction ("1…0" -> "1…0.0"), which
// simdjson reads as a double; JSON itself sets no bound.
std::string with_wide_integers_as_fractions(std::string_view body);

}  // namespace winback::event

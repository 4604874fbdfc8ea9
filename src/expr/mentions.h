// Which segments a text asks for, and where: read from its syntax, also while it has mistakes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace winback::expr {

// A name in in_segment("..") or in_any(["..", ".."]).
struct SegmentMention {
    std::string name;
    Position position;  // Of the text in its quotes.
    int length = 1;     // Bytes, with the quotes.
};

// In the order of the text; a segment that is named twice stands there twice.
std::vector<SegmentMention> segment_mentions(std::string_view text);

}  // namespace winback::expr

// A YAML text as a tree of plain values with their places; the adapter to libfyaml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace winback::yaml {

constexpr std::size_t yaml_bytes_max = 1024 * 1024;
constexpr int yaml_depth_max = 16;

struct YamlField;

struct YamlNode {
    enum class Kind : std::uint8_t { Scalar, List, Map };
    Kind kind = Kind::Scalar;
    std::string text;  // Of a scalar.
    Position position;
    int length = 1;                 // Bytes of a scalar on its line.
    std::vector<YamlNode> items;    // Of a list.
    std::vector<YamlField> fields;  // Of a map: keys are scalars.

    // The value of a key of a map; null when absent.
    const YamlNode* find(std::string_view key) const;
};

struct YamlField {
    YamlNode key;
    YamlNode value;
};

// Reads one document. Anchors, aliases and duplicate keys are refused: a mapping is data.
// Mistakes are added to `diagnostics`; the tree is then incomplete.
YamlNode read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics);

// Where a place inside the text of a scalar stands in the file: `inner` counts lines and columns
// of `node.text`, `source` is the whole file. Exact for plain, quoted (without escapes) and
// literal (|) scalars; for folded ones (>) the first line of the scalar.
Position place_in(const YamlNode& node, std::string_view source, Position inner);

}  // namespace winback::yaml

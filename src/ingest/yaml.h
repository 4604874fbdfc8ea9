// A YAML text as a tree of plain values with their places; the adapter to libfyaml.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"

namespace winback::ingest {

constexpr std::size_t yaml_bytes_max = 1024 * 1024;
constexpr int yaml_depth_max = 16;

struct YamlNode {
    enum class Kind : std::uint8_t { Scalar, List, Map };
    Kind kind = Kind::Scalar;
    std::string text;  // Of a scalar.
    Position position;
    int length = 1;                                     // Bytes of a scalar on its line.
    std::vector<YamlNode> items;                        // Of a list.
    std::vector<std::pair<YamlNode, YamlNode>> fields;  // Of a map: keys are scalars.

    // The value of a key of a map; null when absent.
    const YamlNode* find(std::string_view key) const;
};

// Reads one document. Anchors, aliases and duplicate keys are refused: a mapping is data.
// Mistakes are added to `diagnostics`; the tree is then incomplete.
YamlNode read_yaml(std::string_view text, const std::string& file, Diagnostics& diagnostics);

}  // namespace winback::ingest

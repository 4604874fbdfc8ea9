// Whether an edit did what it should and no more. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "yaml/yaml.h"

namespace winback::yaml {

// Everything but what `but` leads to is as it was.
bool same(const YamlNode& a, const YamlNode& b, const std::vector<std::string>& but);

// Null when nothing is there.
const YamlNode* at(const YamlNode& root, const std::vector<std::string>& path);

// A text as it can stand on the line of its key.
std::string written(std::string_view value, bool in_quotes);

}  // namespace winback::yaml

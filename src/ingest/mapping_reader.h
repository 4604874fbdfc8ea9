// Turns the tree of a MAP.yaml into a Mapping. Private to this folder.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/mapping.h"
#include "yaml/yaml.h"

namespace winback::ingest {

using yaml::YamlNode;

class MappingReader {
public:
    MappingReader(Mapping& mapping, Diagnostics& diagnostics)
        : mapping_(mapping), diagnostics_(diagnostics) {}

    void read(const YamlNode& root);

private:
    using Names = std::initializer_list<std::string_view>;

    // mapping_reader.cc: the shape of nodes.
    void report(const YamlNode& at, std::string code, std::string message);
    bool is_map(const YamlNode& node, std::string_view what, Names keys);
    const YamlNode* required(const YamlNode& map, std::string_view key, std::string_view what);
    std::string text(const YamlNode* node, std::string_view what);
    std::vector<std::string> texts(const YamlNode& node, std::string_view what);
    std::size_t choice(const YamlNode* node, std::string_view what, Names names);
    bool flag(const YamlNode* node, std::string_view what);
    std::size_t count(const YamlNode* node, std::string_view what, std::size_t otherwise);
    ColumnId column(const YamlNode& node);
    ColumnId column_named(std::string name, Position position, int length);
    Template text_template(const YamlNode& node);

    // mapping_parts.cc: what they mean.
    void read_file_part(const YamlNode& root);
    void read_time(const YamlNode& root);
    void read_grouping(const YamlNode& node);
    void read_returns(const YamlNode& node);
    void read_identify(const YamlNode& node);
    void read_lookups(const YamlNode& node);
    ConsentSpec consent(const std::string& channel, const YamlNode& node);
    Condition condition(const YamlNode& node, bool with_otherwise);
    std::vector<FieldSpec> fields(const YamlNode& node, std::string_view what);
    FieldSpec field(const std::string& name, const YamlNode& node);
    void read_source(const YamlNode& node, FieldSpec& field);
    std::vector<ColumnId> factors(const YamlNode& node);
    void check_whole(const YamlNode& root);

    Mapping& mapping_;
    Diagnostics& diagnostics_;
};

}  // namespace winback::ingest

// Takes the nodes of one YAML file apart and reports what is not as the format says. Private to
// this folder.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/words.h"
#include "base/zone.h"
#include "customer/channel.h"
#include "expr/condition.h"
#include "playbook/id.h"
#include "yaml/yaml.h"

namespace winback::playbook {

using yaml::YamlNode;

class Reader {
public:
    Reader(std::string file, std::string_view source, Diagnostics& diagnostics)
        : file_(std::move(file)), source_(source), diagnostics_(diagnostics) {}

    const std::string& file() const { return file_; }
    std::string_view source() const { return source_; }
    Diagnostics& diagnostics() { return diagnostics_; }
    // Whether a file whose path begins so has mistakes: what it defines is then not called missing.
    bool has_mistakes(std::string_view path_begin) const;

    void report(const YamlNode& at, std::string code, std::string message);
    void warn(const YamlNode& at, std::string code, std::string message);
    // Reports a node that is not a map, and keys that are not in `keys`.
    bool is_map(const YamlNode& node,
                std::string_view what,
                std::initializer_list<std::string_view> keys);
    // Reports its absence.
    const YamlNode* required(const YamlNode& map, std::string_view key, std::string_view what);

    // Each returns the default when the key is absent, and reports a value that cannot be read.
    std::string text(const YamlNode& map, std::string_view key, std::string otherwise = "");
    std::string required_text(const YamlNode& map, std::string_view key, std::string_view what);
    // What people read: a text, or a map with a text for each language. That of `language`, else
    // of its first part ("pt" for "pt-BR"), else the first one.
    std::string words(const YamlNode& map, std::string_view key, std::string_view language);
    // All of them by language; empty when there is one text alone. Reports nothing.
    static Words all_words(const YamlNode& map, std::string_view key);
    std::string required_words(const YamlNode& map,
                               std::string_view key,
                               std::string_view what,
                               std::string_view language);
    double number(
        const YamlNode& map, std::string_view key, double low, double high, double otherwise);
    bool flag(const YamlNode& map, std::string_view key, bool otherwise);
    std::optional<CalendarStep> step(const YamlNode& map, std::string_view key);
    std::optional<CalendarStep> step_of(const YamlNode& node);
    std::optional<customer::Channel> channel(const YamlNode& map, std::string_view key);
    // The address of a mailbox; empty when absent. Reports what is none.
    std::string mail_address(const YamlNode& map, std::string_view key);
    // An id by the rules of ids; reports another.
    bool is_id(const YamlNode& at, std::string_view id);

    // Compiles the condition that stands in `node`; its mistakes are shown in this file.
    std::optional<expr::Condition> condition(const YamlNode& node,
                                             const expr::Schema& schema,
                                             expr::Symbols& symbols);

private:
    std::string file_;
    std::string_view source_;
    Diagnostics& diagnostics_;
};

}  // namespace winback::playbook

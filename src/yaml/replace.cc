#include "yaml/replace.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "yaml/compare.h"

namespace winback::yaml {
namespace {

std::string_view without_last_lines(std::string_view text) {
    const std::size_t last = text.find_last_not_of("\n");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::size_t indent_of(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

// The comment at the end of the line of a key whose value ends before `from`.
std::string comment_of(std::string_view line, std::size_t from) {
    const std::size_t comment = line.find(" #", from);
    return comment == std::string_view::npos ? std::string()
                                             : " " + std::string(line.substr(comment));
}

class Replacing {
public:
    Replacing(std::string_view text, const YamlNode& root) : root_(root) {
        for (const std::string_view line : split(text, '\n')) {
            lines_.emplace_back(line);
        }
        if (!lines_.empty() && lines_.back().empty()) {
            lines_.pop_back();
        }
    }

    std::string run(const std::vector<std::string>& path, const std::optional<NewText>& value) {
        const YamlField* top = field_of(root_, path.front());
        if (path.size() == 1) {
            set(root_, lines_.size(), path.front(), 0, value);
        } else if (top == nullptr || top->value.kind != YamlNode::Kind::Map) {
            set_map(top, path.front(), {{path.back(), value ? std::string(value->text) : ""}});
        } else if (is_in_braces(*top) || (!value && top->value.fields.size() == 1)) {
            set_map(top, path.front(), with(top->value, path.back(), value));
        } else if (!top->value.fields.empty()) {
            const YamlField& first = top->value.fields.front();
            set(top->value, end_of(root_, lines_.size(), *top), path.back(),
                static_cast<std::size_t>(first.key.position.column - 1), value);
        }
        std::string out;
        for (const std::string& line : lines_) {
            out += line + "\n";
        }
        return out;
    }

private:
    using Entries = std::vector<std::pair<std::string, std::string>>;

    static const YamlField* field_of(const YamlNode& map, std::string_view key) {
        const auto found =
            std::find_if(map.fields.begin(), map.fields.end(),
                         [&](const YamlField& field) { return field.key.text == key; });
        return found == map.fields.end() ? nullptr : &*found;
    }
    static std::size_t line_of(const YamlField& field) {
        return static_cast<std::size_t>(field.key.position.line - 1);
    }
    // Behind the last line of the field; what stands between it and the next is not its own.
    std::size_t end_of(const YamlNode& map, std::size_t map_end, const YamlField& field) const {
        std::size_t end = map_end;
        for (const YamlField& other : map.fields) {
            if (line_of(other) > line_of(field)) {
                end = std::min(end, line_of(other));
            }
        }
        const auto indent = static_cast<std::size_t>(field.key.position.column - 1);
        while (end > line_of(field) + 1) {
            const std::string_view line = lines_[end - 1];
            const std::size_t own = indent_of(line);
            if (own < line.size() && (line[own] != '#' || own > indent)) {
                break;
            }
            --end;
        }
        return end;
    }
    std::size_t colon_of(const YamlField& field) const {
        return lines_[line_of(field)].find(':',
                                           static_cast<std::size_t>(field.key.position.column));
    }
    bool is_in_braces(const YamlField& field) const {
        const std::string& line = lines_[line_of(field)];
        const std::size_t colon = colon_of(field);
        const std::size_t value =
            colon == std::string::npos ? colon : line.find_first_not_of(' ', colon + 1);
        return value != std::string::npos && line[value] == '{';
    }
    static Entries with(const YamlNode& map,
                        const std::string& key,
                        const std::optional<NewText>& value) {
        Entries entries;
        bool there = false;
        for (const YamlField& field : map.fields) {
            const bool own = field.key.text == key;
            there = there || own;
            if (!own || value) {
                entries.emplace_back(field.key.text,
                                     own ? std::string(value->text) : field.value.text);
            }
        }
        if (!there && value) {
            entries.emplace_back(key, value->text);
        }
        return entries;
    }
    void put(std::size_t from, std::size_t to, std::vector<std::string> lines) {
        const auto begin = lines_.begin();
        const auto at = lines_.erase(begin + static_cast<std::ptrdiff_t>(from),
                                     begin + static_cast<std::ptrdiff_t>(to));
        lines_.insert(at, std::make_move_iterator(lines.begin()),
                      std::make_move_iterator(lines.end()));
    }
    // Its entries on lines of their own; none: it goes.
    void set_map(const YamlField* field, const std::string& key, const Entries& entries) {
        std::vector<std::string> lines;
        std::string head = key + ":";
        if (field != nullptr) {
            const std::string& last = lines_[end_of(root_, lines_.size(), *field) - 1];
            const std::size_t brace = last.rfind('}');
            head += brace == std::string::npos ? "" : comment_of(last, brace);
        }
        if (!entries.empty()) {
            lines.push_back(std::move(head));
        }
        for (const auto& [name, text] : entries) {
            lines.push_back("  " + name + ": " + written(text, false));
        }
        const std::size_t from = field == nullptr ? lines_.size() : line_of(*field);
        put(from, field == nullptr ? from : end_of(root_, lines_.size(), *field), std::move(lines));
    }
    void set(const YamlNode& map,
             std::size_t map_end,
             const std::string& key,
             std::size_t indent,
             const std::optional<NewText>& value) {
        const YamlField* field = field_of(map, key);
        std::size_t from = map_end;
        if (field != nullptr) {
            from = line_of(*field);
        } else if (!map.fields.empty()) {
            from = end_of(map, map_end, map.fields.back());
        }
        const std::size_t to = field == nullptr ? from : end_of(map, map_end, *field);
        put(from, to,
            value
                ? lines_for(key, indent, *value, field == nullptr ? "" : comment_behind(*field, to))
                : std::vector<std::string>());
    }
    // What stands behind the value when that is on one line, or behind the sign of a block.
    std::string comment_behind(const YamlField& field, std::size_t end) const {
        const std::string& line = lines_[line_of(field)];
        const std::size_t colon = colon_of(field);
        const std::size_t value =
            colon == std::string::npos ? colon : line.find_first_not_of(' ', colon + 1);
        if (value == std::string::npos || field.value.kind != YamlNode::Kind::Scalar) {
            return {};
        }
        const bool block = line[value] == '|' || line[value] == '>';
        if (!block && end != line_of(field) + 1) {
            return {};
        }
        const bool in_quotes = line[value] == '"' || line[value] == '\'';
        const std::size_t from = in_quotes ? line.rfind(line[value]) : value;
        return comment_of(line, from);
    }
    static std::vector<std::string> lines_for(const std::string& key,
                                              std::size_t indent,
                                              const NewText& value,
                                              const std::string& comment) {
        const std::string space(indent, ' ');
        if (!value.block) {
            return {space + key + ": " + written(value.text, false) + comment};
        }
        // A first line that begins with space would be taken for the indent.
        const bool says_indent = value.text.starts_with(' ');
        std::vector<std::string> lines{space + key + (says_indent ? ": |2" : ": |") + comment};
        for (const std::string_view line : split(value.text, '\n')) {
            lines.push_back(line.empty() ? std::string() : space + "  " + std::string(line));
        }
        return lines;
    }

    const YamlNode& root_;
    std::vector<std::string> lines_;
};

bool is_done(const YamlNode* now, const std::optional<NewText>& value) {
    if (now == nullptr || !value) {
        return now == nullptr && !value;
    }
    return now->kind == YamlNode::Kind::Scalar &&
           without_last_lines(now->text) == without_last_lines(value->text);
}

}  // namespace

Result<std::string> with_text(std::string_view text,
                              const std::vector<std::string>& path,
                              std::optional<NewText> value) {
    Diagnostics diagnostics;
    const YamlNode before = read_yaml(text, "", diagnostics);
    if (has_errors(diagnostics) || before.kind != YamlNode::Kind::Map) {
        return Error{ErrorCode::InvalidArgument, "the file is no map that can be read"};
    }
    if (is_done(at(before, path), value)) {
        return std::string(text);
    }
    if (value && value->block) {
        value->text = without_last_lines(value->text);
    }
    std::string changed = Replacing(text, before).run(path, value);
    const YamlNode after = read_yaml(changed, "", diagnostics);
    if (has_errors(diagnostics) || !is_done(at(after, path), value) || !same(before, after, path)) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + path.back() +
                         "' is written in a way that cannot be changed here; change the file by "
                         "hand"};
    }
    return changed;
}

}  // namespace winback::yaml

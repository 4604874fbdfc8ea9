#include "yaml/edit.h"

#include <algorithm>

#include "base/strings.h"
#include "yaml/compare.h"
#include "yaml/yaml.h"

namespace winback::yaml {
std::string quoted(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        if (byte < 0x20) {
            out += "\\x";
            out += hex[byte >> 4U];
            out += hex[byte & 0x0FU];
        } else {
            out += c;
        }
    }
    return out + '"';
}

namespace {

bool is_plain(std::string_view value) {
    const auto fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '/' || c == '-' || c == '.' || c == '@' || c == ' ' || c == ':';
    };
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    if (!value.empty() && value.find_first_not_of("0123456789.") == std::string_view::npos) {
        return true;
    }
    return !value.empty() && letter(value.front()) && value.back() != ' ' && value.back() != ':' &&
           value.find(": ") == std::string_view::npos &&
           std::all_of(value.begin(), value.end(), fine);
}

}  // namespace

std::string written(std::string_view value, bool in_quotes) {
    return is_plain(value) && !in_quotes ? std::string(value) : quoted(value);
}

bool same(const YamlNode& a, const YamlNode& b, const std::vector<std::string>& but) {
    if (a.kind != b.kind) {
        return !but.empty() && a.kind == YamlNode::Kind::Scalar;  // "off" became a map.
    }
    if (a.items.size() != b.items.size()) {
        return false;
    }
    if (a.kind == YamlNode::Kind::Scalar) {
        return a.text == b.text;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
        if (!same(a.items[i], b.items[i], {})) {
            return false;
        }
    }
    const auto in = [&](const YamlNode& map, const YamlNode& other, bool deep) {
        return std::all_of(map.fields.begin(), map.fields.end(), [&](const YamlField& field) {
            const bool on_path = !but.empty() && but.front() == field.key.text;
            if (on_path && but.size() == 1) {
                return true;
            }
            const YamlNode* there = other.find(field.key.text);
            return there != nullptr
                       ? !deep ||
                             same(field.value, *there,
                                  on_path ? std::vector<std::string>(but.begin() + 1, but.end())
                                          : std::vector<std::string>())
                       : on_path;
        });
    };
    return in(a, b, true) && in(b, a, false);
}

const YamlNode* at(const YamlNode& root, const std::vector<std::string>& path) {
    const YamlNode* node = &root;
    for (const std::string& key : path) {
        node = node == nullptr || node->kind != YamlNode::Kind::Map ? nullptr : node->find(key);
    }
    return node;
}

namespace {

std::size_t indent_of(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

bool is_key(std::string_view line, std::size_t indent, std::string_view key) {
    line.remove_prefix(std::min(indent, line.size()));
    return line.starts_with(key) && line.size() > key.size() && line[key.size()] == ':' &&
           (line.size() == key.size() + 1 || line[key.size() + 1] == ' ');
}

// Where the value ends that begins at `from`: before a comment.
std::size_t value_end(std::string_view line, std::size_t from) {
    if (from < line.size() && (line[from] == '"' || line[from] == '\'')) {
        const char quote = line[from];
        for (std::size_t i = from + 1; i < line.size(); ++i) {
            if (line[i] == '\\' && quote == '"') {
                ++i;
            } else if (line[i] == quote && quote == '\'' && i + 1 < line.size() &&
                       line[i + 1] == quote) {
                ++i;
            } else if (line[i] == quote) {
                return i + 1;
            }
        }
    }
    const std::size_t comment = line.find(" #", from == 0 ? 0 : from - 1);
    const std::size_t end = comment == std::string_view::npos ? line.size() : comment;
    return std::max(from, line.find_last_not_of(' ', end == 0 ? 0 : end - 1) + 1);
}

std::string with_value(std::string_view line, std::size_t colon, std::string_view value) {
    std::size_t from = std::min(line.find_first_not_of(' ', colon + 1), line.size());
    const bool only_comment = from < line.size() && line[from] == '#';
    const std::size_t end = only_comment ? colon + 1 : value_end(line, from);
    from = only_comment ? colon + 1 : from;
    const bool quoted = from < line.size() && (line[from] == '"' || line[from] == '\'');
    const std::string_view rest = from < line.size() ? line.substr(std::max(from, end)) : "";
    return std::string(line.substr(0, colon + 1)) + " " + written(value, quoted) +
           (only_comment ? " " : "") + std::string(rest);
}

// `from: {name: Shop, address: a@b.c}` becomes lines of their own, so that one can be changed.
std::vector<std::string> unfolded(const YamlNode& map) {
    std::vector<std::string> lines;
    for (const YamlField& field : map.fields) {
        if (field.value.kind != YamlNode::Kind::Scalar) {
            return {};
        }
        lines.push_back("  " + field.key.text + ": " + written(field.value.text, true));
    }
    return lines;
}

class Editor {
public:
    Editor(std::string_view text, const YamlNode& root) : root_(root) {
        for (const std::string_view line : split(text, '\n')) {
            lines_.emplace_back(line);
        }
    }

    std::string run(const std::vector<std::string>& path, std::string_view value) {
        const std::size_t top = find(0, lines_.size(), 0, path.front());
        if (path.size() == 1) {
            const YamlNode* present = root_.find(path.front());
            if (top == lines_.size()) {
                append(path.front() + ": " + written(value, false));
            } else if (present != nullptr && present->kind == YamlNode::Kind::Map) {
                replace_map(top, path.front(), value);
            } else {
                set(top, value);
            }
        } else {
            set_below(top, path, value);
        }
        return joined();
    }
    std::string without(std::string_view key) {
        const std::size_t line = find(0, lines_.size(), 0, key);
        if (line < lines_.size()) {
            lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(line));
        }
        return joined();
    }

private:
    std::string joined() const {
        std::string out;
        for (std::size_t i = 0; i < lines_.size(); ++i) {
            out += (i == 0 ? "" : "\n") + lines_[i];
        }
        return out;
    }
    std::size_t find(std::size_t from,
                     std::size_t to,
                     std::size_t indent,
                     std::string_view key) const {
        for (std::size_t i = from; i < to; ++i) {
            if (indent_of(lines_[i]) == indent && is_key(lines_[i], indent, key)) {
                return i;
            }
        }
        return lines_.size();
    }
    void set(std::size_t line, std::string_view value) {
        lines_[line] = with_value(lines_[line], lines_[line].find(':'), value);
    }
    void replace_map(std::size_t top, const std::string& key, std::string_view value) {
        lines_[top] = key + ": " + written(value, false);
        std::size_t end = top + 1;
        while (end < lines_.size() && indent_of(lines_[end]) > 0 && !lines_[end].empty()) {
            ++end;
        }
        lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(top) + 1,
                     lines_.begin() + static_cast<std::ptrdiff_t>(end));
    }
    void append(std::string line) {
        const bool ends = !lines_.empty() && lines_.back().empty();
        lines_.insert(ends ? lines_.end() - 1 : lines_.end(), std::move(line));
        if (!ends) {
            lines_.emplace_back();
        }
    }
    void set_below(std::size_t top, const std::vector<std::string>& path, std::string_view value) {
        if (top == lines_.size()) {
            append(path[0] + ":");
            top = find(0, lines_.size(), 0, path[0]);
        }
        const YamlNode* map = root_.find(path[0]);
        const std::string& line = lines_[top];
        const std::size_t brace = line.find('{');
        const std::size_t comment = line.find(" #");
        if (map != nullptr && brace < std::min(comment, line.size())) {
            const std::vector<std::string> own = unfolded(*map);
            lines_[top] = path[0] + ":";
            lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(top) + 1, own.begin(),
                          own.end());
        } else if (map != nullptr && map->kind == YamlNode::Kind::Scalar) {
            lines_[top] = path[0] + ":";  // "off", say, which becomes a map.
        }
        std::size_t end = top + 1;
        std::size_t indent = 2;
        while (end < lines_.size() && (indent_of(lines_[end]) > 0 || lines_[end].empty())) {
            indent = lines_[end].empty() ? indent : indent_of(lines_[end]);
            ++end;
        }
        const std::size_t own = find(top + 1, end, indent, path[1]);
        if (own < end) {
            set(own, value);
        } else {
            lines_.insert(lines_.begin() + static_cast<std::ptrdiff_t>(top) + 1,
                          std::string(indent, ' ') + path[1] + ": " + written(value, false));
        }
    }

    const YamlNode& root_;
    std::vector<std::string> lines_;
};

}  // namespace

namespace {

Error cannot_change(std::string_view key) {
    return {ErrorCode::InvalidArgument, "'" + std::string(key) +
                                            "' is written in a way that cannot be changed here; "
                                            "change the file by hand"};
}

}  // namespace

Result<std::string> with_scalar(std::string_view text,
                                const std::vector<std::string>& path,
                                std::string_view value) {
    Diagnostics diagnostics;
    const YamlNode before = read_yaml(text, "", diagnostics);
    if (has_errors(diagnostics) || before.kind != YamlNode::Kind::Map) {
        return Error{ErrorCode::InvalidArgument, "the file is no map that can be read"};
    }
    const YamlNode* present = at(before, path);
    if (present != nullptr && present->kind == YamlNode::Kind::Scalar && present->text == value) {
        return std::string(text);
    }
    std::string changed = Editor(text, before).run(path, value);
    const YamlNode after = read_yaml(changed, "", diagnostics);
    const YamlNode* now = at(after, path);
    if (has_errors(diagnostics) || now == nullptr || now->text != value ||
        !same(before, after, path)) {
        return cannot_change(path.back());
    }
    return changed;
}

Result<std::string> without_scalar(std::string_view text, std::string_view key) {
    Diagnostics diagnostics;
    const YamlNode before = read_yaml(text, "", diagnostics);
    if (has_errors(diagnostics) || before.kind != YamlNode::Kind::Map) {
        return Error{ErrorCode::InvalidArgument, "the file is no map that can be read"};
    }
    const YamlNode* present = before.find(key);
    if (present == nullptr) {
        return std::string(text);
    }
    std::string changed = Editor(text, before).without(key);
    const YamlNode after = read_yaml(changed, "", diagnostics);
    if (present->kind != YamlNode::Kind::Scalar || has_errors(diagnostics) ||
        after.find(key) != nullptr || !same(before, after, {std::string(key)})) {
        return cannot_change(key);
    }
    return changed;
}

}  // namespace winback::yaml

// What a customer could write into everything that a template reads.
#include <algorithm>
#include <map>
#include <set>

#include "base/strings.h"
#include "customer/attributes.h"
#include "playbook/parts.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

constexpr std::string_view customer_root = "customer";
constexpr std::size_t paths_max = 1'000;     // Further ones are not tried.
constexpr std::size_t attributes_max = 100;  // Each is a rendering of its own.
constexpr int alias_depth_max = 5;

// The form that a template expects of a value: a text, a map, or a list of one of them.
struct Shape {
    std::map<std::string, Shape> parts;
    bool is_list = false;
};

// Paths of the customer behind all names of a message: `item.name` in a loop over
// customer.wishlist is "customer.wishlist[].name".
class PathReader {
public:
    explicit PathReader(const message::TemplateVariant& variant) {
        const std::vector<Reached> reached = reached_by(variant);
        for (const Reached& where : reached) {
            add_aliases(liquid::aliases(*where.program));
            for (const liquid::SnippetCall& call : liquid::snippet_calls(*where.program)) {
                add_aliases(call.given);
            }
        }
        for (const Reached& where : reached) {
            for (const liquid::NameRead& read : liquid::names_read(*where.program)) {
                expand(read.path, 0);
            }
            for (const liquid::Alias& alias : liquid::aliases(*where.program)) {
                expand(alias.path + (alias.is_item ? "[]" : ""), 0);
            }
        }
    }
    const std::set<std::string>& paths() const { return paths_; }
    // The customer is read by a name that only a rendering knows.
    bool reads_all() const { return reads_all_; }

private:
    void add_aliases(const std::vector<liquid::Alias>& found) {
        for (const liquid::Alias& alias : found) {
            if (!alias.path.empty()) {
                aliases_[alias.name].insert(alias.path + (alias.is_item ? "[]" : ""));
            }
        }
    }
    void expand(const std::string& path, int depth) {  // NOLINT(misc-no-recursion)
        const std::size_t end = std::min(path.find_first_of(".["), path.size());
        const std::string root = path.substr(0, end);
        if (paths_.size() >= paths_max) {
            return;
        }
        if (root == customer_root && path.size() > end && path[end] == '.') {
            paths_.insert(path.substr(end + 1));
        } else if (root == customer_root) {
            reads_all_ = true;
        }
        const auto found = aliases_.find(root);
        if (found == aliases_.end() || depth == alias_depth_max) {
            return;
        }
        for (const std::string& target : found->second) {
            expand(target + path.substr(end), depth + 1);
        }
    }

    std::map<std::string, std::set<std::string>> aliases_;
    std::set<std::string> paths_;
    bool reads_all_ = false;
};

void add_path(std::string_view path, Shape& shape) {
    Shape* at = &shape;
    for (std::string_view part : split(path, '.')) {
        bool is_list = false;
        while (part.ends_with("[]")) {
            part.remove_suffix(2);
            is_list = true;
        }
        at = &at->parts[std::string(part)];
        at->is_list |= is_list;
    }
}

// What samples of the playbook show of an attribute.
void add_value(const Value& value, Shape& shape) {  // NOLINT(misc-no-recursion): yaml_depth_max
    if (const ValueMap* map = value.as_map()) {
        for (const auto& [key, part] : *map) {
            add_value(part, shape.parts[key]);
        }
    } else if (const ValueList* list = value.as_list()) {
        shape.is_list = true;
        for (const Value& item : *list) {
            add_value(item, shape);
        }
    }
}

Value value_of(const Shape& shape) {  // NOLINT(misc-no-recursion): path_parts_max
    Value value = hostile_text;
    if (!shape.parts.empty()) {
        ValueMap map;
        for (const auto& [name, part] : shape.parts) {
            map.set(name, value_of(part));
        }
        value = std::move(map);
    }
    if (!shape.is_list) {
        return value;
    }
    ValueList list;
    list.push_back(std::move(value));
    return list;
}

}  // namespace

ValueMap hostile_attributes(const engine::Definitions& definitions,
                            const message::TemplateVariant& variant) {
    Shape customer;
    const PathReader reader(variant);
    for (const std::string& path : reader.paths()) {
        add_path(path, customer);
    }
    if (reader.reads_all()) {
        for (const std::string& name : customer::reserved_attributes()) {
            add_path(name, customer);
        }
        for (const engine::Sample& sample : definitions.samples) {
            for (const auto& [name, value] : sample.customer) {
                add_path(name, customer);
            }
        }
    }
    customer.parts.erase("orders");  // We count them ourselves.
    ValueMap attributes;
    for (auto& [name, shape] : customer.parts) {
        if (attributes.size() == attributes_max) {
            break;
        }
        for (const engine::Sample& sample : definitions.samples) {
            if (const Value* value = sample.customer.find(name)) {
                add_value(*value, shape);
            }
        }
        attributes.set(name, value_of(shape));
    }
    return attributes;
}

std::optional<Diagnostic> place_of_attribute(const message::TemplateVariant& variant,
                                             std::string_view attribute) {
    const std::string path = std::string(customer_root) + "." + std::string(attribute);
    const auto is_it = [&](const liquid::NameRead& read) {
        return read.path == path || read.path.starts_with(path + ".");
    };
    std::optional<Diagnostic> first;
    for (const Reached& where : reached_by(variant)) {
        for (const liquid::NameRead& read : liquid::names_read(*where.program)) {
            if (is_it(read) && !first.has_value()) {
                first = diagnostic_in(variant, where, read.at, read.path.size());
            }
        }
        std::set<std::size_t> escaped;
        for (const liquid::NameRead& read : liquid::printed_without(*where.program, {"raw"})) {
            escaped.insert(read.at);
        }
        for (const liquid::NameRead& read : liquid::printed_without(*where.program, {})) {
            if (is_it(read) && !escaped.contains(read.at)) {
                return diagnostic_in(variant, where, read.at, read.path.size());
            }
        }
    }
    return first;
}

}  // namespace winback::playbook

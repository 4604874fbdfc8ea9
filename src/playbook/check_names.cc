// Names that a template reads: each must come from somewhere.
#include <algorithm>
#include <set>

#include "base/strings.h"
#include "customer/attributes.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

using Names = std::vector<std::string>;
Names workspace_names() {
    return {"address", "currency", "language", "name", "url"};
}

Names offer_names() {
    return {"code", "id", "name", "percent", "valid_days", "valid_until"};
}

Names orders_names() {
    return {"average", "count", "days_since_last", "first", "last", "revenue", "usual_gap_days"};
}

Names root_names() {
    return {"customer",        "offer",     "preferences_url",
            "unsubscribe_url", "workspace", "view_in_browser_url"};
}

Names customer_names(const engine::Definitions& definitions) {
    Names names = customer::reserved_attributes();
    names.emplace_back("orders");
    for (const engine::Sample& sample : definitions.samples) {
        for (const auto& [name, value] : sample.customer) {
            names.push_back(name);
        }
    }
    return names;
}

// Numbers of our own, which have no digits until a filter writes them.
Names number_paths() {
    return {"customer.orders.average",
            "customer.orders.count",
            "customer.orders.days_since_last",
            "customer.orders.revenue",
            "customer.orders.usual_gap_days",
            "offer.percent",
            "offer.valid_days"};
}

bool has(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string part_of(std::string_view path, std::size_t index) {
    const std::vector<std::string_view> parts = split(path, '.');
    return index < parts.size() ? std::string(parts[index]) : std::string();
}

std::string hint(std::string_view name, const Names& names) {
    const std::string_view near = nearest(name, names);
    return near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?";
}

// Whether the language has digits of its own for the filters to write.
bool has_own_digits(std::string_view language) {
    const liquid::Parsed one = liquid::parse("{{ 1 | number_with_delimiter }}");
    std::string text;
    return !liquid::render(*one.program, {}, {.locale = language}, text) && text != "1";
}

// A number inside of a tag, in the target of a link say, is no text to read.
bool is_inside_tag(std::string_view source, std::size_t at) {
    const std::size_t open = source.substr(0, at).rfind('<');
    const std::size_t close = source.substr(0, at).rfind('>');
    return open != std::string_view::npos && (close == std::string_view::npos || close < open);
}

class NameCheck {
public:
    NameCheck(const NameRules& rules,
              const message::MessageTemplate& message_template,
              const message::TemplateVariant& variant)
        : rules_(rules), template_(message_template), variant_(variant) {}

    Diagnostics run() {
        const bool own_digits = has_own_digits(variant_.language);
        const std::vector<Reached> all = reached_by(variant_);
        find_included(all);
        for (const Reached& reached : all) {
            check(reached);
            if (own_digits) {
                check_digits(reached);
            }
        }
        return std::move(found_);
    }

private:
    void check(const Reached& where) {
        const std::vector<liquid::NameRead>& names = liquid::names_read(*where.program);
        const auto asks = [](const liquid::NameRead& name) { return name.path == "offer"; };
        const bool asks_for_offer = std::any_of(names.begin(), names.end(), asks);
        // A snippet may be called only where there is an offer.
        parts_ask_for_offer_ |= where.part != nullptr && asks_for_offer;
        for (const liquid::NameRead& name : names) {
            const std::string root = part_of(name.path, 0);
            if (name.is_own || is_given(where, root)) {
                continue;
            }
            if (root == "customer") {
                check_customer(where, name);
            } else if (root == "workspace") {
                check_known(where, name, 1, workspace_names());
            } else if (root == "offer") {
                check_known(where, name, 1, offer_names());
                if (!asks_for_offer && (where.part != nullptr || !parts_ask_for_offer_)) {
                    check_offer(where, name);
                }
            } else if (!has(root_names(), root)) {
                report_unknown_root(where, name, root);
            }
        }
    }
    // `include` leaves the names of its snippet behind.
    void find_included(const std::vector<Reached>& all) {
        const bool includes = std::any_of(all.begin(), all.end(), [](const Reached& where) {
            const auto calls = liquid::snippet_calls(*where.program);
            return std::any_of(calls.begin(), calls.end(),
                               [](const liquid::SnippetCall& call) { return call.is_include; });
        });
        for (const Reached& where : all) {
            if (includes && where.part == nullptr) {
                const auto& given = liquid::names_given(*where.program);
                included_.insert(given.begin(), given.end());
            }
        }
    }
    // By a call of the snippet; to `customer` even, which then is another thing.
    bool is_given(const Reached& where, const std::string& root) const {
        if (included_.contains(root)) {
            return true;
        }
        const auto found = rules_.snippets.find(where.snippet);
        return where.part == nullptr && found != rules_.snippets.end() &&
               found->second.contains(root);
    }
    void report_unknown_root(const Reached& where,
                             const liquid::NameRead& name,
                             const std::string& root) {
        if (where.part != nullptr) {
            add(where, name, "unknown_variable",
                "templates have no '" + root + "'" + hint(root, root_names()));
            return;
        }
        Names known = root_names();
        if (const auto given = rules_.snippets.find(where.snippet);
            given != rules_.snippets.end()) {
            known.insert(known.end(), given->second.begin(), given->second.end());
        }
        add(where, name, "unknown_variable",
            "no call of the snippet '" + where.snippet + "' gives '" + root +
                "', and templates have no such name" + hint(root, known))
            .is_warning = !rules_.all_callers;
    }
    void check_customer(const Reached& where, const liquid::NameRead& read) {
        const std::string name = part_of(read.path, 1);
        const Names names = customer_names(rules_.definitions);
        if (name == "orders") {
            check_known(where, read, 2, orders_names());
        } else if (!name.empty() && !has(names, name)) {
            std::string near = hint(name, names);
            const std::string_view canonical = customer::canonical_attribute(name);
            if (canonical != name) {
                near = "; it is kept as '" + std::string(canonical) + "'";
            } else if (near.empty()) {
                near = "; if your customers have it, add it to a file in samples/";
            }
            add(where, read, "unknown_attribute",
                "no sample has the attribute '" + name + "'" + near)
                .is_warning = true;
        }
    }
    // The part of the path at `index` must be one of `names`.
    void check_known(const Reached& where,
                     const liquid::NameRead& read,
                     std::size_t index,
                     const Names& names) {
        const std::string name = part_of(read.path, index);
        if (!name.empty() && !has(names, name)) {
            const std::string owner = index == 1 ? part_of(read.path, 0) : "customer.orders";
            add(where, read, "unknown_variable",
                "'" + owner + "' has no '" + name + "'" + hint(name, names));
        }
    }
    // A step that sends the template without an offer would print nothing.
    void check_offer(const Reached& where, const liquid::NameRead& read) {
        for (const journey::Step* step : steps_that_send(rules_.definitions, template_.id)) {
            if (step->offer_id.empty()) {
                add(where, read, "no_offer",
                    "step '" + step->id + "' sends the template '" + template_.id +
                        "' without an offer");
            }
        }
    }
    void check_digits(const Reached& where) {
        const bool is_html = where.part == nullptr || where.part == &variant_.html;
        for (const liquid::NameRead& read : liquid::printed_without(
                 *where.program,
                 {"number_with_delimiter", "money", "percent", "pluralize", "date"})) {
            const bool hidden =
                is_html && is_inside_tag(liquid::source_of(*where.program), read.at);
            if (has(number_paths(), read.path) && !hidden) {
                add(where, read, "latin_digits",
                    "'" + read.path + "' is printed in Latin digits, which '" + variant_.language +
                        "' does not use; add '| number_with_delimiter', or 'money' or "
                        "'pluralize'")
                    .is_warning = true;
            }
        }
    }
    Diagnostic& add(const Reached& where,
                    const liquid::NameRead& read,
                    std::string code,
                    std::string message) {
        Diagnostic diagnostic = diagnostic_in(variant_, where, read.at, read.path.size());
        diagnostic.code = std::move(code);
        diagnostic.message = std::move(message);
        return found_.emplace_back(std::move(diagnostic));
    }

    const NameRules& rules_;
    const message::MessageTemplate& template_;
    const message::TemplateVariant& variant_;
    Diagnostics found_;
    std::set<std::string> included_;    // Given by snippets to those who include them.
    bool parts_ask_for_offer_ = false;  // The parts come first.
};

}  // namespace

Diagnostics check_names(const NameRules& rules,
                        const message::MessageTemplate& message_template,
                        const message::TemplateVariant& variant) {
    return NameCheck(rules, message_template, variant).run();
}

}  // namespace winback::playbook

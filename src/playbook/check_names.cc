// Names that a template reads: each must come from somewhere.
#include <algorithm>
#include <set>

#include "base/strings.h"
#include "customer/attributes.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

using Names = std::vector<std::string>;
constexpr int snippet_depth = message::snippet_depth_max;

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

class NameCheck {
public:
    NameCheck(const engine::Definitions& definitions,
              const message::MessageTemplate& message_template,
              const message::TemplateVariant& variant)
        : definitions_(definitions), template_(message_template), variant_(variant) {}

    Diagnostics run() {
        for (const message::TemplatePart* part :
             {&variant_.from_name, &variant_.subject, &variant_.preheader, &variant_.html,
              &variant_.text}) {
            if (part->program != nullptr) {
                check_part(*part);
                check_snippets(*part->program, snippet_depth);
            }
        }
        return std::move(found_);
    }

private:
    void check_part(const message::TemplatePart& part) {
        const std::vector<std::string>& paths = liquid::paths_read(*part.program);
        const bool asks_for_offer = std::find(paths.begin(), paths.end(), "offer") != paths.end();
        for (const std::string& path : paths) {
            const std::string root = part_of(path, 0);
            const std::string name = part_of(path, 1);
            if (root == "customer") {
                check_customer(part, path);
            } else if (root == "workspace") {
                check_known(part, path, name, workspace_names());
            } else if (root == "offer") {
                check_known(part, path, name, offer_names());
                if (!asks_for_offer) {
                    check_offer(part, path);
                }
            } else if (!has(root_names(), root)) {
                add(part, path, "unknown_variable",
                    "templates have no '" + root + "'" + hint(root, root_names()));
            }
        }
    }
    // Snippets see the data too. Their other names are parameters, which we do not follow; nor do
    // we know that a parameter is not called `customer`, so this is a warning.
    void check_snippets(const liquid::Program& program, int depth) {
        for (const liquid::SnippetUse& use : liquid::snippets_used(program)) {
            const liquid::Parsed* snippet = variant_.snippets->find(use.name);
            if (depth == 0 || snippet == nullptr || snippet->program == nullptr ||
                !seen_.insert(use.name).second) {
                continue;
            }
            const std::size_t before = found_.size();
            for (const std::string& path : liquid::paths_read(*snippet->program)) {
                const std::string root = part_of(path, 0);
                if (root == "customer") {
                    check_customer({}, path);
                } else if (root == "workspace") {
                    check_known({}, path, part_of(path, 1), workspace_names());
                }
            }
            for (std::size_t i = before; i < found_.size(); ++i) {
                found_[i].file = "snippets/" + use.name + ".liquid";
                found_[i].position = {};
                found_[i].is_warning = true;
            }
            check_snippets(*snippet->program, depth - 1);
        }
    }
    void check_customer(const message::TemplatePart& part, const std::string& path) {
        const std::string name = part_of(path, 1);
        const Names names = customer_names(definitions_);
        if (name == "orders") {
            check_known(part, path, part_of(path, 2), orders_names());
        } else if (!name.empty() && !has(names, name)) {
            std::string near = hint(name, names);
            const std::string_view canonical = customer::canonical_attribute(name);
            if (canonical != name) {
                near = "; it is kept as '" + std::string(canonical) + "'";
            } else if (near.empty()) {
                near = "; if your customers have it, add it to a file in samples/";
            }
            add(part, path, "unknown_attribute",
                "no sample has the attribute '" + name + "'" + near)
                .is_warning = true;
        }
    }
    void check_known(const message::TemplatePart& part,
                     const std::string& path,
                     const std::string& name,
                     const Names& names) {
        if (!name.empty() && !has(names, name)) {
            const std::string owner = path.substr(0, path.find("." + name));
            add(part, path, "unknown_variable",
                "'" + owner + "' has no '" + name + "'" + hint(name, names));
        }
    }
    // A step that sends the template without an offer would print nothing.
    void check_offer(const message::TemplatePart& part, const std::string& path) {
        for (const journey::Step* step : steps_that_send(definitions_, template_.id)) {
            if (step->offer_id.empty()) {
                add(part, path, "no_offer",
                    "step '" + step->id + "' sends this template without an offer");
            }
        }
    }
    Diagnostic& add(const message::TemplatePart& part,
                    const std::string& path,
                    std::string code,
                    std::string message) {
        Diagnostic diagnostic = diagnostic_at(variant_, part, path);
        diagnostic.code = std::move(code);
        diagnostic.message = std::move(message);
        return found_.emplace_back(std::move(diagnostic));
    }

    const engine::Definitions& definitions_;
    const message::MessageTemplate& template_;
    const message::TemplateVariant& variant_;
    Diagnostics found_;
    std::set<std::string> seen_;  // Snippets.
};

}  // namespace

Diagnostics check_names(const engine::Definitions& definitions,
                        const message::MessageTemplate& message_template,
                        const message::TemplateVariant& variant) {
    return NameCheck(definitions, message_template, variant).run();
}

}  // namespace winback::playbook

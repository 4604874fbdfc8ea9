// The single checks of a rehearsal. Private to this folder.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "engine/definitions.h"
#include "message/render.h"
#include "template/reads.h"

namespace winback::playbook {

// What was rendered, for whom.
struct Performance {
    const engine::Definitions& definitions;
    const message::MessageTemplate& message_template;
    const message::TemplateVariant& variant;
    const engine::Sample& sample;
};

std::vector<const journey::Step*> steps_that_send(const engine::Definitions& definitions,
                                                  std::string_view template_id);

// reach.cc: a text that is a part of a message.
struct Reached {
    const liquid::Program* program = nullptr;
    const message::TemplatePart* part = nullptr;  // Null: a snippet.
    std::string snippet;                          // Its name; empty for parts.
};
// The parts, html first, then each snippet that they reach, once.
std::vector<Reached> reached_by(const message::TemplateVariant& variant);
std::string snippet_name(std::string_view name);  // As snippets are compared.
// What the calls of the whole playbook give each snippet, by its name.
using SnippetNames = std::map<std::string, std::set<std::string>, std::less<>>;
SnippetNames names_given_to_snippets(const engine::Definitions& definitions);
// A place in the file of a part or a snippet.
Diagnostic diagnostic_in(const message::TemplateVariant& variant,
                         const Reached& where,
                         std::size_t at,
                         std::size_t length);

// check_names.cc: names that a variant reads and that nothing provides, and numbers that do not
// suit its language.
struct NameRules {
    const engine::Definitions& definitions;
    const SnippetNames& snippets;
    bool all_callers = true;  // False: other templates may call the snippets, too.
};
Diagnostics check_names(const NameRules& rules,
                        const message::MessageTemplate& message_template,
                        const message::TemplateVariant& variant);

// hostile.cc: what a variant reads of a customer, as a customer would fill it to do harm. Each
// entry is one attribute with its value; numbers that we count ourselves are left out.
ValueMap hostile_attributes(const engine::Definitions& definitions,
                            const message::TemplateVariant& variant);
// Where an attribute of the customer is printed by `raw`, else where it is read first; nothing when
// it is only read through names of the template's own.
std::optional<Diagnostic> place_of_attribute(const message::TemplateVariant& variant,
                                             std::string_view attribute);

// places.cc: finds the tag of the writer from which a tag of the message came.
class SourceTags {
public:
    explicit SourceTags(const message::TemplateVariant& variant);

    Diagnostic link(std::string_view target, std::string_view text);
    Diagnostic image(std::string_view source, const std::string* description);

private:
    struct Tag {
        std::size_t reached = 0;
        std::size_t at = 0;
        std::string target;  // href or src, as written.
        bool has_text = false;
        std::string text;         // Of a link; the description of an image.
        std::size_t text_at = 0;  // Of a link.
        std::size_t text_end = 0;
        bool used = false;
    };
    void read(std::size_t reached);
    Diagnostic choose(std::vector<Tag>& tags,
                      std::string_view needle,
                      const std::function<int(const Tag&)>& score);

    const message::TemplateVariant& variant_;
    std::vector<Reached> reached_;
    std::vector<Tag> links_;
    std::vector<Tag> images_;
};

// check_links.cc: why no reader can follow a target; empty when one can. `host_of` is for targets
// without such a fault.
std::string fault_of_link(std::string_view target);
std::string host_of(std::string_view url);
bool is_placeholder(std::string_view host);  // RFC 2606 keeps it for examples.
// What looks like a target in plain text.
std::vector<std::string> targets_in_text(std::string_view text);

// check_message.cc: links, pictures, sizes, the way out, and what a hostile customer did.
Diagnostics check_message(const Performance& performance, const message::RenderedMessage& message);
Diagnostic failure_diagnostic(const message::TemplateVariant& variant,
                              const engine::Sample& sample,
                              const message::RenderFailure& failure);

// Where `needle` stands in a part; where the part begins when it is not found.
Diagnostic diagnostic_at(const message::TemplateVariant& variant,
                         const message::TemplatePart& part,
                         std::string_view needle);

}  // namespace winback::playbook

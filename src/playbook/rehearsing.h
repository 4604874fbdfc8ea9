// The single checks of a rehearsal. Private to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "engine/definitions.h"
#include "message/render.h"

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

// check_names.cc: names that a variant reads and that nothing provides.
Diagnostics check_names(const engine::Definitions& definitions,
                        const message::MessageTemplate& message_template,
                        const message::TemplateVariant& variant);

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

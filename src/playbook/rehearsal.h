// Rehearses templates: renders them for sample customers before any customer gets them, and says
// what is wrong or doubtful, with file and line.
//
// Errors are what would harm a reader or stop the message: a render error, a name that no
// customer has, a link that leads nowhere, an empty text. Warnings are what a writer may have
// meant: a long subject, an image without a description, a heavy message. docs/design/playbook.md
// "Rehearsal" lists every code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/value.h"
#include "engine/definitions.h"
#include "message/render.h"

namespace winback::playbook {

constexpr std::size_t subject_letters_advised = 70;       // Longer ones are cut by most inboxes.
constexpr std::size_t html_bytes_advised = 102 * 1024;    // Gmail shows no more of a message.
constexpr std::size_t rehearsal_diagnostics_max = 1'000;  // Further ones are left out.

struct RehearsalOptions {
    std::string_view template_id;  // Empty: every template.
    Timestamp now;                 // What templates take for the present.
};

// In the order of files and lines; each mistake once, however many samples show it. Nothing for
// a template that is not there.
Diagnostics rehearse(const engine::Definitions& definitions, const RehearsalOptions& options);

// The made-up customers: those of the playbook's samples/*.yaml, then the built-in ones
// ("complete", "empty", "hostile") as they are at home in `language` (empty: the workspace's).
std::vector<engine::Sample> rehearsal_samples(const engine::Definitions& definitions,
                                              std::string_view language = {});

// The tree that a template reads, for a sample and for a real customer. The offer is that of the
// first step that sends the template, if any. Links of ours lead to pages that change nothing, so
// that a preview can be clicked and forwarded.
ValueMap sample_data(const engine::Definitions& definitions,
                     const engine::Sample& sample,
                     const message::MessageTemplate& message_template,
                     Timestamp now);
ValueMap customer_data(const engine::Definitions& definitions,
                       const customer::Customers& customers,
                       customer::CustomerIndex customer,
                       const message::MessageTemplate& message_template,
                       Timestamp now);

// One template as the reader of `language` (empty: the workspace's) would get it. Nothing is kept
// and nothing is sent; `to` of the message is `customer.email` of the data, if any.
message::RenderOutcome try_template(const engine::Definitions& definitions,
                                    const message::MessageTemplate& message_template,
                                    std::string_view language,
                                    const ValueMap& data,
                                    Timestamp now);

}  // namespace winback::playbook

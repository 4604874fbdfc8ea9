// A draft of a template as one customer would get it, with every mistake that it has.
//
// Nothing is kept, counted or sent. The links of ours in it lead to pages that change nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "api/template_draft.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "engine/definitions.h"
#include "message/render.h"

namespace winback::api {

// Who reads the draft: a customer by id or e-mail address, or a made-up person.
struct PreviewReader {
    std::string customer;  // Empty: a sample.
    std::string sample;    // playbook::rehearsal_samples; empty: the first.
};

struct TemplatePreview {
    std::string path;
    std::string text;    // Of the whole file.
    std::string reader;  // The customer's id, or the sample's.
    bool is_sample = false;
    std::optional<message::RenderedMessage> message;  // Nothing when the text has errors.
    std::string problem;      // Why there is no message for this reader, in words.
    Diagnostics diagnostics;  // Of all files of the template.
    playbook::Files files;    // The texts that the diagnostics point into.
};

// Blocks for one question to a shard; call it on the desk's threads. Fails as draft_files, with
// NotFound for a customer or sample that does not exist, and with Conflict without a playbook.
Result<TemplatePreview> preview_template(Desk& desk,
                                         const TemplateDraft& draft,
                                         const PreviewReader& reader);

// The sample of this id; without one, the first that speaks the language. Where none does, it is
// "complete" for other languages than the workspace's, and the first that is of no language for
// the workspace's own. Null when there is none.
const engine::Sample* choose_sample(const std::vector<engine::Sample>& samples,
                                    std::string_view id,
                                    std::string_view language,
                                    std::string_view workspace_language);

// The id of the customer whom `text` names: an id, else the only e-mail address that equals it.
// Fails with NotFound.
Result<std::string> find_customer(Desk& desk, const std::string& text);

}  // namespace winback::api

#include "api/template_preview.h"

#include <algorithm>

#include "api/customers.h"
#include "base/strings.h"
#include "host/host.h"
#include "playbook/rehearsal.h"

namespace winback::api {
namespace {

constexpr int merges_max = 32;
// Of playbook::rehearsal_samples: it has a usual name of each language.
constexpr std::string_view speaks_every_one = "complete";

bool sends(const journey::Journey& journey, std::string_view template_id) {
    return std::any_of(journey.steps.begin(), journey.steps.end(), [&](const journey::Step& step) {
        return step.kind == journey::StepKind::Message && step.template_id == template_id;
    });
}

// The playbook with the draft in it, as far as one template needs it. Journeys are taken from
// what is loaded: they say which offer the message carries.
playbook::LoadedPlaybook load_draft(const engine::Definitions& loaded,
                                    const playbook::Files& files,
                                    std::string_view template_id) {
    playbook::LoadedPlaybook draft = playbook::load(files);
    if (draft.definitions) {
        draft.definitions->version = loaded.version;
        draft.definitions->link_secret = loaded.link_secret;
        for (const journey::Journey& journey : loaded.journeys) {
            if (sends(journey, template_id)) {
                draft.definitions->journeys.push_back(journey);
            }
        }
    }
    return draft;
}

Result<ValueMap> customer_tree(host::Host& host,
                               const engine::Definitions& definitions,
                               const message::MessageTemplate& message_template,
                               const std::string& id) {
    std::string at = id;
    for (int i = 0; i < merges_max; ++i) {
        std::optional<ValueMap> data;
        std::string next;
        host.query_customer(at, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto found = customers.find(at);
            if (!found || customers.erased(*found)) {
                return;
            }
            next = customers.merged_into(*found);
            if (next.empty()) {
                data = playbook::customer_data(definitions, customers, *found, message_template,
                                               view.now);
            }
        });
        if (data) {
            return *std::move(data);
        }
        if (next.empty()) {
            break;
        }
        at = next;
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

Result<ValueMap> sample_tree(host::Host& host,
                             const engine::Definitions& definitions,
                             const message::MessageTemplate& message_template,
                             const TemplateDraft& draft,
                             TemplatePreview& preview) {
    const std::vector<engine::Sample> samples =
        playbook::rehearsal_samples(definitions, draft.language);
    const engine::Sample* chosen =
        choose_sample(samples, preview.reader, draft.language, definitions.workspace.language);
    if (chosen == nullptr) {
        return Error{ErrorCode::NotFound, "there is no such sample"};
    }
    preview.reader = chosen->id;
    return playbook::sample_data(definitions, *chosen, message_template, host.now());
}

// Where in its file a part of a template went wrong.
Position place_of(const TemplatePreview& preview, const message::RenderFailure& failure) {
    const std::optional<TemplateText> text = split_template(preview.text);
    Position position = failure.error.position;
    if (!text) {
        return position;
    }
    const std::string_view name = failure.part == "from_name" ? "from" : failure.part;
    if (const TemplateText::Field* field = text->find(name)) {
        return {field->first_line, 1};
    }
    position.line += text->body_line - 1;
    if (failure.part == "text") {
        const std::size_t part = text->body.find("=== text ===\n");
        const std::size_t end = part == std::string::npos ? 0 : part;
        position.line += static_cast<int>(
            std::count(text->body.begin(), text->body.begin() + static_cast<std::ptrdiff_t>(end),
                       '\n') +
            (part == std::string::npos ? 0 : 1));
    }
    return position;
}

void add_failure(TemplatePreview& preview, const message::RenderFailure& failure) {
    preview.problem = failure.error.message;
    Diagnostic diagnostic{.code = "render_error",
                          .file = preview.path,
                          .position = place_of(preview, failure),
                          .message = failure.error.message};
    // A mistake that every reader meets has been reported already.
    const bool known = std::any_of(preview.diagnostics.begin(), preview.diagnostics.end(),
                                   [&](const Diagnostic& other) {
                                       return !other.is_warning && other.file == diagnostic.file &&
                                              other.position.line == diagnostic.position.line;
                                   });
    if (failure.error.snippet.empty() && !known) {
        preview.diagnostics.push_back(std::move(diagnostic));
    }
}

}  // namespace

const engine::Sample* choose_sample(const std::vector<engine::Sample>& samples,
                                    std::string_view id,
                                    std::string_view language,
                                    std::string_view workspace_language) {
    const bool is_other = !same_language(language, workspace_language);
    const auto rank = [&](const engine::Sample& sample) {
        return same_language(sample.language, language)    ? 3
               : is_other && sample.id == speaks_every_one ? 2
               : sample.language.empty()                   ? 1
                                                           : 0;
    };
    const engine::Sample* chosen = nullptr;
    for (const engine::Sample& sample : samples) {
        const bool named = id.empty() || sample.id == id;
        if (named && (chosen == nullptr || rank(sample) > rank(*chosen))) {
            chosen = &sample;
        }
    }
    return chosen;
}

Result<std::string> find_customer(Desk& desk, const std::string& text) {
    bool known = false;
    desk.host().query_customer(
        text, [&](host::ShardView view) { known = view.shard.customers().find(text).has_value(); });
    if (known) {
        return text;
    }
    const Error missing{ErrorCode::NotFound, "there is no such customer"};
    if (text.find('@') == std::string::npos || text.size() > search_bytes_max) {
        return missing;
    }
    CustomerFilter filter;
    filter.search = text;
    WINBACK_TRY(const CustomerList found, list_customers(desk, filter));
    std::string only;
    for (const Value& row : *found.tree.find("customers")->as_list()) {
        const std::string* email = row.as_map()->find("email")->as_string();
        if (email != nullptr && equals_ignoring_case(*email, text)) {
            if (!only.empty()) {
                return Error{ErrorCode::NotFound,
                             "several customers have this address; give an id"};
            }
            only = *row.as_map()->find("id")->as_string();
        }
    }
    return only.empty() ? Result<std::string>(missing) : Result<std::string>(only);
}

Result<TemplatePreview> preview_template(Desk& desk,
                                         const TemplateDraft& draft,
                                         const PreviewReader& reader) {
    host::Host& host = desk.host();
    const engine::DefinitionsPtr loaded = host.definitions();
    if (loaded == nullptr) {
        return Error{ErrorCode::Conflict, "no playbook is loaded"};
    }
    WINBACK_TRY(const playbook::Files all, host.playbook_files(loaded->version));
    TemplatePreview preview;
    preview.files = files_for_template(all, draft.id);
    WINBACK_TRY(const DraftFiles with_draft, draft_files(preview.files, draft));
    preview.path = with_draft.path;
    preview.text = with_draft.text;
    for (const auto& [path, text] : with_draft.changed) {
        preview.files[path] = text;
    }
    preview.is_sample = reader.customer.empty();
    preview.reader = reader.sample;
    if (!preview.is_sample) {
        WINBACK_TRY(preview.reader, find_customer(desk, reader.customer));
    }
    playbook::LoadedPlaybook made = load_draft(*loaded, preview.files, draft.id);
    // Doubts about other files are not of this template: a snippet may be used by another.
    for (Diagnostic& diagnostic : made.diagnostics) {
        if (!diagnostic.is_warning || template_file_name(diagnostic.file)) {
            preview.diagnostics.push_back(std::move(diagnostic));
        }
    }
    if (!made.definitions) {
        return preview;
    }
    const engine::Definitions& definitions = *made.definitions;
    const auto found = definitions.templates.find(draft.id);
    if (found == definitions.templates.end()) {
        return Error{ErrorCode::NotFound, "there is no such template"};
    }
    const message::MessageTemplate& message_template = found->second;
    WINBACK_TRY(const ValueMap data,
                preview.is_sample
                    ? sample_tree(host, definitions, message_template, draft, preview)
                    : customer_tree(host, definitions, message_template, preview.reader));
    const Diagnostics doubts =
        playbook::rehearse(definitions, {.template_id = draft.id, .now = host.now()});
    preview.diagnostics.insert(preview.diagnostics.end(), doubts.begin(), doubts.end());
    message::RenderOutcome outcome =
        playbook::try_template(definitions, message_template, draft.language, data, host.now());
    preview.message = std::move(outcome.message);
    if (outcome.failure) {
        add_failure(preview, *outcome.failure);
    }
    return preview;
}

}  // namespace winback::api

#include "api/template_catalog.h"

#include <algorithm>
#include <map>
#include <set>

#include "api/template_draft.h"
#include "api/template_preview.h"
#include "message/message_template.h"
#include "playbook/rehearsal.h"

namespace winback::api {
namespace {

struct Checked {
    std::int64_t errors = 0;
    std::int64_t warnings = 0;
};
using CheckedFiles = std::map<std::string, Checked, std::less<>>;

CheckedFiles check(const engine::Definitions& definitions,
                   const playbook::Files& files,
                   Timestamp now) {
    // Warnings of the loading too: what was loaded has no errors, but may have doubts.
    Diagnostics all = playbook::load(files).diagnostics;
    const Diagnostics rehearsed = playbook::rehearse(definitions, {.template_id = {}, .now = now});
    all.insert(all.end(), rehearsed.begin(), rehearsed.end());
    CheckedFiles checked;
    for (const Diagnostic& diagnostic : all) {
        Checked& file = checked[diagnostic.file];
        (diagnostic.is_warning ? file.warnings : file.errors) += 1;
    }
    return checked;
}

std::map<std::string, ValueList> uses_of_templates(const engine::Definitions& definitions) {
    std::map<std::string, ValueList> uses;
    for (const journey::Journey& journey : definitions.journeys) {
        for (const journey::Step& step : journey.steps) {
            if (step.kind == journey::StepKind::Message) {
                ValueMap use;
                use.set("journey", journey.id);
                add_name(use, journey.id, &journey);
                use.set("step", step.id);
                use.set("offer", step.offer_id.empty() ? Value() : Value(step.offer_id));
                uses[step.template_id].emplace_back(std::move(use));
            }
        }
    }
    return uses;
}

// As a sample reads it; as it is written when it cannot be rendered.
std::string subject_of(const engine::Definitions& definitions,
                       const message::MessageTemplate& message_template,
                       std::string_view language,
                       std::string_view text,
                       Timestamp now) {
    const std::vector<engine::Sample> samples = playbook::rehearsal_samples(definitions, language);
    if (const engine::Sample* sample =
            choose_sample(samples, {}, language, definitions.workspace.language)) {
        const message::RenderOutcome outcome = playbook::try_template(
            definitions, message_template, language,
            playbook::sample_data(definitions, *sample, message_template, now), now);
        if (outcome.message) {
            return outcome.message->subject;
        }
    }
    const std::optional<TemplateText> split = split_template(text);
    return split ? split->value_of("subject") : std::string();
}

class Catalog {
public:
    Catalog(const engine::Definitions& definitions, const playbook::Files& files, Timestamp now)
        : definitions_(definitions),
          files_(files),
          now_(now),
          checked_(check(definitions, files, now)),
          uses_(uses_of_templates(definitions)) {
        languages_.insert(definitions.workspace.language);
        for (const auto& [id, message_template] : definitions.templates) {
            for (const message::TemplateVariant& variant : message_template.variants) {
                languages_.insert(variant.language);
            }
        }
    }

    ValueMap tree() {
        ValueList list;
        for (const auto& [id, message_template] : definitions_.templates) {
            list.emplace_back(entry(message_template));
        }
        ValueMap tree;
        tree.set("version", static_cast<std::int64_t>(definitions_.version));
        tree.set("language", definitions_.workspace.language);
        tree.set("languages", ValueList(languages_.begin(), languages_.end()));
        tree.set("templates", std::move(list));
        return tree;
    }

private:
    ValueMap entry(const message::MessageTemplate& message_template) {
        ValueMap map;
        Checked sum;
        std::set<std::string> missing = languages_;
        ValueList variants;
        ValueList languages;
        for (const message::TemplateVariant& variant : message_template.variants) {
            missing.erase(variant.language);
            languages.emplace_back(variant.language);
            variants.emplace_back(this->variant(message_template, variant, sum));
        }
        map.set("id", message_template.id);
        map.set("channel", message_template.channel);
        map.set("topic", message_template.topic);
        map.set("transactional", message_template.transactional);
        map.set("languages", std::move(languages));
        map.set("missing", ValueList(missing.begin(), missing.end()));
        map.set("variants", std::move(variants));
        map.set("used_by", uses_[message_template.id]);
        map.set("errors", sum.errors);
        map.set("warnings", sum.warnings);
        return map;
    }

    ValueMap variant(const message::MessageTemplate& message_template,
                     const message::TemplateVariant& variant,
                     Checked& sum) {
        const std::string path = template_path(files_, message_template.id, variant.language);
        const auto file = files_.find(path);
        const std::string_view text =
            file == files_.end() ? std::string_view() : std::string_view(file->second);
        const Checked checked = checked_[path];
        sum.errors += checked.errors;
        sum.warnings += checked.warnings;
        ValueMap map;
        map.set("language", variant.language);
        map.set("direction", message::is_right_to_left(variant.language) ? "rtl" : "ltr");
        map.set("file", path);
        const std::optional<TemplateText> split = split_template(text);
        const std::string written = split ? split->value_of("subject") : std::string();
        map.set("subject_varies",
                written.find("{{") != std::string::npos || written.find("{%") != std::string::npos);
        map.set("subject",
                subject_of(definitions_, message_template, variant.language, text, now_));
        map.set("bytes", static_cast<std::int64_t>(text.size()));
        map.set("errors", checked.errors);
        map.set("warnings", checked.warnings);
        return map;
    }

    const engine::Definitions& definitions_;
    const playbook::Files& files_;
    Timestamp now_;
    CheckedFiles checked_;
    std::map<std::string, ValueList> uses_;
    std::set<std::string> languages_;
};

}  // namespace

ValueMap template_catalog(const engine::Definitions& definitions,
                          const playbook::Files& files,
                          Timestamp now) {
    return Catalog(definitions, files, now).tree();
}

}  // namespace winback::api

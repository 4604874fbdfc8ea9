// Stands in for src/playbook/rehearsal.cc until that is merged; delete this file then.
#include "engine/context.h"
#include "playbook/rehearsal.h"

namespace winback::playbook {
namespace {

const engine::Offer* offer_of(const engine::Definitions& definitions, std::string_view id) {
    for (const journey::Journey& journey : definitions.journeys) {
        for (const journey::Step& step : journey.steps) {
            const auto offer = definitions.offers.find(step.offer_id);
            if (step.template_id == id && offer != definitions.offers.end()) {
                return &offer->second;
            }
        }
    }
    return nullptr;
}

void lead_nowhere(const engine::Definitions& definitions, ValueMap& data) {
    for (const char* name : {"unsubscribe_url", "preferences_url"}) {
        data.set(name, definitions.workspace.base_url + "/u/sample");
    }
}

ValueMap tree_of(const engine::Definitions& definitions,
                 const customer::Customers& customers,
                 customer::CustomerIndex customer,
                 const message::MessageTemplate& message_template,
                 Timestamp now) {
    ValueMap data = engine::message_context({.definitions = &definitions,
                                             .customers = &customers,
                                             .customer = customer,
                                             .offer = offer_of(definitions, message_template.id),
                                             .entry = 1,
                                             .journey = "preview",
                                             .channel = message_template.channel,
                                             .topic = message_template.topic,
                                             .now = now});
    lead_nowhere(definitions, data);
    return data;
}

}  // namespace

Diagnostics rehearse(const engine::Definitions& definitions, const RehearsalOptions& options) {
    Diagnostics diagnostics;
    for (const auto& [id, message_template] : definitions.templates) {
        if (!options.template_id.empty() && id != options.template_id) {
            continue;
        }
        for (const message::TemplateVariant& variant : message_template.variants) {
            const std::string file = "templates/" + id + "." + variant.language + ".liquid";
            const ValueMap data = sample_data(definitions, rehearsal_samples(definitions)[0],
                                              message_template, options.now);
            const message::RenderOutcome outcome =
                try_template(definitions, message_template, variant.language, data, options.now);
            if (outcome.failure) {
                diagnostics.push_back({.code = "render_error",
                                       .file = file,
                                       .message = outcome.failure->error.message});
            } else if (outcome.message->subject.size() > subject_letters_advised) {
                diagnostics.push_back({.code = "long_subject",
                                       .file = file,
                                       .message = "Most inboxes cut a subject this long.",
                                       .is_warning = true});
            }
        }
    }
    return diagnostics;
}

std::vector<engine::Sample> rehearsal_samples(const engine::Definitions& definitions) {
    std::vector<engine::Sample> samples = definitions.samples;
    engine::Sample complete{.id = "complete", .language = {}, .customer = {}};
    complete.customer.set("id", "sample");
    complete.customer.set("first_name", "Alex");
    complete.customer.set("last_name", "Morgan");
    complete.customer.set("email", "alex@example.com");
    samples.push_back(std::move(complete));
    samples.push_back({.id = "empty", .language = {}, .customer = {}});
    return samples;
}

ValueMap sample_data(const engine::Definitions& definitions,
                     const engine::Sample& sample,
                     const message::MessageTemplate& message_template,
                     Timestamp now) {
    customer::Customers nobody;
    ValueMap data =
        tree_of(definitions, nobody, nobody.find_or_add("sample"), message_template, now);
    data.set("customer", sample.customer);
    return data;
}

ValueMap customer_data(const engine::Definitions& definitions,
                       const customer::Customers& customers,
                       customer::CustomerIndex customer,
                       const message::MessageTemplate& message_template,
                       Timestamp now) {
    return tree_of(definitions, customers, customer, message_template, now);
}

message::RenderOutcome try_template(const engine::Definitions& definitions,
                                    const message::MessageTemplate& message_template,
                                    std::string_view language,
                                    const ValueMap& data,
                                    Timestamp now) {
    const Value* customer = data.find("customer");
    const Value* email = customer == nullptr || customer->as_map() == nullptr
                             ? nullptr
                             : customer->as_map()->find("email");
    const std::string* to = email == nullptr ? nullptr : email->as_string();
    const engine::Workspace& workspace = definitions.workspace;
    return message::render_message(message_template,
                                   {.data = &data,
                                    .customer_language = language,
                                    .workspace_language = workspace.language,
                                    .zone = workspace.zone,
                                    .now = now,
                                    .to = to == nullptr ? std::string_view() : *to,
                                    .from = workspace.from_address,
                                    .from_name = workspace.from_name,
                                    .reply_to = workspace.reply_to});
}

}  // namespace winback::playbook

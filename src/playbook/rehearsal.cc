#include "playbook/rehearsal.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "engine/context.h"
#include "playbook/parts.h"
#include "playbook/rehearsing.h"

namespace winback::playbook {
namespace {

constexpr std::string_view sample_id = "sample";

std::string text_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string() : *text;
}

const engine::Offer* offer_of(const engine::Definitions& definitions,
                              const message::MessageTemplate& message_template) {
    for (const journey::Step* step : steps_that_send(definitions, message_template.id)) {
        const auto found = definitions.offers.find(step->offer_id);
        if (found != definitions.offers.end()) {
            return &found->second;
        }
    }
    return nullptr;
}

// What stands beside `customer` in the tree.
void add_surroundings(const engine::Definitions& definitions,
                      const message::MessageTemplate& message_template,
                      Timestamp now,
                      ValueMap& data) {
    const engine::Workspace& workspace = definitions.workspace;
    data.set("workspace", engine::workspace_context(workspace));
    if (const engine::Offer* offer = offer_of(definitions, message_template)) {
        data.set("offer", engine::offer_context(
                              *offer, engine::offer_code(*offer, sample_id, sample_id, 1), now));
    }
    // No token: the pages say that the link is not complete, and change nothing.
    for (const auto& [name, path] : {std::pair{"unsubscribe_url", "/u/"},
                                     {"preferences_url", "/p/"},
                                     {"view_in_browser_url", "/v/"}}) {
        data.set(name, workspace.base_url + path + std::string(sample_id));
    }
}

// The moments that follow from what a sample says of its orders.
void complete_orders(ValueMap& customer, Timestamp now) {
    const Value* found = customer.find("orders");
    ValueMap orders =
        found == nullptr || found->as_map() == nullptr ? ValueMap() : *found->as_map();
    const auto number = [&](std::string_view key) {
        const Value* value = orders.find(key);
        return value == nullptr ? 0.0 : std::clamp(value->number_or(0), 0.0, 100'000.0);
    };
    const auto count = static_cast<int>(number("count"));
    if (count > 0) {
        const Timestamp last = now - days(static_cast<int>(number("days_since_last")));
        orders.set("last", last);
        orders.set("first", last - days(static_cast<int>(number("usual_gap_days")) * (count - 1)));
        orders.set("average", number("revenue") / count);
    }
    customer.set("orders", std::move(orders));
}

// Each mistake once, however many samples show it, up to a bound.
class Findings {
public:
    void add(Diagnostic diagnostic) {
        const bool is_new =
            known_.emplace(diagnostic.file, diagnostic.code, diagnostic.position).second;
        if (is_new) {
            append(std::move(diagnostic));
        }
    }
    // For one of several mistakes that have the same place.
    void append(Diagnostic diagnostic) {
        if (diagnostics_.size() < rehearsal_diagnostics_max) {
            diagnostics_.push_back(std::move(diagnostic));
        }
    }
    Diagnostics take() {
        std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                         [](const Diagnostic& a, const Diagnostic& b) {
                             return std::tie(a.file, a.position) < std::tie(b.file, b.position);
                         });
        return std::move(diagnostics_);
    }

private:
    std::set<std::tuple<std::string, std::string, Position>> known_;
    Diagnostics diagnostics_;
};

class Rehearsal {
public:
    Rehearsal(const engine::Definitions& definitions, const RehearsalOptions& options)
        : definitions_(definitions),
          now_(options.now),
          snippet_names_(names_given_to_snippets(definitions)),
          all_callers_(options.template_id.empty() || definitions.templates.size() > 1) {}

    void run(const message::MessageTemplate& message_template);
    Diagnostics take() { return findings_.take(); }

private:
    void check_languages(const message::MessageTemplate& message_template);
    void rehearse_variant(const message::MessageTemplate& message_template,
                          const message::TemplateVariant& variant);
    void rehearse_hostile(const message::MessageTemplate& message_template,
                          const message::TemplateVariant& variant);
    Diagnostics play_hostile(const message::MessageTemplate& message_template,
                             const message::TemplateVariant& variant,
                             const ValueMap& attributes);
    void report(Diagnostics found) {
        for (Diagnostic& diagnostic : found) {
            findings_.add(std::move(diagnostic));
        }
    }

    const engine::Definitions& definitions_;
    Timestamp now_;
    SnippetNames snippet_names_;
    bool all_callers_;
    Findings findings_;
};

bool is_value_as_html(const Diagnostic& diagnostic) {
    return diagnostic.code == "value_as_html";
}

// Languages that other templates have, and the workspace's.
void Rehearsal::check_languages(const message::MessageTemplate& message_template) {
    std::set<std::string> wanted{message::normal_language(definitions_.workspace.language)};
    for (const auto& [id, other] : definitions_.templates) {
        for (const message::TemplateVariant& variant : other.variants) {
            wanted.insert(variant.language);
        }
    }
    for (const message::TemplateVariant& variant : message_template.variants) {
        wanted.erase(variant.language);
    }
    for (const std::string& language : wanted) {
        findings_.append({.code = "missing_language",
                          .file = message_template.variants[0].file,
                          .message = "'" + message_template.id + "' has no text in '" + language +
                                     "'; such customers get another language",
                          .is_warning = true});
    }
}

void Rehearsal::rehearse_variant(const message::MessageTemplate& message_template,
                                 const message::TemplateVariant& variant) {
    report(check_names({definitions_, snippet_names_, all_callers_}, message_template, variant));
    std::vector<engine::Sample> samples = definitions_.samples;
    for (engine::Sample& sample : built_in_samples(variant.language)) {
        samples.push_back(std::move(sample));
    }
    std::optional<Diagnostic> stopped;
    bool made = false;
    for (const engine::Sample& sample : samples) {
        const bool reads_it = sample.language.empty() ||
                              &message::choose_variant(message_template, sample.language,
                                                       definitions_.workspace.language) == &variant;
        if (!reads_it) {
            continue;
        }
        const ValueMap data = sample_data(definitions_, sample, message_template, now_);
        const message::RenderOutcome outcome =
            try_template(definitions_, message_template, variant.language, data, now_);
        if (outcome.message.has_value()) {
            made = true;
            Diagnostics found =
                check_message({definitions_, message_template, variant, sample}, *outcome.message);
            std::erase_if(found, is_value_as_html);  // rehearse_hostile() knows of whom.
            report(std::move(found));
        } else if (outcome.failure->error.kind == liquid::RenderErrorKind::Aborted) {
            stopped = failure_diagnostic(variant, sample, *outcome.failure);
            const std::string& reason = outcome.failure->error.message;
            stopped->message = "abort_message stops this message for every sample" +
                               (reason.empty() ? std::string() : ": '" + reason + "'");
        } else {
            made = true;  // It is reported; that it never comes about is not its fault.
            findings_.add(failure_diagnostic(variant, sample, *outcome.failure));
        }
    }
    if (!made && stopped.has_value()) {
        stopped->code = "always_aborts";
        stopped->is_warning = true;
        findings_.add(*std::move(stopped));
    }
    rehearse_hostile(message_template, variant);
}

// What is wrong when a customer wrote these attributes. A message that fails is none.
Diagnostics Rehearsal::play_hostile(const message::MessageTemplate& message_template,
                                    const message::TemplateVariant& variant,
                                    const ValueMap& attributes) {
    engine::Sample sample = built_in_samples(variant.language).front();
    sample.id = hostile_id;
    // The others are as samples show them, so that a branch that asks for them is taken.
    for (const engine::Sample& other : definitions_.samples) {
        for (const auto& [name, value] : other.customer) {
            if (sample.customer.find(name) == nullptr) {
                sample.customer.set(name, value);
            }
        }
    }
    for (const auto& [name, value] : attributes) {
        sample.customer.set(name, value);
    }
    const ValueMap data = sample_data(definitions_, sample, message_template, now_);
    const message::RenderOutcome outcome =
        try_template(definitions_, message_template, variant.language, data, now_);
    return outcome.message.has_value()
               ? check_message({definitions_, message_template, variant, sample}, *outcome.message)
               : Diagnostics{};
}

// All attributes at once, so that what reads several is met; then each alone, to name it.
void Rehearsal::rehearse_hostile(const message::MessageTemplate& message_template,
                                 const message::TemplateVariant& variant) {
    const ValueMap attributes = hostile_attributes(definitions_, variant);
    Diagnostics all = play_hostile(message_template, variant, attributes);
    bool named = false;
    for (const auto& [name, value] : attributes) {
        ValueMap one;
        one.set(name, value);
        Diagnostics found = play_hostile(message_template, variant, one);
        const auto harm = std::find_if(found.begin(), found.end(), is_value_as_html);
        if (harm != found.end()) {
            named = true;
            if (const auto place = place_of_attribute(variant, name)) {
                harm->file = place->file;
                harm->position = place->position;
                harm->length = place->length;
            }
            harm->message = "'customer." + name + "' becomes HTML: " + harm->message;
        }
        report(std::move(found));
    }
    if (named) {
        std::erase_if(all, is_value_as_html);
    }
    report(std::move(all));
}

void Rehearsal::run(const message::MessageTemplate& message_template) {
    check_languages(message_template);
    for (const message::TemplateVariant& variant : message_template.variants) {
        rehearse_variant(message_template, variant);
    }
}

}  // namespace

std::vector<const journey::Step*> steps_that_send(const engine::Definitions& definitions,
                                                  std::string_view template_id) {
    std::vector<const journey::Step*> steps;
    for (const journey::Journey& journey : definitions.journeys) {
        for (const journey::Step& step : journey.steps) {
            if (step.kind == journey::StepKind::Message && step.template_id == template_id) {
                steps.push_back(&step);
            }
        }
    }
    return steps;
}

Diagnostics rehearse(const engine::Definitions& definitions, const RehearsalOptions& options) {
    Rehearsal rehearsal(definitions, options);
    for (const auto& [id, message_template] : definitions.templates) {
        if (options.template_id.empty() || options.template_id == id) {
            rehearsal.run(message_template);
        }
    }
    return rehearsal.take();
}

std::vector<engine::Sample> rehearsal_samples(const engine::Definitions& definitions,
                                              std::string_view language) {
    std::vector<engine::Sample> samples = definitions.samples;
    for (engine::Sample& sample :
         built_in_samples(language.empty() ? definitions.workspace.language : language)) {
        samples.push_back(std::move(sample));
    }
    return samples;
}

ValueMap sample_data(const engine::Definitions& definitions,
                     const engine::Sample& sample,
                     const message::MessageTemplate& message_template,
                     Timestamp now) {
    ValueMap customer = sample.customer;
    if (customer.find("id") == nullptr) {
        customer.set("id", sample.id);
    }
    if (customer.find("language") == nullptr) {
        customer.set("language",
                     sample.language.empty() ? definitions.workspace.language : sample.language);
    }
    complete_orders(customer, now);
    ValueMap data;
    data.set("customer", std::move(customer));
    add_surroundings(definitions, message_template, now, data);
    return data;
}

ValueMap customer_data(const engine::Definitions& definitions,
                       const customer::Customers& customers,
                       customer::CustomerIndex customer,
                       const message::MessageTemplate& message_template,
                       Timestamp now) {
    ValueMap data;
    data.set("customer", engine::customer_context(customers, customer, now));
    add_surroundings(definitions, message_template, now, data);
    return data;
}

message::RenderOutcome try_template(const engine::Definitions& definitions,
                                    const message::MessageTemplate& message_template,
                                    std::string_view language,
                                    const ValueMap& data,
                                    Timestamp now) {
    const engine::Workspace& workspace = definitions.workspace;
    const Value* found = data.find("customer");
    const ValueMap* customer = found == nullptr ? nullptr : found->as_map();
    const std::string to = customer == nullptr ? "" : text_at(*customer, "email");
    const Zone* zone = workspace.zone;
    if (customer != nullptr) {
        if (const auto own = find_zone(text_at(*customer, "timezone"))) {
            zone = *own;
        }
    }
    return message::render_message(
        message_template, {.data = &data,
                           .customer_language = language.empty() ? workspace.language : language,
                           .workspace_language = workspace.language,
                           .zone = zone,
                           .now = now,
                           .to = to,
                           .from = workspace.from_address,
                           .from_name = workspace.from_name,
                           .reply_to = workspace.reply_to});
}

}  // namespace winback::playbook

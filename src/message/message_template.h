// A message as its writer made it: one variant per language, each with its parsed parts.
//
// The front matter of templates/*.liquid is read by src/playbook; it hands over TemplateSource,
// one per file, and gets back one MessageTemplate with every mistake of all its texts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "template/template.h"

namespace winback::message {

// The text of one language variant, as read from a file.
struct TemplateSource {
    std::string id;               // Same for all variants: "we_miss_you".
    std::string language = "en";  // BCP 47.
    std::string channel = "email";
    std::string topic;           // Consent is asked for it; empty means the channel alone.
    bool transactional = false;  // Skips marketing gates; no unsubscribe footer.
    std::string from_name;       // Optional; Liquid.
    std::string subject;         // Liquid. Required for e-mail.
    std::string preheader;       // Optional; Liquid.
    std::string body_html;       // Liquid.
    std::string body_text;       // Optional; Liquid. Derived from the HTML when empty.
    std::string file;            // Named in diagnostics.
    int body_line_offset = 0;    // Lines of the file before the body's first line.
    int subject_line = 1;        // Lines of the front matter, for diagnostics.
    int preheader_line = 1;
};

struct TemplateVariant {
    std::string language;
    liquid::ProgramPtr from_name;  // Null when not given.
    liquid::ProgramPtr subject;
    liquid::ProgramPtr preheader;  // Null when not given.
    liquid::ProgramPtr html;       // Null when the message is text alone.
    liquid::ProgramPtr text;       // Null when derived from the HTML.
};

struct MessageTemplate {
    std::string id;
    std::string channel;
    std::string topic;
    bool transactional = false;
    std::vector<TemplateVariant> variants;  // In the order given; at least one.
};

struct CompiledTemplate {
    std::optional<MessageTemplate> message_template;  // Nothing when there are errors.
    Diagnostics diagnostics;                          // Lines are those of the files.
};

// Pre: not empty. `sources` are the variants of one template; a second variant of a language, or
// variants that differ in channel, topic or `transactional`, are mistakes.
CompiledTemplate compile_template(const std::vector<TemplateSource>& sources);

// The variant for "pt-BR": pt-BR, else pt, else another pt-.., else the workspace's language by
// the same rule, else the first. Case does not matter and "_" is read as "-".
const TemplateVariant& choose_variant(const MessageTemplate& message_template,
                                      std::string_view customer_language,
                                      std::string_view workspace_language);

// True for languages written from right to left: ar, fa, he, ur and their regions.
bool is_right_to_left(std::string_view language);

}  // namespace winback::message

// A message as its writer made it: one variant per language, each with its parsed parts.
//
// The front matter of templates/*.liquid is read by src/playbook; it hands over TemplateSource,
// one per file, and gets back one MessageTemplate with every mistake of all its texts.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "message/snippets.h"
#include "template/template.h"

namespace winback::message {

// The versions of Liquid whose templates we read. A template keeps its own, so that a later one
// can read old templates as they were meant.
constexpr std::array<std::string_view, 1> dialects{"5.13"};

// One text of a file and the place at which it begins there.
struct TemplateText {
    std::string text;  // Liquid; empty when not given.
    Position at;
};

// One language variant, as read from a file.
struct TemplateSource {
    std::string id;               // Same for all variants: "we_miss_you".
    std::string language = "en";  // BCP 47.
    std::string file;             // Named in diagnostics.
    std::string channel = "email";
    std::string topic;           // Consent is asked for it; empty means the channel alone.
    bool transactional = false;  // Skips marketing gates; no unsubscribe footer.
    std::string dialect = std::string(dialects.back());
    bool track = false;        // All links of the message are counted, not only `{% link %}`.
    std::string from_address;  // Not Liquid. Empty: the workspace's.
    std::string reply_to;      // Not Liquid. Empty: the workspace's.
    TemplateText from_name;
    TemplateText subject;  // Required for e-mail.
    TemplateText preheader;
    TemplateText body_html;
    TemplateText body_text;  // Derived from the HTML when empty.
};

struct TemplatePart {
    liquid::ProgramPtr program;  // Null when not given.
    TemplateText source;         // What it was made of, to find places in the file.
};

struct TemplateVariant {
    std::string language;  // In normal form: "pt-br".
    std::string file;
    std::string dialect;
    bool track = false;
    std::string from_address;
    std::string reply_to;
    TemplatePart from_name;
    TemplatePart subject;
    TemplatePart preheader;
    TemplatePart html;  // Null when the message is text alone.
    TemplatePart text;  // Null when derived from the HTML.
    SnippetsPtr snippets;
    std::set<std::string> link_hosts;  // Named by its texts and snippets; see LinkCounter.
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
CompiledTemplate compile_template(const std::vector<TemplateSource>& sources,
                                  const SnippetLibrary& snippets = {});

// The variant for "pt-BR": pt-BR, else pt, else another pt-.., else the workspace's language by
// the same rule, else the first. Case does not matter and "_" is read as "-".
const TemplateVariant& choose_variant(const MessageTemplate& message_template,
                                      std::string_view customer_language,
                                      std::string_view workspace_language);

// "pt_BR" as "pt-br".
std::string normal_language(std::string_view language);

// True for languages written from right to left: ar, fa, he, ur and their regions.
bool is_right_to_left(std::string_view language);

}  // namespace winback::message

// What a rendered message shows: links, pictures, sizes, the way out, and what a hostile customer
// did to it.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "base/strings.h"
#include "message/html_scan.h"
#include "playbook/parts.h"
#include "playbook/rehearsal.h"
#include "playbook/rehearsing.h"
#include "template/text.h"

namespace winback::playbook {
namespace {

using message::HtmlPiece;
using message::HtmlScanner;

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The first place at which `needle` stands as whole words.
std::size_t find_word(std::string_view text, std::string_view needle) {
    for (std::size_t at = text.find(needle); at != std::string_view::npos;
         at = text.find(needle, at + 1)) {
        const std::size_t end = at + needle.size();
        const bool begins = at == 0 || !is_word(text[at - 1]) || !is_word(needle.front());
        const bool ends = end >= text.size() || !is_word(text[end]) || !is_word(needle.back());
        if (begins && ends) {
            return at;
        }
    }
    return std::string_view::npos;
}

bool is_void(std::string_view name) {
    constexpr std::array<std::string_view, 14> names{"area",  "base",   "br",    "col",  "embed",
                                                     "hr",    "img",    "input", "link", "meta",
                                                     "param", "source", "track", "wbr"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Inside them a browser shows no links.
bool swallows(std::string_view name) {
    constexpr std::array<std::string_view, 8> names{"style",    "title", "textarea",  "template",
                                                    "noscript", "xmp",   "plaintext", "svg"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool hides(const HtmlPiece& piece) {
    std::string style = to_lower_ascii(piece.attribute("style"));
    std::erase(style, ' ');
    style += ';';
    const bool has_hidden =
        std::any_of(piece.attributes.begin(), piece.attributes.end(),
                    [](const auto& a) { return equals_ignoring_case(a.name, "hidden"); });
    const auto says = [&](const char* rule) { return style.find(rule) != std::string::npos; };
    return has_hidden || says("display:none") || says("visibility:hidden") ||
           says("font-size:0;") || says("font-size:0px;") || says("opacity:0;");
}

// The document around the body, of one message.
class MessageCheck {
public:
    MessageCheck(const Performance& performance, const message::RenderedMessage& message)
        : at_(performance), message_(message), hostile_(performance.sample.id == hostile_id) {}

    Diagnostics run();

private:
    void check_sizes();
    void check_headers();
    void check_document();
    void open_tag(const HtmlPiece& piece);
    void close_tag(const HtmlPiece& piece);
    void check_text();
    void check_link(const std::string& target, const std::string& text);
    void check_target(const std::string& target,
                      const std::string& named,
                      const std::function<Diagnostic()>& place);
    void check_image(const HtmlPiece& piece);
    void check_names(const HtmlPiece& piece);
    Diagnostic& add(const message::TemplatePart& part,
                    std::string_view needle,
                    std::string code,
                    std::string message);

    SourceTags& tags() {
        if (!tags_) {
            tags_.emplace(at_.variant);
        }
        return *tags_;
    }

    struct Element {
        std::string name;
        bool hidden = false;
    };

    const Performance& at_;
    const message::RenderedMessage& message_;
    bool hostile_;
    Diagnostics found_;
    std::optional<SourceTags> tags_;  // Made when something is wrong.
    std::vector<Element> open_;       // At most `depth_max`; deeper ones are not looked at.
    std::string target_;              // Of the open link.
    std::string text_;                // Of the open link.
    bool in_link_ = false;
    bool way_out_ = false;
};

Diagnostic& MessageCheck::add(const message::TemplatePart& part,
                              std::string_view needle,
                              std::string code,
                              std::string message) {
    Diagnostic diagnostic = diagnostic_at(at_.variant, part, needle);
    diagnostic.code = std::move(code);
    diagnostic.message = std::move(message);
    return found_.emplace_back(std::move(diagnostic));
}

void MessageCheck::check_sizes() {
    const auto letters = static_cast<std::size_t>(liquid::code_point_count(message_.subject));
    if (letters > subject_letters_advised) {
        add(at_.variant.subject, "", "long_subject",
            "the subject has " + std::to_string(letters) + " letters for the sample '" +
                at_.sample.id + "'; most inboxes show about 70")
            .is_warning = true;
    }
    if (message_.html.size() > html_bytes_advised) {
        add(at_.variant.html, "", "heavy_message",
            "the message has " + std::to_string(message_.html.size() / 1024) +
                " kB; Gmail cuts it at 102 kB, and the footer with it")
            .is_warning = true;
    }
    const std::string_view text = message_.text;
    if (trim(text.substr(0, text.rfind("\n\n-- \n"))).empty()) {
        add(at_.variant.text.program != nullptr ? at_.variant.text : at_.variant.html, "",
            "empty_text", "the text part is empty for the sample '" + at_.sample.id + "'");
    }
}

// No control character, whatever the values hold: what would begin a header of its own.
void MessageCheck::check_headers() {
    for (const std::string* header : {&message_.subject, &message_.from_name, &message_.from,
                                      &message_.reply_to, &message_.to}) {
        const bool broken = std::any_of(header->begin(), header->end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
        });
        if (broken) {
            add(at_.variant.subject, "", "line_end_in_header",
                "a value of a customer can end a line of the header");
        }
    }
}

void MessageCheck::check_link(const std::string& target, const std::string& text) {
    const std::string named = text.empty() ? "a link" : "the link '" + text + "'";
    check_target(target, named, [&] { return tags().link(target, text); });
}

void MessageCheck::check_target(const std::string& target,
                                const std::string& named,
                                const std::function<Diagnostic()>& place) {
    const std::string& base = at_.definitions.workspace.base_url;
    if (hostile_ || (!base.empty() && target.starts_with(base))) {
        return;
    }
    const std::string fault = fault_of_link(target);
    const bool on_web = to_lower_ascii(target).starts_with("http");
    const std::string host = on_web ? host_of(target) : std::string();
    const std::string own = host_of(at_.definitions.workspace.brand_url);
    Diagnostic diagnostic;
    if (!fault.empty()) {
        diagnostic = place();
        diagnostic.code = "dead_link";
        diagnostic.message = named + " " + fault + " (sample '" + at_.sample.id + "')";
    } else if (on_web && is_placeholder(host) && !is_placeholder(own)) {
        diagnostic = place();
        diagnostic.code = "placeholder_link";
        diagnostic.message = named + " leads to '" + host + "', a name kept for examples";
        diagnostic.is_warning = true;
    } else {
        return;
    }
    found_.push_back(std::move(diagnostic));
}

// Programs make links of what they find in plain text, whoever wrote it.
void MessageCheck::check_text() {
    if (at_.variant.text.program == nullptr) {
        return;  // Made of the HTML, whose links have been checked.
    }
    const std::string_view text = message_.text;
    for (const std::string& target : targets_in_text(text.substr(0, text.rfind("\n\n-- \n")))) {
        const std::size_t before = found_.size();
        check_target(target, "'" + target + "' in the text part",
                     [&] { return diagnostic_at(at_.variant, at_.variant.text, target); });
        // Words may begin with a stroke, too.
        if (found_.size() > before && target.starts_with('/')) {
            found_.back().is_warning = true;
        }
    }
}

void MessageCheck::check_image(const HtmlPiece& piece) {
    const auto alt =
        std::find_if(piece.attributes.begin(), piece.attributes.end(),
                     [](const auto& a) { return equals_ignoring_case(a.name, "alt"); });
    const std::string source = piece.attribute("src");
    const std::string description = piece.attribute("alt");
    const auto place = [&] {
        return tags().image(source, alt == piece.attributes.end() ? nullptr : &description);
    };
    if (alt == piece.attributes.end()) {
        Diagnostic diagnostic = place();
        diagnostic.code = "image_without_alt";
        diagnostic.message = "an image has no 'alt'; say what it shows, or alt=\"\" for decoration";
        diagnostic.is_warning = true;
        found_.push_back(std::move(diagnostic));
    }
    // What is relative or no address at all has been taken out of the message.
    const std::string fault = source.starts_with("cid:") ? std::string() : fault_of_link(source);
    if (!hostile_ && !fault.empty()) {
        Diagnostic diagnostic = place();
        diagnostic.code = "dead_image";
        diagnostic.message =
            source.empty()
                ? "an image has no address for the sample '" + at_.sample.id +
                      "'; one begins with https:// or http://, others are taken out"
                : "the address of an image " + fault + " (sample '" + at_.sample.id + "')";
        found_.push_back(std::move(diagnostic));
    }
}

void MessageCheck::check_names(const HtmlPiece& piece) {
    bool probed = piece.name.find(hostile_name) != std::string::npos;
    for (const message::Attribute& attribute : piece.attributes) {
        probed |= to_lower_ascii(attribute.name).find(hostile_name) != std::string::npos;
    }
    if (probed) {
        const std::string_view needle =
            at_.variant.html.source.text.find("raw") == std::string::npos ? "" : "raw";
        add(at_.variant.html, needle, "value_as_html",
            "print a value of a customer without 'raw', and in quotes when it stands in an "
            "attribute");
    }
}

void MessageCheck::open_tag(const HtmlPiece& piece) {
    constexpr std::size_t depth_max = 1'000;
    check_names(piece);
    if (piece.name == "img") {
        check_image(piece);
        text_ += piece.attribute("alt");
    }
    const bool hidden = (!open_.empty() && open_.back().hidden) || hides(piece);
    if (!is_void(piece.name) && open_.size() < depth_max) {
        open_.push_back({piece.name, hidden});
    }
    if (piece.name != "a") {
        return;
    }
    target_ = piece.attribute("href");
    text_.clear();
    in_link_ = std::any_of(piece.attributes.begin(), piece.attributes.end(),
                           [](const auto& a) { return equals_ignoring_case(a.name, "href"); });
    way_out_ |= !hidden && !message_.unsubscribe_url.empty() && target_ == message_.unsubscribe_url;
}

void MessageCheck::close_tag(const HtmlPiece& piece) {
    if (piece.name == "a" && in_link_) {
        check_link(target_, std::string(trim(text_)));
        in_link_ = false;
    }
    const auto found = std::find_if(open_.rbegin(), open_.rend(), [&](const Element& element) {
        return element.name == piece.name;
    });
    if (found != open_.rend()) {
        open_.erase(found.base() - 1, open_.end());
    }
}

void MessageCheck::check_document() {
    HtmlScanner scanner(message_.html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Open) {
            open_tag(piece);
            if (swallows(piece.name)) {
                scanner.skip_element(piece.name);
                open_.pop_back();
            }
        } else if (piece.kind == HtmlPiece::Kind::Close) {
            close_tag(piece);
        } else if (piece.kind == HtmlPiece::Kind::Text && in_link_) {
            text_ += message::decode_entities(piece.source);
        }
    }
    const bool needs_way_out = at_.message_template.channel == "email" &&
                               !at_.message_template.transactional && !message_.html.empty();
    if (needs_way_out && !hostile_ && !way_out_) {
        add(at_.variant.html, "", "footer_hidden",
            "the body hides the footer with its unsubscribe link; close every tag and comment");
    }
}

Diagnostics MessageCheck::run() {
    check_headers();
    if (!hostile_) {
        check_sizes();
        check_text();
    }
    check_document();
    return std::move(found_);
}

}  // namespace

Diagnostic diagnostic_at(const message::TemplateVariant& variant,
                         const message::TemplatePart& part,
                         std::string_view needle) {
    Diagnostic diagnostic;
    diagnostic.file = variant.file;
    diagnostic.position = part.source.at;
    const std::string& text = part.source.text;
    const std::size_t found = needle.empty() ? std::string::npos : find_word(text, needle);
    if (found != std::string::npos) {
        const Position inside = position_at(text, found);
        diagnostic.position.column =
            inside.line == 1 ? part.source.at.column + inside.column - 1 : inside.column;
        diagnostic.position.line += inside.line - 1;
        diagnostic.length = static_cast<int>(needle.size());
    }
    return diagnostic;
}

Diagnostics check_message(const Performance& performance, const message::RenderedMessage& message) {
    return MessageCheck(performance, message).run();
}

Diagnostic failure_diagnostic(const message::TemplateVariant& variant,
                              const engine::Sample& sample,
                              const message::RenderFailure& failure) {
    const std::pair<std::string_view, const message::TemplatePart*> parts[] = {
        {"from_name", &variant.from_name},
        {"subject", &variant.subject},
        {"preheader", &variant.preheader},
        {"html", &variant.html},
        {"text", &variant.text}};
    Diagnostic diagnostic;
    diagnostic.file = variant.file;
    for (const auto& [name, part] : parts) {
        if (name == failure.part) {
            const Position inside = failure.error.position;
            diagnostic.position = part->source.at;
            diagnostic.position.column =
                inside.line == 1 ? part->source.at.column + inside.column - 1 : inside.column;
            diagnostic.position.line += inside.line - 1;
        }
    }
    if (!failure.error.snippet.empty()) {
        diagnostic.file = "snippets/" + failure.error.snippet + ".liquid";
        diagnostic.position = failure.error.position;
    }
    diagnostic.code = "render_error";
    diagnostic.message = "the sample '" + sample.id + "' gets no message: " + failure.error.message;
    return diagnostic;
}

}  // namespace winback::playbook

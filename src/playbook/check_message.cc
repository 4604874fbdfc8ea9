// What a rendered message shows: links, pictures, sizes, the way out, and what a hostile customer
// did to it.
#include <algorithm>
#include <array>

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

std::string host_of(std::string_view url) {
    const std::size_t begin = url.find("://") == std::string_view::npos ? 0 : url.find("://") + 3;
    std::string_view host = url.substr(begin);
    host = host.substr(0, host.find_first_of("/?#"));
    host = host.substr(host.rfind('@') == std::string_view::npos ? 0 : host.rfind('@') + 1);
    return to_lower_ascii(host.substr(0, host.find(':')));
}

// Names that RFC 2606 keeps for examples.
bool is_placeholder(std::string_view host) {
    constexpr std::array<std::string_view, 7> names{
        "example.com", "example.org", "example.net", "example", "test", "invalid", "localhost"};
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
        return host == name || host.ends_with("." + std::string(name));
    });
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
        : at_(performance), message_(message), hostile_(performance.sample.id == "hostile") {}

    Diagnostics run();

private:
    void check_sizes();
    void check_headers();
    void check_document();
    void open_tag(const HtmlPiece& piece);
    void close_tag(const HtmlPiece& piece);
    void check_link(const std::string& target, const std::string& text);
    void check_names(const HtmlPiece& piece);
    Diagnostic& add(const message::TemplatePart& part,
                    std::string_view needle,
                    std::string code,
                    std::string message);

    struct Element {
        std::string name;
        bool hidden = false;
    };

    const Performance& at_;
    const message::RenderedMessage& message_;
    bool hostile_;
    Diagnostics found_;
    std::vector<Element> open_;  // At most `depth_max`; deeper ones are not looked at.
    std::string target_;         // Of the open link.
    std::string text_;           // Of the open link.
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
    const std::string& base = at_.definitions.workspace.base_url;
    if (hostile_ || (!base.empty() && target.starts_with(base))) {
        return;
    }
    const std::string named = text.empty() ? "a link" : "the link '" + text + "'";
    const std::string_view needle = text.empty() ? "<a" : std::string_view(text);
    if (target.empty() || target == "#") {
        add(at_.variant.html, needle, "dead_link",
            named + " leads nowhere for the sample '" + at_.sample.id +
                "'; a target begins with https://, http://, mailto: or tel:");
        return;
    }
    if (!target.starts_with("http")) {
        return;
    }
    const std::string host = host_of(target);
    const std::string own = host_of(at_.definitions.workspace.brand_url);
    if (host.find('.') == std::string::npos) {
        add(at_.variant.html, needle, "dead_link",
            named + " leads to '" + host + "', which is no address of the web");
    } else if (is_placeholder(host) && !is_placeholder(own)) {
        add(at_.variant.html, needle, "placeholder_link",
            named + " leads to '" + host + "', a name kept for examples")
            .is_warning = true;
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
            "a value of a customer becomes HTML here; print it without 'raw', in quotes when it "
            "stands in an attribute");
    }
}

void MessageCheck::open_tag(const HtmlPiece& piece) {
    constexpr std::size_t depth_max = 1'000;
    check_names(piece);
    if (piece.name == "img") {
        const bool described =
            std::any_of(piece.attributes.begin(), piece.attributes.end(),
                        [](const auto& a) { return equals_ignoring_case(a.name, "alt"); });
        if (!described) {
            add(at_.variant.html, "<img", "image_without_alt",
                "an image has no 'alt'; say what it shows, or alt=\"\" for decoration")
                .is_warning = true;
        }
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
    bool styled = false;
    bool in_body = false;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Open) {
            in_body |= piece.name == "body";
            open_tag(piece);
            if (swallows(piece.name)) {
                const std::size_t before = scanner.position();
                scanner.skip_element(piece.name);
                open_.pop_back();
                const std::string_view inside =
                    std::string_view(message_.html).substr(before, scanner.position() - before);
                styled |= in_body && piece.name == "style" &&
                          inside.find("footer") != std::string_view::npos;
            }
        } else if (piece.kind == HtmlPiece::Kind::Close) {
            close_tag(piece);
        } else if (piece.kind == HtmlPiece::Kind::Text && in_link_) {
            text_ += message::decode_entities(piece.source);
        }
    }
    const bool needs_way_out = at_.message_template.channel == "email" &&
                               !at_.message_template.transactional && !message_.html.empty();
    if (needs_way_out && !hostile_ && (!way_out_ || styled)) {
        add(at_.variant.html, styled ? "footer" : "", "footer_hidden",
            "the body hides the footer with its unsubscribe link; close every tag and comment, "
            "and leave the class 'footer' alone");
    }
}

Diagnostics MessageCheck::run() {
    check_headers();
    if (!hostile_) {
        check_sizes();
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

#include "message/render.h"

#include <algorithm>

#include "base/check.h"
#include "base/strings.h"
#include "message/clean_html.h"
#include "message/direction.h"
#include "message/layout.h"
#include "message/links.h"
#include "message/plain_text.h"
#include "template/text.h"

namespace winback::message {
namespace {

std::string_view text_at(const ValueMap& data, std::string_view key) {
    const Value* value = data.find(key);
    const std::string* text = value != nullptr ? value->as_string() : nullptr;
    return text != nullptr ? std::string_view(*text) : std::string_view();
}

std::string_view text_at(const ValueMap& data, std::string_view map, std::string_view key) {
    const Value* value = data.find(map);
    const ValueMap* inner = value != nullptr ? value->as_map() : nullptr;
    return inner != nullptr ? text_at(*inner, key) : std::string_view();
}

// One line without control characters; white space runs are one space; at most `bytes_max`.
std::string header_text(std::string_view text, std::size_t bytes_max) {
    std::string cleaned;
    liquid::append_header(cleaned, text);
    std::string out;
    for (const char c : without_direction_marks(cleaned)) {
        if (c != ' ' || (!out.empty() && out.back() != ' ')) {
            out += c;
        }
    }
    while (out.ends_with(' ')) {
        out.pop_back();
    }
    constexpr std::string_view ellipsis = "\u2026";
    if (out.size() <= bytes_max) {
        return out;
    }
    std::size_t end = 0;
    while (true) {
        const std::size_t length = liquid::code_point_length(std::string_view(out).substr(end));
        if (end + length > bytes_max - ellipsis.size()) {
            break;
        }
        end += length;
    }
    out.resize(end);
    out += ellipsis;
    return out;
}

RenderOutcome failure(std::string part, liquid::RenderError error) {
    RenderOutcome outcome;
    outcome.failure = RenderFailure{std::move(part), std::move(error)};
    return outcome;
}

liquid::RenderError missing(std::string message) {
    liquid::RenderError error;
    error.kind = liquid::RenderErrorKind::Undefined;
    error.message = std::move(message);
    return error;
}

class MessageRenderer {
public:
    MessageRenderer(const MessageTemplate& message_template, const RenderRequest& request)
        : template_(message_template),
          request_(request),
          data_(*request.data),
          variant_(choose_variant(
              message_template, request.customer_language, request.workspace_language)) {}

    RenderOutcome run();

private:
    bool render_part(const TemplatePart& part,
                     liquid::EscapeMode escape,
                     std::string_view name,
                     std::string& out);
    bool render_header(const TemplatePart& part,
                       std::string_view name,
                       std::size_t bytes_max,
                       std::string& out);
    void lay_out(std::string_view body);
    std::string locale() const;
    LinkCounter counter() const;

    const MessageTemplate& template_;
    const RenderRequest& request_;
    const ValueMap& data_;
    const TemplateVariant& variant_;
    RenderedMessage message_;
    RenderOutcome failed_;
};

// The customer's region with the message's language: pt-BR for a text in pt.
std::string MessageRenderer::locale() const {
    std::string wanted(request_.customer_language);
    std::replace(wanted.begin(), wanted.end(), '_', '-');
    const std::string base = variant_.language.substr(0, variant_.language.find('-'));
    return equals_ignoring_case(wanted.substr(0, wanted.find('-')), base) ? wanted
                                                                          : variant_.language;
}

// Pre: request_.links is not null.
LinkCounter MessageRenderer::counter() const {
    return {*request_.links, variant_.link_hosts, text_at(data_, "workspace", "url")};
}

bool MessageRenderer::render_part(const TemplatePart& part,
                                  liquid::EscapeMode escape,
                                  std::string_view name,
                                  std::string& out) {
    if (part.program == nullptr) {
        return true;
    }
    const std::string locale_name = locale();
    liquid::RenderOptions options;
    options.escape = escape;
    options.zone = request_.zone;
    options.locale = locale_name;
    options.now = request_.now;
    options.snippets = variant_.snippets.get();
    const liquid::LinkMaker links = [this](std::string_view target) {
        return counter().link(target);
    };
    options.links = request_.links == nullptr ? nullptr : &links;
    std::optional<liquid::RenderError> error = liquid::render(*part.program, data_, options, out);
    if (error) {
        failed_ = failure(std::string(name), std::move(*error));
    }
    return !error.has_value();
}

bool MessageRenderer::render_header(const TemplatePart& part,
                                    std::string_view name,
                                    std::size_t bytes_max,
                                    std::string& out) {
    std::string text;
    if (!render_part(part, liquid::EscapeMode::Header, name, text)) {
        return false;
    }
    out = header_text(text, bytes_max);
    return true;
}

void MessageRenderer::lay_out(std::string_view body) {
    LayoutParts parts;
    parts.language = message_.language;
    parts.direction = message_.direction;
    parts.subject = message_.subject;
    parts.preheader = message_.preheader;
    parts.body = body;
    parts.sender_name = text_at(data_, "workspace", "name");
    parts.sender_address = text_at(data_, "workspace", "address");
    parts.sender_url = text_at(data_, "workspace", "url");
    parts.unsubscribe_url = message_.unsubscribe_url;
    parts.preferences_url = text_at(data_, "preferences_url");
    parts.view_url = text_at(data_, "view_in_browser_url");
    if (variant_.text.program == nullptr) {
        message_.text = plain_text(body, message_.direction == "rtl");
    } else {
        message_.text = with_closed_isolates(message_.text);
        if (variant_.track && request_.links != nullptr) {
            message_.text = track_text(message_.text, counter());
        }
    }
    if (template_.channel != "email") {
        return;  // Short channels have no document and no footer: the body is the message.
    }
    if (variant_.html.program != nullptr) {
        message_.html = html_document(parts);
    }
    const std::string footer = text_footer(parts);
    if (!footer.empty()) {
        message_.text += "\n\n-- \n" + footer + "\n";
    }
}

RenderOutcome MessageRenderer::run() {
    message_.language = variant_.language;
    message_.direction = is_right_to_left(variant_.language) ? "rtl" : "ltr";
    message_.to = header_text(request_.to, address_bytes_max);
    const auto address = [](std::string_view own, std::string_view other) {
        return header_text(own.empty() ? other : own, address_bytes_max);
    };
    message_.from = address(variant_.from_address, request_.from);
    message_.reply_to = address(variant_.reply_to, request_.reply_to);
    const bool email = template_.channel == "email";
    if (email && !template_.transactional) {
        message_.unsubscribe_url = text_at(data_, "unsubscribe_url");
        if (!is_safe_link(message_.unsubscribe_url)) {
            return failure("unsubscribe_url",
                           missing("A commercial e-mail needs unsubscribe_url, an http link."));
        }
    }
    std::string body;
    const bool rendered =
        render_header(variant_.from_name, "from_name", from_name_bytes_max, message_.from_name) &&
        render_header(variant_.subject, "subject", subject_bytes_max, message_.subject) &&
        render_header(variant_.preheader, "preheader", preheader_bytes_max, message_.preheader) &&
        render_part(variant_.html, liquid::EscapeMode::Html, "html", body) &&
        render_part(variant_.text, liquid::EscapeMode::None, "text", message_.text);
    if (!rendered) {
        return std::move(failed_);
    }
    if (email && message_.subject.empty()) {
        return failure("subject", missing("The subject is empty for this customer."));
    }
    if (message_.from_name.empty()) {
        message_.from_name = header_text(request_.from_name, from_name_bytes_max);
    }
    if (message_.from_name.empty()) {
        message_.from_name = header_text(text_at(data_, "workspace", "name"), from_name_bytes_max);
    }
    body = clean_html(body);
    if (variant_.track && request_.links != nullptr) {
        body = track_html(body, counter());
    }
    lay_out(body);
    RenderOutcome outcome;
    outcome.message = std::move(message_);
    return outcome;
}

}  // namespace

RenderOutcome render_message(const MessageTemplate& message_template,
                             const RenderRequest& request) {
    WINBACK_CHECK(request.data != nullptr);
    return MessageRenderer(message_template, request).run();
}

}  // namespace winback::message

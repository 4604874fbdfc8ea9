// Renders one message for one customer: subject, HTML in the base layout, and plain text.
//
// Whatever the values hold, what comes out is safe to send: values are escaped, no line end
// reaches a header, links lead only to http, https, mailto and tel, and a commercial message
// always carries its unsubscribe link and the sender's postal address.
//
// See docs/design/messages.md for the layout and the rules of the plain text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"
#include "base/zone.h"
#include "message/message_template.h"
#include "message/own_links.h"

namespace winback::message {

constexpr std::size_t subject_bytes_max = 250;  // Longer ones end with an ellipsis.
constexpr std::size_t preheader_bytes_max = 300;
constexpr std::size_t from_name_bytes_max = 100;
constexpr std::size_t address_bytes_max = 320;  // RFC 5321: 64 + @ + 255.
constexpr std::size_t url_bytes_max = 2000;     // Longer link targets become '#'.

struct RenderRequest {
    // The tree that templates read. The layout itself reads `unsubscribe_url`,
    // `preferences_url`, `view_in_browser_url`, `workspace.name`, `workspace.address` (postal)
    // and `workspace.url`.
    const ValueMap* data = nullptr;
    std::string_view customer_language;
    std::string_view workspace_language = "en";
    const Zone* zone = nullptr;  // The customer's, for dates; UTC when null.
    Timestamp now;
    std::string_view to;  // Address on the channel.
    // The sender, where the template names none. Without any name it is `workspace.name`.
    std::string_view from;
    std::string_view from_name;
    std::string_view reply_to;
    const TrackedLinks* links = nullptr;  // Null: no link is counted.
};

struct RenderedMessage {
    std::string to;
    std::string from;
    std::string from_name;
    std::string reply_to;
    std::string subject;
    std::string preheader;
    std::string html;  // A whole document; empty when the message is text alone.
    std::string text;
    std::string language;
    std::string direction;        // "ltr" or "rtl"
    std::string unsubscribe_url;  // For List-Unsubscribe; empty when transactional.
};

// Why a message could not be rendered; it is refused with RefusalReason::RenderError.
struct RenderFailure {
    std::string part;  // "subject", "html", ...; "unsubscribe_url" when that is missing.
    liquid::RenderError error;
};

struct RenderOutcome {
    std::optional<RenderedMessage> message;
    std::optional<RenderFailure> failure;  // Exactly one of the two.
};

// Pre: request.data is not null. Fails for a commercial message without `unsubscribe_url`.
RenderOutcome render_message(const MessageTemplate& message_template, const RenderRequest& request);

}  // namespace winback::message

// The base layout: the document around the body of every e-mail.
//
// One column of at most 600 px, text in the reader's direction, colours for light and dark, a
// hidden preheader, and a footer with the unsubscribe link and the sender's postal address.
#pragma once

#include <string>
#include <string_view>

namespace winback::message {

// All texts are plain: the layout escapes them.
struct LayoutParts {
    std::string_view language;
    std::string_view direction;  // "ltr" or "rtl"
    std::string_view subject;
    std::string_view preheader;
    std::string_view body;  // HTML, cleaned.
    std::string_view sender_name;
    std::string_view sender_address;  // Postal; may have several lines.
    std::string_view sender_url;
    std::string_view unsubscribe_url;  // Empty when transactional: no link.
    std::string_view preferences_url;
    std::string_view view_url;  // The same message as a page; empty: no link.
};

std::string html_document(const LayoutParts& parts);
// The footer of the plain text, without a line end before or behind it; empty when there is
// nothing to say.
std::string text_footer(const LayoutParts& parts);

}  // namespace winback::message

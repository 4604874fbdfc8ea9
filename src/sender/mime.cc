#include "sender/mime.h"

#include <array>
#include <cstdio>

#include "base/civil.h"
#include "base/hash.h"
#include "base/strings.h"
#include "sender/encoding.h"

namespace winback::sender {
namespace {

Error invalid(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool all_of(std::string_view text, bool (*accepts)(char)) {
    for (const char c : text) {
        if (!accepts(c)) {
            return false;
        }
    }
    return true;
}

bool is_url_character(char c) {
    return c > ' ' && c <= '~' && c != '<' && c != '>' && c != '"';
}

bool is_language_character(char c) {
    return is_alphanumeric(c) || c == '-';
}

bool is_feedback_character(char c) {
    return c > ' ' && c <= '~';
}

Status check_texts(const Mail& mail) {
    if (mail.message_key.empty() || mail.message_key.size() > message_key_max ||
        !all_of(mail.message_key, is_alphanumeric)) {
        return invalid("message key: 1 to 64 letters and digits are needed");
    }
    if (!is_host_name(mail.message_id_domain)) {
        return invalid("message id domain: not a host name");
    }
    for (const std::string* text : {&mail.subject, &mail.text, &mail.html, &mail.from.name,
                                    &mail.to.name, &mail.reply_to.name}) {
        if (!is_valid_utf8(*text)) {
            return invalid("subject, body or name: not UTF-8");
        }
    }
    if (mail.text.empty() && mail.html.empty()) {
        return invalid("body: neither text nor HTML");
    }
    if (mail.language.size() > 35 || !all_of(mail.language, is_language_character)) {
        return invalid("language: not a language tag");
    }
    if (!all_of(mail.list_unsubscribe_url, is_url_character) ||
        !(mail.list_unsubscribe_url.empty() || mail.list_unsubscribe_url.starts_with("https://") ||
          mail.list_unsubscribe_url.starts_with("http://"))) {
        return invalid("unsubscribe URL: not an http or https URL in ASCII");
    }
    if (!all_of(mail.feedback_id, is_feedback_character)) {
        return invalid("feedback id: only visible ASCII characters are possible");
    }
    return Ok{};
}

Status check_sizes(const Mail& mail) {
    if (mail.text.size() + mail.html.size() > mail_body_bytes_max) {
        return Error{ErrorCode::LimitExceeded, "body: more than 10 MB"};
    }
    if (mail.subject.size() > subject_bytes_max) {
        return Error{ErrorCode::LimitExceeded, "subject: more than 2000 bytes"};
    }
    if (mail.list_unsubscribe_url.size() > mail_url_bytes_max ||
        mail.feedback_id.size() > mail_url_bytes_max) {
        return Error{ErrorCode::LimitExceeded,
                     "unsubscribe URL or feedback id: more than 900 bytes"};
    }
    return Ok{};
}

// RFC 5322 §3.3, always in UTC.
std::string date_header(Timestamp time) {
    constexpr std::array<const char*, 7> weekdays = {"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const CivilTime civil = civil_from_timestamp(time);
    const int weekday = weekday_from_days(days_from_civil(civil.year, civil.month, civil.day));
    std::array<char, 80> line{};
    std::snprintf(line.data(), line.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n",
                  weekdays.at(static_cast<std::size_t>(weekday)), civil.day,
                  months.at(static_cast<std::size_t>(civil.month - 1)), civil.year, civil.hour,
                  civil.minute, civil.second);
    return line.data();
}

// A name is decoration: one that is too long is cut, between code points.
std::string_view shortened(std::string_view name) {
    if (name.size() <= display_name_bytes_max) {
        return name;
    }
    std::size_t end = display_name_bytes_max;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) {
        --end;
    }
    return name.substr(0, end);
}

std::string mailbox_header(std::string_view header, std::string_view name, const Address& address) {
    std::string out(header);
    out += ": ";
    const std::string phrase = display_name(shortened(name), out.size());
    if (phrase.empty()) {
        out += address.text();
    } else {
        out += phrase;
        const std::size_t line_start =
            out.rfind('\n') == std::string::npos ? 0 : out.rfind('\n') + 1;
        const std::string path = '<' + address.text() + '>';
        out += out.size() - line_start + 1 + path.size() <= mail_line_max ? " " : "\r\n ";
        out += path;
    }
    out += "\r\n";
    return out;
}

std::string unsubscribe_headers(const Mail& mail, const std::string& mailto) {
    std::string out;
    const std::string& url = mail.list_unsubscribe_url;
    if (!url.empty()) {
        out += "List-Unsubscribe: <" + url + '>';
    }
    if (!mailto.empty()) {
        out += url.empty() ? "List-Unsubscribe: " : ",\r\n ";
        out += "<mailto:" + mailto + '>';
    }
    out += out.empty() ? "" : "\r\n";
    // RFC 8058 §3.1: one click only over HTTPS.
    if (url.starts_with("https://")) {
        out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    }
    return out;
}

struct Part {
    std::string_view type;
    TransferEncoding encoding;
    std::string body;

    std::string headers() const {
        std::string out = "Content-Type: ";
        out += type;
        out += "; charset=utf-8\r\nContent-Transfer-Encoding: ";
        switch (encoding) {
            case TransferEncoding::SevenBit:
                out += "7bit";
                break;
            case TransferEncoding::QuotedPrintable:
                out += "quoted-printable";
                break;
            case TransferEncoding::Base64:
                out += "base64";
                break;
        }
        out += "\r\n\r\n";
        return out;
    }
};

Part make_part(std::string_view type, std::string_view text) {
    std::string crlf = with_crlf(text);
    const TransferEncoding encoding = choose_encoding(crlf);
    switch (encoding) {
        case TransferEncoding::SevenBit:
            break;
        case TransferEncoding::QuotedPrintable:
            crlf = quoted_printable(crlf);
            break;
        case TransferEncoding::Base64:
            crlf = base64_lines(crlf);
            break;
    }
    return {type, encoding, std::move(crlf)};
}

// "=_" stands in neither quoted-printable nor base64 (RFC 2045 §6.7), so only a 7-bit body can
// hold the first choice; then the next number is tried.
std::string choose_boundary(const std::string& key, const Part& text, const Part& html) {
    const std::string stem = "=_" + to_hex(hash128(key)) + '_';
    for (int attempt = 0;; ++attempt) {
        const std::string boundary = stem + std::to_string(attempt);
        if (text.body.find(boundary) == std::string::npos &&
            html.body.find(boundary) == std::string::npos) {
            return boundary;
        }
    }
}

std::string body_of(const Mail& mail) {
    if (mail.html.empty() || mail.text.empty()) {
        const bool is_text = mail.html.empty();
        const Part only =
            make_part(is_text ? "text/plain" : "text/html", is_text ? mail.text : mail.html);
        return only.headers() + only.body + (only.body.ends_with("\r\n") ? "" : "\r\n");
    }
    const Part text = make_part("text/plain", mail.text);
    const Part html = make_part("text/html", mail.html);
    const std::string boundary = choose_boundary(mail.message_key, text, html);
    std::string out =
        "Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n\r\n";
    out.reserve(out.size() + text.body.size() + html.body.size() + 512);
    for (const Part* part : {&text, &html}) {
        out += "--" + boundary + "\r\n" + part->headers();
        out += part->body;
        out += "\r\n";
    }
    out += "--" + boundary + "--\r\n";
    return out;
}

Result<Address> address_of(std::string_view role, const std::string& text) {
    Result<Address> address = parse_address(text);
    if (!address) {
        return invalid(std::string(role) + ": " + address.error().message);
    }
    return address;
}

}  // namespace

Result<ComposedMail> compose(const Mail& mail) {
    WINBACK_TRY([[maybe_unused]] const Ok texts, check_texts(mail));
    WINBACK_TRY([[maybe_unused]] const Ok sizes, check_sizes(mail));
    WINBACK_TRY(const Address from, address_of("from", mail.from.address));
    ComposedMail out;
    WINBACK_TRY(out.to, address_of("to", mail.to.address));
    WINBACK_TRY(
        out.return_path,
        address_of("return path", mail.return_path.empty() ? mail.from.address : mail.return_path));
    out.needs_smtputf8 =
        from.needs_smtputf8 || out.to.needs_smtputf8 || out.return_path.needs_smtputf8;

    std::string& bytes = out.bytes;
    bytes = date_header(mail.date);
    bytes += mailbox_header("From", mail.from.name, from);
    bytes += mailbox_header("To", mail.to.name, out.to);
    if (!mail.reply_to.address.empty()) {
        WINBACK_TRY(const Address reply_to, address_of("reply to", mail.reply_to.address));
        out.needs_smtputf8 = out.needs_smtputf8 || reply_to.needs_smtputf8;
        bytes += mailbox_header("Reply-To", mail.reply_to.name, reply_to);
    }
    bytes += text_header("Subject", mail.subject);
    bytes += "Message-ID: <" + mail.message_key + '@' + mail.message_id_domain + ">\r\n";
    std::string mailto;
    if (!mail.list_unsubscribe_mailto.empty()) {
        WINBACK_TRY(const Address parsed, address_of("unsubscribe", mail.list_unsubscribe_mailto));
        mailto = parsed.text();
        if (parsed.needs_smtputf8 || !all_of(mailto, is_url_character)) {
            return invalid("unsubscribe: the address cannot stand in a mailto URL");
        }
    }
    bytes += unsubscribe_headers(mail, mailto);
    if (!mail.feedback_id.empty()) {
        bytes += "Feedback-ID: " + mail.feedback_id + "\r\n";
    }
    if (!mail.language.empty()) {
        bytes += "Content-Language: " + mail.language + "\r\n";
    }
    // RFC 3834: keeps vacation responders from answering.
    bytes += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
    bytes += body_of(mail);
    return out;
}

}  // namespace winback::sender

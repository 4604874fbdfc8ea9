// Encodes text for mail: base64, quoted-printable and the encoded words of headers.
//
// RFC 2045 §6.7 and §6.8 (bodies), RFC 2047 (header words), RFC 5322 §2.1.1 (line lengths). The
// text must be well-formed UTF-8; callers check that first (is_valid_utf8).
#pragma once

#include <string>
#include <string_view>

namespace winback::sender {

// Longest line of anything we write into a message, without CRLF.
constexpr std::size_t mail_line_max = 76;

// Without line breaks; for SMTP AUTH.
std::string base64(std::string_view bytes);

// In lines of 76 characters separated by CRLF; no CRLF at the end.
std::string base64_lines(std::string_view bytes);

// `text` has CRLF line ends only. Those stay as line ends; all else that is not printable ASCII,
// and white space at a line's end, becomes =XX. No line exceeds 76 characters.
std::string quoted_printable(std::string_view text);

// Line ends of any kind (CRLF, lone CR, lone LF) become CRLF.
std::string with_crlf(std::string_view text);

// How a body travels. SevenBit only when nothing needs encoding; otherwise the shorter of the two,
// which is quoted-printable for Latin scripts and base64 for Arabic, Persian, Chinese.
enum class TransferEncoding { SevenBit, QuotedPrintable, Base64 };
TransferEncoding choose_encoding(std::string_view crlf_text);

// A header "Name: text" with its CRLF, folded. Control characters, line breaks among them, become
// spaces, so text can never start another header. Text that is not plain printable ASCII becomes
// encoded words of at most 75 characters which never split a code point.
std::string text_header(std::string_view name, std::string_view text);

// A display name as it stands before "<address>": atoms, a quoted string or encoded words.
// `column` is where it starts in its line. Empty for a name with nothing visible in it.
std::string display_name(std::string_view name, std::size_t column);

}  // namespace winback::sender

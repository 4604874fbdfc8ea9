// Turns a Mail into the bytes of an Internet message (RFC 5322, MIME).
//
// Deterministic: the same Mail gives the same bytes on every machine. Message-ID and boundary come
// from the message key, so that a message which has to be looked for (RFC 1047) can be found.
//
// See docs/design/sending.md for the headers and how encodings are chosen.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "sender/address.h"
#include "sender/mail.h"

namespace winback::sender {

constexpr std::size_t message_key_max = 64;
constexpr std::size_t subject_bytes_max = 2'000;
constexpr std::size_t display_name_bytes_max = 500;  // A longer one is cut.
constexpr std::size_t mail_url_bytes_max = 900;      // A URL cannot be folded; a line ends at 998.
constexpr std::size_t mail_body_bytes_max = 10U << 20;

struct ComposedMail {
    Address return_path;
    Address to;
    std::string bytes;            // CRLF line ends only, no line longer than 998, ends in CRLF.
    bool needs_smtputf8 = false;  // A header holds an address that only RFC 6532 allows.
};

// Fails with InvalidArgument (an address, URL or key cannot be written safely, or text is not
// UTF-8) or LimitExceeded. Line breaks and control characters in subject and names are no failure:
// they become spaces.
Result<ComposedMail> compose(const Mail& mail);

}  // namespace winback::sender

// Checks an e-mail address for sending and takes it apart.
//
// The grammar is RFC 5321's Mailbox, not RFC 5322's: no comments, no folding, no obsolete forms.
// So everything accepted here can stand in "RCPT TO:<...>" as it is. Nothing is looked up.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::sender {

constexpr std::size_t local_part_octets_max = 64;  // RFC 5321 §4.5.3.1.1
constexpr std::size_t label_octets_max = 63;       // RFC 1035 §2.3.4
constexpr std::size_t domain_octets_max = 253;
constexpr std::size_t address_octets_max = 254;  // A path is 256 with its angle brackets.

struct Address {
    std::string local;            // As written, quotes included.
    std::string domain;           // ASCII: a name in another script is in its xn-- form.
    bool needs_smtputf8 = false;  // The local part is not ASCII (RFC 6531).

    std::string text() const { return local + '@' + domain; }
};

// Fails with InvalidArgument and says what is wrong.
Result<Address> parse_address(std::string_view text);

// A host name of letters, digits and hyphens, as it may stand after EHLO or in a Message-ID.
bool is_host_name(std::string_view text);

// "1.2.3.4", or the part after "IPv6:" of an address literal (RFC 5321 §4.1.3).
bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);

}  // namespace winback::sender

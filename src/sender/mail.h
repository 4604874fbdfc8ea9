// One e-mail as the rest of winback describes it, before it has the form of a mail message.
#pragma once

#include <string>

#include "base/time.h"

namespace winback::sender {

struct Mailbox {
    std::string name;  // May be empty.
    std::string address;
};

struct Mail {
    std::string
        message_key;  // Letters and digits, at most 64; unique for ever (the send ledger's).
    std::string message_id_domain;
    Mailbox from;
    Mailbox to;
    Mailbox reply_to;         // No address: the header is left out.
    std::string return_path;  // Where bounces go; empty means `from.address`.
    std::string subject;
    std::string text;  // At least one of text and html is not empty.
    std::string html;
    std::string language;  // BCP 47; empty leaves the header out.
    std::string list_unsubscribe_url;
    std::string list_unsubscribe_mailto;  // An address, without "mailto:".
    std::string feedback_id;              // Four fields joined by ":"; empty leaves it out.
    Timestamp date;
};

}  // namespace winback::sender

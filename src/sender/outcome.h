// What became of one message that was handed to a sender.
#pragma once

#include <string>

namespace winback::sender {

// See docs/design/sending.md for the table of causes.
enum class OutcomeKind {
    Previewed,  // Kept for looking at; never meant to leave.
    Sent,       // The server took responsibility for it.
    Refused,    // For good; sending it again would be refused again.
    Deferred,   // For now; the server said so, or its reply was of the temporary kind.
    NotSent,    // It certainly did not leave: no server, no connection, or lost in time.
    InDoubt,    // The final dot may have left and no reply came; never send it again unasked.
};

struct Outcome {
    OutcomeKind kind = OutcomeKind::NotSent;
    int code = 0;          // The server's reply code; 0 when decided on this side.
    std::string enhanced;  // RFC 3463, such as "5.1.1"; may be empty.
    std::string text;      // The server's words, or ours.
};

const char* to_string(OutcomeKind kind);

}  // namespace winback::sender

#include "sender/outcome.h"

namespace winback::sender {

const char* to_string(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::Previewed:
            return "previewed";
        case OutcomeKind::Sent:
            return "sent";
        case OutcomeKind::Refused:
            return "refused";
        case OutcomeKind::Deferred:
            return "deferred";
        case OutcomeKind::NotSent:
            return "not_sent";
        case OutcomeKind::InDoubt:
            return "in_doubt";
    }
    return "unknown";
}

}  // namespace winback::sender

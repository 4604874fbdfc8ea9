// Whose passages through a journey a list of customers is narrowed to, as it stands in its address.
//
//   journey    id of a journey; the others need it, and one passage must fulfil all of them
//   step       who stands at this step now; "-": at one that the playbook of now does not have
//   clicked    who followed a link of this step's message (report::MessageCounts::clicked)
//   arm        assigned, holdout
//   done       no (on the way), converted, left, finished: report::PassageEnd
//   entered_since, entered_until   moments: entered then or later, and before
//   entered_under   on the way under this version of the playbook
#pragma once

#include <string>

#include "base/result.h"
#include "http/request.h"
#include "http/url.h"
#include "report/passages.h"

namespace winback::api {

class Desk;

constexpr std::string_view step_elsewhere = "-";

struct PassageChoice {
    std::string journey;  // Empty: the list asks for no passage.
    std::string step;
    std::string clicked;
    std::string arm;
    std::string done;
    std::string entered_since;
    std::string entered_until;
    std::string entered_under;

    http::Pairs address() const;
};

// Fails with InvalidArgument and says how it must be.
Result<PassageChoice> passage_choice_of(const http::Request& request);

// Pre: `choice` names a journey and came from passage_choice_of. Fails with NotFound for a journey
// or a step that never was. Blocks.
Result<report::PassageFilter> passage_filter_of(Desk& desk, const PassageChoice& choice);

}  // namespace winback::api

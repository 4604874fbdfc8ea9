// Who stands behind the numbers of journeys, as addresses of the list of customers.
#pragma once

#include "base/value.h"

namespace winback::ui {

// Adds to a journey of api::list_journeys or api::describe_journey `paths`, a map of addresses:
// inside, entered, goals, exited, finished (of lately), ever, held_out; and, where they are, a
// `path` to each step, month and version, and `elsewhere_path`.
void add_passage_links(ValueMap& journey);

}  // namespace winback::ui

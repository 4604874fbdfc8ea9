// Days of a filter, as people mean them: in the zone of the workspace, where lists show them.
#pragma once

#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "base/time.h"

namespace winback::api {

// A moment (ISO 8601), or the beginning of a day ("2026-11-25"); `next`: of the day after it. Fails
// with InvalidArgument.
Result<Timestamp> moment_of(Desk& desk, std::string_view text, bool next);

}  // namespace winback::api

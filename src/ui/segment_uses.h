// What shows a segment or tells of it, beside the journeys and segments of api::users_of.
#pragma once

#include <optional>
#include <string_view>

#include "api/desk.h"
#include "base/value.h"
#include "host/keys.h"

namespace winback::ui {

// [{name, path}] of saved views of the list of customers that ask for it, one's own and shared
// ones: they do not keep it from being deleted. Empty for who may not see people.
ValueList segment_views(api::Desk& desk,
                        const std::optional<host::Key>& who,
                        std::string_view segment);

// {kind, name, path} of webhooks that are told who enters or leaves segments, whichever; for
// admins.
ValueList segment_webhooks(api::Desk& desk, const std::optional<host::Key>& who);

}  // namespace winback::ui

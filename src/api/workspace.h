// The workspace and the common policies for people and programs: read from the playbook, written
// back into it (decision 0009).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/desk.h"
#include "api/playbook_writer.h"
#include "base/result.h"
#include "base/value.h"
#include "host/keys.h"

namespace winback::api {

// {version, name, zone, currency, language, country, from_name, from_address, reply_to, address,
// base_url, brand_url, keep: {silent_customers ("36mo", "off"), at}, quiet: {on, from, to,
// weekends}, caps: [{limit, days, months, channel, hold}], control_share, holdouts: [{journey,
// share}]}. Empty without a playbook.
ValueMap describe_workspace(Desk& desk);

// `changes` has some of the members above as texts, and quiet_on ("yes", "no"), quiet_from,
// quiet_to, quiet_weekends, control_percent ("2"), keep_silent_customers, keep_at. `country` and
// `reply_to` may be empty: then the playbook names none any more.
struct WorkspaceFault {
    std::string member;
    std::string message;
};
// The first member that cannot be.
std::optional<WorkspaceFault> workspace_fault(const ValueMap& changes);

// `base_version`: of the playbook that the changes were made on. What is saved is in the audit
// trail under `who`. Fails with InvalidArgument, naming the member, and as PlaybookWriter::save.
Result<PlaybookSaved> save_workspace(Desk& desk,
                                     PlaybookWriter& writer,
                                     const host::Key& who,
                                     std::uint64_t base_version,
                                     const ValueMap& changes);

}  // namespace winback::api

// All templates of one playbook version as a tree; made once for each version. Private to this
// folder.
#pragma once

#include "base/value.h"
#include "engine/definitions.h"
#include "playbook/playbook.h"

namespace winback::api {

// {version, languages, templates: [{id, channel, topic, transactional, languages, missing,
// variants: [{language, file, subject, bytes, errors, warnings}], used_by, errors, warnings}]}
ValueMap template_catalog(const engine::Definitions& definitions,
                          const playbook::Files& files,
                          Timestamp now);

}  // namespace winback::api

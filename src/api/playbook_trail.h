// Who made which version of the playbook and why: beside the version and in the audit trail, also
// when the process ends between the version and its trail.
//
// What is to be said is written down before the version is made, and goes to its places once the
// version is there: at once, or before anything else when the next process begins.
#pragma once

#include <cstdint>

#include "api/playbook_writer.h"
#include "base/result.h"
#include "playbook/playbook.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::api {

struct VersionToCome {
    std::uint64_t version = 0;
    const playbook::Files& files;
};
// Pre: finish_trail succeeded since the announcement before.
Status announce_version(host::Host& host, const PlaybookAct& act, const VersionToCome& made);

// Writes down what was announced, once; forgets it when the version was never made. Pre: no
// version is being made. Fails with Corrupt and as Store::write.
Status finish_trail(host::Host& host);

}  // namespace winback::api

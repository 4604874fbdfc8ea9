// The playbook that comes with the program, for folders that begin without one.
#pragma once

#include <span>

#include "api/embedded.h"
#include "playbook/playbook.h"

namespace winback::api {

// The files of playbook/, part of the binary.
std::span<const EmbeddedFile> embedded_playbook_files();

// The same with a workspace that is nobody's: its addresses end in .example, which can never
// receive mail (RFC 2606), until somebody says whose it is.
playbook::Files shipped_playbook();

}  // namespace winback::api

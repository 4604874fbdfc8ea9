// The playbook that comes with the program, for folders that begin without one.
#pragma once

#include <span>
#include <string_view>

#include "api/embedded.h"
#include "playbook/playbook.h"

namespace winback::api {

// What its workspace says of a shop that nobody has named yet.
constexpr std::string_view shipped_name = "My shop";  // Of the shop, and of who writes.
constexpr std::string_view shipped_address = "The postal address of the shop";

// The files of playbook/, part of the binary.
std::span<const EmbeddedFile> embedded_playbook_files();

// The same with a workspace that is nobody's: its addresses end in .example, which can never
// receive mail (RFC 2606), until somebody says whose it is.
playbook::Files shipped_playbook();

}  // namespace winback::api

// Opening a data folder for a command, and playbooks beside it.
#pragma once

#include <memory>
#include <string>

#include "host/audit.h"
#include "host/host.h"
#include "playbook/playbook.h"

namespace winback::cli {

// Opens the folder for one command, without threads of its own. When a server has it, the error
// says how to ask the server instead (`instead`: a method and path of its API).
Result<std::unique_ptr<host::Host>> open_folder(const std::string& data,
                                                bool create,
                                                std::string_view instead = "");

// Who commands are in the audit trail.
inline const host::Actor command_line{host::ActorKind::CommandLine, "", "command line"};

// Options that every use of a folder shares; callers change what they need.
host::HostOptions folder_options(const std::string& data, bool create);

// Reads, checks and returns a playbook; prints its mistakes to stderr. Fails with
// InvalidArgument when there are any.
struct ReadPlaybook {
    engine::Definitions definitions;
    playbook::Files files;
};
Result<ReadPlaybook> read_playbook(const std::string& folder);

}  // namespace winback::cli

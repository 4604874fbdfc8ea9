#include "cli/folder.h"

#include <fmt/format.h>
#include <sys/stat.h>

namespace winback::cli {

namespace {

// A folder holds all that is known of customers, and the secrets of authenticators.
void keep_private(const std::string& data) {
    ::umask(S_IRWXG | S_IRWXO);
    struct stat folder {};
    if (::stat(data.c_str(), &folder) == 0 && (folder.st_mode & S_IRWXO) != 0) {
        fmt::print(stderr,
                   "warning: every user of this machine may look into the data folder '{0}'; "
                   "close it with: chmod -R o= '{0}'\n",
                   data);
    }
}

}  // namespace

host::HostOptions folder_options(const std::string& data, bool create) {
    keep_private(data);
    host::HostOptions options;
    options.folder = data;
    options.create = create;
    options.compile = [](const host::PlaybookFiles& files) -> Result<engine::Definitions> {
        playbook::LoadedPlaybook loaded = playbook::load(files);
        if (!loaded.definitions.has_value()) {
            return Error{ErrorCode::InvalidArgument,
                         "the playbook that the folder keeps no longer checks:\n" +
                             playbook::render(loaded.diagnostics, files)};
        }
        return *std::move(loaded.definitions);
    };
    return options;
}

Result<std::unique_ptr<host::Host>> open_folder(const std::string& data,
                                                bool create,
                                                std::string_view instead) {
    host::HostOptions options = folder_options(data, create);
    options.mode = host::Mode::Inline;
    auto host = host::Host::open(std::move(options));
    if (!host.has_value() && host.error().code == ErrorCode::Conflict && !instead.empty()) {
        return Error{ErrorCode::Conflict,
                     host.error().message + "\n         or ask the running server: " +
                         std::string(instead) + " with a token of `winback key create`"};
    }
    return host;
}

Result<ReadPlaybook> read_playbook(const std::string& folder) {
    Diagnostics passed_over;
    WINBACK_TRY(playbook::Files files, playbook::read_folder(folder, &passed_over));
    playbook::LoadedPlaybook loaded = playbook::load(files);
    fmt::print(stderr, "{}", playbook::render(passed_over, files));
    fmt::print(stderr, "{}", playbook::render(loaded.diagnostics, files));
    if (!loaded.definitions.has_value()) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("the playbook '{}' has {} mistakes; nothing was changed", folder,
                                 loaded.diagnostics.size())};
    }
    return ReadPlaybook{*std::move(loaded.definitions), std::move(files)};
}

}  // namespace winback::cli

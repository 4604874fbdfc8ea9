// Reads a playbook: a folder of YAML and Liquid files that defines segments, journeys, templates,
// offers and policies. docs/design/playbook.md is the reference of the format.
//
// Every mistake of every file is reported at once, each with file, line and column. A playbook
// with an error gives no definitions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/diagnostic.h"
#include "base/result.h"
#include "engine/definitions.h"

namespace winback::playbook {

constexpr std::size_t files_max = 2'000;
constexpr std::size_t file_bytes_max = 512 * 1024;
constexpr std::size_t playbook_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t id_bytes_max = 64;
constexpr std::size_t segments_max = 500;
constexpr std::size_t journeys_max = 200;
constexpr std::size_t samples_max = 50;
constexpr int step_depth_max = 8;

// Texts by path relative to the folder, with '/': "segments/lapsing.yaml".
using Files = std::map<std::string, std::string>;

// Reads the files that belong to a playbook; others are passed over, and symbolic links, of which
// `passed_over` is told. Fails with NotFound, LimitExceeded or Unavailable (cannot be read).
Result<Files> read_folder(const std::string& folder, Diagnostics* passed_over = nullptr);

struct LoadedPlaybook {
    std::optional<engine::Definitions> definitions;  // Empty exactly when there are errors.
    Diagnostics diagnostics;                         // In the order of files, lines and columns.
};

// `version` and `link_secret` are left to the host.
LoadedPlaybook load(const Files& files);

// All diagnostics with the lines that they point at, ready to print.
std::string render(const Diagnostics& diagnostics, const Files& files);

}  // namespace winback::playbook

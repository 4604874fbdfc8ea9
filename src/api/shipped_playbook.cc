#include "api/shipped_playbook.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "yaml/edit.h"

namespace winback::api {

playbook::Files shipped_playbook() {
    playbook::Files files;
    for (const EmbeddedFile& file : embedded_playbook_files()) {
        files.emplace(std::string(file.path), std::string(file.content));
    }
    std::string& workspace = files.at("workspace.yaml");
    // The first line speaks of the demo.
    workspace =
        "# The workspace. The page Settings changes this file and keeps what is written here.\n" +
        workspace.substr(workspace.find('\n') + 1);
    const std::vector<std::pair<std::vector<std::string>, std::string>> changes{
        {{"name"}, std::string(shipped_name)},
        {{"zone"}, "UTC"},
        {{"currency"}, "USD"},
        {{"from", "name"}, std::string(shipped_name)},
        {{"from", "address"}, "hello@my-shop.example"},
        {{"reply_to"}, "help@my-shop.example"},
        {{"address"}, std::string(shipped_address)},
        {{"brand_url"}, "https://my-shop.example"}};
    for (const auto& [path, value] : changes) {
        Result<std::string> changed = yaml::with_scalar(workspace, path, value);
        WINBACK_CHECK(changed.has_value());
        workspace = *std::move(changed);
    }
    return files;
}

}  // namespace winback::api

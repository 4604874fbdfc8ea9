// Splits the input into files at NUL bytes (path, content, path, content …), loads and rehearses
// them.
#include <cstddef>
#include <cstdint>
#include <string>

#include "playbook/playbook.h"
#include "playbook/rehearsal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    winback::playbook::Files files;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t path_end = text.find('\0', at);
        if (path_end == std::string::npos) {
            break;
        }
        const std::size_t content_end = std::min(text.find('\0', path_end + 1), text.size());
        files[text.substr(at, path_end - at)] =
            text.substr(path_end + 1, content_end - path_end - 1);
        at = content_end + 1;
    }
    const auto loaded = winback::playbook::load(files);
    (void)winback::playbook::render(loaded.diagnostics, files);
    if (loaded.definitions.has_value()) {
        (void)winback::playbook::rehearse(*loaded.definitions, {});
    }
    return 0;
}

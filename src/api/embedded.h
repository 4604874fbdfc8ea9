// Files that are part of the binary; cmake/embed.cmake writes them at build time.
#pragma once

#include <span>
#include <string_view>

namespace winback::api {

struct EmbeddedFile {
    std::string_view path;  // Relative to the folder that was embedded.
    std::string_view content;
};

std::span<const EmbeddedFile> embedded_api_files();  // openapi.json

}  // namespace winback::api

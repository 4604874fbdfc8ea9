// The files of web/, part of the binary.
#pragma once

#include "api/embedded.h"

namespace winback::ui {

std::span<const api::EmbeddedFile> embedded_web_files();

}  // namespace winback::ui

// Replaces, adds or takes away one value of a YAML text, however it is written: on its line, as a
// block of lines, or in a map in braces. The rest stays as people wrote it, comments included.
//
// For keys at the top or one level below it, of maps of texts. What came out is read again and
// compared, so a text that this cannot change is refused, never broken.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winback::yaml {

struct NewText {
    std::string_view text;
    bool block = false;  // On lines of its own behind `|`, as conditions are written.
};

// `path` is one key, or two: {"name", "tr"}. Without a value the key goes; a map that loses its
// last key goes with it. Of texts with line ends the last line's is not kept. Fails with
// InvalidArgument.
Result<std::string> with_text(std::string_view text,
                              const std::vector<std::string>& path,
                              std::optional<NewText> value);

}  // namespace winback::yaml

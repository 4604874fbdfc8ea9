// Changes or takes away one scalar of a YAML text and leaves the rest as people wrote it,
// comments included.
//
// Made for small settings: values on one line, keys at the top or one level below it. What came
// out is read again and compared, so a text that this cannot change is refused, never broken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winback::yaml {

// `path` is one key, or two: {"from", "name"}. A key that is not there is added. The value is
// written in quotes where it needs them. Fails with InvalidArgument.
Result<std::string> with_scalar(std::string_view text,
                                const std::vector<std::string>& path,
                                std::string_view value);

// Takes a key at the top away with its value, which is a scalar; a text without it stays as it is.
// Fails with InvalidArgument.
Result<std::string> without_scalar(std::string_view text, std::string_view key);

// A text in double quotes, as YAML reads it back.
std::string quoted(std::string_view text);

}  // namespace winback::yaml

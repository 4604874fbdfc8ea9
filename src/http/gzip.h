// gzip of whole bodies, bounded: a small body that would inflate without end is refused as soon
// as the bound is passed, so a bomb costs no more than an honest body.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::http {

// Fails with LimitExceeded beyond `bytes_max`, InvalidArgument when it is not one or more whole
// gzip members (RFC 1952).
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

std::string gzip(std::string_view bytes);

}  // namespace winback::http

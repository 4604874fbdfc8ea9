// gzip of whole bodies, bounded: a small body that would inflate without end is refused as soon
// as the bound is passed, so a bomb costs no more than an honest body.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::http {

// Fails with LimitExceeded beyond `bytes_max`, InvalidArgument when it is not one or more whole
// gzip members (RFC 1952).
Result<std::string> gunzip(std::string_view compressed, std::size_t bytes_max);

std::string gzip(std::string_view bytes);

// gzip of a body that comes in pieces. What is given back may lag behind what was added.
class Deflater {
public:
    Deflater();
    ~Deflater();
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;

    std::string add(std::string_view bytes);
    std::string finish();  // Called once, last.

private:
    struct Impl;
    std::string run(std::string_view bytes, int flush);
    std::unique_ptr<Impl> impl_;
};

}  // namespace winback::http

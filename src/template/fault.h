// A mistake in a template, by its place in the source.
#pragma once

#include <cstdint>
#include <string>

namespace winback::liquid {

struct Fault {
    std::string code;  // snake_case, stable.
    std::uint32_t at = 0;
    std::uint32_t length = 1;
    std::string message;
};

}  // namespace winback::liquid

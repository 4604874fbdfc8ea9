// A QR code as SVG, for the authenticator of a telephone.
#pragma once

#include <string>
#include <string_view>

namespace winback::ui {

// `label` is read out in its place. Empty when the text is too long for a code.
std::string qr_code(const std::string& text, std::string_view label);

}  // namespace winback::ui

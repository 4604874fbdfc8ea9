#include "ui/qr_code.h"

#include <memory>

#include <qrencode.h>

#include "base/strings.h"

namespace winback::ui {

std::string qr_code(const std::string& text, std::string_view label) {
    constexpr int quiet_zone = 4;  // Modules of white around it (ISO/IEC 18004).
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit(text.c_str(), 0, QR_ECLEVEL_M), QRcode_free);
    if (code == nullptr) {
        return {};
    }
    const int width = code->width;
    const std::string side = std::to_string(width + 2 * quiet_zone);
    std::string svg = "<svg class=\"qr\" role=\"img\" aria-label=\"" + escape_html(label) +
                      "\" viewBox=\"0 0 " + side + " " + side +
                      "\"><rect class=\"qr-paper\" width=\"" + side + "\" height=\"" + side +
                      "\"/><path class=\"qr-ink\" d=\"";
    for (int y = 0; y < width; ++y) {
        for (int x = 0; x < width; ++x) {
            if ((code->data[y * width + x] & 1U) != 0) {
                svg += "M" + std::to_string(x + quiet_zone) + " " + std::to_string(y + quiet_zone) +
                       "h1v1h-1z";
            }
        }
    }
    return svg + "\"/></svg>";
}

}  // namespace winback::ui

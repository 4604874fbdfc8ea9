// Any text as the HTML of a body: what is cleaned has no link that could run, cleaned or not it
// becomes plain text, and nothing grows without bound.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/strings.h"
#include "message/html_scan.h"
#include "message/links.h"
#include "message/plain_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace winback::message;
    const std::string_view html(reinterpret_cast<const char*>(bytes), size);
    const std::string cleaned = clean_html(html);
    if (cleaned.size() > 2 * size + 1) {
        std::abort();
    }
    HtmlScanner scanner(cleaned);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Text || piece.kind == HtmlPiece::Kind::Other) {
            continue;
        }
        if (piece.name == "script" || piece.name == "iframe") {
            std::abort();
        }
        for (const Attribute& attribute : piece.attributes) {
            const std::string value = decode_entities(attribute.value);
            const bool link = winback::equals_ignoring_case(attribute.name, "href");
            if (link && !value.empty() && value[0] != '#' && !is_safe_link(value)) {
                std::abort();
            }
        }
    }
    plain_text(html);
    return 0;
}

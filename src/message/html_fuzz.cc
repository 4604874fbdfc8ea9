// Any text as the HTML of a body: what is cleaned has no link that could run, not even after its
// styles were written in and its links are counted; cleaned or not it becomes plain text, and
// nothing grows without bound. As a token it is never ours.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/strings.h"
#include "message/html_scan.h"
#include "message/inline_style.h"
#include "message/links.h"
#include "message/own_links.h"
#include "message/plain_text.h"
#include "message/signed_token.h"

namespace {

using namespace winback::message;

void demand(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_clean(std::string_view html) {
    HtmlScanner scanner(html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Text || piece.kind == HtmlPiece::Kind::Other) {
            continue;
        }
        demand(piece.name != "script" && piece.name != "iframe");
        for (const Attribute& attribute : piece.attributes) {
            const std::string value = decode_entities(attribute.value);
            const bool link = winback::equals_ignoring_case(attribute.name, "href");
            demand(!link || value.empty() || value[0] == '#' || is_safe_link(value));
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view html(reinterpret_cast<const char*>(bytes), size);
    const std::string cleaned = clean_html(html);
    demand(cleaned.size() <= 2 * size + 1);
    check_clean(cleaned);
    check_clean(with_inline_styles(cleaned, size % 2 == 0));
    const std::string secret(link_secret_bytes, 's');
    const TrackedLinks links("https://mail.test", secret, {});
    check_clean(track_html(cleaned, links));
    track_text(html, links);
    plain_text(html);
    demand(!read_link_token(secret, html) && !read_view_token(secret, html));
    return 0;
}

// Any text as the HTML of a body: what is cleaned closes what it opens and nothing else, has known
// tags only and no link that could run, not even after its styles were written in and its links
// are counted; cleaned or not it becomes plain text, and nothing grows without bound. As a token
// it is never ours.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "base/strings.h"
#include "message/clean_html.h"
#include "message/direction.h"
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

void check_attributes(const HtmlPiece& piece) {
    for (const Attribute& attribute : piece.attributes) {
        const std::string name = winback::to_lower_ascii(attribute.name);
        const std::string value = decode_entities(attribute.value);
        demand(!name.starts_with("on") && name != "ping" && name != "srcdoc");
        demand(name != "href" || value.empty() || value[0] == '#' || is_safe_link(value));
        demand(name != "src" || is_safe_picture(value));
        demand(name != "style" || value.find("position:") != 0);
    }
}

// Comments are ours alone: they stand around buttons.
void check_clean(std::string_view html, bool has_comments = false) {
    HtmlScanner scanner(html);
    HtmlPiece piece;
    std::vector<std::string> open;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Open) {
            demand(is_kept_tag(piece.name));
            check_attributes(piece);
            if (!is_void_tag(piece.name)) {
                open.push_back(piece.name);
            }
            demand(open.size() <= html_depth_max);
        } else if (piece.kind == HtmlPiece::Kind::Close) {
            demand(!open.empty() && open.back() == piece.name && piece.attributes.empty());
            open.pop_back();
        } else {
            demand(piece.kind == HtmlPiece::Kind::Text || has_comments);
        }
    }
    demand(open.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view html(reinterpret_cast<const char*>(bytes), size);
    const std::string cleaned = clean_html(html);
    demand(cleaned.size() <= 8 * size);
    demand(clean_html(cleaned) == cleaned);
    demand(without_direction_marks(cleaned) == cleaned);
    check_clean(cleaned);
    check_clean(with_inline_styles(cleaned, size % 2 == 0), true);
    const std::string secret(link_secret_bytes, 's');
    const TrackedLinks links("https://mail.test", secret, {});
    std::set<std::string> hosts;
    add_link_hosts(html, hosts);
    const LinkCounter counter(links, hosts, "https://shop.test/");
    check_clean(track_html(cleaned, counter));
    track_text(html, counter);
    plain_text(html, size % 2 == 0);
    with_closed_isolates(html);
    demand(!read_link_token(secret, html) && !read_view_token(secret, html));
    return 0;
}

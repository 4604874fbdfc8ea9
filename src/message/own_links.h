// Addresses of our own pages that stand in a message: preferences, view in the browser, and links
// that are counted when they are followed. All of them are signed (signed_token.h).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace winback::message {

// A longer target is not counted: with its token it would be longer than a link may be.
constexpr std::size_t tracked_target_bytes_max = 1'300;

// <base>/p/<token>: what a customer wants to get.
std::string preferences_url(std::string_view base_url,
                            std::string_view secret,
                            std::string_view customer);
Result<std::string> read_preferences_token(std::string_view secret, std::string_view token);

// <base>/v/<token>: the very message that was sent.
std::string view_url(std::string_view base_url, std::string_view secret, const Hash128& key);
Result<Hash128> read_view_token(std::string_view secret, std::string_view token);

// Where a counted link leads.
struct FollowedLink {
    Hash128 key;
    std::string target;
    bool operator==(const FollowedLink&) const = default;
};
Result<FollowedLink> read_link_token(std::string_view secret, std::string_view token);

// Makes counted links for one message. mailto, tel, other schemes, too long targets and our own
// pages below the base address stay as they are.
class TrackedLinks {
public:
    // Both texts must outlive this.
    TrackedLinks(std::string_view base_url, std::string_view secret, const Hash128& key)
        : base_url_(base_url), secret_(secret), key_(key) {}

    // <base>/l/<token>, or `target` itself.
    std::string link(std::string_view target) const;

private:
    std::string_view base_url_;
    std::string_view secret_;
    Hash128 key_;
};

// Adds the hosts of the addresses that stand as they are in the text of a template, each up to its
// end: of "https://a.test/{{ x }}" it is "a.test", of "https://{{ x }}.test/" there is none.
void add_link_hosts(std::string_view source, std::set<std::string>& hosts);

// Decides which links of a message are counted: those to a host that its template names, and to
// the shop's. A counted link is an address of ours that leads elsewhere for ever; where to must
// not be for a customer's value to say.
class LinkCounter {
public:
    // All must outlive this.
    LinkCounter(const TrackedLinks& links,
                const std::set<std::string>& hosts,
                std::string_view shop_url)
        : links_(links), hosts_(hosts), shop_url_(shop_url) {}

    // <base>/l/<token>, or `target` itself.
    std::string link(std::string_view target) const;

private:
    const TrackedLinks& links_;
    const std::set<std::string>& hosts_;
    std::string_view shop_url_;
};

// The links of a cleaned HTML body, counted; what `links` leaves alone is not touched.
std::string track_html(std::string_view html, const LinkCounter& links);
// The same for the addresses in a plain text.
std::string track_text(std::string_view text, const LinkCounter& links);

}  // namespace winback::message

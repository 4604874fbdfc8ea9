// Addresses of our own pages that stand in a message: preferences, view in the browser, and links
// that are counted when they are followed. All of them are signed (signed_token.h).
#pragma once

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

// The links of a cleaned HTML body, counted; what `links` leaves alone is not touched.
std::string track_html(std::string_view html, const TrackedLinks& links);
// The same for the addresses in a plain text.
std::string track_text(std::string_view text, const TrackedLinks& links);

}  // namespace winback::message

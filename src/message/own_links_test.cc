#include "message/own_links.h"

#include <gtest/gtest.h>

#include "message/signed_token.h"
#include "message/unsubscribe.h"

namespace winback::message {
namespace {

const std::string secret(link_secret_bytes, 's');
constexpr const char* base = "https://mail.shop.test";

Hash128 key() {
    return hash128("a message");
}

TrackedLinks links() {
    return {base, secret, key()};
}

std::string token_of(const std::string& url) {
    return url.substr(url.rfind('/') + 1);
}

TEST(OwnLinks, SayWhatTheyAreFor) {
    const std::string preferences = preferences_url(base, secret, "kunde/ü");
    EXPECT_TRUE(preferences.starts_with("https://mail.shop.test/p/"));
    EXPECT_EQ(read_preferences_token(secret, token_of(preferences)).value(), "kunde/ü");
    const std::string view = view_url(base, secret, key());
    EXPECT_TRUE(view.starts_with("https://mail.shop.test/v/"));
    EXPECT_EQ(read_view_token(secret, token_of(view)).value(), key());
    const std::string link = links().link("https://shop.test/?a=1&b=ü");
    EXPECT_TRUE(link.starts_with("https://mail.shop.test/l/"));
    EXPECT_EQ(read_link_token(secret, token_of(link)).value(),
              (FollowedLink{key(), "https://shop.test/?a=1&b=ü"}));
}

TEST(OwnLinks, DoNotServeForAnother) {
    const std::vector<std::string> tokens{
        make_token(secret, {"c", "email", ""}),
        token_of(preferences_url(base, secret, "c")),
        token_of(view_url(base, secret, key())),
        token_of(links().link("https://shop.test/")),
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        EXPECT_EQ(read_token(secret, tokens[i]).has_value(), i == 0);
        EXPECT_EQ(read_preferences_token(secret, tokens[i]).has_value(), i == 1);
        EXPECT_EQ(read_view_token(secret, tokens[i]).has_value(), i == 2);
        EXPECT_EQ(read_link_token(secret, tokens[i]).has_value(), i == 3);
    }
}

TEST(OwnLinks, CannotBeForged) {
    const std::string token = token_of(links().link("https://shop.test/"));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        EXPECT_FALSE(read_link_token(secret, changed)) << changed;
    }
    EXPECT_EQ(read_link_token(std::string(link_secret_bytes, 't'), token).error().code,
              ErrorCode::PermissionDenied);
    for (const char* text : {"", ".", "a.b", "sample", "AQ.00000000000000000000000000000000"}) {
        EXPECT_FALSE(read_link_token(secret, text)) << text;
    }
}

TEST(OwnLinks, NeverLeadAnywhereButToTheWeb) {
    // Though it is signed: as if a bug had signed it.
    for (const char* target :
         {"javascript:alert(1)", "//evil.test", "https://a.test/\r\nSet-Cookie: x",
          "data:text/html,x", "", "https://a.test/ b"}) {
        const std::string token =
            sign_token(secret, TokenPurpose::FollowLink, {to_hex(key()), target});
        EXPECT_FALSE(read_link_token(secret, token)) << target;
    }
}

TEST(OwnLinks, LeaveAloneWhatIsNotCounted) {
    for (const std::string& target :
         {std::string("mailto:a@b.test"), std::string("tel:+44"), std::string("#top"),
          std::string("javascript:x"), std::string(base) + "/u/abc", std::string(base) + "/p/abc",
          std::string(base) + "/v/abc", std::string(base) + "/l/abc",
          "https://a.test/" + std::string(tracked_target_bytes_max, 'x')}) {
        EXPECT_EQ(links().link(target), target);
    }
    EXPECT_NE(links().link(std::string(base) + "/shop"), std::string(base) + "/shop");
    const std::string longest = "https://a.test/" + std::string(tracked_target_bytes_max - 15, 'x');
    EXPECT_LE(links().link(longest).size(), 2000U);
}

TEST(OwnLinks, CountEveryLinkOfABody) {
    const std::string html =
        "<p><a class=\"button\" href=\"https://a.test/?x=1&amp;y=2\">A</a> "
        "<a href='mailto:b@a.test'>B</a> <a href=https://c.test/>C</a> "
        "<img src=\"https://a.test/i.png\" alt=\"\"></p>";
    const std::string a = links().link("https://a.test/?x=1&y=2");
    const std::string c = links().link("https://c.test/");
    const TrackedLinks tracked = links();
    const std::set<std::string> hosts{"a.test"};
    const LinkCounter counter(tracked, hosts, "http://c.test");
    EXPECT_EQ(track_html(html, counter),
              "<p><a class=\"button\" href=\"" + a +
                  "\">A</a> <a href='mailto:b@a.test'>B</a> <a href=" + c +
                  ">C</a> <img src=\"https://a.test/i.png\" alt=\"\"></p>");
    EXPECT_EQ(track_text("See https://a.test/?x=1&y=2, or (https://c.test/). httpx http", counter),
              "See " + a + ", or (" + c + "). httpx http");
}

TEST(OwnLinks, AreNamedByTheirTemplate) {
    std::set<std::string> hosts;
    add_link_hosts(
        "<a href='HTTPS://A.test/{{ x }}'> {% link \"http://b.test:8080\" %} https://c.test",
        hosts);
    EXPECT_EQ(hosts, (std::set<std::string>{"a.test", "b.test:8080", "c.test"}));
    for (const char* open : {"https://{{ customer.host }}/", "https://d.test{{ x }}",
                             "https://d.test@e.test/", "https://d.{{ x }}.test/", "https://",
                             "://d.test/", "ftp://d.test/", "https://d.test\\x"}) {
        std::set<std::string> none;
        add_link_hosts(open, none);
        EXPECT_TRUE(none.empty()) << open;
    }
}

TEST(OwnLinks, LeadNowhereThatACustomerChose) {
    const TrackedLinks tracked = links();
    const std::set<std::string> hosts{"a.test"};
    const LinkCounter counter(tracked, hosts, "https://shop.test/");
    for (const char* target : {"https://a.test/x", "http://A.TEST", "https://shop.test/?q=1#x"}) {
        EXPECT_EQ(counter.link(target), tracked.link(target));
        EXPECT_NE(counter.link(target), target);
    }
    for (const char* target :
         {"https://evil.test/", "https://a.test.evil.test/", "https://a.test@evil.test/",
          "https://a.test\\@evil.test/", "https://evil.test/https://a.test/", "https:///a.test",
          "https://a.test:444/", "https://evil.test#a.test", "https://a.test%2eevil.test/"}) {
        EXPECT_EQ(counter.link(target), target);
    }
}

}  // namespace
}  // namespace winback::message

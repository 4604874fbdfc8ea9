#include "api/visitor.h"

#include <gtest/gtest.h>

namespace winback::api {
namespace {

std::string counted(const std::string& remote, const http::Pairs& headers) {
    http::Request request;
    request.remote_address = remote;
    request.headers = headers;
    return visitor_address(request);
}
// As a proxy on this machine says it.
std::string counted(const std::string& forwarded) {
    return counted("127.0.0.1", {{"X-Forwarded-For", forwarded}});
}

TEST(Visitor, IsWhoTheProxyOfThisMachineSays) {
    EXPECT_EQ(counted("198.51.100.7", {}), "198.51.100.7");
    EXPECT_EQ(counted("198.51.100.7", {{"X-Forwarded-For", "1.2.3.4"}}), "198.51.100.7");
    EXPECT_EQ(counted("1.2.3.4, 5.6.7.8"), "5.6.7.8");
    EXPECT_EQ(counted("::1", {{"x-forwarded-for", "5.6.7.8"}}), "5.6.7.8");
    EXPECT_EQ(counted("::ffff:127.0.0.1", {{"x-forwarded-for", "5.6.7.8"}}), "5.6.7.8");
    EXPECT_EQ(counted("unknown"), "127.0.0.1");
    EXPECT_EQ(counted(""), "127.0.0.1");
}

TEST(Visitor, ReadsTheLastOfSeveralLines) {
    EXPECT_EQ(counted("127.0.0.1", {{"X-Forwarded-For", "1.2.3.4"},
                                    {"Accept", "*/*"},
                                    {"X-Forwarded-For", "9.9.9.9, 5.6.7.8"}}),
              "5.6.7.8");
}

TEST(Visitor, IsTheSameFromEveryPort) {
    EXPECT_EQ(counted("7.7.7.7:1000"), "7.7.7.7");
    EXPECT_EQ(counted("7.7.7.7:1001"), "7.7.7.7");
    EXPECT_EQ(counted("[2001:db8::1]:443"), "2001:db8::/64");
    EXPECT_EQ(counted("[2001:db8::1]"), "2001:db8::/64");
}

TEST(Visitor, HasAWholeNetworkOfIpv6HoweverItIsWritten) {
    EXPECT_EQ(counted("2600:3c00::f03c:1000:1:2"), "2600:3c00::/64");
    EXPECT_EQ(counted("2600:3c00::f03c:1001:1:2"), "2600:3c00::/64");
    EXPECT_EQ(counted("2600:3c01::1000:1:2:3"), "2600:3c01::/64");
    EXPECT_EQ(counted("2600:3C01:0:0:1001:1:2:3"), "2600:3c01::/64");
    EXPECT_EQ(counted("2600:3c01:1:2:3::"), "2600:3c01:1:2::/64");
    EXPECT_EQ(counted("2600:3c01:1:3:3::"), "2600:3c01:1:3::/64");
    EXPECT_EQ(counted("::ffff:7.7.7.7"), "7.7.7.7");
    EXPECT_EQ(counted("fe80::1%eth0"), "fe80::/64");
}

}  // namespace
}  // namespace winback::api

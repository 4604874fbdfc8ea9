#include "sender/reach.h"

#include <cstring>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

namespace winback::sender {
namespace {

bool reaches(const std::string& text, Reach reach, bool secure = true) {
    sockaddr_storage storage{};
    auto* four = reinterpret_cast<sockaddr_in*>(&storage);
    auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
    if (inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
    } else {
        EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &six->sin6_addr), 1) << text;
        six->sin6_family = AF_INET6;
    }
    return may_reach(*reinterpret_cast<const sockaddr*>(&storage), secure, reach);
}

TEST(Reach, IsTheInternetAloneUnlessMoreIsAllowed) {
    for (const char* open : {"93.184.216.34", "8.8.8.8", "172.32.0.1", "2606:4700::1111"}) {
        EXPECT_TRUE(reaches(open, Reach::Public)) << open;
        EXPECT_FALSE(reaches(open, Reach::Private, false)) << open << " in the clear";
    }
    for (const char* closed : {"127.0.0.1",
                               "127.9.9.9",
                               "10.0.0.1",
                               "172.16.0.1",
                               "172.31.255.255",
                               "192.168.1.1",
                               "100.64.0.1",
                               "169.254.169.254",
                               "0.0.0.0",
                               "224.0.0.1",
                               "255.255.255.255",
                               "198.18.0.1",
                               "192.0.2.1",
                               "::1",
                               "::",
                               "::ffff:127.0.0.1",
                               "::ffff:10.0.0.1",
                               "::127.0.0.1",
                               "64:ff9b::7f00:1",
                               "fc00::1",
                               "fd12::1",
                               "fe80::1",
                               "ff02::1",
                               "2001:db8::1",
                               "2002:7f00:1::",
                               "2001:0:1::"}) {
        EXPECT_FALSE(reaches(closed, Reach::Public)) << closed;
    }
}

TEST(Reach, WidensStepByStepAndNeverToTheAddressOfCredentials) {
    EXPECT_TRUE(reaches("127.0.0.1", Reach::Loopback, false));
    EXPECT_TRUE(reaches("::1", Reach::Loopback, false));
    EXPECT_TRUE(reaches("::ffff:127.0.0.1", Reach::Loopback));
    EXPECT_FALSE(reaches("10.0.0.1", Reach::Loopback));
    EXPECT_TRUE(reaches("10.0.0.1", Reach::Private));
    EXPECT_FALSE(reaches("10.0.0.1", Reach::Private, false)) << "in the clear";
    for (const char* never : {"169.254.169.254", "168.63.129.16", "100.100.100.200",
                              "fd00:ec2::254", "fe80::1", "0.0.0.0", "224.0.0.1"}) {
        EXPECT_FALSE(reaches(never, Reach::Private)) << never;
    }
}

TEST(Reach, SeesWhatIsWrongWithAnAddress) {
    for (const char* good :
         {"https://example.com/hook", "https://example.com:8443/?a=b", "https://example.com:443/",
          "https://example.com/a:///b", "https://93.184.216.34/"}) {
        EXPECT_TRUE(check_web_address(good, Reach::Public)) << good;
    }
    for (const char* bad : {"",
                            "example.com",
                            "http://example.com/",
                            "ftp://example.com/",
                            "file:///etc/passwd",
                            "https://user:secret@example.com/",
                            "https://example.com/#top",
                            "https://127.0.0.1/",
                            "https://[::1]/",
                            "https://10.1.2.3/x",
                            "https://2130706433/",
                            "https://0x7f.1/",
                            "https://example.com/a b",
                            "https://localhost/",
                            "https://LOCALHOST./x",
                            "https://a.localhost/",
                            "https://printer.local/",
                            "https://api.corp.internal/",
                            "https://example.com/\r\nX: y",
                            "https:///x",
                            "https:///example.com/x",
                            "https://example.com:0/",
                            "https://example.com:22/",
                            "https://example.com:25/",
                            "https://example.com:6667/",
                            "https://168.63.129.16/",
                            "javascript:alert(1)"}) {
        EXPECT_FALSE(check_web_address(bad, Reach::Public)) << bad;
    }
    EXPECT_TRUE(check_web_address("http://127.0.0.1:8080/hook", Reach::Loopback));
    EXPECT_TRUE(check_web_address("http://localhost:8080/hook", Reach::Loopback));
    EXPECT_TRUE(check_web_address("https://localhost:8443/hook", Reach::Loopback));
    EXPECT_TRUE(check_web_address("https://crm.internal/hook", Reach::Private));
    EXPECT_TRUE(check_web_address("https://localhost.example.com/", Reach::Public));
    EXPECT_FALSE(check_web_address("http://example.com/hook", Reach::Loopback));
    EXPECT_FALSE(check_web_address("https://" + std::string(3000, 'a'), Reach::Public));
}

}  // namespace
}  // namespace winback::sender

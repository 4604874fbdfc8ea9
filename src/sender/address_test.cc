#include "sender/address.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace winback::sender {
namespace {

TEST(Address, AgreesWithIsemailOnWhatMayBeSentTo) {
    std::ifstream file("test/data/isemail/isemail_tests.json");
    const auto cases = nlohmann::json::parse(file);
    int count = 0;
    for (const auto& item : cases) {
        const std::string category = item["category"];
        const bool sendable = category == "ISEMAIL_VALID_CATEGORY" ||
                              category == "ISEMAIL_RFC5321" || category == "ISEMAIL_DNSWARN";
        const std::string address = item["address"];
        EXPECT_EQ(parse_address(address).has_value(), sendable)
            << item["id"] << ' ' << address << ' ' << item["diagnosis"];
        ++count;
    }
    EXPECT_EQ(count, 164);
}

TEST(Address, WritesInternationalDomainsInAscii) {
    const auto address = parse_address("info@bücher.example");
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address->text(), "info@xn--bcher-kva.example");
    EXPECT_FALSE(address->needs_smtputf8);
}

TEST(Address, AsksForSmtputf8OnlyForTheLocalPart) {
    const auto address = parse_address("jürgen@example.test");
    ASSERT_TRUE(address.has_value());
    EXPECT_TRUE(address->needs_smtputf8);
}

TEST(Address, RefusesWhatCouldBecomeACommand) {
    for (const char* text :
         {"a@b.test\r\nRCPT TO:<x@y.test>", "a@b.test> SIZE=1", "<a@b.test>", "a b@c.test",
          "a@b.test\n", "\"a\rb\"@c.test", "a@b\xc3.test", "a@b_c.test"}) {
        EXPECT_FALSE(parse_address(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_address(std::string("a\0b@c.test", 10)).has_value());
}

}  // namespace
}  // namespace winback::sender

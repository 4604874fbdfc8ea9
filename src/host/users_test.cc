#include "host/users.h"

#include <gtest/gtest.h>

#include "host/password.h"
#include "host/test_folder.h"
#include "host/throttle.h"
#include "host/totp.h"

namespace winback::host {
namespace {

constexpr std::string_view good_password = "a quiet morning by the sea";
const Timestamp start{1'700'000'000'000};

class UsersTest : public HostTest {
protected:
    void SetUp() override {
        HostTest::SetUp();
        reopen();
    }
    void TearDown() override {
        host_.reset();
        HostTest::TearDown();
    }
    void reopen() {
        host_.reset();
        host_ = open();
        host_->users().set_password_cost(password_cost_least);
    }
    Users& users() { return host_->users(); }
    std::string make(const std::string& email, Role role = Role::Admin) {
        User wanted;
        wanted.email = email;
        wanted.name = "Ada";
        wanted.role = role;
        const auto user = users().create(wanted, start);
        EXPECT_TRUE(user.has_value());
        return user->id;
    }
    std::string ready(const std::string& email, Role role = Role::Admin) {
        std::string id = make(email, role);
        EXPECT_TRUE(users().set_password(id, good_password).has_value());
        return id;
    }
    bool may_enter(const std::string& email, std::string_view password) {
        return users().check_password(email, password).value().has_value();
    }

    std::unique_ptr<Host> host_;
};

TEST_F(UsersTest, AnAddressIsTakenWhateverItsCase) {
    make("Ada@Example.test");
    User wanted;
    wanted.email = "ada@EXAMPLE.test";
    wanted.name = "Other";
    EXPECT_EQ(users().create(wanted, start).error().code, ErrorCode::Conflict);
    EXPECT_TRUE(users().find_by_email("ADA@example.TEST").has_value());
}

TEST_F(UsersTest, RefusesNamesAndAddressesThatAreNoLines) {
    User wanted;
    wanted.email = "ada@example.test";
    for (const std::string name : {"", "  ", "a\r\nSet-Cookie: x=1", "\xFF", "\x7F"}) {
        wanted.name = name;
        EXPECT_FALSE(users().create(wanted, start).has_value()) << name;
    }
    wanted.name = "Ada";
    for (const std::string email : {"", "ada", "a b@c.test", "a@b.test\r\nBcc: x@y.test"}) {
        wanted.email = email;
        EXPECT_FALSE(users().create(wanted, start).has_value()) << email;
    }
    EXPECT_TRUE(users().empty());
}

TEST_F(UsersTest, OnlyOneIsTheFirst) {
    User wanted;
    wanted.email = "a@example.test";
    wanted.name = "A";
    EXPECT_TRUE(users().create(wanted, start, true).has_value());
    wanted.email = "b@example.test";
    EXPECT_EQ(users().create(wanted, start, true).error().code, ErrorCode::Conflict);
}

TEST_F(UsersTest, StandsAgainAfterAStart) {
    const std::string id = ready("ada@example.test", Role::Viewer);
    ASSERT_TRUE(users().set_profile(id, "Ada L", "fa", "persian").has_value());
    users().signed_in(id, start + days(1));
    reopen();
    const User user = users().find(id).value();
    EXPECT_EQ(user.name, "Ada L");
    EXPECT_EQ(user.language, "fa");
    EXPECT_EQ(user.calendar, "persian");
    EXPECT_EQ(user.role, Role::Viewer);
    EXPECT_EQ(user.last_sign_in, start + days(1));
    EXPECT_TRUE(may_enter("ada@example.test", good_password));
}

TEST_F(UsersTest, PasswordsThatEverybodyTriesAreRefused) {
    const std::string id = make("lovelace@example.test");
    const auto problem = [&](const std::string& password) {
        const Status set = users().set_password(id, password);
        return set.has_value() ? std::string() : set.error().message;
    };
    EXPECT_EQ(problem("short"), "too_short");
    EXPECT_EQ(problem("Password123"), "too_common");
    EXPECT_EQ(problem("aaaaaaaaaaaa"), "too_common");
    EXPECT_EQ(problem("Lovelace12"), "about_you");
    EXPECT_EQ(problem(std::string(password_bytes_max + 1, 'x')), "too_long");
    EXPECT_EQ(problem("\xFF\xFE 0123456789"), "not_text");
    EXPECT_EQ(problem(std::string("0123456789\0x", 12)), "not_text");
    EXPECT_EQ(problem("رمز عبور من"), "");
}

TEST_F(UsersTest, ThePasswordDecidesAndUnknownAddressesCostTheSame) {
    ready("ada@example.test");
    EXPECT_TRUE(may_enter("ADA@example.test", good_password));
    EXPECT_FALSE(may_enter("ada@example.test", "something else entirely"));
    EXPECT_FALSE(may_enter("nobody@example.test", good_password));
    make("invited@example.test");
    EXPECT_FALSE(may_enter("invited@example.test", ""));
}

TEST_F(UsersTest, WhoIsNotActiveDoesNotEnterAndLosesTheirSession) {
    ready("admin@example.test");
    const std::string id = ready("bob@example.test", Role::Marketer);
    const auto session = host_->keys().start_session(id, "Firefox", start).value();
    const auto key = host_->keys().find(KeyKind::Session, session.secret, start);
    ASSERT_TRUE(key.has_value());
    EXPECT_TRUE(key->allows("personal"));
    EXPECT_FALSE(key->allows("send"));
    ASSERT_TRUE(users().set_rights(id, Role::Marketer, false, false).has_value());
    EXPECT_FALSE(host_->keys().find(KeyKind::Session, session.secret, start).has_value());
    EXPECT_FALSE(may_enter("bob@example.test", good_password));
}

TEST_F(UsersTest, ASessionHasTheRightsOfNow) {
    ready("admin@example.test");
    const std::string id = ready("bob@example.test", Role::Approver);
    const auto session = host_->keys().start_session(id, "", start).value();
    ASSERT_TRUE(users().set_rights(id, Role::Viewer, false, true).has_value());
    const auto key = host_->keys().find(KeyKind::Session, session.secret, start).value();
    EXPECT_EQ(key.scopes, std::vector<std::string>{"read"});
}

TEST_F(UsersTest, TheLastAdminStays) {
    const std::string id = ready("admin@example.test");
    make("invited@example.test");  // Cannot sign in yet.
    EXPECT_EQ(users().set_rights(id, Role::Viewer, false, true).error().code, ErrorCode::Conflict);
    EXPECT_EQ(users().set_rights(id, Role::Admin, false, false).error().code, ErrorCode::Conflict);
    ready("second@example.test");
    EXPECT_TRUE(users().set_rights(id, Role::Viewer, false, true).has_value());
}

TEST_F(UsersTest, HashesOfOldCostAreMadeAnew) {
    const std::string id = ready("ada@example.test");
    users().set_password_cost({2, 16384});
    EXPECT_TRUE(may_enter("ada@example.test", good_password));
    users().set_password_cost({2, 16384});
    EXPECT_TRUE(may_enter("ada@example.test", good_password));
    const std::string row =
        host_->store().get(store::Family::Control, "user/" + id).value().value();
    EXPECT_NE(row.find("m=16,t=2"), std::string::npos);
}

// RFC 6238, appendix B: the last six of eight digits.
TEST(Totp, GivesTheCodesOfTheStandard) {
    const std::string secret = "12345678901234567890";
    const auto code_at = [&](std::int64_t second) {
        return totp_code(secret, totp_step_at(Timestamp{second * 1000}));
    };
    EXPECT_EQ(code_at(59), "287082");
    EXPECT_EQ(code_at(1111111109), "081804");
    EXPECT_EQ(code_at(1111111111), "050471");
    EXPECT_EQ(code_at(1234567890), "005924");
    EXPECT_EQ(code_at(2000000000), "279037");
    EXPECT_EQ(code_at(20000000000), "353130");
}

// RFC 4648, section 10, without padding.
TEST(Totp, WritesBase32) {
    EXPECT_EQ(to_base32(""), "");
    EXPECT_EQ(to_base32("f"), "MY");
    EXPECT_EQ(to_base32("fo"), "MZXQ");
    EXPECT_EQ(to_base32("foo"), "MZXW6");
    EXPECT_EQ(to_base32("foob"), "MZXW6YQ");
    EXPECT_EQ(to_base32("fooba"), "MZXW6YTB");
    EXPECT_EQ(to_base32("foobar"), "MZXW6YTBOI");
}

TEST(Totp, TheAddressForAppsHoldsNoTextAsItCame) {
    EXPECT_EQ(totp_uri("foobar", "A & B?", "a+b@c.test"),
              "otpauth://totp/A%20%26%20B%3F:a%2Bb%40c.test?secret=MZXW6YTBOI&issuer="
              "A%20%26%20B%3F&algorithm=SHA1&digits=6&period=30");
}

TEST_F(UsersTest, ACodeIsGoodAStepEarlyOrLateAndOnce) {
    const std::string id = ready("ada@example.test");
    const std::string secret = users().begin_totp(id).value();
    EXPECT_FALSE(users().confirm_totp(id, "000000x", start).has_value());
    EXPECT_FALSE(users().find(id)->has_totp);
    const auto code = [&](int steps) { return totp_code(secret, totp_step_at(start) + steps); };
    ASSERT_EQ(users().confirm_totp(id, code(-1), start)->size(), recovery_codes_count);
    EXPECT_TRUE(users().find(id)->has_totp);
    EXPECT_FALSE(users().take_code(id, code(-1), start).value());
    EXPECT_FALSE(users().take_code(id, code(-2), start).value());
    EXPECT_FALSE(users().take_code(id, code(2), start).value());
    EXPECT_TRUE(users().take_code(id, code(1).insert(3, " "), start).value());
    EXPECT_FALSE(users().take_code(id, code(1), start).value());
    // An older one than the last that was taken is no better.
    EXPECT_FALSE(users().take_code(id, code(0), start).value());
    reopen();
    EXPECT_FALSE(users().take_code(id, code(1), start).value());
    EXPECT_FALSE(users().begin_totp(id).has_value());
}

TEST_F(UsersTest, ARecoveryCodeIsGoodOnceAndNotKeptAsItIs) {
    const std::string id = ready("ada@example.test");
    const std::string secret = users().begin_totp(id).value();
    const auto codes =
        users().confirm_totp(id, totp_code(secret, totp_step_at(start)), start).value();
    std::string typed = codes[3];
    typed[0] = static_cast<char>(std::toupper(typed[0]));
    typed.erase(5, 1);
    EXPECT_TRUE(users().take_code(id, typed, start).value());
    EXPECT_FALSE(users().take_code(id, codes[3], start).value());
    EXPECT_EQ(users().find(id)->recovery_codes_left, recovery_codes_count - 1);
    const std::string row =
        host_->store().get(store::Family::Control, "user/" + id).value().value();
    EXPECT_EQ(row.find(codes[0]), std::string::npos);
    ASSERT_TRUE(users().end_totp(id).has_value());
    EXPECT_FALSE(users().take_code(id, codes[0], start).value());
}

TEST(Throttle, WaitsTwiceAsLongEachTimeUpToABound) {
    Throttle throttle({.free_failures = 2, .longest_wait = seconds(3)});
    throttle.attempt("ada", start);
    throttle.attempt("ada", start);
    EXPECT_EQ(throttle.wait_of("ada", start), Duration{});
    throttle.attempt("ada", start);
    EXPECT_EQ(throttle.wait_of("ada", start), seconds(1));
    throttle.attempt("ada", start);
    EXPECT_EQ(throttle.wait_of("ada", start), seconds(2));
    for (int i = 0; i < 100; ++i) {
        throttle.attempt("ada", start);
    }
    EXPECT_EQ(throttle.wait_of("ada", start), seconds(3));
    EXPECT_EQ(throttle.wait_of("ada", start + seconds(3)), Duration{});
    EXPECT_EQ(throttle.wait_of("bob", start), Duration{});
    throttle.succeeded("ada");
    EXPECT_EQ(throttle.wait_of("ada", start), Duration{});
}

TEST(Throttle, ARightAttemptIsAsIfItHadNotBeen) {
    Throttle throttle({.free_failures = 2, .longest_wait = hours(1)});
    for (int i = 0; i < 100; ++i) {
        throttle.take_back("office", throttle.attempt("office", start));
    }
    EXPECT_EQ(throttle.wait_of("office", start), Duration{});
    EXPECT_EQ(throttle.size(), 0U);
    for (int i = 0; i < 4; ++i) {
        throttle.attempt("office", start);
    }
    EXPECT_EQ(throttle.wait_of("office", start), seconds(2));
    // Failures stay, and a right attempt after the wait begins no other.
    throttle.take_back("office", throttle.attempt("office", start + seconds(2)));
    EXPECT_EQ(throttle.failures_of("office"), 4);
    EXPECT_EQ(throttle.wait_of("office", start + seconds(2)), Duration{});
    // Somebody who failed meanwhile waits all the same.
    const Throttle::Attempt right = throttle.attempt("office", start + seconds(2));
    throttle.attempt("office", start + seconds(2));
    throttle.take_back("office", right);
    EXPECT_EQ(throttle.wait_of("office", start + seconds(2)), seconds(8));
}

TEST(Throttle, KeepsABoundedNumberOfNamesAndThoseThatWaitLongest) {
    Throttle throttle({.free_failures = 0, .longest_wait = hours(1), .names_max = 10});
    for (int i = 0; i < 8; ++i) {
        throttle.attempt("ada", start);
    }
    for (int i = 0; i < 1'000; ++i) {
        throttle.attempt("name " + std::to_string(i), start);
    }
    EXPECT_EQ(throttle.size(), 10U);
    EXPECT_EQ(throttle.wait_of("ada", start), seconds(128));
}

TEST_F(UsersTest, ASessionEndsWhenItIsIdleOrOld) {
    const std::string id = ready("ada@example.test");
    Keys& keys = host_->keys();
    const auto idle = keys.start_session(id, "", start).value();
    EXPECT_TRUE(keys.find(KeyKind::Session, idle.secret, start + session_idle_max).has_value());
    EXPECT_FALSE(keys.find(KeyKind::Session, idle.secret,
                           start + session_idle_max + session_idle_max + seconds(1))
                     .has_value());
    const auto busy = keys.start_session(id, "", start).value();
    Timestamp now = start;
    while (now + days(1) < start + session_lifetime) {
        now = now + days(1);
        EXPECT_TRUE(keys.find(KeyKind::Session, busy.secret, now).has_value());
    }
    EXPECT_FALSE(keys.find(KeyKind::Session, busy.secret, start + session_lifetime).has_value());
}

TEST_F(UsersTest, ALinkIsGoodForItsPurposeAndOnce) {
    const std::string id = make("ada@example.test");
    Keys& keys = host_->keys();
    const auto link = keys.create(Key{.kind = KeyKind::SignIn,
                                      .expires = start + hours(1),
                                      .user = id,
                                      .purpose = std::string(purpose_invitation)},
                                  start)
                          .value();
    EXPECT_FALSE(keys.sign_in(link.secret, start).has_value());
    EXPECT_FALSE(keys.take(link.secret, purpose_code, start).has_value());
    EXPECT_FALSE(keys.take(link.secret, purpose_invitation, start + hours(1)).has_value());
    EXPECT_TRUE(keys.take(link.secret, purpose_invitation, start).has_value());
    EXPECT_FALSE(keys.take(link.secret, purpose_invitation, start).has_value());
}

TEST_F(UsersTest, EverySessionOfAUserEndsButTheOneThatStays) {
    const std::string id = ready("ada@example.test");
    Keys& keys = host_->keys();
    const auto here = keys.start_session(id, "", start).value();
    const auto there = keys.start_session(id, "", start).value();
    ASSERT_TRUE(keys.revoke_of(id, here.key.id).has_value());
    EXPECT_TRUE(keys.find(KeyKind::Session, here.secret, start).has_value());
    EXPECT_FALSE(keys.find(KeyKind::Session, there.secret, start).has_value());
    reopen();
    EXPECT_TRUE(host_->keys().find(KeyKind::Session, here.secret, start).has_value());
    EXPECT_FALSE(host_->keys().find(KeyKind::Session, there.secret, start).has_value());
}

}  // namespace
}  // namespace winback::host

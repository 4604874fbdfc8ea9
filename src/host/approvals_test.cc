#include "host/approvals.h"

#include <gtest/gtest.h>

#include "host/test_folder.h"

namespace winback::host {
namespace {

constexpr Timestamp now{1'780'300'800'000};

class ApprovalsTest : public HostTest {
protected:
    void SetUp() override {
        HostTest::SetUp();
        host_ = open();
    }
    void TearDown() override {
        host_.reset();
        HostTest::TearDown();
    }
    Approvals& all() { return host_->approvals(); }
    Approval add(Timestamp at = now) {
        Approval asked;
        asked.what = "playbook.load";
        asked.people = 1234;
        asked.journeys = {"greet"};
        asked.asked_by = {ActorKind::User, "ada", "Ada"};
        asked.person = "ada";
        asked.note = "for Monday";
        return all().add(asked, {{"journeys/greet.yaml", "name: Greet\n"}}, at).value();
    }
    std::unique_ptr<Host> host_;
};

TEST_F(ApprovalsTest, ARequestOutlivesTheProcess) {
    const std::uint64_t id = add().id;
    crash(host_);
    host_ = open();
    const std::optional<Approval> found = all().find(id, now);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->state, ApprovalState::Waiting);
    EXPECT_EQ(found->people, 1234U);
    EXPECT_EQ(found->note, "for Monday");
    EXPECT_EQ(found->asked_by.name, "Ada");
    EXPECT_EQ(found->journeys, std::vector<std::string>{"greet"});
    EXPECT_EQ(all().files(id).value().at("journeys/greet.yaml"), "name: Greet\n");
    EXPECT_EQ(add().id, id + 1);
}

TEST_F(ApprovalsTest, WhatEndedStaysEnded) {
    const std::uint64_t id = add().id;
    const ApprovalEnd declined{.state = ApprovalState::Declined,
                               .by = {ActorKind::User, "bob", "Bob"},
                               .at = now + hours(1),
                               .reason = "too many"};
    EXPECT_EQ(all().end(id, declined).value().reason, "too many");
    EXPECT_EQ(all().end(id, {.at = now + hours(2)}).error().code, ErrorCode::Conflict);
    EXPECT_EQ(all().files(id).error().code, ErrorCode::NotFound);
    host_.reset();
    host_ = open();
    EXPECT_EQ(all().find(id, now + days(30))->state, ApprovalState::Declined);
    EXPECT_EQ(all().find(id, now)->decided_by.id, "bob");
    EXPECT_TRUE(all().waiting(now).empty());
}

TEST_F(ApprovalsTest, ExpiresAfterSevenDaysToTheMillisecond) {
    const std::uint64_t id = add().id;
    EXPECT_EQ(all().find(id, now + days(7) - milliseconds(1))->state, ApprovalState::Waiting);
    EXPECT_EQ(all().find(id, now + days(7))->state, ApprovalState::Expired);
    EXPECT_EQ(all().end(id, {.at = now + days(7)}).error().code, ErrorCode::Conflict);
    EXPECT_TRUE(all().waiting(now + days(7)).empty());
}

TEST_F(ApprovalsTest, KeepsAtMostAHundredThatWaitAndAThousandThatEnded) {
    for (std::size_t i = 0; i < approvals_waiting_max; ++i) {
        add();
    }
    EXPECT_EQ(all().add({}, {}, now).error().code, ErrorCode::LimitExceeded);
    // What expired has ended: a hundred more every eight days.
    Timestamp later = now;
    for (std::size_t i = 0; i < approvals_ended_max; ++i) {
        later = i % approvals_waiting_max == 0 ? later + days(8) : later;
        add(later);
    }
    later = later + days(8);
    const std::uint64_t newest = add(later).id;
    EXPECT_EQ(newest, approvals_waiting_max + approvals_ended_max + 1);
    EXPECT_EQ(all().list(later).size(), approvals_ended_max);
    EXPECT_EQ(all().list(later).front().id, newest);
    EXPECT_FALSE(all().find(1, later).has_value());
}

TEST_F(ApprovalsTest, RefusesNotesAndFilesWithoutBound) {
    Approval asked;
    asked.note = std::string(approval_text_bytes_max + 1, 'a');
    EXPECT_EQ(all().add(asked, {}, now).error().code, ErrorCode::InvalidArgument);
    const TextFiles huge{{"a.yaml", std::string(approval_files_bytes_max, 'a')}};
    EXPECT_EQ(all().add({}, huge, now).error().code, ErrorCode::LimitExceeded);
}

TEST_F(ApprovalsTest, AWriteThatFailedLeavesItWaiting) {
    const std::uint64_t id = add().id;
    writes_left_ = 0;
    EXPECT_FALSE(all().end(id, {.state = ApprovalState::Approved, .at = now}).has_value());
    EXPECT_EQ(all().find(id, now)->state, ApprovalState::Waiting);
}

}  // namespace
}  // namespace winback::host

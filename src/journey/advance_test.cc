#include "journey/advance.h"

#include <deque>

#include <gtest/gtest.h>

namespace winback::journey {
namespace {

// Answers in the order given; conditions are not evaluated here, so a journey with branches is
// told which way to go.
class Script : public Passage {
public:
    Timestamp now() const override { return now_; }
    const Zone& zone() const override { return utc_zone(); }
    expr::Outcome evaluate(const expr::Condition& /*condition*/) override {
        const bool yes = !branches.empty() && branches.front();
        if (!branches.empty()) {
            branches.pop_front();
        }
        return {.holds = yes, .valid_until = timestamp_max};
    }
    std::optional<Timestamp> decide(const Step& step) override {
        log += step.id + " ";
        if (holds.empty()) {
            return std::nullopt;
        }
        const auto until = holds.front();
        holds.pop_front();
        return until;
    }

    Timestamp now_{};
    std::deque<bool> branches;
    std::deque<std::optional<Timestamp>> holds;
    std::string log;
};

Step message(std::string id, std::uint32_t next) {
    return {.id = std::move(id), .kind = StepKind::Message, .next = next};
}

Step wait(std::string id, int day_count, std::uint32_t next) {
    return {.id = std::move(id), .kind = StepKind::Wait, .next = next, .wait = {.days = day_count}};
}

Journey three_messages() {
    Journey journey;
    journey.steps = {message("first", 1), wait("pause", 5, 2), message("second", 3),
                     wait("pause_2", 5, 4), message("last", 5)};
    return journey;
}

TEST(Advance, SendsWaitsAndFinishes) {
    Script script;
    Enrollment enrollment;
    const Journey journey = three_messages();
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + days(5));
    EXPECT_EQ(script.log, "first ");
    script.now_ = Timestamp{} + days(4);
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + days(5));
    EXPECT_EQ(script.log, "first ");
    script.now_ = Timestamp{} + days(5);
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + days(10));
    script.now_ = Timestamp{} + days(10);
    EXPECT_EQ(advance(journey, enrollment, script), timestamp_max);
    EXPECT_EQ(script.log, "first second last ");
    EXPECT_EQ(enrollment.state, EnrollmentState::Finished);
}

TEST(Advance, AHeldMessageKeepsTheCustomerAtItsStep) {
    Script script;
    script.holds = {Timestamp{} + hours(9)};
    Enrollment enrollment;
    const Journey journey = three_messages();
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + hours(9));
    script.now_ = Timestamp{} + hours(8);
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + hours(9));
    EXPECT_EQ(script.log, "first ");  // Not asked again before its time.
    script.now_ = Timestamp{} + hours(9);
    // The pause counts from the moment at which the message went.
    EXPECT_EQ(advance(journey, enrollment, script), Timestamp{} + hours(9) + days(5));
    EXPECT_EQ(script.log, "first first ");
}

TEST(Advance, BranchesJumpForward) {
    Journey journey;
    journey.steps = {{.id = "loyal",
                      .kind = StepKind::Branch,
                      .next = 1,
                      .otherwise = 2,
                      .condition = expr::Condition{}},
                     message("gift", 3),
                     message("hello", 3)};
    Script yes;
    yes.branches = {true};
    Enrollment first;
    advance(journey, first, yes);
    EXPECT_EQ(yes.log, "gift ");
    Script no;
    Enrollment second;
    advance(journey, second, no);
    EXPECT_EQ(no.log, "hello ");
}

TEST(Advance, AnExitEndsItBeforeAnythingIsSent) {
    Journey journey = three_messages();
    journey.exits = {expr::Condition{}};
    Script script;
    script.branches = {true};
    Enrollment enrollment;
    EXPECT_EQ(advance(journey, enrollment, script), timestamp_max);
    EXPECT_EQ(enrollment.state, EnrollmentState::Exited);
    EXPECT_EQ(script.log, "");
}

TEST(Graph, MistakesAreAllFound) {
    Journey journey = three_messages();
    journey.steps[3].next = 1;
    journey.steps[4].id = "first";
    const auto mistakes = check_graph(journey);
    ASSERT_EQ(mistakes.size(), 2U);
    EXPECT_EQ(mistakes[0].code, "jump_backwards");
    EXPECT_EQ(mistakes[1].code, "duplicate_step");
    EXPECT_TRUE(check_graph(three_messages()).empty());
    EXPECT_EQ(check_graph({}).at(0).code, "no_steps");
}

}  // namespace
}  // namespace winback::journey

#include "journey/advance.h"

#include <algorithm>

#include "base/check.h"

namespace winback::journey {

std::string_view enrollment_state_name(EnrollmentState state) {
    switch (state) {
        case EnrollmentState::Running:
            return "running";
        case EnrollmentState::Finished:
            return "finished";
        case EnrollmentState::Exited:
            return "exited";
        case EnrollmentState::GoalReached:
            return "goal_reached";
    }
    WINBACK_CHECK(false);
}

namespace {

void move_to(Enrollment& enrollment, std::uint32_t step) {
    enrollment.step = step;
    enrollment.arrived = false;
    enrollment.wake_at = timestamp_max;
}

Timestamp end(Enrollment& enrollment, EnrollmentState state) {
    enrollment.state = state;
    enrollment.wake_at = timestamp_max;
    return timestamp_max;
}

// Begins or ends a wait. True when the customer may go on.
bool pass_wait(const Step& step, Enrollment& enrollment, const Passage& passage) {
    if (!enrollment.arrived) {
        enrollment.arrived = true;
        enrollment.wake_at = add(passage.zone(), passage.now(), step.wait);
    }
    return enrollment.wake_at <= passage.now();
}

// Asks for the message, unless it is held and its time has not come. True when it is decided.
bool pass_message(const Step& step, Enrollment& enrollment, Passage& passage) {
    if (enrollment.arrived && enrollment.wake_at > passage.now()) {
        return false;
    }
    const std::optional<Timestamp> hold_until = passage.decide(step);
    if (!hold_until.has_value()) {
        return true;
    }
    enrollment.arrived = true;
    enrollment.wake_at = *hold_until;
    return false;
}

}  // namespace

Timestamp advance(const Journey& journey, Enrollment& enrollment, Passage& passage) {
    WINBACK_CHECK(enrollment.state == EnrollmentState::Running);
    Timestamp exits_change = timestamp_max;
    for (const expr::Condition& exit : journey.exits) {
        const expr::Outcome outcome = passage.evaluate(exit);
        if (outcome.holds) {
            return end(enrollment, EnrollmentState::Exited);
        }
        exits_change = std::min(exits_change, outcome.valid_until);
    }
    while (enrollment.step < journey.steps.size()) {
        const Step& step = journey.steps[enrollment.step];
        std::uint32_t next = step.next;
        switch (step.kind) {
            case StepKind::Wait:
                if (!pass_wait(step, enrollment, passage)) {
                    return std::min(enrollment.wake_at, exits_change);
                }
                break;
            case StepKind::Branch:
                WINBACK_CHECK(step.condition.has_value());
                next = passage.evaluate(*step.condition).holds ? step.next : step.otherwise;
                break;
            case StepKind::Message:
                if (!pass_message(step, enrollment, passage)) {
                    return std::min(enrollment.wake_at, exits_change);
                }
                break;
            case StepKind::Exit:
                return end(enrollment, EnrollmentState::Finished);
        }
        WINBACK_CHECK(next > enrollment.step);
        move_to(enrollment, next);
    }
    return end(enrollment, EnrollmentState::Finished);
}

std::vector<GraphMistake> check_graph(const Journey& journey) {
    std::vector<GraphMistake> mistakes;
    const auto count = journey.steps.size();
    if (count == 0) {
        mistakes.push_back({0, "no_steps", "a journey needs at least one step"});
    }
    if (count > steps_max) {
        mistakes.push_back({steps_max, "too_many_steps", "a journey has at most 200 steps"});
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Step& step = journey.steps[i];
        const auto forward = [&](std::uint32_t target) { return target > i && target <= count; };
        const bool ends = step.kind == StepKind::Exit;
        const bool branches = step.kind == StepKind::Branch;
        if (!ends && (!forward(step.next) || (branches && !forward(step.otherwise)))) {
            mistakes.push_back({i, "jump_backwards", "a step may only lead to a later one"});
        }
        const auto same_id = [&](const Step& other) { return other.id == step.id; };
        const auto here = journey.steps.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(journey.steps.begin(), here, same_id)) {
            mistakes.push_back(
                {i, "duplicate_step", "the step id '" + step.id + "' is used twice"});
        }
    }
    return mistakes;
}

}  // namespace winback::journey

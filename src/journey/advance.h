// Moves one customer along one journey as far as time and the policy allow.
//
// `advance` is the whole behaviour of a journey: a function of the definition, of where the
// customer stands and of what a Passage answers. It reads no clock and does no I/O. Every jump
// goes forward, so it ends after at most steps_max steps.
#pragma once

#include <optional>
#include <vector>

#include "base/diagnostic.h"
#include "base/zone.h"
#include "expr/condition.h"
#include "journey/enrollment.h"
#include "journey/journey.h"

namespace winback::journey {

// What the engine lends to `advance` for one customer at one moment.
class Passage {
public:
    virtual ~Passage() = default;
    virtual Timestamp now() const = 0;
    virtual const Zone& zone() const = 0;  // The workspace's: waits are steps of its calendar.
    virtual expr::Outcome evaluate(const expr::Condition& condition) = 0;
    // Decides the message of this step. Returns the moment at which to ask again when the policy
    // holds it; nothing when it is decided, whichever way.
    virtual std::optional<Timestamp> decide(const Step& step) = 0;
};

// Pre: enrollment.state is Running and enrollment.step < journey.steps.size(), or the journey
// has no steps.
// Returns the next moment at which it must be called again without any event; timestamp_max when
// the journey has ended for this customer.
Timestamp advance(const Journey& journey, Enrollment& enrollment, Passage& passage);

// What is wrong with a journey's graph: no step, a jump backwards or out of the list, a step id
// used twice. Positions are left to the caller, who knows the file; `index` is the step.
struct GraphMistake {
    std::size_t index = 0;
    std::string code;
    std::string message;
};
std::vector<GraphMistake> check_graph(const Journey& journey);

}  // namespace winback::journey

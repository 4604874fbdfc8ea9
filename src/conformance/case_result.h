// What came of one case of a suite.
#pragma once

#include <string>

namespace winback::conformance {

struct CaseResult {
    std::string name;  // "suite/name"; empty when the case has none.
    bool passed = false;
    std::string expected;  // For people; empty when passed.
    std::string actual;    // What came, or why the line is no case.
};

}  // namespace winback::conformance

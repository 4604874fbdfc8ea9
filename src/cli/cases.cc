#include "cli/cases.h"

#include <fstream>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"

namespace winback::cli {
namespace {

void print_failure(const conformance::CaseResult& result, int number) {
    const std::string place = fmt::format("line {}", number);
    fmt::print("FAILED {}\n",
               result.name.empty() ? place : fmt::format("{} ({})", result.name, place));
    if (!result.expected.empty()) {
        fmt::print("  expected {}\n", result.expected);
    }
    fmt::print("  got      {}\n", result.actual);
}

}  // namespace

int run_cases(const std::string& file, int unreadable, const RunCase& run) {
    std::ifstream in(file);
    if (!in || in.peek() == std::ifstream::traits_type::eof()) {
        fail({ErrorCode::NotFound, "'" + file +
                                       "' holds no cases: it must be a file with one JSON object a "
                                       "line that can be read"});
        return unreadable;
    }
    int passed = 0;
    int failed = 0;
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        Result<conformance::CaseResult> result = run(line);
        if (!result) {  // One line that is no case must not hide what all others say.
            result = conformance::CaseResult{
                .name = "", .passed = false, .expected = "", .actual = result.error().message};
        }
        (result->passed ? passed : failed) += 1;
        if (!result->passed) {
            print_failure(*result, number);
        }
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    return failed == 0 && passed > 0 ? exit_ok : exit_no;
}

}  // namespace winback::cli

// winback liquid: the template language against suites of cases and their runners.
#include <fstream>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "conformance/liquid_case.h"
#include "conformance/liquid_server.h"

namespace winback::cli {
namespace {

Result<Timestamp> read_now(const LiquidArguments& arguments) {
    const auto now = parse_iso8601(arguments.now);
    if (!now) {
        return Error{ErrorCode::InvalidArgument, "--now '" + arguments.now +
                                                     "' is not a time such as "
                                                     "2024-01-01T00:01:58Z"};
    }
    return *now;
}

}  // namespace

int run_liquid_conformance(const LiquidArguments& arguments) {
    const Result<Timestamp> now = read_now(arguments);
    if (!now) {
        return fail(now.error());
    }
    std::ifstream file(arguments.file);
    if (!file) {
        return fail({ErrorCode::NotFound, "'" + arguments.file + "' cannot be read"});
    }
    int passed = 0;
    int failed = 0;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const Result<conformance::CaseResult> result = conformance::run_liquid_case(line, *now);
        if (!result) {
            return fail({result.error().code,
                         fmt::format("{}:{}: {}", arguments.file, number, result.error().message)});
        }
        if (result->passed) {
            ++passed;
            continue;
        }
        ++failed;
        fmt::print("FAILED {}\n  expected {}\n  got      {}\n", result->name, result->expected,
                   result->actual);
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    return failed == 0 ? exit_ok : exit_no;
}

int run_liquid_serve(const LiquidArguments& arguments) {
    const Result<Timestamp> now = read_now(arguments);
    if (!now) {
        return fail(now.error());
    }
    std::ios::sync_with_stdio(false);
    conformance::LiquidServer server(*now);
    for (std::string line; !server.is_done() && std::getline(std::cin, line);) {
        const std::string answer =
            line.find_first_not_of(" \t\r") == std::string::npos ? "" : server.answer(line);
        if (!answer.empty()) {
            std::cout << answer << '\n' << std::flush;
        }
    }
    return exit_ok;
}

}  // namespace winback::cli

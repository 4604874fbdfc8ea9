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

// One line, of which no more is kept than shows that it is too long.
bool read_request(std::streambuf& in, std::string& line) {
    constexpr int end = std::streambuf::traits_type::eof();
    line.clear();
    int c = in.sbumpc();
    const bool any = c != end;
    for (; c != end && c != '\n'; c = in.sbumpc()) {
        if (line.size() <= conformance::request_bytes_max) {
            line += std::streambuf::traits_type::to_char_type(c);
        }
    }
    return any;
}

}  // namespace

int run_liquid_conformance(const LiquidArguments& arguments) {
    const Result<Timestamp> now = read_now(arguments);
    if (!now) {
        return fail(now.error());
    }
    std::ifstream file(arguments.file);
    if (!file || file.peek() == std::ifstream::traits_type::eof()) {
        return fail({ErrorCode::NotFound, "'" + arguments.file +
                                              "' holds no cases: it must be a file with one JSON "
                                              "object a line that can be read"});
    }
    int passed = 0;
    int failed = 0;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const conformance::CaseResult result = conformance::run_liquid_case(line, *now);
        (result.passed ? passed : failed) += 1;
        if (!result.passed) {
            const std::string place = fmt::format("line {}", number);
            fmt::print("FAILED {}\n",
                       result.name.empty() ? place : fmt::format("{} ({})", result.name, place));
            if (!result.expected.empty()) {
                fmt::print("  expected {}\n", result.expected);
            }
            fmt::print("  got      {}\n", result.actual);
        }
    }
    fmt::print("{} passed, {} failed\n", passed, failed);
    return failed == 0 && passed > 0 ? exit_ok : exit_no;
}

int run_liquid_serve(const LiquidArguments& arguments) {
    const Result<Timestamp> now = read_now(arguments);
    if (!now) {
        return fail(now.error());
    }
    std::ios::sync_with_stdio(false);
    conformance::LiquidServer server(*now);
    for (std::string line; !server.is_done() && read_request(*std::cin.rdbuf(), line);) {
        const std::string answer =
            line.find_first_not_of(" \t\r") == std::string::npos ? "" : server.answer(line);
        if (!answer.empty()) {
            std::cout << answer << '\n' << std::flush;
        }
    }
    return exit_ok;
}

}  // namespace winback::cli

// winback liquid: the template language against suites of cases and their runners.
#include <iostream>
#include <string>

#include "cli/cases.h"
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
    return run_cases(arguments.file, exit_failed, [&](std::string_view line) {
        return conformance::run_liquid_case(line, *now);
    });
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

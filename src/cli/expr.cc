// winback expr: the condition language against the suite of CEL, and its tree form.
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "api/strict_json.h"
#include "base/diagnostic.h"
#include "cli/cases.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "conformance/cel_case.h"
#include "expr/parser.h"
#include "expr/tree.h"

namespace winback::cli {
namespace {

constexpr std::size_t input_bytes_max = std::size_t{1} << 20U;

// Standard input, of which no more is kept than shows that it is too long.
Result<std::string> read_input() {
    std::string text;
    std::streambuf& in = *std::cin.rdbuf();
    for (int c = in.sbumpc(); c != std::streambuf::traits_type::eof(); c = in.sbumpc()) {
        text += std::streambuf::traits_type::to_char_type(c);
        if (text.size() > input_bytes_max) {
            return Error{ErrorCode::LimitExceeded, "standard input holds more than 1 MB"};
        }
    }
    return text;
}

}  // namespace

int run_expr_conformance(const ExprArguments& arguments) {
    return run_cases(arguments.file, exit_usage, conformance::run_cel_case);
}

int run_expr_tree() {
    const Result<std::string> text = read_input();
    if (!text) {
        return fail(text.error());
    }
    Diagnostics diagnostics;
    expr::Reporter reporter(*text, diagnostics);
    const expr::Ast ast = expr::parse(*text, reporter);
    for (const Diagnostic& diagnostic : diagnostics) {
        fmt::print(stderr, "{}", render(diagnostic, *text));
    }
    if (!diagnostics.empty()) {
        return exit_no;
    }
    fmt::print("{}\n", to_json(expr::to_tree(*text, ast)));
    return exit_ok;
}

int run_expr_text() {
    const Result<std::string> input = read_input();
    if (!input) {
        return fail(input.error());
    }
    const Result<Value> tree = api::read_strict(*input);
    if (!tree) {
        fail(tree.error());
        return exit_no;
    }
    const expr::TreeText made = expr::from_tree(*tree);
    for (const expr::TreeMistake& mistake : made.mistakes) {
        fail({ErrorCode::InvalidArgument,
              fmt::format("at '{}': {}", mistake.pointer, mistake.message)});
    }
    if (!made.mistakes.empty()) {
        return exit_no;
    }
    fmt::print("{}\n", made.text);
    return exit_ok;
}

}  // namespace winback::cli

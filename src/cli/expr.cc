// winback expr: the condition language against the suite of CEL.
#include "cli/cases.h"
#include "cli/commands.h"
#include "conformance/cel_case.h"

namespace winback::cli {

int run_expr_conformance(const ExprArguments& arguments) {
    return run_cases(arguments.file, exit_usage, conformance::run_cel_case);
}

}  // namespace winback::cli

// Guesses from the beginning of a file what its columns mean, and says what it is not sure of.
//
// Pure and deterministic: the same bytes give the same guess. Names of columns count first, then
// what stands in them; dates and decimals are decided over all sampled rows. What the rows do not
// decide becomes a question with a sensible answer filled in. See docs/design/import.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ingest/plan.h"

namespace winback::ingest {

constexpr std::size_t guess_bytes_max = 1024 * 1024;  // Of the beginning that is looked at.
constexpr std::size_t guess_rows_max = 2'000;

struct GuessDefaults {
    std::string zone = "UTC";
    std::string currency;
    Timestamp today;  // Files of customers say how things are, not when.
};

// Why a column is what it is: "name", "name_part", "content", "in_groups", "left_over".
struct GuessedColumn {
    Role role = Role::Ignore;
    double confidence = 0;  // 0..1
    std::string reason;
    std::vector<std::string> examples;  // The first different cells, at most three.
};

// What the rows do not decide: "date_order" (day or month first), "customer" (told by a phone
// number or a name), "zone", "currency", "consent", "decimal", "columns" (no header).
struct Question {
    std::string code;
    std::string about;  // A column, or the answer that was filled in.
};

struct Guess {
    // "empty", "spreadsheet", "binary", "no_columns": nothing can be read. Empty: all is well.
    std::string problem;
    ImportPlan plan;
    std::vector<GuessedColumn> columns;  // As plan.columns.
    std::vector<Question> questions;
    std::vector<std::string> problems;  // plan_problems(plan)
    double confidence = 0;              // Of the column that is least sure and needed.
    std::size_t rows = 0;               // That were looked at.
};

// `bytes`: the beginning of the file, unpacked. `whole`: there is no more of it.
Guess guess_mapping(std::string_view bytes, bool whole, const GuessDefaults& defaults);

}  // namespace winback::ingest

// Plans of imports as values: what forms and programs send, and what the folder keeps.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/value.h"
#include "ingest/guess.h"

namespace winback::api {

ValueMap plan_value(const ingest::ImportPlan& plan);
// Members that are absent stay as they are in `base`; the columns of the file are never changed.
// Fails with InvalidArgument, naming the member.
Result<ingest::ImportPlan> changed_plan(ingest::ImportPlan base, const ValueMap& changes);

// {columns: [{name, role, confidence, reason, examples}], questions: [{code, about}],
//  confidence, rows}
ValueMap guess_value(const ingest::Guess& guess);

// The code of a currency or of a country as it was typed: "try" means TRY.
std::string in_capitals(std::string_view code);

}  // namespace winback::api

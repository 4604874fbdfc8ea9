// What earlier imports say of a new file: a person told once what these columns are.
#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "api/import_job.h"
#include "api/import_plan.h"
#include "api/imports.h"
#include "base/hash.h"

namespace winback::api {
namespace {

// Of the file itself, and never of what somebody said about an earlier one.
constexpr std::array<std::string_view, 4> own_members{"as_of", "delimiter", "encoding", "columns"};

bool has_columns(const ValueMap& used, const ingest::ImportPlan& plan) {
    const ValueMap own = plan_value(plan);
    const auto same = [&](std::string_view member) {
        const Value* value = used.find(member);
        return value != nullptr && *value == *own.find(member);
    };
    return !plan.columns.empty() && same("columns") && same("has_header") && same("format");
}

// The plan of an earlier file with the same columns, and what only the new one shows: rows that are
// scattered or name nobody, forms of dates that leave no doubt.
Result<ingest::ImportPlan> recalled_plan(const ingest::Guess& guess, const ValueMap& used) {
    ValueMap said;
    for (const auto& [member, value] : used) {
        if (std::find(own_members.begin(), own_members.end(), member) == own_members.end()) {
            said.set(member, value);
        }
    }
    WINBACK_TRY(ingest::ImportPlan plan, changed_plan(guess.plan, said));
    plan.scattered = plan.scattered || guess.plan.scattered;
    plan.skips_nameless = plan.skips_nameless || guess.plan.skips_nameless;
    const bool doubt = std::any_of(guess.questions.begin(), guess.questions.end(),
                                   [](const auto& one) { return one.code == "date_order"; });
    for (const std::string& format : doubt ? std::vector<std::string>() : guess.plan.date_formats) {
        if (std::find(plan.date_formats.begin(), plan.date_formats.end(), format) ==
            plan.date_formats.end()) {
            plan.date_formats.push_back(format);
        }
    }
    return plan;
}

}  // namespace

std::uint64_t print_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string chunk(std::size_t{1} << 20U, '\0');
    std::uint64_t print = 0;
    while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) ||
           file.gcount() > 0) {
        print =
            hash64(std::string_view(chunk.data(), static_cast<std::size_t>(file.gcount())), print);
    }
    return print;
}

// Pre: mutex_ is held.
void Imports::recall(Job& job) const {
    for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
        const Job& before = *at->second;
        if (before.used.empty() || !has_columns(before.used, job.plan)) {
            continue;
        }
        if (auto plan = recalled_plan(job.guess, before.used)) {
            job.plan = *std::move(plan);
            job.mapping = before.mapping;
            job.remembered = before.name;
        }
        break;
    }
    // A file of customers says how things were when it came first: again it says the same.
    for (const auto& [id, before] : jobs_) {
        const Value* as_of = before->print == job.print ? before->used.find("as_of") : nullptr;
        if (job.print != 0 && as_of != nullptr && !job.plan.as_of.empty()) {
            job.plan.as_of = *as_of->as_string();
            break;
        }
    }
}

}  // namespace winback::api

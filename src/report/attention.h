// What needs attention today: a short list, the most urgent first, each with its numbers and an
// address. The words are the pages' own. All from inputs; thresholds: docs/design/report.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "report/overview.h"

namespace winback::report {

constexpr std::size_t notices_max = 7;

enum class Urgency : std::uint8_t {
    Now,   // Harm or loss while it lasts.
    Soon,  // Decisions or proof suffer.
    Advice,
};
std::string_view urgency_name(Urgency urgency);  // "now"

struct Notice {
    std::string kind;  // "in_doubt": the pages have a sentence for each.
    Urgency urgency = Urgency::Advice;
    ValueMap numbers;  // What the sentence tells.
    std::string link;
};

struct AttentionInputs {
    const Totals* totals = nullptr;
    const engine::Definitions* definitions = nullptr;
    const std::optional<model::FittedModels>* models = nullptr;
    Timestamp now;
    bool replay = false;  // Its clock runs on and nothing arrives: silence means nothing.
    std::optional<double> disk_free_share;
    // Orders of the last out-of-time check; predicted and what came.
    std::optional<std::pair<double, double>> calibration;
    bool fit_failed = false;  // The last attempt; the models are older.
};

std::vector<Notice> attention(const AttentionInputs& inputs);
ValueList to_value(const std::vector<Notice>& notices);

}  // namespace winback::report

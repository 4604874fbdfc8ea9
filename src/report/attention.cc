#include "report/attention.h"

#include <algorithm>
#include <array>

namespace winback::report {
namespace {

constexpr double disk_free_min = 0.10;
constexpr double failed_share_max = 0.05;    // Of a week's sends.
constexpr std::uint64_t complaints_min = 5;  // Fewer are chance.
constexpr double without_consent_max = 0.5;
constexpr int model_days_max = 45;
constexpr double calibration_low = 0.8;  // Predicted by actual orders.
constexpr double calibration_high = 1.25;
constexpr std::uint64_t silence_orders_min = 10;

std::int64_t whole(std::uint64_t count) {
    return static_cast<std::int64_t>(count);
}

class List {
public:
    explicit List(const AttentionInputs& inputs) : in_(inputs), signals_(inputs.totals->signals) {}

    std::vector<Notice> run() {
        operation();
        messages();
        journeys();
        customers();
        models();
        std::stable_sort(notices_.begin(), notices_.end(),
                         [](const Notice& a, const Notice& b) { return a.urgency < b.urgency; });
        if (notices_.size() > notices_max) {
            notices_.resize(notices_max);
        }
        return std::move(notices_);
    }

private:
    Notice& add(std::string kind, Urgency urgency, std::string link) {
        notices_.push_back(
            {.kind = std::move(kind), .urgency = urgency, .numbers = {}, .link = std::move(link)});
        return notices_.back();
    }

    void operation() {
        if (in_.disk_free_share.has_value() && *in_.disk_free_share < disk_free_min) {
            add("disk", Urgency::Now, "/health").numbers.set("share", *in_.disk_free_share);
        }
        std::uint64_t orders = 0;
        for (const std::uint64_t count : signals_.orders_days_ago) {
            orders += count;
        }
        if (in_.replay || orders < silence_orders_min) {
            return;
        }
        const std::int64_t silent = (in_.now - signals_.last_event).ms / days(1).ms;
        const int usual = longest_silence(signals_);
        if (silent > usual) {
            ValueMap& numbers = add("silent", Urgency::Now, "/events").numbers;
            numbers.set("days", silent);
            numbers.set("usual", usual);
        }
    }

    void messages() {
        const auto in_doubt = in_.totals->messages.find("in_doubt");
        if (in_doubt != in_.totals->messages.end()) {
            add("in_doubt", Urgency::Now, "/messages?state=in_doubt")
                .numbers.set("count", whole(in_doubt->second));
        }
        const Recent& failed = signals_.failed;
        const std::uint64_t tried = failed.now + signals_.sent.now;
        if (failed.now > 0) {
            const bool many =
                static_cast<double>(failed.now) > failed_share_max * static_cast<double>(tried);
            ValueMap& numbers =
                add("failing", many ? Urgency::Now : Urgency::Soon, "/messages?state=failed")
                    .numbers;
            numbers.set("count", whole(failed.now));
            numbers.set("of", whole(tried));
        }
        recent("bounced", signals_.bounced, "Email%20Bounced");
        recent("complained", signals_.complained, "Email%20Marked%20as%20Spam");
    }

    void recent(std::string kind, const Recent& recent, std::string_view event) {
        if (recent.now < complaints_min || recent.now <= recent.before) {
            return;
        }
        ValueMap& numbers =
            add(std::move(kind), Urgency::Now,
                "/customers?where=ev(%22" + std::string(event) + "%22).within(%227d%22).any()")
                .numbers;
        numbers.set("count", whole(recent.now));
        numbers.set("before", whole(recent.before));
    }

    void journeys() {
        if (in_.definitions == nullptr) {
            return;
        }
        for (const journey::Journey& journey : in_.definitions->journeys) {
            const std::string link = "/journeys/" + journey.id;
            if (journey.holdout <= 0) {
                set_words(add("no_hold_out", Urgency::Soon, link).numbers, "journey", journey.name,
                          journey.names);
                continue;
            }
            const auto found = in_.totals->journeys.find(journey.id);
            if (found == in_.totals->journeys.end()) {
                continue;
            }
            const JourneyTotals& totals = found->second;
            const double p = experiment::split_p_value(totals.holdout.customers,
                                                       totals.assigned.customers, journey.holdout);
            if (p < experiment::split_p_min) {
                ValueMap& numbers = add("unequal_arms", Urgency::Soon, link).numbers;
                set_words(numbers, "journey", journey.name, journey.names);
                numbers.set("holdout", whole(totals.holdout.customers));
                numbers.set("assigned", whole(totals.assigned.customers));
                numbers.set("share", journey.holdout);
            }
        }
    }

    void customers() {
        if (signals_.vips_at_risk > 0) {
            const std::string since = format_iso8601(in_.now - length_of(Period::Week));
            ValueMap& numbers = add("vips", Urgency::Soon,
                                    "/customers?moved=current:at_risk&since=" + since +
                                        "&monetary=5&order=value_at_risk")
                                    .numbers;
            numbers.set("count", whole(signals_.vips_at_risk));
            numbers.set("amount", to_double(signals_.vips_value));
        }
        const double share = signals_.identified == 0
                                 ? 0
                                 : static_cast<double>(signals_.without_consent) /
                                       static_cast<double>(signals_.identified);
        const bool writes = in_.definitions != nullptr && !in_.definitions->journeys.empty();
        if (writes && share > without_consent_max) {
            ValueMap& numbers =
                add("no_consent", Urgency::Advice, "/customers?consent=email:unset").numbers;
            numbers.set("count", whole(signals_.without_consent));
            numbers.set("share", share);
        }
    }

    void models() {
        if (in_.totals->measures.moments[0].buyers == 0) {
            return;
        }
        // Before the first fit there are no older models that could stay in use.
        if (in_.fit_failed && in_.models->has_value()) {
            add("fit_failed", Urgency::Soon, "/models");
        }
        if (!in_.models->has_value()) {
            add("no_model", Urgency::Advice, "/models");
            return;
        }
        const std::int64_t age = (in_.now - (*in_.models)->fitted_until).ms / days(1).ms;
        if (age > model_days_max && !in_.replay) {
            add("old_model", Urgency::Soon, "/models").numbers.set("days", age);
        }
        if (in_.calibration.has_value() && in_.calibration->second > 0) {
            const double ratio = in_.calibration->first / in_.calibration->second;
            if (ratio < calibration_low || ratio > calibration_high) {
                ValueMap& numbers = add("badly_calibrated", Urgency::Soon, "/models").numbers;
                numbers.set("predicted", in_.calibration->first);
                numbers.set("actual", in_.calibration->second);
            }
        }
    }

    const AttentionInputs& in_;
    const Signals& signals_;
    std::vector<Notice> notices_;
};

}  // namespace

std::string_view urgency_name(Urgency urgency) {
    constexpr std::array<std::string_view, 3> names{"now", "soon", "advice"};
    return names[static_cast<std::size_t>(urgency)];
}

std::vector<Notice> attention(const AttentionInputs& inputs) {
    return List(inputs).run();
}

ValueList to_value(const std::vector<Notice>& notices) {
    ValueList list;
    for (const Notice& notice : notices) {
        ValueMap map;
        map.set("kind", notice.kind);
        map.set("urgency", urgency_name(notice.urgency));
        map.set("numbers", notice.numbers);
        map.set("link", notice.link);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace winback::report

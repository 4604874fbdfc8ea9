#include "api/passage_choice.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/journeys.h"
#include "api/messages.h"
#include "host/host.h"

namespace winback::api {
namespace {

// Versions that came after the passages were counted; more do not come within that time.
constexpr std::uint64_t new_versions_max = 20;

struct Part {
    const char* name;
    std::string PassageChoice::*text;
};
constexpr std::array<Part, 8> parts{{{"journey", &PassageChoice::journey},
                                     {"step", &PassageChoice::step},
                                     {"clicked", &PassageChoice::clicked},
                                     {"arm", &PassageChoice::arm},
                                     {"done", &PassageChoice::done},
                                     {"entered_since", &PassageChoice::entered_since},
                                     {"entered_until", &PassageChoice::entered_until},
                                     {"entered_under", &PassageChoice::entered_under}}};

Error invalid(std::string text) {
    return {ErrorCode::InvalidArgument, std::move(text)};
}

std::optional<std::uint64_t> version_of(const std::string& text) {
    std::uint64_t version = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, version);
    return fault == std::errc() && stopped == end ? std::optional(version) : std::nullopt;
}

// The versions under which somebody may be on the way.
std::set<std::uint64_t> versions_of(const report::JourneyPassages* passages, std::uint64_t now) {
    std::set<std::uint64_t> versions;
    if (passages != nullptr) {
        for (const auto& [place, count] : passages->standing) {
            versions.insert(place.first);
        }
    }
    const std::uint64_t counted = versions.empty() ? 0 : *versions.rbegin();
    const std::uint64_t recent = now > new_versions_max ? now - new_versions_max : 0;
    for (std::uint64_t version = std::max(counted, recent) + 1; version <= now; ++version) {
        versions.insert(version);
    }
    return versions;
}

}  // namespace

http::Pairs PassageChoice::address() const {
    http::Pairs pairs;
    for (const Part& part : parts) {
        if (!(this->*part.text).empty()) {
            pairs.emplace_back(part.name, this->*part.text);
        }
    }
    return pairs;
}

Result<PassageChoice> passage_choice_of(const http::Request& request) {
    PassageChoice choice;
    for (const Part& part : parts) {
        const std::string* value = request.query_value(part.name);
        choice.*part.text = value == nullptr ? std::string() : *value;
    }
    const http::Pairs given = choice.address();
    if (choice.journey.empty() && !given.empty()) {
        return invalid("'" + given.front().first + "' needs 'journey', the id of one");
    }
    if (!choice.arm.empty() && choice.arm != "assigned" && choice.arm != "holdout") {
        return invalid("'arm' is assigned or holdout");
    }
    if (!choice.done.empty() && !report::parse_passage_end(choice.done)) {
        return invalid("'done' is no, converted, left or finished");
    }
    for (const std::string* moment : {&choice.entered_since, &choice.entered_until}) {
        if (!moment->empty() && !parse_iso8601(*moment)) {
            return invalid("'entered_since' and 'entered_until' are moments in ISO 8601");
        }
    }
    if (!choice.entered_under.empty() && !version_of(choice.entered_under)) {
        return invalid("'entered_under' is the number of a version of the playbook");
    }
    return choice;
}

Result<report::PassageFilter> passage_filter_of(Desk& desk, const PassageChoice& choice) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const journey::Journey* journey =
        definitions == nullptr ? nullptr : definitions->journey(choice.journey);
    const PassageCache::Pointer counted = desk.part<PassageCache>().get();
    const auto found = counted->journeys.find(choice.journey);
    const report::JourneyPassages* passages =
        found == counted->journeys.end() ? nullptr : &found->second;
    if (journey == nullptr && passages == nullptr) {
        return Error{ErrorCode::NotFound, "there is no such journey"};
    }
    report::PassageFilter filter;
    filter.journey = choice.journey;
    filter.end = report::parse_passage_end(choice.done);
    filter.version = version_of(choice.entered_under);
    if (!choice.arm.empty()) {
        filter.held_out = choice.arm == "holdout";
    }
    if (const auto since = parse_iso8601(choice.entered_since)) {
        filter.from = *since;
    }
    if (const auto until = parse_iso8601(choice.entered_until)) {
        filter.to = *until;
    }
    const auto has_now = [&](const std::string& id) {
        return journey != nullptr && std::any_of(journey->steps.begin(), journey->steps.end(),
                                                 [&](const auto& step) { return step.id == id; });
    };
    const Error no_step{ErrorCode::NotFound, "this journey has no such step"};
    filter.clicked = choice.clicked;
    if (!choice.clicked.empty() && !has_now(choice.clicked) &&
        (passages == nullptr || !passages->steps.contains(choice.clicked))) {
        return no_step;
    }
    if (choice.step.empty()) {
        return filter;
    }
    filter.elsewhere = choice.step == step_elsewhere;
    filter.standing.emplace();
    const std::uint64_t version = definitions == nullptr ? 0 : definitions->version;
    for (const std::uint64_t each : versions_of(passages, version)) {
        const std::vector<std::string> ids = desk.part<JourneySteps>().steps(each, choice.journey);
        for (std::uint32_t i = 0; i < ids.size(); ++i) {
            if (filter.elsewhere ? has_now(ids[i]) : ids[i] == choice.step) {
                filter.standing->insert({each, i});
            }
        }
    }
    if (!filter.elsewhere && filter.standing->empty() && !has_now(choice.step)) {
        return no_step;
    }
    return filter;
}

}  // namespace winback::api

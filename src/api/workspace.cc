#include "api/workspace.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/zone.h"
#include "customer/channel.h"
#include "host/host.h"
#include "yaml/edit.h"

namespace winback::api {
namespace {

constexpr std::string_view workspace_file = "workspace.yaml";
constexpr std::string_view policies_file = "policies.yaml";
constexpr std::size_t text_bytes_max = 300;

// One member of a change and where it stands.
struct Place {
    std::string_view member;
    std::string_view file;
    std::vector<std::string> path;
};

const std::vector<Place>& places() {
    static const std::vector<Place> all{
        {"name", workspace_file, {"name"}},
        {"zone", workspace_file, {"zone"}},
        {"currency", workspace_file, {"currency"}},
        {"language", workspace_file, {"language"}},
        {"country", workspace_file, {"country"}},
        {"from_name", workspace_file, {"from", "name"}},
        {"from_address", workspace_file, {"from", "address"}},
        {"reply_to", workspace_file, {"reply_to"}},
        {"address", workspace_file, {"address"}},
        {"base_url", workspace_file, {"base_url"}},
        {"brand_url", workspace_file, {"brand_url"}},
        {"quiet_from", policies_file, {"quiet_hours", "from"}},
        {"quiet_to", policies_file, {"quiet_hours", "to"}},
        {"quiet_weekends", policies_file, {"quiet_hours", "weekends"}},
    };
    return all;
}

std::string text_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string() : std::string(trim(*text));
}

std::string clock_text(int minutes) {
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

ValueList caps_value(const policy::Policies& policies) {
    ValueList list;
    for (const policy::FrequencyCap& cap : policies.caps) {
        ValueMap map;
        map.set("limit", std::int64_t{cap.limit});
        map.set("days", std::int64_t{cap.window.days});
        map.set("months", std::int64_t{cap.window.months});
        map.set("channel", cap.channel ? std::string(customer::channel_name(*cap.channel)) : "");
        map.set("hold", cap.hold);
        list.emplace_back(std::move(map));
    }
    return list;
}

Status edit(playbook::Files& files,
            playbook::Files& changed,
            const Place& place,
            std::string_view value) {
    const std::string file(place.file);
    std::string& text = files[file];
    WINBACK_TRY(std::string next, yaml::with_scalar(text, place.path, value));
    if (next != text) {
        text = next;
        changed[file] = std::move(next);
    }
    return Ok{};
}

Status check(const ValueMap& changes) {
    const auto wrong = [](std::string_view member, std::string_view why) {
        return Error{ErrorCode::InvalidArgument, std::string(member) + ": " + std::string(why)};
    };
    for (const auto& [member, value] : changes) {
        const std::string* text = value.as_string();
        if (text == nullptr || text->size() > text_bytes_max || !is_valid_utf8(*text)) {
            return wrong(member, "a text of at most 300 bytes");
        }
    }
    const std::string zone = text_of(changes, "zone");
    if (!zone.empty() && !find_zone(zone)) {
        return wrong("zone", "no such time zone; an example: Europe/Istanbul");
    }
    const std::string country = text_of(changes, "country");
    const bool code = country.size() == 2 && country[0] >= 'A' && country[0] <= 'Z' &&
                      country[1] >= 'A' && country[1] <= 'Z';
    if (!country.empty() && !code) {
        return wrong("country", "two capital letters, such as TR");
    }
    return Ok{};
}

Status edit_policies(playbook::Files& files, playbook::Files& changed, const ValueMap& changes) {
    const Place quiet{"quiet_on", policies_file, {"quiet_hours"}};
    const std::string on = text_of(changes, "quiet_on");
    if (on == "no") {
        return edit(files, changed, quiet, "off");
    }
    const std::string percent = text_of(changes, "control_percent");
    if (percent.empty()) {
        return Ok{};
    }
    double share = 0;
    const auto [end, fault] =
        std::from_chars(percent.data(), percent.data() + percent.size(), share);
    if (fault != std::errc() || end != percent.data() + percent.size() || share < 0 || share > 50) {
        return Error{ErrorCode::InvalidArgument, "control_percent: a number from 0 to 50"};
    }
    return edit(files, changed, {"", policies_file, {"control_group", "share"}},
                fmt::format("{:g}", share / 100));
}

}  // namespace

ValueMap describe_workspace(Desk& desk) {
    ValueMap map;
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (definitions == nullptr) {
        return map;
    }
    const engine::Workspace& workspace = definitions->workspace;
    map.set("version", static_cast<std::int64_t>(definitions->version));
    map.set("name", workspace.name);
    map.set("zone", zone_name(*workspace.zone));
    map.set("currency", workspace.currency);
    map.set("language", workspace.language);
    map.set("country", workspace.country);
    map.set("from_name", workspace.from_name);
    map.set("from_address", workspace.from_address);
    map.set("reply_to", workspace.reply_to);
    map.set("address", workspace.address);
    map.set("base_url", workspace.base_url);
    map.set("brand_url", workspace.brand_url);
    const policy::Policies& policies = definitions->policies;
    ValueMap quiet;
    quiet.set("on", policies.quiet_hours.enabled);
    quiet.set("from", clock_text(policies.quiet_hours.from_min));
    quiet.set("to", clock_text(policies.quiet_hours.to_min));
    quiet.set("weekends", policies.quiet_hours.weekends);
    map.set("quiet", std::move(quiet));
    map.set("caps", caps_value(policies));
    map.set("control_share", policies.control_group);
    ValueList holdouts;
    for (const journey::Journey& journey : definitions->journeys) {
        ValueMap one;
        one.set("journey", journey.id);
        one.set("name", journey.name);
        one.set("share", journey.holdout);
        holdouts.emplace_back(std::move(one));
    }
    map.set("holdouts", std::move(holdouts));
    return map;
}

Result<PlaybookSaved> save_workspace(Desk& desk,
                                     PlaybookWriter& writer,
                                     std::uint64_t base_version,
                                     const ValueMap& changes,
                                     const PlaybookAct& act) {
    WINBACK_TRY([[maybe_unused]] const Ok checked, check(changes));
    WINBACK_TRY(playbook::Files files, desk.host().playbook_files(base_version));
    playbook::Files changed;
    const bool quiet_off = text_of(changes, "quiet_on") == "no";
    for (const Place& place : places()) {
        const Value* value = changes.find(place.member);
        const bool of_quiet = place.member.starts_with("quiet_");
        if (value == nullptr || (of_quiet && quiet_off)) {
            continue;
        }
        const std::string text = text_of(changes, place.member);
        const bool may_be_absent = place.member == "country" || place.member == "reply_to";
        if (text.empty() && may_be_absent) {
            continue;
        }
        if (text.empty()) {
            return Error{ErrorCode::InvalidArgument,
                         std::string(place.member) + ": must not be empty"};
        }
        WINBACK_TRY([[maybe_unused]] const Ok done, edit(files, changed, place, text));
    }
    WINBACK_TRY([[maybe_unused]] const Ok policies, edit_policies(files, changed, changes));
    const std::string own(changed.contains(std::string(workspace_file)) ? workspace_file
                                                                        : policies_file);
    return writer.save(base_version, changed, own, act);
}

}  // namespace winback::api

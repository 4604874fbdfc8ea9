#include "api/workspace.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "api/approvals.h"
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
        {"keep_silent_customers", workspace_file, {"keep", "silent_customers"}},
        {"keep_at", workspace_file, {"keep", "at"}},
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

bool may_be_absent(std::string_view member) {
    return member == "country" || member == "reply_to";
}

// A share of all customers from "2" (percent); nothing when it is no number from 0 to 50.
std::optional<double> share_of(std::string_view percent) {
    double number = 0;
    const char* end = percent.data() + percent.size();
    const auto [stopped, fault] = std::from_chars(percent.data(), end, number);
    if (fault != std::errc() || stopped != end || !(number >= 0 && number <= 50)) {
        return std::nullopt;
    }
    return number / 100;
}

std::string_view why_not(std::string_view member, std::string_view text) {
    if (text.size() > text_bytes_max || !is_valid_utf8(text)) {
        return "a text of at most 300 bytes";
    }
    if (text.empty()) {
        const bool needed = std::any_of(places().begin(), places().end(),
                                        [&](const Place& one) { return one.member == member; }) &&
                            !may_be_absent(member);
        return needed ? "must not be empty" : "";
    }
    if (member == "zone" && !find_zone(text)) {
        return "no such time zone; an example: Europe/Istanbul";
    }
    const auto capital = [&](std::size_t i) { return text[i] >= 'A' && text[i] <= 'Z'; };
    if (member == "country" && !(text.size() == 2 && capital(0) && capital(1))) {
        return "two capital letters, such as TR";
    }
    if (member == "keep_silent_customers" && text != "off") {
        const Result<CalendarStep> step = parse_calendar_step(text);
        return step && engine::may_keep(*step) ? "" : "from 6mo to 20y, such as 36mo, or off";
    }
    if (member == "control_percent" && !share_of(text)) {
        return "a number from 0 to 50";
    }
    return "";
}

Status edit_policies(playbook::Files& files,
                     playbook::Files& changed,
                     const policy::Policies& present,
                     const ValueMap& changes) {
    const std::string on = text_of(changes, "quiet_on");
    if (on == "no") {
        WINBACK_TRY([[maybe_unused]] const Ok off,
                    edit(files, changed, {"quiet_on", policies_file, {"quiet_hours"}}, "off"));
    }
    const std::optional<double> share = share_of(text_of(changes, "control_percent"));
    if (!share || *share == present.control_group) {
        return Ok{};
    }
    // The first group must say by what it is drawn; of one that is there this changes nothing.
    WINBACK_TRY(
        [[maybe_unused]] const Ok salted,
        edit(files, changed, {"", policies_file, {"control_group", "salt"}}, present.control_salt));
    return edit(files, changed, {"", policies_file, {"control_group", "share"}},
                fmt::format("{:g}", *share));
}

// What a description says, as the members of a change.
ValueMap as_changes(const ValueMap& described) {
    ValueMap map;
    for (const Place& place : places()) {
        map.set(std::string(place.member), text_of(described, place.member));
    }
    const Value* quiet = described.find("quiet");
    if (quiet != nullptr && quiet->as_map() != nullptr) {
        const ValueMap& hours = *quiet->as_map();
        map.set("quiet_on", *hours.find("on") == Value(true) ? "yes" : "no");
        map.set("quiet_from", text_of(hours, "from"));
        map.set("quiet_to", text_of(hours, "to"));
        map.set("quiet_weekends", *hours.find("weekends") == Value(true) ? "true" : "false");
    }
    const Value* keep = described.find("keep");
    if (keep != nullptr && keep->as_map() != nullptr) {
        map.set("keep_silent_customers", text_of(*keep->as_map(), "silent_customers"));
        map.set("keep_at", text_of(*keep->as_map(), "at"));
    }
    const Value* share = described.find("control_share");
    if (share != nullptr && share->as_double() != nullptr) {
        map.set("control_percent", fmt::format("{:g}", *share->as_double() * 100));
    }
    return map;
}

// Of `after` the members that are not as they were.
PlaybookAct act_of(const host::Key& who, const ValueMap& before, const ValueMap& after) {
    ValueMap old;
    ValueMap now;
    for (const auto& [member, value] : after) {
        const Value* was = before.find(member);
        const bool same = was != nullptr && *was == value;
        // An empty text changes nothing.
        if (!same && value.as_string() != nullptr && !trim(*value.as_string()).empty()) {
            old.set(member, was == nullptr ? Value() : *was);
            now.set(member, value);
        }
    }
    return {.who = who,
            .what = "workspace.save",
            .target = "workspace",
            .how = "page",
            .before = Value(std::move(old)),
            .after = Value(std::move(now))};
}

Result<PlaybookSaved> save(Desk& desk,
                           PlaybookWriter& writer,
                           std::uint64_t base_version,
                           const ValueMap& changes,
                           const PlaybookAct& act) {
    const engine::DefinitionsPtr present = desk.host().definitions();
    if (present == nullptr) {
        return Error{ErrorCode::Conflict, "no playbook is loaded"};
    }
    WINBACK_TRY(playbook::Files files, desk.host().playbook_files(base_version));
    playbook::Files changed;
    const bool quiet_off = text_of(changes, "quiet_on") == "no";
    for (const Place& place : places()) {
        const std::string text = text_of(changes, place.member);
        if (text.empty() || (quiet_off && place.member.starts_with("quiet_"))) {
            continue;
        }
        WINBACK_TRY([[maybe_unused]] const Ok done, edit(files, changed, place, text));
    }
    WINBACK_TRY([[maybe_unused]] const Ok policies,
                edit_policies(files, changed, present->policies, changes));
    const std::string own(changed.contains(std::string(workspace_file)) ? workspace_file
                                                                        : policies_file);
    return writer.save(base_version, changed, own, act);
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
    ValueMap keep;
    const auto& silent = workspace.keep.silent_customers;
    keep.set("silent_customers", silent ? format_calendar_step(*silent) : "off");
    keep.set("at", clock_text(workspace.keep.at_min));
    map.set("keep", std::move(keep));
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
        add_name(one, journey.id, &journey);
        one.set("share", journey.holdout);
        holdouts.emplace_back(std::move(one));
    }
    map.set("holdouts", std::move(holdouts));
    return map;
}

std::optional<WorkspaceFault> workspace_fault(const ValueMap& changes) {
    const bool quiet_off = text_of(changes, "quiet_on") == "no";
    for (const auto& [member, value] : changes) {
        if (quiet_off && member.starts_with("quiet_")) {
            continue;  // The hours are not looked at.
        }
        const std::string* text = value.as_string();
        const std::string_view why =
            text == nullptr ? "a text" : why_not(member, trim(std::string_view(*text)));
        if (!why.empty()) {
            return WorkspaceFault{member, std::string(why)};
        }
    }
    return std::nullopt;
}

Result<PlaybookSaved> save_workspace(Desk& desk,
                                     PlaybookWriter& writer,
                                     const host::Key& who,
                                     std::uint64_t base_version,
                                     const ValueMap& changes) {
    if (const auto fault = workspace_fault(changes)) {
        return Error{ErrorCode::InvalidArgument, fault->member + ": " + fault->message};
    }
    const ValueMap before = as_changes(describe_workspace(desk));
    WINBACK_TRY(PlaybookSaved saved,
                save(desk, writer, base_version, changes, act_of(who, before, changes)));
    if (saved.kind == PlaybookSaved::Kind::Saved) {
        const ValueMap after = as_changes(describe_workspace(desk));
        WINBACK_TRY([[maybe_unused]] const Ok noted,
                    note_act(desk, act_of(who, before, after), saved.version));
    }
    return saved;
}

}  // namespace winback::api

#include <algorithm>
#include <utility>

#include "playbook/parts.h"

namespace winback::playbook {
namespace {

bool is_currency(std::string_view code) {
    return code.size() == 3 &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_country(std::string_view code) {
    return code.size() == 2 &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_web_address(std::string_view url) {
    return url.starts_with("http://") || url.starts_with("https://");
}

// "21:30" as minutes after midnight.
std::optional<int> minutes_of(std::string_view text) {
    const bool shaped = text.size() == 5 && text[2] == ':';
    const auto digit = [&](std::size_t i) { return text[i] - '0'; };
    for (const std::size_t i : {0U, 1U, 3U, 4U}) {
        if (!shaped || text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
    }
    const int hour = digit(0) * 10 + digit(1);
    const int minute = digit(3) * 10 + digit(4);
    if (hour > 23 || minute > 59) {
        return std::nullopt;
    }
    return hour * 60 + minute;
}

std::string web_address(Reader& reader, const YamlNode& root, std::string_view key) {
    const YamlNode* node = reader.required(root, key, "a workspace");
    if (node == nullptr) {
        return {};
    }
    if (!is_web_address(node->text)) {
        reader.report(*node, "bad_url",
                      "'" + std::string(key) + "' must begin with http:// or https://");
    }
    std::string url = node->text;
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url;
}

void read_quiet_hours(Reader& reader, const YamlNode& node, policy::QuietHours& quiet) {
    if (node.kind == YamlNode::Kind::Scalar && node.text == "off") {
        quiet.enabled = false;
        return;
    }
    if (!reader.is_map(node, "quiet_hours", {"from", "to", "weekends"})) {
        return;
    }
    for (const auto& [key, target] : {std::pair{"from", &quiet.from_min}, {"to", &quiet.to_min}}) {
        const YamlNode* time = reader.required(node, key, "quiet_hours");
        if (time == nullptr) {
            continue;
        }
        if (const auto minutes = minutes_of(time->text)) {
            *target = *minutes;
        } else {
            reader.report(*time, "bad_time", "write a time of day as \"21:00\", in quotes");
        }
    }
    if (quiet.from_min == quiet.to_min) {
        reader.report(node, "bad_time",
                      "quiet hours that begin when they end are no hours; "
                      "write quiet_hours: off to have none");
    }
    quiet.weekends = reader.flag(node, "weekends", false);
}

void read_cap(Reader& reader, const YamlNode& node, policy::Policies& policies) {
    if (!reader.is_map(node, "a cap", {"limit", "per", "channel", "calendar", "when_full"})) {
        return;
    }
    policy::FrequencyCap cap;
    reader.required(node, "limit", "a cap");
    cap.limit = static_cast<int>(reader.number(node, "limit", 0, 10'000, 0));
    cap.channel = reader.channel(node, "channel");
    cap.calendar = reader.flag(node, "calendar", false);
    if (reader.required(node, "per", "a cap") != nullptr) {
        cap.window = reader.step(node, "per").value_or(CalendarStep{.days = 1});
    }
    const std::string when_full = reader.text(node, "when_full", "skip");
    if (when_full != "hold" && when_full != "skip") {
        reader.report(*node.find("when_full"), "bad_choice", "'when_full' must be hold or skip");
    }
    cap.hold = when_full == "hold";
    const CalendarStep& w = cap.window;
    const bool calendar_step = w == CalendarStep{.days = 1} || w == CalendarStep{.days = 7} ||
                               w == CalendarStep{.months = 1};
    if (cap.calendar && !calendar_step) {
        reader.report(*node.find("per"), "bad_choice",
                      "a cap of the calendar is per 1d, 1w or 1mo");
    }
    policies.caps.push_back(cap);
}

// {offers: Offers} or {offers: {en: Offers, tr: Teklifler}}.
void read_topics(Reader& reader, const YamlNode& node, engine::Workspace& workspace) {
    if (node.kind != YamlNode::Kind::Map) {
        reader.report(node, "wrong_type", "'topics' must be a map of topics and their names");
        return;
    }
    for (const auto& [key, value] : node.fields) {
        if (!reader.is_id(key, key.text)) {
            continue;
        }
        std::map<std::string, std::string>& names = workspace.topics[key.text];
        if (value.kind == YamlNode::Kind::Scalar) {
            names[""] = value.text;
        } else if (value.kind == YamlNode::Kind::Map) {
            for (const auto& [language, name] : value.fields) {
                names[message::normal_language(language.text)] = name.text;
            }
        } else {
            reader.report(value, "wrong_type", "a topic has a name, or one for each language");
        }
    }
}

void read_keep(Reader& reader, const YamlNode& node, engine::Keep& keep) {
    if (!reader.is_map(node, "keep", {"silent_customers", "at"})) {
        return;
    }
    const YamlNode* silent = node.find("silent_customers");
    if (silent != nullptr && silent->text != "off") {
        keep.silent_customers = reader.step_of(*silent);
        if (keep.silent_customers && !engine::may_keep(*keep.silent_customers)) {
            reader.report(*silent, "bad_duration",
                          "'silent_customers' is from 6mo to 20y, such as 36mo, or off");
            keep.silent_customers.reset();
        }
    }
    if (const YamlNode* at = node.find("at")) {
        if (const auto minutes = minutes_of(at->text)) {
            keep.at_min = *minutes;
        } else {
            reader.report(*at, "bad_time", "write a time of day as \"03:00\", in quotes");
        }
    }
}

}  // namespace

void read_workspace(Reader& reader, const YamlNode& root, engine::Workspace& workspace) {
    if (!reader.is_map(
            root, "a workspace",
            {"name", "zone", "currency", "language", "country", "from", "reply_to", "address",
             "base_url", "brand_url", "topics", "acquisition_cost", "keep"})) {
        return;
    }
    workspace.name = reader.required_text(root, "name", "a workspace");
    const std::string zone = reader.required_text(root, "zone", "a workspace");
    if (const auto found = find_zone(zone); found.has_value()) {
        workspace.zone = *found;
    } else if (const YamlNode* node = root.find("zone")) {
        reader.report(*node, "unknown_zone", found.error().message);
    }
    workspace.currency = reader.required_text(root, "currency", "a workspace");
    if (const YamlNode* node = root.find("currency"); node && !is_currency(node->text)) {
        reader.report(*node, "bad_currency", "a currency is an ISO 4217 code such as GBP");
    }
    workspace.language = reader.text(root, "language", "en");
    // For the pages: how they write dates and money, and which day a week begins with.
    if (const YamlNode* node = root.find("country"); node != nullptr && !is_country(node->text)) {
        reader.report(*node, "bad_country", "a country is an ISO 3166-1 code such as GB");
    } else if (node != nullptr) {
        workspace.country = node->text;
    }
    if (const YamlNode* from = reader.required(root, "from", "a workspace");
        from != nullptr && reader.is_map(*from, "from", {"name", "address"})) {
        workspace.from_name = reader.text(*from, "name", workspace.name);
        reader.required(*from, "address", "from");
        workspace.from_address = reader.mail_address(*from, "address");
    }
    workspace.reply_to = reader.mail_address(root, "reply_to");
    workspace.address = reader.required_text(root, "address", "a workspace");
    workspace.base_url = web_address(reader, root, "base_url");
    workspace.brand_url = web_address(reader, root, "brand_url");
    if (const YamlNode* topics = root.find("topics")) {
        read_topics(reader, *topics, workspace);
    }
    if (const YamlNode* keep = root.find("keep")) {
        read_keep(reader, *keep, workspace.keep);
    }
    if (root.find("acquisition_cost") != nullptr) {
        constexpr double cost_max = 1e9;
        const double cost = reader.number(root, "acquisition_cost", 0.01, cost_max, 0);
        if (cost > 0) {
            workspace.acquisition_cost = micros_from_double(cost);
        }
    }
}

void read_policies(Reader& reader, const YamlNode& root, policy::Policies& policies) {
    if (!reader.is_map(root, "policies", {"quiet_hours", "caps", "control_group"})) {
        return;
    }
    if (const YamlNode* quiet = root.find("quiet_hours")) {
        read_quiet_hours(reader, *quiet, policies.quiet_hours);
    }
    if (const YamlNode* caps = root.find("caps")) {
        if (caps->kind != YamlNode::Kind::List) {
            reader.report(*caps, "wrong_type", "'caps' must be a list");
        }
        for (const YamlNode& cap : caps->items) {
            read_cap(reader, cap, policies);
        }
    }
    if (const YamlNode* control = root.find("control_group");
        control && reader.is_map(*control, "control_group", {"share", "salt"})) {
        policies.control_group = reader.number(*control, "share", 0, 1, 0);
        policies.control_salt = reader.required_text(*control, "salt", "control_group");
    }
}

void read_offer(Reader& reader,
                const YamlNode& root,
                std::string_view language,
                engine::Offer& offer) {
    if (!reader.is_map(root, "an offer", {"name", "percent", "cost", "code_prefix", "valid"})) {
        return;
    }
    offer.name = reader.required_words(root, "name", "an offer", language);
    offer.percent = reader.number(root, "percent", 0, 100, 0);
    reader.required(root, "cost", "an offer");
    offer.cost = micros_from_double(reader.number(root, "cost", 0, 1e9, 0));
    offer.code_prefix = reader.text(root, "code_prefix");
    if (const auto valid = reader.step(root, "valid")) {
        offer.valid_days = valid->months * 30 + valid->days;
        if (offer.valid_days < 1) {
            reader.report(*root.find("valid"), "bad_duration", "an offer is valid for whole days");
        }
    }
}

}  // namespace winback::playbook

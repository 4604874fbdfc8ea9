#include "api/guide.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "api/access.h"
#include "api/audit.h"
#include "api/playbook_versions.h"
#include "api/public_address.h"
#include "api/shipped_playbook.h"
#include "api/templates.h"
#include "api/walk.h"
#include "customer/channel.h"
#include "host/host.h"
#include "host/playbook_log.h"
#include "host/setting.h"
#include "playbook/playbook.h"
#include "sender/address.h"

namespace winback::api {
namespace {

constexpr std::string_view guide_setting = "guide";
constexpr std::int64_t ms_per_day = 86'400'000;

bool flag_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const bool* flag = value == nullptr ? nullptr : value->as_bool();
    return flag != nullptr && *flag;
}

std::int64_t count_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::int64_t* count = value == nullptr ? nullptr : value->as_int();
    return count == nullptr ? 0 : *count;
}

Value part_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? Value() : *value;
}

Result<ValueMap> read_state(const store::Store& store) {
    WINBACK_TRY(const Value value, host::read_setting(store, guide_setting));
    return value.as_map() == nullptr ? ValueMap() : *value.as_map();
}

Status change_state(host::Host& host, std::string_view key, Value value) {
    static std::mutex mutex;  // Read, change, write: one at a time.
    const std::lock_guard lock(mutex);
    WINBACK_TRY(ValueMap state, read_state(host.store()));
    state.set(std::string(key), std::move(value));
    return host::write_setting(host.store(), guide_setting, Value(std::move(state)));
}

// A link that leads no customer anywhere: to an example, or to whoever clicks it.
bool leads_nowhere(std::string_view url) {
    constexpr std::array<std::string_view, 2> own{"localhost", "127.0.0.1"};
    const std::string_view name = host_in(url);
    return is_nobodys(name) || std::find(own.begin(), own.end(), name) != own.end();
}

ValueMap check(std::string_view id, bool ok, std::int64_t count = 0) {
    ValueMap map;
    map.set("id", id);
    map.set("ok", ok);
    map.set("count", count);
    return map;
}

struct Part {
    std::int64_t customers = 0;
    std::int64_t orders = 0;
    std::int64_t reachable = 0;    // With consent to e-mail and an address.
    std::int64_t addresses = 0;    // To which mail can be sent.
    std::int64_t addressless = 0;  // With consent to e-mail and no such address.
    std::int32_t first_day = std::numeric_limits<std::int32_t>::max();
    std::int32_t last_day = std::numeric_limits<std::int32_t>::min();
    std::string example;  // Of those who can be written to, else anybody.
};

void count(const customer::Customers& customers,
           customer::CustomerIndex from,
           customer::CustomerIndex to,
           Part& part) {
    for (customer::CustomerIndex c = from; c < to; ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        ++part.customers;
        const auto days = customers.order_days(c);
        part.orders += static_cast<std::int64_t>(customers.orders(c).count);
        if (!days.empty()) {
            part.first_day = std::min(part.first_day, days.front().day);
            part.last_day = std::max(part.last_day, days.back().day);
        }
        const Value email = customers.trait(c, "email");
        const bool has_address =
            email.as_string() != nullptr && sender::parse_address(*email.as_string()).has_value();
        const bool granted =
            customers.consent(c, customer::Channel::Email).state == expr::ConsentState::Granted;
        part.addresses += has_address ? 1 : 0;
        part.reachable += has_address && granted ? 1 : 0;
        part.addressless += granted && !has_address ? 1 : 0;
        if (part.example.empty() && (days.size() > 1)) {
            part.example = std::string(customers.id(c));
        }
    }
}

ValueMap count_base(Desk& desk) {
    Part sum;
    Walk(desk.host())
        .run([&](const host::ShardView& view, customer::CustomerIndex from,
                 customer::CustomerIndex to) { count(view.shard.customers(), from, to, sum); });
    ValueMap map;
    map.set("customers", sum.customers);
    map.set("orders", sum.orders);
    map.set("reachable", sum.reachable);
    map.set("addresses", sum.addresses);
    map.set("addressless", sum.addressless);
    map.set("example", sum.example);
    const bool any = sum.first_day <= sum.last_day;
    map.set("first_day", any ? Value(Timestamp{sum.first_day * ms_per_day}) : Value());
    map.set("last_day", any ? Value(Timestamp{sum.last_day * ms_per_day}) : Value());
    return map;
}

}  // namespace

Status begin_guide(host::Host& host) {
    ValueMap state;
    state.set("made", true);
    state.set("sending", false);
    WINBACK_TRY([[maybe_unused]] const Ok written,
                host::write_setting(host.store(), guide_setting, Value(std::move(state))));
    const playbook::Files files = shipped_playbook();
    playbook::LoadedPlaybook loaded = playbook::load(files);
    if (!loaded.definitions) {
        return Error{ErrorCode::Internal, "the shipped playbook has mistakes:\n" +
                                              playbook::render(loaded.diagnostics, files)};
    }
    WINBACK_TRY(const std::uint64_t version,
                host.load_playbook(*std::move(loaded.definitions), files));
    return host::note_playbook(host.store(), version,
                               {.at = wall_clock(), .by = {}, .how = "shipped"});
}

Result<bool> sending_allowed(host::Host& host) {
    WINBACK_TRY(const ValueMap state, read_state(host.store()));
    return state.find("sending") == nullptr || flag_of(state, "sending");
}

bool guide_is_open(host::Host& host) {
    const auto state = read_state(host.store());
    return state && flag_of(*state, "made") && !flag_of(*state, "dismissed");
}

void note_test_sent(host::Host& host) {
    static_cast<void>(change_state(host, "test_sent", true));
}

Guide::Guide(Desk& desk, TemplateDesk& templates, GuideOptions options)
    : desk_(desk),
      templates_(templates),
      options_(std::move(options)),
      found_(desk, options_.age_max, count_base) {
    desk_.part<Decisions>().set_sending([this](const host::Approval& asked) -> Status {
        host::Key who;
        who.name = asked.asked_by.name;
        WINBACK_TRY([[maybe_unused]] const std::uint64_t done,
                    turn_sending(true, {.who = who, .note = {}, .approved = asked.id}));
        return Ok{};
    });
}

Guide::~Guide() {
    desk_.part<Decisions>().set_sending({});
}

ValueMap Guide::state() {
    const auto state = read_state(desk_.host().store());
    return state ? *state : ValueMap();
}

Status Guide::change(std::string_view key, Value value) {
    return change_state(desk_.host(), key, std::move(value));
}

bool Guide::is_open() {
    return guide_is_open(desk_.host());
}

// The counts behind the pages may be from before the first import, so an empty base is asked again:
// it answers at once. Who was there once does not make the guide lead again.
bool Guide::has_customers() {
    if (has_customers_ || count_of(*counted(), "customers") > 0) {
        has_customers_ = true;
        return true;
    }
    std::atomic<bool> any = false;
    desk_.host().query(
        [&](host::ShardView view) { any = any || view.shard.customers().size() > 0; });
    has_customers_ = any.load();
    return any;
}

void Guide::look_again() {
    changed_at_ms_ = desk_.host().now().ms;
    const std::lock_guard lock(found_mutex_);
    found_ = Cached<ValueMap>(desk_, options_.age_max, count_base);
}

Cached<ValueMap>::Pointer Guide::counted() {
    found_mutex_.lock();
    Cached<ValueMap> present = found_;
    found_mutex_.unlock();
    return present.get();  // It may take a pass over the base.
}

// A count of nobody is not shown while somebody is there.
ValueMap Guide::found() {
    if (count_of(*counted(), "customers") == 0 && has_customers()) {
        look_again();
    }
    return *counted();
}

Status Guide::workspace_done() {
    return change("workspace_done", true);
}

Status Guide::dismiss() {
    return change("dismissed", true);
}

// Of the workspace: what was shipped is an example, and letters with it would speak of nobody's
// shop.
void Guide::check_workspace(ValueList& list) {
    const engine::DefinitionsPtr definitions = desk_.host().definitions();
    const bool loaded = definitions != nullptr;
    const engine::Workspace workspace = loaded ? definitions->workspace : engine::Workspace{};
    const auto add = [&](std::string_view id, bool ok) {
        list.emplace_back(check(id, loaded && ok));
    };
    add("sender", !is_nobodys(workspace.from_address));
    add("name", !workspace.from_name.empty() && workspace.from_name != shipped_name &&
                    workspace.name != shipped_name);
    add("replies", workspace.reply_to.empty() || !is_nobodys(workspace.reply_to));
    add("postal", workspace.address.size() >= 10 && workspace.address != shipped_address);
    add("site", !leads_nowhere(workspace.brand_url));
    add("links", !leads_nowhere(workspace.base_url));
}

ValueList Guide::checks(bool patient) {
    ValueList list;
    const engine::DefinitionsPtr definitions = desk_.host().definitions();
    const ValueMap base = found();
    const ValueMap now = state();
    const bool loaded = definitions != nullptr;
    check_workspace(list);
    list.emplace_back(check("mail_server", options_.delivers));
    ValueMap consent =
        check("consent", count_of(base, "reachable") > 0, count_of(base, "reachable"));
    consent.set("addressless", count_of(base, "addressless"));
    list.emplace_back(std::move(consent));
    const bool held =
        loaded && (definitions->policies.control_group > 0 ||
                   std::all_of(definitions->journeys.begin(), definitions->journeys.end(),
                               [](const auto& journey) { return journey.holdout > 0; }));
    list.emplace_back(check("holdout", held));
    list.emplace_back(check("test", flag_of(now, "test_sent")));
    // The same answer as on the page of the playbook.
    auto& rehearsals = desk_.part<PlaybookChecks>();
    const auto known = patient ? rehearsals.get() : rehearsals.latest();
    const std::int64_t mistakes = known == nullptr ? 0 : known->errors;
    ValueMap playbook = check("playbook", loaded && known != nullptr && mistakes == 0, mistakes);
    playbook.set("pending", known == nullptr);
    list.emplace_back(std::move(playbook));
    return list;
}

ValueMap Guide::describe(bool personal) {
    const ValueMap now = state();
    ValueMap map;
    ValueMap base = found();
    const OverviewPtr overview = desk_.overview();
    base.set("states", part_of(overview->tree, "states"));
    base.set("shop_gap_days", part_of(overview->tree, "shop_gap_days"));
    base.set("revenue", part_of(overview->tree, "revenue"));
    map.set("open", is_open());
    map.set("workspace_done", flag_of(now, "workspace_done"));
    map.set("has_data", has_customers());
    map.set("keys",
            static_cast<std::int64_t>(desk_.host().keys().list(host::KeyKind::Write).size()));
    // Somebody real, for previews: whose id it is, only those may know who may see customers.
    if (!personal) {
        base.set("example", std::string());
    }
    map.set("example", part_of(base, "example"));
    map.set("segments", part_of(overview->tree, "segments"));
    map.set("journeys", part_of(overview->tree, "journeys"));
    // The overview may still be of the base before the import that ended.
    const Value* counted = overview->tree.find("now");
    const Timestamp* at = counted == nullptr ? nullptr : counted->as_time();
    const bool fresh =
        overview->ready && at != nullptr && at->ms >= changed_at_ms_.load() &&
        (count_of(overview->tree, "customers") > 0 || count_of(base, "customers") == 0);
    map.set("counting", !fresh);
    map.set("found", std::move(base));
    ValueList all = checks(false);
    const auto missing = std::count_if(
        all.begin(), all.end(), [](const Value& one) { return !flag_of(*one.as_map(), "ok"); });
    map.set("checks", std::move(all));
    map.set("missing", static_cast<std::int64_t>(missing));
    map.set("switch", now.find("sending") != nullptr);
    map.set("sending", now.find("sending") == nullptr || flag_of(now, "sending"));
    return map;
}

Result<std::uint64_t> Guide::turn_sending(bool on, const SendingAct& act) {
    const ValueMap before = state();
    if (before.find("sending") == nullptr) {
        return Error{ErrorCode::NotFound, "this folder has no such switch"};
    }
    if (on) {
        for (const Value& one : checks(true)) {
            if (!flag_of(*one.as_map(), "ok")) {
                return Error{ErrorCode::Conflict, "the check-list is not complete"};
            }
        }
    }
    // No other playbook between the count and the switch.
    const auto held = templates_.writer().hold();
    if (on && !flag_of(before, "sending")) {
        WINBACK_TRY(const std::uint64_t request, consider_sending(desk_, act));
        if (request != 0) {
            return request;
        }
    }
    WINBACK_TRY([[maybe_unused]] const Ok who, change("sending_by", act.who.name));
    WINBACK_TRY([[maybe_unused]] const Ok done, change("sending", on));
    if (options_.turn_sending) {
        options_.turn_sending(on);
    }
    return std::uint64_t{0};
}

Result<std::uint64_t> Guide::switch_sending(bool on, const SendingAct& act) {
    const bool was = flag_of(state(), "sending");
    if (on && was) {
        return std::uint64_t{0};
    }
    WINBACK_TRY(const std::uint64_t waits, turn_sending(on, act));
    if (waits == 0 && was != on) {
        record_change(
            desk_, act.who,
            {.what = "workspace.sending", .target = "workspace", .before = was, .after = on});
    }
    return waits;
}

ValueMap Guide::describe_sending() {
    const ValueMap now = state();
    const bool has_switch = now.find("sending") != nullptr;
    ValueMap map;
    map.set("switch", has_switch);
    map.set("on", !has_switch || flag_of(now, "sending"));
    map.set("checks", checks(true));
    return map;
}

}  // namespace winback::api

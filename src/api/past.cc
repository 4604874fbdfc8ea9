#include "api/past.h"

#include <algorithm>
#include <chrono>

#include "api/segments.h"
#include "directory/table.h"
#include "host/host.h"
#include "host/past_reader.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

// A pass is told again for so long: events that come late may change it.
constexpr Duration pass_age_max = minutes(10);
constexpr Duration current_age_max = seconds(30);
// An answer waits so long for a pass that has just begun: a small base is done by then.
constexpr std::chrono::milliseconds patience{300};

Duration age_max(const PastPass& pass) {
    return pass.current ? current_age_max : pass_age_max;
}

// A part with its query, and its own parts.
struct AskedPart {
    CountedPart& part;
    std::unique_ptr<engine::Shard::Query> query;
    std::vector<AskedPart> parts;
};

// Recursion is bounded by the depth of the condition.
std::vector<AskedPart> asked_of(const engine::Past& past, std::vector<CountedPart>& parts) {
    std::vector<AskedPart> asked;
    for (CountedPart& part : parts) {
        asked.push_back({.part = part,
                         .query = past.query(*part.compiled.condition, part.compiled.symbols),
                         .parts = asked_of(past, part.parts)});
    }
    return asked;
}

bool count_alone(AskedPart& asked, CustomerIndex customer, Timestamp at) {
    const bool holds = asked.query->holds(customer, at);
    asked.part.alone += holds ? 1U : 0U;
    for (AskedPart& inner : asked.parts) {
        count_alone(inner, customer, at);
    }
    return holds;
}

void count(PastPass& pass,
           engine::ShardId shard,
           const engine::Past& past,
           const CompiledCondition& compiled,
           std::span<const host::PastReader::Place> places) {
    std::vector<AskedPart> parts = asked_of(past, pass.parts);
    const auto whole = shares_limits(compiled, pass.parts)
                           ? past.query(*compiled.condition, compiled.symbols)
                           : nullptr;
    for (const host::PastReader::Place place : places) {
        if (!past.known(place.then)) {
            continue;
        }
        pass.of += 1;
        bool left = true;
        for (AskedPart& asked : parts) {
            const bool holds = count_alone(asked, place.then, pass.at);
            const bool last = &asked == &parts.back();
            left = last && whole != nullptr ? whole->holds(place.then, pass.at) : left && holds;
            asked.part.left += left ? 1U : 0U;
        }
        if (left) {
            pass.members.push_back({.shard = shard, .index = place.today});
        }
    }
    pass.exhausted += (whole != nullptr ? whole : parts.back().query)->exhausted();
    pass.looked_at += places.size();
}

}  // namespace

Result<Timestamp> past_moment(const engine::DefinitionsPtr& definitions, std::string_view text) {
    constexpr std::size_t date_letters = 10;
    const std::size_t time = text.find('T');
    const bool names_zone =
        time != std::string_view::npos && text.find_first_of("Zz+-", time) != text.npos;
    if (names_zone) {
        return parse_iso8601(text);
    }
    const std::string whole =
        std::string(text) + (text.size() == date_letters ? "T00:00:00Z" : "Z");
    const Result<Timestamp> civil = parse_iso8601(whole);
    if (!civil.has_value()) {
        return Error{ErrorCode::InvalidArgument,
                     "'at' is a moment such as 2026-01-31, 2026-01-31T18:30 or "
                     "2026-01-31T18:30:00Z"};
    }
    return definitions == nullptr
               ? *civil
               : from_local(*definitions->workspace.zone, civil_from_timestamp(*civil));
}

Result<std::optional<Timestamp>> past_moment_of(Desk& desk, const http::Request& request) {
    const std::string* text = request.query_value("at");
    if (text == nullptr || text->empty()) {
        return std::optional<Timestamp>();
    }
    WINBACK_TRY(const Timestamp at, past_moment(desk.host().definitions(), *text));
    return std::optional(at);
}

Result<ValueMap> past_membership(Desk& desk,
                                 std::string_view segment,
                                 std::string_view customer,
                                 Timestamp at) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    WINBACK_TRY(const segment::Segment* found, find_segment(definitions, segment));
    const engine::PastTerms terms =
        engine::terms_of(definitions, found->condition, definitions->symbols, at);
    WINBACK_TRY(const host::PastCustomer then,
                host::PastReader(desk.host()).read_customer(customer, terms));
    const bool known = then.past->known(then.index);
    ValueMap map;
    map.set("segment", found->id);
    map.set("customer", then.id);
    map.set(
        "member",
        known && then.past->query(found->condition, definitions->symbols)->holds(then.index, at));
    map.set("known", known);
    map.set("at", at);
    map.set("now", desk.host().now());
    map.set("scores_of_today", terms.scores);
    return map;
}

PastPasses::PastPasses(Desk& desk)
    : desk_(desk),
      room_(std::make_shared<Desk>(
          desk.host(),
          DeskOptions{.threads = desk.options().threads == 0 ? 0 : 1,
                      .waiting_max = past_passes_waiting,
                      .overview_age_max = desk.options().overview_age_max})) {}

PastPasses::~PastPasses() {
    stopping_ = true;
    room_->stop();
}

Result<PastPassPtr> PastPasses::get(const std::shared_ptr<const CompiledCondition>& compiled,
                                    Timestamp at) {
    return find_or_begin(compiled, at, {});
}

Result<PastPassPtr> PastPasses::get_current(
    const std::shared_ptr<const CompiledCondition>& compiled, const std::string& asker) {
    return find_or_begin(compiled, std::nullopt, asker);
}

// Pre: mutex_ is held.
PastPasses::PassPtr PastPasses::find(const std::string& condition,
                                     std::uint64_t version,
                                     std::optional<Timestamp> at,
                                     const std::string& asker) {
    const Timestamp now = desk_.host().now();
    std::erase_if(passes_, [&](const PassPtr& one) {
        return one->dropped || (one->ready && (one->version != version || one->error.has_value() ||
                                               now - one->counted_at > age_max(*one)));
    });
    const auto known = std::find_if(passes_.begin(), passes_.end(), [&](const PassPtr& one) {
        return one->version == version && one->condition == condition &&
               (at ? !one->current && one->at == *at : one->current);
    });
    for (const PassPtr& one : passes_) {
        const bool other = known == passes_.end() || one != *known;
        if (!asker.empty() && other && one->askers.erase(asker) > 0 && one->askers.empty()) {
            one->dropped = !one->ready;
        }
    }
    return known == passes_.end() ? nullptr : *known;
}

Result<PastPassPtr> PastPasses::find_or_begin(
    const std::shared_ptr<const CompiledCondition>& compiled,
    std::optional<Timestamp> at,
    const std::string& asker) {
    const engine::DefinitionsPtr definitions = desk_.host().definitions();
    const std::uint64_t version = definitions == nullptr ? 0 : definitions->version;
    const std::string& text = compiled->condition->text;
    PassPtr pass;
    {
        const std::lock_guard lock(mutex_);
        pass = find(text, version, at, asker);
        if (pass == nullptr) {
            pass = std::make_shared<PastPass>();
            pass->at = at.value_or(desk_.host().now());
            pass->current = !at.has_value();
            pass->condition = text;
            pass->version = version;
            if (!room_->post([this, pass, compiled] { run(*pass, *compiled); })) {
                return Error{ErrorCode::Unavailable,
                             "other questions about histories are under way; ask again in a while"};
            }
            if (passes_.size() >= past_passes_kept) {
                passes_.pop_front();
            }
            passes_.push_back(pass);
        }
        pass->askers.insert(asker);
    }
    {
        std::unique_lock lock(ended_mutex_);
        ended_.wait_for(lock, patience, [&] { return pass->ready.load(); });
    }
    if (pass->ready && pass->error.has_value()) {
        return *pass->error;
    }
    return PastPassPtr(pass);
}

void PastPasses::run(PastPass& pass, const CompiledCondition& compiled) {
    host::Host& host = desk_.host();
    if (desk_.options().threads != 0) {
        give_way();
    }
    const expr::Condition& condition = *compiled.condition;
    const engine::PastTerms terms =
        engine::terms_of(host.definitions(), condition, compiled.symbols, pass.at);
    pass.scores_of_today = terms.scores;
    pass.counted_at = host.now();
    if (pass.current) {
        pass.parts = counted_parts(desk_, pass.condition);
    } else {
        pass.parts.push_back({.text = pass.condition, .compiled = compiled});
    }
    host.query([&](const host::ShardView& view) { pass.all += view.shard.customers().size(); });
    host::PastReader reader(host);
    for (std::uint32_t s = 0; s < host.shard_count() && !pass.error && !stops(pass); ++s) {
        const auto shard = static_cast<engine::ShardId>(s);
        const auto look = [&](const engine::Past& past,
                              std::span<const host::PastReader::Place> places) {
            count(pass, shard, past, compiled, places);
            return !stops(pass);
        };
        const auto tally = reader.read_shard(shard, terms, look);
        if (!tally.has_value()) {
            pass.error = tally.error();
        } else {
            pass.erased += tally->erased;
        }
    }
    if (stops(pass)) {
        pass.error = Error{ErrorCode::Unavailable, "the count was ended; ask again"};
    }
    {
        const std::lock_guard lock(ended_mutex_);
        pass.ready = true;
    }
    ended_.notify_all();
}

ValueMap past_value(Desk& desk, const PastPass& pass) {
    const bool ready = pass.ready;
    const auto number = [&](std::uint64_t n) {
        return ready ? Value(static_cast<std::int64_t>(n)) : Value();
    };
    ValueMap map;
    map.set("ready", ready);
    map.set("at", pass.at);
    map.set("now", desk.host().now());
    map.set("customers", number(ready ? pass.members.size() : 0));
    map.set("of", number(ready ? pass.of : 0));
    map.set("erased", number(ready ? pass.erased : 0));
    map.set("scores_of_today", ready ? Value(pass.scores_of_today) : Value());
    map.set("looked_at", static_cast<std::int64_t>(pass.looked_at));
    map.set("all", static_cast<std::int64_t>(pass.all));
    return map;
}

http::Response not_ready(ValueMap tree) {
    http::Response response = http::json(202, to_json(std::move(tree)));
    response.set("Retry-After", "1");
    return response;
}

http::Response past_answer(ValueMap tree) {
    const bool ready = *tree.find("ready") == Value(true);
    return ready ? http::json(200, to_json(std::move(tree))) : not_ready(std::move(tree));
}

std::vector<std::vector<std::uint64_t>> past_marks(Desk& desk, const PastPass& pass) {
    std::vector<std::vector<std::uint64_t>> marks(desk.host().shard_count());
    for (const PastPass::Member& member : pass.members) {
        std::vector<std::uint64_t>& own = marks[member.shard];
        if (own.size() <= member.index / 64) {
            own.resize(member.index / 64 + 1);
        }
        own[member.index / 64] |= std::uint64_t{1} << (member.index % 64);
    }
    return marks;
}

ValueList past_members(Desk& desk, const PastPass& pass, std::size_t from, std::size_t count) {
    const std::size_t end =
        std::min(pass.members.size(), from + std::min(count, pass.members.size()));
    ValueList list;
    while (from < end) {
        const engine::ShardId shard = pass.members[from].shard;
        desk.host().query_shard(shard, [&](const host::ShardView& view) {
            const customer::Customers& customers = view.shard.customers();
            for (; from < end && pass.members[from].shard == shard; ++from) {
                const CustomerIndex c = pass.members[from].index;
                if (!customers.erased(c)) {
                    ValueMap one;
                    one.set("id", std::string(customers.id(c)));
                    one.set("name", directory::name_of(customers, c));
                    list.emplace_back(std::move(one));
                }
            }
        });
    }
    return list;
}

}  // namespace winback::api

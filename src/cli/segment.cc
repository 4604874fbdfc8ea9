#include <algorithm>
#include <functional>
#include <span>

#include <fmt/format.h>

#include "api/condition.h"
#include "api/desk.h"
#include "api/past.h"
#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "customer/marks.h"
#include "engine/explanation.h"
#include "host/past_reader.h"
#include "ingest/csv_writer.h"

namespace winback::cli {
namespace {

// What an export says of a customer.
struct Member {
    std::string id;
    std::string email;
    std::string first_name;
    std::string last_name;
    double p_order = 0;
    double value_at_risk = 0;
};

struct Found {
    std::uint64_t customers = 0;
    std::uint64_t of = 0;
    std::vector<Member> members;
    std::uint64_t exhausted = 0;  // For whom it does not hold because a limit was met.
    bool past = false;
    std::uint64_t erased = 0;  // Of the past: nobody knows of these any more.
    bool scores_of_today = false;
};

// The condition itself, or that of the segment that is named.
std::string condition_of(const SegmentArguments& arguments, const host::Host& host) {
    const engine::DefinitionsPtr definitions = host.definitions();
    const segment::Segment* named =
        definitions == nullptr ? nullptr : definitions->segment(arguments.condition);
    return named == nullptr ? arguments.condition : named->condition.text;
}

std::string text_trait(const customer::Customers& customers,
                       customer::CustomerIndex customer,
                       std::string_view name) {
    const Value value = customers.trait(customer, name);
    const std::string* text = value.as_string();
    return text == nullptr ? "" : *text;
}

// Of a shard now, or of a Past.
template <class Scored>
Member member_of(const Scored& shard,
                 customer::CustomerIndex customer,
                 const std::function<double(std::string_view)>& score) {
    const customer::Customers& customers = shard.customers();
    return {.id = std::string(customers.id(customer)),
            .email = text_trait(customers, customer, "email"),
            .first_name = text_trait(customers, customer, "first_name"),
            .last_name = text_trait(customers, customer, "last_name"),
            .p_order = score("p_order"),
            .value_at_risk = score("value_at_risk")};
}

struct Question {
    std::string text;
    expr::Symbols symbols;
    expr::Condition condition;
    bool kept = true;  // False: it is counted, and reads of events what is not in memory.
};

// Prints mistakes and warnings to stderr. `counts`: everybody is asked, as of now. Fails with
// InvalidArgument when there are mistakes.
Result<std::unique_ptr<Question>> compile(const SegmentArguments& arguments,
                                          host::Host& host,
                                          bool counts) {
    auto question = std::make_unique<Question>();
    question->text = condition_of(arguments, host);
    api::Desk desk(host, {.threads = 0});
    api::CompiledCondition compiled = api::check_condition(desk, question->text);
    if (compiled.condition && counts && !api::is_kept(desk, compiled)) {
        question->kept = false;
        compiled.diagnostics.push_back(api::property_not_kept(desk, question->text, compiled));
    }
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
        fmt::print(stderr, "{}", winback::render(diagnostic, question->text));
    }
    if (!compiled.condition.has_value()) {
        return Error{ErrorCode::InvalidArgument, "the condition has mistakes"};
    }
    question->symbols = std::move(compiled.symbols);
    question->condition = *std::move(compiled.condition);
    return question;
}

Found find_now(const Question& question, host::Host& host) {
    const Timestamp now = host.now();
    std::vector<Found> parts(host.shard_count());
    host.query([&](const host::ShardView& view) {
        const customer::Customers& customers = view.shard.customers();
        const auto query = view.shard.query(question.condition, question.symbols);
        const auto size = static_cast<customer::CustomerIndex>(customers.size());
        std::vector<std::uint64_t> marks = customers.present(0, size);
        Found& part = parts[view.id];
        part.of = customer::mark_count(marks);
        query->narrow(0, marks, now);
        part.exhausted = query->exhausted();
        part.customers = customer::mark_count(marks);
        for (customer::CustomerIndex c = 0; c < size; ++c) {
            if (customer::is_marked(marks, c)) {
                part.members.push_back(member_of(view.shard, c, [&](std::string_view name) {
                    return view.shard.score(c, name, now).number_or(0);
                }));
            }
        }
    });
    Found all;
    for (Found& part : parts) {
        all.customers += part.customers;
        all.of += part.of;
        all.exhausted += part.exhausted;
        std::move(part.members.begin(), part.members.end(), std::back_inserter(all.members));
    }
    return all;
}

// From the histories, shard by shard.
Result<Found> find_then(const Question& question, host::Host& host, Timestamp at, bool quiet) {
    const engine::PastTerms terms =
        engine::terms_of(host.definitions(), question.condition, question.symbols, at);
    Found all{.past = true, .scores_of_today = terms.scores};
    host::PastReader reader(host);
    Progress progress("histories", quiet);
    for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
        const auto look = [&](const engine::Past& past,
                              std::span<const host::PastReader::Place> people) {
            const auto query = past.query(question.condition, question.symbols);
            for (const host::PastReader::Place person : people) {
                const customer::CustomerIndex c = person.then;
                all.of += past.known(c) ? 1U : 0U;
                if (past.known(c) && query->holds(c, at)) {
                    all.members.push_back(member_of(past, c, [&](std::string_view name) {
                        return past.score(c, name).number_or(0);
                    }));
                }
            }
            all.exhausted += query->exhausted();
            return true;
        };
        WINBACK_TRY(const host::PastReader::Tally tally,
                    reader.read_shard(static_cast<engine::ShardId>(s), terms, look));
        all.erased += tally.erased;
        progress.update(s + 1, host.shard_count(), all.of, "customers");
    }
    progress.finish();
    all.customers = all.members.size();
    return all;
}

// Cells that a spreadsheet would run as a formula are made harmless.
std::string csv_of(const std::vector<Member>& members) {
    std::string csv = "customer_id,email,first_name,last_name,p_order,value_at_risk\n";
    for (const Member& m : members) {
        ingest::append_csv_row(
            csv, {m.id, m.email, m.first_name, m.last_name, fmt::format("{:.4f}", m.p_order),
                  fmt::format("{:.2f}", m.value_at_risk)});
    }
    return csv;
}

Result<Found> run(const SegmentArguments& arguments) {
    WINBACK_TRY(const auto host,
                open_folder(arguments.data, false, "GET /api/v1/segments/count?condition=…&at=…"));
    WINBACK_TRY(const auto question, compile(arguments, *host, arguments.at.empty()));
    Found found;
    if (arguments.at.empty() && question->kept) {
        found = find_now(*question, *host);
    } else {
        Timestamp at = host->now();
        if (!arguments.at.empty()) {
            WINBACK_TRY(at, api::past_moment(host->definitions(), arguments.at));
        }
        WINBACK_TRY(found, find_then(*question, *host, at, arguments.json));
        if (arguments.at.empty()) {  // Of now there is nothing that nobody knows any more.
            found.past = found.scores_of_today = false;
            found.erased = 0;
        }
    }
    if (found.exhausted > 0) {
        const Diagnostic warning = api::too_much_to_look_at(found.exhausted, question->text);
        fmt::print(stderr, "{}", winback::render(warning, question->text));
    }
    std::sort(found.members.begin(), found.members.end(),
              [](const Member& a, const Member& b) { return a.id < b.id; });
    return found;
}

// What cannot be known of the past any more.
void warn(const Found& found) {
    if (found.erased > 0) {
        fmt::print(stderr, "winback: {} were erased; nobody knows whether it held for them\n",
                   thousands(found.erased));
    }
    if (found.scores_of_today) {
        fmt::print(stderr, "winback: scores are those of today's models on the orders of then\n");
    }
}

void add_past(ValueMap& map, const Found& found) {
    if (found.past) {
        map.set("erased", static_cast<std::int64_t>(found.erased));
        map.set("scores_of_today", found.scores_of_today);
    }
}

}  // namespace

int run_segment_count(const SegmentArguments& arguments) {
    const auto found = run(arguments);
    if (!found.has_value()) {
        return fail(found.error());
    }
    if (arguments.json) {
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(found->customers));
        map.set("of", static_cast<std::int64_t>(found->of));
        add_past(map, *found);
        fmt::print("{}\n", to_json(map));
    } else {
        fmt::print("{} of {} customers ({})\n", thousands(found->customers), thousands(found->of),
                   percent(found->of == 0 ? 0
                                          : static_cast<double>(found->customers) /
                                                static_cast<double>(found->of)));
        warn(*found);
    }
    return exit_ok;
}

int run_segment_members(const SegmentArguments& arguments) {
    auto found = run(arguments);
    if (!found.has_value()) {
        return fail(found.error());
    }
    const std::uint64_t all = found->customers;
    found->members.resize(std::min(found->members.size(), arguments.limit));
    if (arguments.json) {
        ValueList ids;
        for (const Member& member : found->members) {
            ids.emplace_back(member.id);
        }
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(all));
        map.set("members", std::move(ids));
        add_past(map, *found);
        fmt::print("{}\n", to_json(map));
        return exit_ok;
    }
    if (arguments.csv) {
        fmt::print("{}", csv_of(found->members));
    } else {
        for (const Member& member : found->members) {
            fmt::print("{}\n", member.id);
        }
    }
    warn(*found);
    if (all > found->members.size()) {
        fmt::print(stderr, "winback: {} more; ask with --limit {}\n",
                   thousands(all - found->members.size()), all);
    }
    return exit_ok;
}

namespace {

std::string flip_text(const ValueMap& flip, bool held) {
    const std::string& when = *flip.find("when")->as_string();
    if (when == "never") {
        return "never changes by time alone";
    }
    const std::string moment = format_iso8601(*flip.find("at")->as_time());
    return when == "at" ? fmt::format("by itself {} at {}", held ? "ends" : "begins", moment)
                        : fmt::format("does not change by itself before {}", moment);
}

void print_explanation(const ValueMap& found) {
    const auto flag = [](const ValueMap& map, const char* name) {
        return *map.find(name) == Value(true);
    };
    const bool holds = flag(found, "holds");
    fmt::print("{} is {} at {}{}; {}\n", *found.find("customer")->as_string(),
               holds ? "in" : "not in", format_iso8601(*found.find("at")->as_time()),
               flag(found, "known") ? "" : " (nothing had happened yet)",
               flip_text(*found.find("next_flip")->as_map(), holds));
    for (const Value& value : *found.find("facts")->as_list()) {
        const ValueMap& fact = *value.as_map();
        const bool held = flag(fact, "held");
        fmt::print("{} {}  <- {}; {}\n", held ? "yes" : "no ", *fact.find("condition")->as_string(),
                   *fact.find("value")->as_string(),
                   flip_text(*fact.find("next_flip")->as_map(), held));
    }
    if (flag(found, "scores_of_today")) {
        fmt::print(stderr, "winback: scores are those of today's models on the orders of then\n");
    }
}

Result<ValueMap> explain(const SegmentArguments& arguments) {
    WINBACK_TRY(const auto host, open_folder(arguments.data, false,
                                             "GET /api/v1/segments/ID/explanation?customer=…"));
    WINBACK_TRY(const auto question, compile(arguments, *host, false));
    Timestamp at = host->now();
    if (!arguments.at.empty()) {
        WINBACK_TRY(at, api::past_moment(host->definitions(), arguments.at));
    }
    const engine::PastTerms terms =
        engine::terms_of(host->definitions(), question->condition, question->symbols, at);
    WINBACK_TRY(const host::PastCustomer then,
                host::PastReader(*host).read_customer(arguments.customer, terms));
    const auto query = then.past->query(question->condition, question->symbols);
    const bool known = then.past->known(then.index);
    engine::ExplanationSearch search(*query, then.index, at);
    search.search(*query, [] { return true; });
    ValueMap found = search.found();
    if (!known) {
        found.set("holds", false);
    }
    found.set("customer", then.id);
    found.set("known", known);
    found.set("at", at);
    found.set("scores_of_today", terms.scores && !arguments.at.empty());
    return found;
}

}  // namespace

int run_segment_explain(const SegmentArguments& arguments) {
    const Result<ValueMap> found = explain(arguments);
    if (!found.has_value()) {
        return fail(found.error());
    }
    if (arguments.json) {
        fmt::print("{}\n", to_json(*found));
    } else {
        print_explanation(*found);
    }
    return exit_ok;
}

}  // namespace winback::cli

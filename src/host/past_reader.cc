#include "host/past_reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "host/reading.h"
#include "host/resident.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::host {
namespace {

using engine::Fact;
using engine::Past;
using store::Family;

// Customers that one Past holds: making it costs more than one of them.
constexpr std::size_t people_of_a_past = 128;

Error corrupt(std::string_view what) {
    return {ErrorCode::Corrupt, "a row (" + std::string(what) +
                                    ") cannot be read; run 'winback restore' from a backup"};
}

// A customer of today.
struct Person {
    CustomerIndex index = 0;
    std::string id;
    std::vector<std::string> absorbed;
    std::string waiting;  // A chunk of history that has no row yet.
};

// Rows of one id, or of many in the order of ids.
struct Rows {
    store::Cursor history;
    store::Cursor facts;
    store::Cursor messages;
};

Rows rows_between(const store::Store& store, const std::string& from, const std::string& to) {
    return {.history = store.scan(Family::History, from, to),
            .facts = store.scan(Family::Fact, from, to),
            .messages = store.scan(Family::MessageOf, from, to)};
}

// What was taken on the worker.
struct Visit {
    std::vector<Person> people;
    std::optional<Rows> rows;
    std::optional<model::FittedModels> models;
    std::uint64_t erased = 0;

    void add(const Resident& resident, CustomerIndex customer) {
        const customer::Customers& customers = resident.shard.customers();
        Person& person = people.emplace_back();
        person.index = customer;
        person.id = customers.id(customer);
        person.absorbed = customers.absorbed_ids(customer);
        const auto waiting = resident.pending_events.find(customer);
        if (waiting != resident.pending_events.end()) {
            person.waiting = waiting->second.bytes();
        }
    }
};

// Passes over rows of ids before `from`.
void skip_to(store::Cursor& rows, std::string_view from) {
    while (rows.valid() && rows.key() < from) {
        rows.next();
    }
}

// Lets a Past take what is kept of one person: their own id, and others where they were absorbed.
class Replay {
public:
    Replay(const store::Store& store, Past& past, const Person& person)
        : store_(store),
          past_(past),
          absorbed_(person.absorbed.begin(), person.absorbed.end()),
          root_(past.add(person.id)) {}

    Result<CustomerIndex> run(const Person& person, Rows& rows) {
        WINBACK_TRY([[maybe_unused]] const Ok own, take_id(person.id, root_, rows, person.waiting));
        // Those of whom no fact says when they came.
        for (const std::string& id : person.absorbed) {
            WINBACK_TRY([[maybe_unused]] const Ok other, absorb(id, root_));
        }
        return root_;
    }

private:
    Status take_id(const std::string& id,
                   CustomerIndex customer,
                   Rows& rows,
                   std::string_view waiting) {
        const store::ShardId shard = engine::shard_of(id, store_.shard_count());
        const std::string from = store::customer_begin(shard, id);
        const std::string to = store::customer_end(shard, id);
        skip_to(rows.facts, from);
        std::vector<Fact> facts;
        for (; rows.facts.valid() && rows.facts.key() < to; rows.facts.next()) {
            WINBACK_TRY(Fact fact, store::decode_fact(rows.facts.value()));
            if (fact.name == engine::merged_fact || engine::is_replayed(fact)) {
                facts.push_back(std::move(fact));
            }
        }
        WINBACK_TRY([[maybe_unused]] const Ok facts_read, rows.facts.status());
        auto next = facts.begin();
        skip_to(rows.history, from);
        for (; rows.history.valid() && rows.history.key() < to; rows.history.next()) {
            WINBACK_TRY([[maybe_unused]] const Ok taken,
                        take_chunk(rows.history.value(), customer, facts, next));
        }
        WINBACK_TRY([[maybe_unused]] const Ok history_read, rows.history.status());
        WINBACK_TRY([[maybe_unused]] const Ok taken, take_chunk(waiting, customer, facts, next));
        for (; next != facts.end(); ++next) {
            WINBACK_TRY([[maybe_unused]] const Ok obeyed, take_fact(*next, customer));
        }
        return past_.terms().messages ? take_messages(from, to, rows.messages) : Status(Ok{});
    }

    // Events with what was ordered before each arrived.
    Status take_chunk(std::string_view bytes,
                      CustomerIndex customer,
                      const std::vector<Fact>& facts,
                      std::vector<Fact>::iterator& next) {
        store::HistoryChunkReader chunk(bytes);
        while (const std::optional<store::HistoryEntry> entry =
                   bytes.empty() ? std::nullopt : chunk.next()) {
            for (; next != facts.end() && next->at < entry->arrival; ++next) {
                WINBACK_TRY([[maybe_unused]] const Ok obeyed, take_fact(*next, customer));
            }
            WINBACK_TRY(const event::Event event, event::decode(entry->event));
            past_.take(customer, event);
        }
        return bytes.empty() || chunk.ok() ? Status(Ok{}) : corrupt("history");
    }

    Status take_fact(const Fact& fact, CustomerIndex customer) {
        if (fact.name != engine::merged_fact) {
            past_.obey(customer, fact);
            return Ok{};
        }
        const Value* other = fact.details.find("other");
        const std::string* id = other == nullptr ? nullptr : other->as_string();
        return id == nullptr ? Status(Ok{}) : absorb(*id, customer);
    }

    // Once, with all that stands under that id: whoever was merged learned nothing afterwards.
    Status absorb(const std::string& id, CustomerIndex into) {
        const auto found = absorbed_.find(id);
        if (found == absorbed_.end()) {
            return Ok{};
        }
        absorbed_.erase(found);
        const store::ShardId shard = engine::shard_of(id, store_.shard_count());
        Rows rows =
            rows_between(store_, store::customer_begin(shard, id), store::customer_end(shard, id));
        const CustomerIndex other = past_.add(id);
        WINBACK_TRY([[maybe_unused]] const Ok taken, take_id(id, other, rows, ""));
        past_.join(into, other);
        return Ok{};
    }

    Status take_messages(std::string_view from, std::string_view to, store::Cursor& rows) {
        skip_to(rows, from);
        for (; rows.valid() && rows.key() < to; rows.next()) {
            Hash128 key;
            if (!store::parse_message_of_key(rows.key(), key)) {
                return corrupt("message index");
            }
            Result<StoredMessage> message = read_message(store_, key);
            if (!message.has_value()) {
                if (message.error().code == ErrorCode::NotFound) {
                    continue;  // Erased since.
                }
                return message.error();
            }
            remember(*message);
        }
        return rows.status();
    }

    // In the state that it was in then.
    void remember(const StoredMessage& message) {
        const MessageStep* state = nullptr;
        for (const MessageStep& step : message.steps) {
            if (step.at <= past_.terms().at) {
                state = &step;
            }
        }
        if (state != nullptr) {
            past_.remember(root_, {.key = message.decided.key,
                                   .journey = message.decided.journey,
                                   .step = message.decided.step,
                                   .template_id = message.decided.template_id,
                                   .channel = message.decided.channel,
                                   .state = state->state,
                                   .reason = state->reason,
                                   .decided_at = message.decided.at,
                                   .changed_at = state->at});
        }
    }

    const store::Store& store_;
    Past& past_;
    std::set<std::string> absorbed_;  // Not taken yet.
    CustomerIndex root_;
};

}  // namespace

Result<PastCustomer> PastReader::read_customer(std::string_view id,
                                               const engine::PastTerms& terms) {
    constexpr int merges_max = 32;
    const store::Store& store = host_.store();
    std::string at(id);
    for (int hop = 0; hop < merges_max; ++hop) {
        const ShardId shard = engine::shard_of(at, store.shard_count());
        std::string into;
        Visit visit;
        host_.query_shard(shard, [&](const ShardView& view) {
            const customer::Customers& customers = view.shard.customers();
            const auto customer = customers.find(at);
            if (!customer.has_value() || customers.erased(*customer)) {
                return;
            }
            into = customers.merged_into(*customer);
            if (into.empty()) {
                visit.models = view.shard.models();
                visit.add(resident_of(view.shard), *customer);
                visit.rows = rows_between(store, store::customer_begin(shard, at),
                                          store::customer_end(shard, at));
            }
        });
        if (visit.rows.has_value()) {
            PastCustomer found{.id = at, .past = {}};
            found.past = std::make_unique<Past>(terms, visit.models);
            const Person& person = visit.people.front();
            WINBACK_TRY(found.index, Replay(store, *found.past, person).run(person, *visit.rows));
            found.past->finish();
            return found;
        }
        if (into.empty()) {
            break;
        }
        at = into;
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

Result<PastReader::Tally> PastReader::read_shard(engine::ShardId shard,
                                                 const engine::PastTerms& terms,
                                                 const Each& each) {
    const store::Store& store = host_.store();
    Visit visit;
    host_.query_shard(shard, [&](const ShardView& view) {
        const customer::Customers& customers = view.shard.customers();
        visit.models = view.shard.models();
        for (CustomerIndex c = 0; c < customers.size(); ++c) {
            if (customers.erased(c)) {
                visit.erased += 1;
            } else if (customers.merged_into(c).empty()) {
                visit.add(resident_of(view.shard), c);
            }
        }
        visit.rows = rows_between(store, store::shard_begin(shard), store::shard_end(shard));
    });
    // As their rows stand.
    std::sort(visit.people.begin(), visit.people.end(),
              [](const Person& a, const Person& b) { return a.id < b.id; });
    Tally tally{.customers = visit.people.size(), .erased = visit.erased};
    std::vector<const Person*> batch;
    const auto read = [&]() -> Status {
        Past past(terms, visit.models);
        std::vector<Place> places;
        for (const Person* person : batch) {
            WINBACK_TRY(const CustomerIndex then,
                        Replay(store, past, *person).run(*person, *visit.rows));
            places.push_back({.today = person->index, .then = then});
        }
        past.finish();
        tally.whole = each(past, places);
        batch.clear();
        return Ok{};
    };
    for (std::size_t i = 0; i < visit.people.size() && tally.whole; ++i) {
        const Person& person = visit.people[i];
        batch.push_back(&person);
        const bool last = i + 1 == visit.people.size();
        // Who took over others has a Past of their own: ids of several people never meet.
        if (last || batch.size() == people_of_a_past || !person.absorbed.empty() ||
            !visit.people[i + 1].absorbed.empty()) {
            WINBACK_TRY([[maybe_unused]] const Ok done, read());
        }
    }
    return tally;
}

}  // namespace winback::host

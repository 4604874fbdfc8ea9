#include "shards.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <ctime>
#include <limits>
#include <numeric>
#include <thread>

#include "segment/scan.h"

namespace winback::segments {
namespace {

using Clock = std::chrono::steady_clock;

constexpr customer::CustomerIndex slice = 65'536;  // Customers at once; a multiple of 64.

// As a server counts (api::Walk), but never gives up.
class LooksAtTheClock : public expr::Interrupt {
public:
    LooksAtTheClock() : Interrupt(std::numeric_limits<std::uint64_t>::max()) {}

private:
    bool is_due() override { return Clock::now() == Clock::time_point::max(); }
};

event::Event event_of(const std::string& id, std::uint32_t number, const Row& row) {
    event::Event event;
    event.user_id = id;
    event.message_id = id + "-" + std::to_string(number);
    event.name = names[row.name];
    event.surface = event::Surface::Web;
    event.time = row.time;
    if (row.name == cart_updated || row.name == order_completed) {
        event.properties.append("total", std::int64_t{row.total});
    }
    if (row.name >= product_viewed && row.name <= order_completed) {
        event.properties.append("category", std::string(categories[row.category]));
    }
    if (row.name == email_opened) {
        event.properties.append("machine", row.machine);
    }
    return event;
}

event::Event identified(const std::string& id, const Person& person) {
    event::Event event;
    event.kind = event::EventKind::Identify;
    event.name = event::kept_name(event.kind);
    event.surface = event::Surface::Unknown;
    event.user_id = id;
    event.message_id = id + "-who";
    event.content_id = true;
    event.time = person.rows.front().time;
    event.properties.append("country", std::string(countries[person.country]));
    event.properties.append("plan", std::string(plans[person.plan]));
    return event;
}

// Only the size of columns is asked for, not customers.
class NoOtherFacts : public segment::OtherFacts {
public:
    bool holds_now(customer::CustomerIndex, std::uint32_t) override { return false; }
    bool holds(customer::CustomerIndex) override { return false; }
    bool in_segment(customer::CustomerIndex, expr::SegmentId) override { return false; }
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Shards::Shards(const BaseOptions& options, unsigned threads)
    : options_(options), courses_(threads) {
    for (unsigned i = 0; i < threads; ++i) {
        shards_.push_back(std::make_unique<engine::Shard>(engine::ShardId(i), threads));
        courses_[i].random = Prng(options.seed + i);
        courses_[i].now = options.until;
    }
}

template <class Work>
Shards::Time Shards::time(Work work) {
    const auto start = Clock::now();
    const std::clock_t cpu = std::clock();
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        threads.emplace_back([&, i] { work(i); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return {seconds_since(start), static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

void Shards::load(const customer::FieldPlan& plan) {
    time([&](std::size_t i) { load_shard(static_cast<unsigned>(i), plan); });
}

void Shards::load_shard(unsigned shard, const customer::FieldPlan& plan) {
    customer::Customers& customers = shards_[shard]->customers_for_reload();
    customers.plan_fields(plan);
    for (std::uint32_t n = shard; n < options_.customers;
         n += static_cast<std::uint32_t>(shards_.size())) {
        const Person person = person_of(options_, n);
        const std::string id = customer_id(n);
        step(shard, engine::EventArrived{identified(id, person)});  // The engine knows them too.
        const customer::CustomerIndex c = customers.find_or_add(id);
        std::uint32_t number = 0;
        for (const Row& row : person.rows) {
            customers.apply(c, event_of(id, number++, row), options_.until);
        }
    }
}

void Shards::let_arrive(double each_second, const std::vector<Question>& segments) {
    rate_ = each_second / static_cast<double>(shards_.size());
    auto definitions = std::make_shared<engine::Definitions>();
    definitions->version = 1;
    definitions->workspace.zone = &utc_zone();
    expr::Schema schema;
    schema.other_traits = true;
    for (const Question& segment : segments) {
        expr::Compiled compiled =
            expr::compile(segment.condition.text, schema, definitions->symbols);
        definitions->segments.push_back({.id = "s" + std::to_string(definitions->segments.size()),
                                         .name = segment.name,
                                         .condition = *std::move(compiled.condition)});
    }
    definitions->fields.sets = definitions->symbols.event_sets;
    time([&](std::size_t i) {
        shards_[i]->finish_load();
        step(i, engine::DefinitionsLoaded{definitions});
        // All customers are looked at under the new definitions, spread over a minute at most.
        courses_[i].now = options_.until + minutes(1);
        step(i, engine::Tick{});
    });
}

void Shards::step(std::size_t shard, decltype(engine::Input::body) body) {
    Course& course = courses_[shard];
    course.effects.clear();
    shards_[shard]->step({.sequence = ++course.inputs, .at = course.now, .body = std::move(body)},
                         course.effects);
}

void Shards::take_one(std::size_t shard) {
    Course& course = courses_[shard];
    const auto size = static_cast<std::uint32_t>(shards_.size());
    const auto n =
        static_cast<std::uint32_t>(course.random.below(options_.customers / size) * size + shard);
    const Row row{.time = course.now,
                  .name = static_cast<std::uint8_t>(course.random.below(names.size())),
                  .total = static_cast<std::int32_t>(course.random.below(10'000)),
                  .category = static_cast<std::uint8_t>(course.random.below(categories.size())),
                  .machine = course.random.chance(0.5)};
    event::Event event = event_of(customer_id(n), 0, row);
    event.message_id += "-" + std::to_string(++course.arrived);
    course.now =
        options_.until + minutes(1) +
        milliseconds(static_cast<std::int64_t>(static_cast<double>(course.arrived) * 1000 / rate_));
    if (shards_[shard]->next_due() <= course.now) {
        step(shard, engine::Tick{});
    }
    step(shard, engine::EventArrived{std::move(event)});
}

std::uint64_t Shards::arrived() const {
    std::uint64_t sum = 0;
    for (const Course& course : courses_) {
        sum += course.arrived;
    }
    return sum;
}

std::uint64_t Shards::count(const Question& question, Time& taken) {
    std::vector<std::uint64_t> found(shards_.size());
    taken = time([&](std::size_t i) {
        const customer::Customers& customers = shards_[i]->customers();
        const auto size = static_cast<customer::CustomerIndex>(customers.size());
        const auto began = Clock::now();
        LooksAtTheClock interrupt;
        std::unique_ptr<engine::Shard::Query> query;
        std::uint64_t taken_in = 0;
        for (customer::CustomerIndex c = 0; c < size; c += slice) {
            const auto due = static_cast<std::uint64_t>(seconds_since(began) * rate_);
            if (taken_in < due) {
                query.reset();  // Does not outlive a step.
            }
            for (; taken_in < due; ++taken_in) {
                take_one(i);
            }
            if (query == nullptr) {
                query = shards_[i]->query(question.condition, question.symbols, &interrupt);
            }
            std::vector<std::uint64_t> marks = customers.present(c, std::min(size, c + slice));
            query->narrow(c, marks, courses_[i].now);
            for (const std::uint64_t word : marks) {
                found[i] += static_cast<unsigned>(std::popcount(word));
            }
        }
    });
    return std::accumulate(found.begin(), found.end(), std::uint64_t{0});
}

std::size_t Shards::column_bytes(const Question& question) const {
    std::size_t bytes = 0;
    for (const auto& shard : shards_) {
        NoOtherFacts none;
        bytes += segment::Scan(question.condition, question.symbols, shard->customers(),
                               options_.until, utc_zone(), none)
                     .column_bytes();
    }
    return bytes;
}

Shards::Time Shards::read_memory(std::size_t bytes) {
    const std::size_t words = bytes / 8 / shards_.size() + 1;
    if (memory_.size() < words * shards_.size()) {
        memory_.resize(words * shards_.size(), 1);
    }
    std::vector<std::uint64_t> sums(shards_.size());
    const Time taken = time([&](std::size_t i) {
        const auto begin = memory_.begin() + static_cast<std::ptrdiff_t>(i * words);
        sums[i] =
            std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(words), std::uint64_t{0});
    });
    return std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) == 0 ? Time{} : taken;
}

std::vector<customer::MemoryPart> Shards::memory_parts() const {
    std::vector<customer::MemoryPart> sums;
    for (const auto& shard : shards_) {
        const std::vector<customer::MemoryPart> parts = shard->customers().memory_parts();
        sums.resize(parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            sums[i].name = parts[i].name;
            sums[i].bytes += parts[i].bytes;
        }
    }
    return sums;
}

}  // namespace winback::segments

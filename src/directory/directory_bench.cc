// A list of a million customers: by the table, and as it was done before, by a look at every
// customer of the shards with copies of their texts and a score for each.
//
// 64 shards of 15,625, as in a data folder. All figures are of one thread.
#include <memory>

#include <benchmark/benchmark.h>

#include "base/strings.h"
#include "directory/table.h"
#include "directory/test_people.h"

namespace winback::directory {
namespace {

constexpr std::size_t shards_count = 64;
constexpr std::uint64_t customers_per_shard = 15'625;

struct Base {
    std::vector<std::unique_ptr<People>> shards;
    std::vector<Table> tables{shards_count};

    Base() {
        for (std::size_t s = 0; s < shards_count; ++s) {
            shards.push_back(std::make_unique<People>(s + 1));
            People& people = *shards.back();
            people.fill(customers_per_shard);
            people.step(engine::ModelsFitted{people_models()});
            while (tables[s].look(people.shard(), {}, people_now)) {
            }
            tables[s].renew_states(days(30), people_now);
        }
    }
    static Base& get() {
        static Base base;
        return base;
    }
};

Question question_of(std::string_view search) {
    Question question;
    question.filter.needle = needle_of(search);
    question.limit = 51;
    question.now = people_now;
    question.shop_gap = days(30);
    return question;
}

void ask(benchmark::State& state, const Question& question) {
    Base& base = Base::get();
    std::uint64_t matching = 0;
    for (auto _ : state) {
        Gathering list(question);
        for (const Table& table : base.tables) {
            list.add(0, table.find(list.next(), nullptr));
        }
        matching = list.matching;
        benchmark::DoNotOptimize(matching);
    }
    state.counters["matching"] = static_cast<double>(matching);
}

void first_page(benchmark::State& state) {
    ask(state, question_of(""));
}
void one_address(benchmark::State& state) {
    ask(state, question_of("user7919@example.test"));
}
void part_of_a_name(benchmark::State& state) {
    ask(state, question_of("lovel"));
}
void a_letter(benchmark::State& state) {
    ask(state, question_of("a"));
}
void a_phone(benchmark::State& state) {
    ask(state, question_of("0531 23"));
}
void at_risk(benchmark::State& state) {
    Question question = question_of("");
    question.filter.state = report::CustomerState::AtRisk;
    ask(state, question);
}

void whole_sums(benchmark::State& state) {
    for (auto _ : state) {
        Summary summary;
        for (const Table& table : Base::get().tables) {
            table.sum(summary, people_now, days(30));
        }
        benchmark::DoNotOptimize(summary);
    }
}

std::string text_of(const Value& value) {
    return value.as_string() == nullptr ? std::string() : *value.as_string();
}

// The way of before: every customer, texts copied and lowered, a score for each who fits.
void before(benchmark::State& state, std::string_view search) {
    for (auto _ : state) {
        std::vector<std::pair<double, std::string>> places;
        for (const auto& people : Base::get().shards) {
            const engine::Shard& shard = people->shard();
            const customer::Customers& customers = shard.customers();
            const auto has = [&](std::string_view text) {
                return to_lower_ascii(text).find(search) != std::string::npos;
            };
            for (CustomerIndex c = 0; c < customers.size(); ++c) {
                if (!search.empty() && !has(customers.id(c)) &&
                    !has(text_of(customers.trait(c, "email"))) &&
                    !has(text_of(customers.trait(c, "name")))) {
                    continue;
                }
                places.emplace_back(shard.score(c, "value_at_risk", people_now).number_or(0),
                                    customers.id(c));
            }
        }
        benchmark::DoNotOptimize(places);
    }
}
void before_first_page(benchmark::State& state) {
    before(state, "");
}
void before_one_address(benchmark::State& state) {
    before(state, "user7919@example.test");
}

// What a change costs the worker.
void one_change(benchmark::State& state) {
    Base& base = Base::get();
    CustomerIndex next = 0;
    for (auto _ : state) {
        const std::array<CustomerIndex, 1> changed{next};
        base.tables[0].look(base.shards[0]->shard(), changed, people_now);
        next = (next + 1) % static_cast<CustomerIndex>(customers_per_shard);
    }
}

void memory(benchmark::State& state) {
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = 0;
        for (const Table& table : Base::get().tables) {
            bytes += table.memory_bytes();
        }
    }
    state.counters["bytes_per_customer"] =
        static_cast<double>(bytes) / static_cast<double>(shards_count * customers_per_shard);
}

BENCHMARK(first_page)->Unit(benchmark::kMillisecond);
BENCHMARK(at_risk)->Unit(benchmark::kMillisecond);
BENCHMARK(one_address)->Unit(benchmark::kMillisecond);
BENCHMARK(part_of_a_name)->Unit(benchmark::kMillisecond);
BENCHMARK(a_letter)->Unit(benchmark::kMillisecond);
BENCHMARK(a_phone)->Unit(benchmark::kMillisecond);
BENCHMARK(whole_sums)->Unit(benchmark::kMillisecond);
BENCHMARK(before_first_page)->Unit(benchmark::kMillisecond);
BENCHMARK(before_one_address)->Unit(benchmark::kMillisecond);
BENCHMARK(one_change);
BENCHMARK(memory);

}  // namespace
}  // namespace winback::directory

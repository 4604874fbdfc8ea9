// winback_segments: writes the made-up base for databases, or counts segments over it in memory.
//
//   winback_segments csv FOLDER      customers.csv and events.csv, as codes
//   winback_segments count FILE      the questions of FILE, one line of JSON for each
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base.h"
#include "base/hash.h"
#include "customer/traits.h"
#include "engine/shard.h"
#include "expr/condition.h"
#include "segment/scan.h"

namespace winback::segments {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

constexpr customer::CustomerIndex slice = 65'536;  // Customers at once; a multiple of 64.

int fail(const std::string& message) {
    fmt::print(stderr, "winback_segments: {}\n", message);
    return 1;
}

int write_csv(const BaseOptions& options, const std::string& folder) {
    std::FILE* customers = std::fopen((folder + "/customers.csv").c_str(), "wb");
    std::FILE* events = std::fopen((folder + "/events.csv").c_str(), "wb");
    if (customers == nullptr || events == nullptr) {
        return fail("cannot write to '" + folder + "'");
    }
    // Events as they arrive: in the order of time over all customers, within blocks of a day.
    struct Arrival {
        std::uint32_t customer;
        Row row;
    };
    std::vector<std::vector<Arrival>> by_day(static_cast<std::size_t>(options.days) + 2);
    const std::int64_t begin = options.until.ms - std::int64_t{options.days + 1} * 86'400'000;
    for (std::uint32_t n = 0; n < options.customers; ++n) {
        const Person person = person_of(options, n);
        fmt::print(customers, "{},{},{}\n", n, person.country, person.plan);
        for (const Row& row : person.rows) {
            const auto day = static_cast<std::size_t>((row.time.ms - begin) / 86'400'000);
            by_day[std::min(day, by_day.size() - 1)].push_back({n, row});
        }
    }
    std::uint64_t count = 0;
    for (std::vector<Arrival>& day : by_day) {
        std::sort(day.begin(), day.end(), [](const Arrival& a, const Arrival& b) {
            return a.row.time != b.row.time ? a.row.time < b.row.time : a.customer < b.customer;
        });
        std::string text;
        for (const auto& [customer, row] : day) {
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{}\n", customer, row.name,
                           row.time.ms, row.total, row.category, row.machine ? 1 : 0);
        }
        std::fwrite(text.data(), 1, text.size(), events);
        count += day.size();
        day = {};
    }
    const bool written = std::fclose(customers) == 0 && std::fclose(events) == 0;
    fmt::print("{}\n", json{{"customers", options.customers}, {"events", count}}.dump());
    return written ? 0 : fail("the disk is full");
}

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
    event.time = person.rows.front().time;
    event.properties.append("country", std::string(countries[person.country]));
    event.properties.append("plan", std::string(plans[person.plan]));
    return event;
}

struct Question {
    std::string name;
    expr::Symbols symbols;
    expr::Condition condition;
};

// Only the size of columns is asked for, not customers.
class NoOtherFacts : public segment::OtherFacts {
public:
    bool holds_now(customer::CustomerIndex, std::uint32_t) override { return false; }
    bool holds(customer::CustomerIndex) override { return false; }
    bool in_segment(customer::CustomerIndex, expr::SegmentId) override { return false; }
};

class Base {
public:
    Base(const BaseOptions& options, unsigned threads) : options_(options) {
        for (unsigned i = 0; i < threads; ++i) {
            shards_.push_back(std::make_unique<engine::Shard>(engine::ShardId(i), threads));
        }
    }

    void load(const customer::FieldPlan& plan) {
        std::vector<std::thread> loaders;
        for (unsigned i = 0; i < shards_.size(); ++i) {
            loaders.emplace_back([this, i, &plan] { load_shard(i, plan); });
        }
        for (std::thread& loader : loaders) {
            loader.join();
        }
    }

    struct Time {
        double seconds = 0;  // From the first start to the last end.
        double cpu = 0;      // Of all threads.
    };

    // One thread for each shard.
    template <class Work>
    Time time(Work work) {
        const auto start = Clock::now();
        const std::clock_t cpu = std::clock();
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < shards_.size(); ++i) {
            threads.emplace_back([&, i] { work(i); });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        return {std::chrono::duration<double>(Clock::now() - start).count(),
                static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
    }

    std::uint64_t count(const Question& question, Time& taken) {
        std::vector<std::uint64_t> found(shards_.size());
        taken = time([&](std::size_t i) {
            const auto query = shards_[i]->query(question.condition, question.symbols);
            const customer::Customers& customers = shards_[i]->customers();
            const auto size = static_cast<customer::CustomerIndex>(customers.size());
            for (customer::CustomerIndex c = 0; c < size; c += slice) {
                std::vector<std::uint64_t> marks = customers.present(c, std::min(size, c + slice));
                query->narrow(c, marks, options_.until);
                for (const std::uint64_t word : marks) {
                    found[i] += static_cast<unsigned>(std::popcount(word));
                }
            }
        });
        return std::accumulate(found.begin(), found.end(), std::uint64_t{0});
    }

    // What the columns that a condition reads have in bytes.
    std::size_t column_bytes(const Question& question) const {
        std::size_t bytes = 0;
        for (const auto& shard : shards_) {
            NoOtherFacts none;
            bytes += segment::Scan(question.condition, question.symbols, shard->customers(),
                                   options_.until, utc_zone(), none)
                         .column_bytes();
        }
        return bytes;
    }

    // Reads so many bytes of memory, each thread its share, from one end to the other: nothing
    // that looks at all of them can be faster.
    Time read_memory(std::size_t bytes) {
        const std::size_t words = bytes / 8 / shards_.size() + 1;
        if (memory_.size() < words * shards_.size()) {
            memory_.resize(words * shards_.size(), 1);
        }
        std::vector<std::uint64_t> sums(shards_.size());
        const Time taken = time([&](std::size_t i) {
            const auto begin = memory_.begin() + static_cast<std::ptrdiff_t>(i * words);
            sums[i] = std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(words),
                                      std::uint64_t{0});
        });
        return std::accumulate(sums.begin(), sums.end(), std::uint64_t{0}) == 0 ? Time{} : taken;
    }

    std::size_t memory_bytes() const {
        std::size_t sum = 0;
        for (const auto& shard : shards_) {
            sum += shard->customers().memory_bytes();
        }
        return sum;
    }

private:
    void load_shard(unsigned shard, const customer::FieldPlan& plan) {
        customer::Customers& customers = shards_[shard]->customers_for_reload();
        customers.plan_fields(plan);
        for (std::uint32_t n = shard; n < options_.customers;
             n += static_cast<std::uint32_t>(shards_.size())) {
            const Person person = person_of(options_, n);
            const std::string id = customer_id(n);
            const customer::CustomerIndex c = customers.find_or_add(id);
            customers.apply(c, identified(id, person), options_.until);
            std::uint32_t number = 0;
            for (const Row& row : person.rows) {
                customers.apply(c, event_of(id, number++, row), options_.until);
            }
        }
    }

    BaseOptions options_;
    std::vector<std::unique_ptr<engine::Shard>> shards_;
    std::vector<std::uint64_t> memory_;
};

double median(const std::vector<Base::Time>& times, double Base::Time::*which) {
    std::vector<double> list;
    for (const Base::Time& time : times) {
        list.push_back(time.*which);
    }
    std::nth_element(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2),
                     list.end());
    return list[list.size() / 2];
}

int count_all(const BaseOptions& options, const std::string& file, unsigned threads, int rounds) {
    std::ifstream in(file);
    const json list = json::parse(in, nullptr, false);
    if (list.is_discarded() || !list.contains("questions")) {
        return fail("'" + file + "' is no list of questions");
    }
    expr::Schema schema;
    schema.other_traits = true;
    std::vector<Question> questions;
    customer::FieldPlan plan = customer::builtin_fields();
    for (const json& one : list["questions"]) {
        Question question{.name = one["name"], .symbols = {}, .condition = {}};
        const std::string text = one["condition"];
        expr::Compiled compiled = expr::compile(text, schema, question.symbols);
        for (const Diagnostic& diagnostic : compiled.diagnostics) {
            fmt::print(stderr, "{}", render(diagnostic, text));
        }
        if (!compiled.condition) {
            return fail("'" + question.name + "' has mistakes");
        }
        question.condition = *std::move(compiled.condition);
        plan = customer::merge(plan, {.sets = question.symbols.event_sets});
        questions.push_back(std::move(question));
    }
    Base base(options, threads);
    const auto start = Clock::now();
    base.load(plan);
    const double loaded = std::chrono::duration<double>(Clock::now() - start).count();
    fmt::print("{}\n", json{{"load_seconds", loaded}, {"bytes", base.memory_bytes()}}.dump());
    for (const Question& question : questions) {
        std::vector<Base::Time> times(static_cast<std::size_t>(rounds));
        std::vector<Base::Time> reading(times.size());
        const std::size_t bytes = base.column_bytes(question);
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < times.size(); ++i) {
            found = base.count(question, times[i]);
            reading[i] = base.read_memory(bytes);
        }
        const json line{{"name", question.name},
                        {"count", found},
                        {"seconds", median(times, &Base::Time::seconds)},
                        {"cpu_seconds", median(times, &Base::Time::cpu)},
                        {"column_bytes", bytes},
                        {"reading_cpu_seconds", median(reading, &Base::Time::cpu)}};
        fmt::print("{}\n", line.dump());
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace winback::segments

int main(int argc, char** argv) {
    using namespace winback::segments;
    CLI::App app("A made-up base of customers, for counting segments");
    BaseOptions options;
    unsigned threads = 2;
    int rounds = 5;
    std::string until = "2026-02-15T12:00:00Z";
    std::string folder;
    std::string file;
    app.add_option("--customers", options.customers)->check(CLI::Range(1, 10'000'000));
    app.add_option("--events-each", options.events_each)->check(CLI::Range(1, 1000));
    app.add_option("--seed", options.seed);
    app.add_option("--until", until, "now, as ISO 8601");
    app.add_option("--threads", threads)->check(CLI::Range(1, 64));
    app.add_option("--rounds", rounds)->check(CLI::Range(1, 100));
    CLI::App* csv = app.add_subcommand("csv");
    csv->add_option("folder", folder)->required()->check(CLI::ExistingDirectory);
    CLI::App* count = app.add_subcommand("count");
    count->add_option("file", file)->required()->check(CLI::ExistingFile);
    app.require_subcommand(1);
    CLI11_PARSE(app, argc, argv);
    const auto moment = winback::parse_iso8601(until);
    if (!moment) {
        return fail("--until: " + moment.error().message);
    }
    options.until = *moment;
    return csv->parsed() ? write_csv(options, folder) : count_all(options, file, threads, rounds);
}
